"""The datatrove pipelines of a run, and what each of their stages reads and writes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from datatrove.pipeline.base import PipelineStep

from textbooks.curation.benchmarks import Benchmarks
from textbooks.curation.options import CurationOptions, RunOptions
from textbooks.curation.shard_writer import ShardWriter, StrictQuarantine
from textbooks.decontaminators import Decontaminator, NGramDecontaminator
from textbooks.dedup.exact_stages import ExactDedupBuckets, ExactDedupFilter, ExactDedupSignature, buckets_for
from textbooks.filters import EduValueFilter, SizeFilter, SyntaxFilter
from textbooks.readers import CorpusReader, Plan
from textbooks.schema import KEPT_SCHEMA, REJECTED_SCHEMA

__all__ = ["Setting", "Stage", "curation_stages"]


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

    def sink(self, score_key: str) -> Sink:
        """Return new writers of one pipeline; `score_key` names the metadata field that becomes the score."""
        out = self.options.out
        rejected = ShardWriter(out / "dropped", REJECTED_SCHEMA, score_key=score_key)
        unjudged: Any = ShardWriter(out / "quarantine", REJECTED_SCHEMA, score_key=score_key)
        kept = ShardWriter(out / "kept", KEPT_SCHEMA, score_key=score_key)
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


def curation_stages(setting: Setting) -> list[Stage]:
    """Return the stages: hash all texts, find the duplicates among the hashes, judge what is left."""
    options, plan, duplicates = setting.options, setting.plan, setting.work / "exact_dedup"
    assert isinstance(options, CurationOptions)

    def hash_texts() -> list[PipelineStep]:
        return [setting.reader("hash"), ExactDedupSignature(duplicates, buckets=buckets_for(plan.shards))]

    def find_duplicates() -> list[PipelineStep]:
        return [ExactDedupBuckets(duplicates)]

    def judge() -> list[PipelineStep]:
        """Return the steps that read, judge and write."""
        sink = setting.sink("edu_value_score")
        steps = [
            setting.reader("judge", sink.quarantine),
            ExactDedupFilter(duplicates, **sink.to),
            SizeFilter(**sink.to),
            SyntaxFilter(**sink.to),
            EduValueFilter(min_score=options.min_score, **sink.to),
        ]
        if problems := setting.benchmarks.all:
            steps.append((Decontaminator if options.execute else NGramDecontaminator)(**sink.to).fit(problems))
        return [*steps, sink.kept]

    return [
        Stage("hash", "reading", plan.shards, hash_texts),
        Stage("duplicates", "finding duplicates", buckets_for(plan.shards), find_duplicates),
        Stage("judge", "judging", plan.shards, judge),
    ]
