"""The datatrove pipelines of the main job."""

from __future__ import annotations

from datatrove.pipeline.base import PipelineStep

from textbooks.curation.near_duplicates import near_duplicate_stages
from textbooks.curation.options import CurationOptions
from textbooks.curation.setting import Setting, Stage
from textbooks.decontaminators import Decontaminator, NGramDecontaminator
from textbooks.dedup.exact_stages import ExactDedupBuckets, ExactDedupFilter, ExactDedupSignature, buckets_for
from textbooks.filters import EduValueFilter, SizeFilter, SyntaxFilter

__all__ = ["CANDIDATES", "curation_stages"]

CANDIDATES = "candidates"
"""Folder of what is still to be compared, in the run's own notes."""

_SCORE = "edu_value_score"


def curation_stages(setting: Setting) -> list[Stage]:
    """Return the stages: hash all texts, find the equal ones, judge each that is left, compare those that are kept."""
    options, plan, duplicates = setting.options, setting.plan, setting.work / "exact_dedup"
    assert isinstance(options, CurationOptions)
    near_threshold, candidates = options.near_threshold, setting.work / CANDIDATES

    def hash_texts() -> list[PipelineStep]:
        return [setting.reader("hash"), ExactDedupSignature(duplicates, buckets=buckets_for(plan.shards))]

    def find_duplicates() -> list[PipelineStep]:
        return [ExactDedupBuckets(duplicates)]

    def judge() -> list[PipelineStep]:
        """Return the steps that read, judge and write."""
        sink = setting.sink(_SCORE, kept_in=None if near_threshold is None else candidates)
        steps = [
            setting.reader("judge", sink.damaged),
            ExactDedupFilter(duplicates, **sink.to),
            SizeFilter(**sink.to),
            SyntaxFilter(**sink.to),
            EduValueFilter(min_score=options.min_score, **sink.to),
        ]
        if setting.benchmarks.all:
            steps.append(setting.fitted((Decontaminator if options.execute else NGramDecontaminator)(**sink.to)))
        return setting.in_blocks("judge", sink, [*steps, sink.kept])

    stages = [
        Stage("hash", "reading", plan.shards, hash_texts),
        Stage("duplicates", "finding duplicates", buckets_for(plan.shards), find_duplicates),
        Stage("judge", "judging", plan.shards, judge, publishes=True),
    ]
    if near_threshold is not None:
        stages += near_duplicate_stages(setting, candidates, threshold=near_threshold, key=_SCORE)
    return stages
