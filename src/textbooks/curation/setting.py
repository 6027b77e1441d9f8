"""What the stages of one run share: options, plan, reader, writers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from datatrove.pipeline.base import PipelineStep

from textbooks.curation.benchmarks import Benchmarks
from textbooks.curation.blocks import Blocks, DamagedInbox
from textbooks.curation.markers import Markers, markers_folder
from textbooks.curation.options import RunOptions
from textbooks.curation.shard_writer import ShardWriter, StrictQuarantine
from textbooks.decontaminators.base import ProblemFilter
from textbooks.readers import CorpusReader, Plan
from textbooks.schema import KEPT_SCHEMA, REJECTED_SCHEMA

__all__ = ["Setting", "Sink", "Stage"]


@dataclass(frozen=True, slots=True)
class Stage:
    """One pipeline, and in how many tasks it runs.

    `build` makes the steps: they are made afresh for the stage that runs, never shared between stages. `publishes` says
    whether they hold `Blocks`, whose markers are accounted for in the end.
    """

    name: str
    title: str
    tasks: int
    build: Callable[[], list[PipelineStep]]
    publishes: bool = False


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
    is_sketch : bool
        Whether the steps are made only to be described: then nothing is fitted, which may take a minute.
    """

    options: RunOptions
    plan: Plan
    benchmarks: Benchmarks
    work: Path
    progress: Path
    is_sketch: bool = False

    def fitted(self, decontaminator: ProblemFilter[Any]) -> ProblemFilter[Any]:
        """Return a decontaminator that knows the benchmarks of the run."""
        return decontaminator if self.is_sketch else decontaminator.fit(self.benchmarks.all)

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

    def in_blocks(self, stage: str, sink: Sink, steps: Sequence[PipelineStep]) -> list[PipelineStep]:
        """Return the pipeline of a stage that publishes: its reader, the first of the steps, and the rest in blocks.

        The reader's quarantine writer must be the sink's `damaged`, where it has one.
        """
        reader, *rest = steps
        markers = Markers(self.options.out, markers_folder(self.work, stage))
        size = self.options.block_records
        return [reader, Blocks(rest, sink.writers, markers, damaged=sink.damaged, block_records=size)]


@dataclass(frozen=True, slots=True)
class Sink:
    """Where the records of one pipeline end.

    Attributes
    ----------
    kept, dropped, quarantine : ShardWriter
        The last raises instead in strict mode.
    damaged : DamagedInbox
        The reader's quarantine writer.
    to : dict
        The writers as arguments of a filter.
    """

    kept: ShardWriter
    dropped: ShardWriter
    quarantine: Any
    damaged: DamagedInbox = field(init=False)
    to: dict[str, Any] = field(init=False)

    @property
    def writers(self) -> list[ShardWriter]:
        """Those that write files."""
        return [writer for writer in (self.kept, self.dropped, self.quarantine) if isinstance(writer, ShardWriter)]

    def __post_init__(self) -> None:
        object.__setattr__(self, "damaged", DamagedInbox(self.quarantine))
        object.__setattr__(self, "to", {"exclusion_writer": self.dropped, "quarantine_writer": self.quarantine})
