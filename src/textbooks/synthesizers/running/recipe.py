"""The paper's finetuning set, CodeExercises, in one go: seeds, texts, checks, decontamination, parquet."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from textbooks.curation.benchmarks import Benchmarks, find_benchmarks
from textbooks.decontaminators import Decontaminator
from textbooks.llm import ChatClient
from textbooks.reports.words import EXPLANATIONS
from textbooks.storage import publish, write_atomically
from textbooks.synthesizers.checking.exercise_shape import ExerciseShape, read_exercise
from textbooks.synthesizers.exercise import ExerciseSynthesizer
from textbooks.synthesizers.running.run import SynthesisOptions, SynthesisOutcome, synthesize
from textbooks.synthesizers.seeding.seed_space import SeedSpace
from textbooks.synthesizers.seeding.vocabularies import exercise_seeds
from textbooks.synthesizers.syntheses import Synthesis

__all__ = ["CODE_EXERCISES_SCHEMA", "CodeExercises", "export_code_exercises"]

_SEED_COLUMNS = ("function_name", "topic", "level", "audience", "constraint")

CODE_EXERCISES_SCHEMA = pa.schema(
    [pa.field(name, pa.string(), nullable=False) for name in ("id", "prompt", "completion", "text")]
    + [pa.field(name, pa.string()) for name in (*_SEED_COLUMNS, "model")]
)
"""Columns of ``code_exercises.parquet``; `prompt` and `completion` joined are `text`."""


@dataclass(frozen=True, kw_only=True)
class CodeExercises:
    """Makes a set of exercises to finetune on, as phi-1's CodeExercises ("Textbooks Are All You Need", section 2.2).

    The paper's has about 880,000 of fewer than 180 million tokens, each a docstring to be completed; ours are checked
    by running them, and every one that solves a benchmark problem is dropped (ours).

    **It executes texts**: what the model wrote is run, confined by the sandbox.

    Attributes
    ----------
    client : ChatClient
        The model; give it a cache, such as ``answers_path(out)``, so that no answer is paid for twice.
    options : SynthesisOptions
        How many, and where to.
    seeds : SeedSpace
        What to ask for.
    benchmarks : Benchmarks or None
        What to decontaminate against; None for those found on this machine.
    repair : bool
        Whether an answer with a fault is asked for once more.
    max_similarity : float
        See `Synthesizer`.
    workers : int or None
        Texts to run at a time.
    """

    client: ChatClient
    options: SynthesisOptions
    seeds: SeedSpace = field(default_factory=exercise_seeds)
    benchmarks: Benchmarks | None = None
    repair: bool = True
    max_similarity: float = 0.7
    workers: int | None = None

    def run(
        self,
        *,
        watch: Callable[[Synthesis], object] = lambda _: None,
        begin: Callable[[Mapping[str, int]], object] = lambda _: None,
    ) -> SynthesisOutcome:
        """Make the set, or go on making it; write ``code_exercises.parquet`` and a ``README.md`` that says what it is.

        Parameters and errors are those of `textbooks.synthesizers.synthesize`.
        """
        benchmarks = find_benchmarks(None) if self.benchmarks is None else self.benchmarks
        synthesizer = ExerciseSynthesizer(
            self.client,
            repair=self.repair,
            decontaminator=Decontaminator().fit(benchmarks.all) if benchmarks.all else None,
            max_similarity=self.max_similarity,
            workers=self.workers,
        )
        outcome = synthesize(synthesizer, self.seeds, self.options, benchmarks=benchmarks, watch=watch, begin=begin)
        export_code_exercises(self.options.out)
        return outcome


def export_code_exercises(out: Path) -> Path:
    """Write the exercises that a run kept as ``code_exercises.parquet``, and a ``README.md`` beside it.

    Parameters
    ----------
    out : Path
        The output folder of `synthesize` with an `ExerciseSynthesizer`.

    Returns
    -------
    Path
        The parquet file: see `CODE_EXERCISES_SCHEMA`.
    """
    path = out / "code_exercises.parquet"
    count = 0
    with publish(path) as temporary, pq.ParquetWriter(temporary, CODE_EXERCISES_SCHEMA, compression="zstd") as writer:
        for file in sorted((out / "kept").glob("*.parquet")):
            rows = list(_rows(file))
            count += len(rows)
            writer.write_table(pa.Table.from_pylist(rows, schema=CODE_EXERCISES_SCHEMA))
    stats = json.loads((out / "stats.json").read_bytes())
    write_atomically(out / "README.md", _card(stats, count).encode())
    return path


def _rows(file: Path) -> Iterator[dict[str, Any]]:
    for row in pq.read_table(file, columns=["id", "text", "metadata"]).to_pylist():
        metadata = json.loads(row["metadata"])
        fields = json.loads(metadata["seed"])["fields"]
        shape = read_exercise(row["text"], defines=fields.get("function_name"))
        assert isinstance(shape, ExerciseShape), row["id"]  # it was kept
        yield {
            "id": row["id"],
            "prompt": shape.prompt,
            "completion": shape.completion,
            "text": row["text"],
            **{name: fields.get(name) for name in _SEED_COLUMNS},
            "model": metadata["model"],
        }


def _card(stats: Mapping[str, Any], count: int) -> str:
    rejected = [f"| {slug} | {n:,} | {EXPLANATIONS.get(slug, '')} |" for slug, n in sorted(stats["reasons"].items())]
    checked = ", ".join(f"{name} ({size:,} problems)" for name, size in stats["benchmarks"].items()) or "nothing"
    missing = ", ".join(stats["missing_benchmarks"])
    warning = [f"**Not decontaminated against {missing}**, which was not at hand.", ""] if missing else []
    return "\n".join(
        [
            "# Code exercises",
            "",
            f"{count:,} exercises in Python, written by a language model from {stats['read']:,} seeds and checked by "
            "running them: each is a signature with a docstring (`prompt`) and its solution (`completion`).",
            "",
            f"- Model: `{stats['parameters']['model']}`",
            f"- Decontaminated against: {checked}",
            f"- Tokens: {stats['prompt_tokens']:,} sent, {stats['completion_tokens']:,} received",
            "",
            *warning,
            "| not kept because | exercises | which means |",
            "| --- | --- | --- |",
            *rejected,
            "",
        ]
    )
