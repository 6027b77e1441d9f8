"""A run: as many texts as asked for, published block by block, so that nothing that was paid for or checked is lost."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from textbooks.curation.benchmarks import Benchmarks
from textbooks.curation.notes import WORK, RunNotes, exclusive, versions
from textbooks.dedup import NearDuplicateIndex
from textbooks.errors import BudgetExceededError, CompletionError, ParametersChangedError, RefusedKeyError
from textbooks.llm import Price, Usage
from textbooks.ranges import check_range
from textbooks.storage import write_atomically
from textbooks.synthesizers.base import Synthesizer
from textbooks.synthesizers.running.blocks import BlockNote, Blocks
from textbooks.synthesizers.seeding.seed_space import SeedSpace
from textbooks.synthesizers.syntheses import Synthesis

__all__ = ["SynthesisOptions", "SynthesisOutcome", "answers_path", "synthesize"]

_ENDS_THE_RUN = (BudgetExceededError, RefusedKeyError)


@dataclass(frozen=True, kw_only=True)
class SynthesisOptions:
    """Parameters of a run.

    Attributes
    ----------
    out : Path
        The output folder, on a local file system.
    n : int
        Seeds to ask for, at least 1. More in a later run add to what is there.
    block_size : int
        Seeds that are published together: what a kill costs is the checks of one block.
    restart : bool
        Throw away what another run left in `out`; the model's answers stay.
    price : Price or None
        What the model costs, for the sum in ``stats.json``.
    """

    out: Path
    n: int
    block_size: int = 1000
    restart: bool = False
    price: Price | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "out", Path(self.out))
        check_range("n", self.n, 1)
        check_range("block_size", self.block_size, 1)


@dataclass(frozen=True, slots=True)
class SynthesisOutcome:
    """What a run leaves.

    Attributes
    ----------
    stats : mapping
        The content of ``stats.json``.
    already_finished : bool
        Whether everything asked for was there before.
    unanswered : int
        Seeds that the model gave no answer for, or that were not asked for any more.
    ended_by : CompletionError or None
        What ended the run before its time, such as the budget.
    """

    stats: Mapping[str, Any]
    already_finished: bool = False
    unanswered: int = 0
    ended_by: CompletionError | None = None


def answers_path(out: str | os.PathLike[str]) -> Path:
    """Return where a run's client should keep its answers: they outlast ``restart``."""
    return Path(out) / WORK / "answers.sqlite"


def synthesize(
    synthesizer: Synthesizer[Any],
    seeds: SeedSpace,
    options: SynthesisOptions,
    *,
    benchmarks: Benchmarks | None = None,
    watch: Callable[[Synthesis], object] = lambda _: None,
    begin: Callable[[Mapping[str, int]], object] = lambda _: None,
) -> SynthesisOutcome:
    """Ask for the texts of the first `n` seeds, check them, and write those that hold, and those that do not.

    The folder gets ``kept/``, ``dropped/`` and ``quarantine/`` with a parquet file a block (`textbooks.schema`), and
    ``stats.json``. Whatever ends the run, the same call goes on: blocks that are whole stay as they are, answers that
    the client's cache holds are not asked for again, and the files become those of a run in one go, byte for byte.

    Parameters
    ----------
    synthesizer : Synthesizer
        What to ask, and how to check.
    seeds : SeedSpace
        What to ask for.
    options : SynthesisOptions
        How much, and where to.
    benchmarks : Benchmarks or None, default=None
        What the synthesizer's decontaminator was fitted on, for the notes.
    watch : callable
        Told what came of each seed.
    begin : callable
        Told the counts of what an earlier run left, before the work begins.

    Raises
    ------
    ParametersChangedError
        If the folder holds a run with other parameters, or with more seeds.
    OutputError
        If the folder cannot be written, is in use, or holds other things.
    CompletionError
        If a whole block got no answer for other reasons than the budget; what was done stays.
    SandboxError
        If no confined process can be started here.
    IndexError
        If there are fewer seeds.
    """
    benchmarks = benchmarks or Benchmarks()
    with exclusive(options.out):
        run_notes = RunNotes(options.out, _key(synthesizer, seeds, options, benchmarks))
        run_notes.begin(restart=options.restart)
        blocks = Blocks(options.out)
        done = _finished(blocks, options)
        if done * options.block_size >= options.n:
            if run_notes.finished:
                return SynthesisOutcome(json.loads((options.out / "stats.json").read_bytes()), already_finished=True)
        else:
            run_notes.reopen()
        begin(_counts(note for _, note in zip(range(done), blocks.notes(), strict=False)))
        ended_by = _work(synthesizer, seeds, options, blocks, done, watch)
        stats = _stats(blocks, options, run_notes, benchmarks)
        write_atomically(options.out / "stats.json", json.dumps(stats, indent=2, sort_keys=True).encode())
        run_notes.finish()
    unanswered = options.n - stats["read"] + stats["reasons"].get("no_answer", 0)
    return SynthesisOutcome(stats, unanswered=unanswered, ended_by=ended_by)


