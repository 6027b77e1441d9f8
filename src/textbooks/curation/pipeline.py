"""The three datatrove pipelines of the main job."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from datatrove.pipeline.base import PipelineStep

from textbooks.curation.benchmarks import Benchmarks
from textbooks.curation.options import CurationOptions
from textbooks.curation.shard_writer import ShardWriter, StrictQuarantine
from textbooks.decontaminators import NGramDecontaminator
from textbooks.dedup.exact_stages import ExactDedupBuckets, ExactDedupFilter, ExactDedupSignature, buckets_for
from textbooks.filters import EduValueFilter, SizeFilter, SyntaxFilter
from textbooks.readers import CorpusReader, Plan
from textbooks.schema import KEPT_SCHEMA, REJECTED_SCHEMA

__all__ = ["Stage", "stages_of"]


@dataclass(frozen=True, slots=True)
class Stage:
    """One pipeline, and in how many tasks it runs.

    `build` makes the steps: they are made afresh for the stage that runs, never shared between stages.
    """

    name: str
    title: str
    tasks: int
    build: Callable[[], list[PipelineStep]]


def stages_of(options: CurationOptions, plan: Plan, benchmarks: Benchmarks, work: Path, progress: Path) -> list[Stage]:
    """Return the stages: hash all texts, find the duplicates among the hashes, judge what is left."""
    duplicates = work / "exact_dedup"

    def reader(stage: str, quarantine: Any = None) -> CorpusReader:  # noqa: ANN401
        """Return the reader of a stage, over the plan."""
        return CorpusReader(
            work / "plan",
            text_key=options.text_column,
            id_key=options.id_column,
            quarantine_writer=StrictQuarantine() if options.strict else quarantine,
            progress=progress / stage,
        )

    def hash_texts() -> list[PipelineStep]:
        return [reader("hash"), ExactDedupSignature(duplicates, buckets=buckets_for(plan.shards))]

    def find_duplicates() -> list[PipelineStep]:
        return [ExactDedupBuckets(duplicates)]

    def judge() -> list[PipelineStep]:
        """Return the steps that read, judge and write."""
        quarantine: Any = ShardWriter(options.out / "quarantine", REJECTED_SCHEMA)
        if options.strict:
            quarantine = StrictQuarantine()
        to: dict[str, Any] = {
            "exclusion_writer": ShardWriter(options.out / "dropped", REJECTED_SCHEMA),
            "quarantine_writer": quarantine,
        }
        steps = [
            reader("judge", quarantine),
            ExactDedupFilter(duplicates, **to),
            SizeFilter(**to),
            SyntaxFilter(**to),
            EduValueFilter(min_score=options.min_score, **to),
        ]
        if benchmarks.problems:
            problems = [problem for group in benchmarks.problems.values() for problem in group]
            steps.append(NGramDecontaminator(**to).fit(problems))
        return [*steps, ShardWriter(options.out / "kept", KEPT_SCHEMA)]

    return [
        Stage("hash", "reading", plan.shards, hash_texts),
        Stage("duplicates", "finding duplicates", buckets_for(plan.shards), find_duplicates),
        Stage("judge", "judging", plan.shards, judge),
    ]
