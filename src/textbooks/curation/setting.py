"""What the stages of one run share: options, plan, reader, writers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from datatrove.pipeline.base import PipelineStep

from textbooks.curation.benchmarks import Benchmarks
from textbooks.curation.options import RunOptions
from textbooks.curation.shard_writer import ShardWriter, StrictQuarantine
from textbooks.readers import CorpusReader, Plan
from textbooks.schema import KEPT_SCHEMA, REJECTED_SCHEMA

__all__ = ["Setting", "Sink", "Stage"]


@dataclass(frozen=True, slots=True)
class Stage:
    """One pipeline, and in how many tasks it runs.

    `build` makes the steps: they are made afresh for the stage that runs, never shared between stages.
    """

    name: str
    title: str
    tasks: int
    build: Callable[[], list[PipelineStep]]


@dataclass(frozen=True, slots=True)
class Setting:
    """What the stages of one run share.

    Attributes
    ----------
    options : RunOptions
        What was asked for.
    plan : Plan
        What is read.
    benchmarks : Benchmarks
        What is looked for.
    work, progress : Path
        The run's own notes, and where its readers note how far they are.
    """

    options: RunOptions
    plan: Plan
    benchmarks: Benchmarks
    work: Path
    progress: Path

    def reader(self, stage: str, quarantine: Any = None) -> CorpusReader:  # noqa: ANN401
        """Return the reader of a stage, over the plan."""
        return CorpusReader(
            self.work / "plan",
            text_key=self.options.text_column,
            id_key=self.options.id_column,
            quarantine_writer=StrictQuarantine() if self.options.strict else quarantine,
            progress=self.progress / stage,
            **self.options.read_with,
        )

    def sink(self, score_key: str, *, kept_in: Path | None = None, suffix: str = "") -> Sink:
        """Return new writers of one pipeline.

        Parameters
        ----------
        score_key : str
            The metadata field that becomes the score.
        kept_in : Path, optional
            Where what is kept goes; ``kept/`` when None. Another folder is for stages that come after.
        suffix : str
            Ends the names of the files of ``dropped/`` and ``quarantine/``, where stages before have written theirs.
        """
        out = self.options.out
        rejected = ShardWriter(out / "dropped", REJECTED_SCHEMA, score_key=score_key, suffix=suffix)
        unjudged: Any = ShardWriter(out / "quarantine", REJECTED_SCHEMA, score_key=score_key, suffix=suffix)
        kept = ShardWriter(out / "kept" if kept_in is None else kept_in, KEPT_SCHEMA, score_key=score_key)
        return Sink(kept, rejected, StrictQuarantine() if self.options.strict else unjudged)


@dataclass(frozen=True, slots=True)
class Sink:
    """Where the records of one pipeline end."""

    kept: ShardWriter
    dropped: ShardWriter
    quarantine: Any
    to: dict[str, Any] = field(init=False)
    """The writers as arguments of a filter."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "to", {"exclusion_writer": self.dropped, "quarantine_writer": self.quarantine})