def _work(
    synthesizer: Synthesizer[Any],
    seeds: SeedSpace,
    options: SynthesisOptions,
    blocks: Blocks,
    done: int,
    watch: Callable[[Synthesis], object],
) -> CompletionError | None:
    """Make the blocks that are missing; return what ended the work early."""
    index = NearDuplicateIndex(threshold=synthesizer.max_similarity)
    for number in range(done):
        for name, text in blocks.kept(number):
            index.add(text, name)
    blocks.forget(done)
    start = done * options.block_size
    made = synthesizer.synthesize(seeds.draw(options.n - start, start=start), earlier=index)
    for number, block in enumerate(_grouped(made, options.block_size, watch), start=done):
        blocks.write(number, block)
        errors = [one.error for one in block if one.error is not None]
        if ends := [error for error in errors if isinstance(error, _ENDS_THE_RUN)]:
            return ends[0]
        if len(errors) == len(block):
            raise errors[0]
    return None


def _grouped(made: Iterator[Synthesis], size: int, watch: Callable[[Synthesis], object]) -> Iterator[list[Synthesis]]:
    def watched() -> Iterator[Synthesis]:
        """Show each as it comes."""
        for one in made:
            watch(one)
            yield one

    stream = watched()
    while block := list(islice(stream, size)):
        yield block


def _finished(blocks: Blocks, options: SynthesisOptions) -> int:
    """Return how many blocks are whole and need no work, from the first on.

    Those behind one that has unanswered seeds are judged again: what it will hold may resemble what they hold.
    """
    size, done = options.block_size, 0
    notes = list(blocks.notes())
    there = sum(note.count for note in notes)
    if there > options.n:
        msg = f"{options.out} holds {there:,} seeds, more than the {options.n:,} asked for. Add --restart to replace it"
        raise ParametersChangedError(msg)
    for number, note in enumerate(notes):
        if not note.answered or note.count != min(size, options.n - number * size):
            break
        done += 1
    return done


def _key(
    synthesizer: Synthesizer[Any], seeds: SeedSpace, options: SynthesisOptions, benchmarks: Benchmarks
) -> dict[str, Any]:
    """Return what the output depends on, but for the number of seeds."""
    identity = getattr(synthesizer.client, "identity", type(synthesizer.client).__name__)
    decontaminator = synthesizer.decontaminator
    return {
        "job": f"synthesize {synthesizer.kind}",
        "model": identity,
        "seeds": seeds.fingerprint,
        "prompt": synthesizer.version,
        "parameters": {
            "repair": synthesizer.repair,
            "max_similarity": synthesizer.max_similarity,
            "block_size": options.block_size,
            "decontaminator": None if decontaminator is None else repr(decontaminator),
        },
        "benchmarks": {**benchmarks.sizes, "fingerprint": benchmarks.fingerprint},
        "versions": versions(),
    }


def _counts(notes: Iterator[BlockNote]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for note in notes:
        for slug, count in note.reasons.items():
            counts[slug] = counts.get(slug, 0) + count
    return dict(sorted(counts.items()))


def _stats(blocks: Blocks, options: SynthesisOptions, run_notes: RunNotes, benchmarks: Benchmarks) -> dict[str, Any]:
    notes = list(blocks.notes())
    reasons = _counts(iter(notes))
    kept, quarantined = reasons.pop("kept", 0), reasons.get("no_answer", 0)
    usage = Usage(sum(note.prompt_tokens for note in notes), sum(note.completion_tokens for note in notes))
    read, rows = sum(note.count for note in notes), blocks.rows()
    if (rows["kept"], sum(rows.values())) != (kept, read):
        msg = f"{read} seeds were asked for but {sum(rows.values())} written: the output in {options.out} is not whole"
        raise RuntimeError(msg)
    return {
        "job": run_notes.key["job"],
        "read": read,
        "kept": kept,
        "dropped": read - kept - quarantined,
        "quarantined": quarantined,
        "reasons": reasons,
        "repaired": sum(note.repaired for note in notes),
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "cost": None if options.price is None else options.price.of(usage),
        "benchmarks": benchmarks.sizes,
        "missing_benchmarks": benchmarks.missing,
        "parameters": run_notes.key["parameters"] | {"n": options.n, "model": run_notes.key["model"]},
        "versions": run_notes.key["versions"],
    }
