"""The datatrove pipelines of the main job."""

from __future__ import annotations

from collections.abc import Iterator

from datatrove.pipeline.base import PipelineStep

from textbooks.curation.near_duplicates import near_duplicate_stages
from textbooks.curation.options import CurationOptions
from textbooks.curation.setting import Setting, Sink, Stage
from textbooks.decontaminators import Decontaminator, NGramDecontaminator
from textbooks.dedup.exact_stages import ExactDedupBuckets, ExactDedupFilter, ExactDedupSignature, buckets_for
from textbooks.filters import (
    EduValueFilter,
    LicenceFilter,
    PersonalDataFilter,
    PersonalDataRedactor,
    SecretsFilter,
    SecretsRedactor,
    SizeFilter,
    SyntaxFilter,
)

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
        reader = setting.reader("judge", sink.damaged)
        duplicate = ExactDedupFilter(duplicates, **sink.to)
        return setting.in_blocks("judge", sink, [reader, duplicate, *_filters(setting, options, sink), sink.kept])

    stages = [
        Stage("hash", "reading", plan.shards, hash_texts),
        Stage("duplicates", "finding duplicates", buckets_for(plan.shards), find_duplicates),
        Stage("judge", "judging", plan.shards, judge, publishes=True),
    ]
    if near_threshold is not None:
        stages += near_duplicate_stages(setting, candidates, threshold=near_threshold, key=_SCORE)
    return stages


def _filters(setting: Setting, options: CurationOptions, sink: Sink) -> Iterator[PipelineStep]:
    """Yield what looks at one record at a time, the cheapest first; what changes texts comes last, for what is kept."""
    if options.licences is not None:
        yield LicenceFilter(allowed=options.licences, **sink.to)
    yield SizeFilter(**sink.to)
    yield SyntaxFilter(**sink.to)
    if options.secrets == "drop":
        yield SecretsFilter(**sink.to)
    if options.personal_data == "drop":
        yield PersonalDataFilter(**sink.to)
    yield EduValueFilter(min_score=options.min_score, **sink.to)
    if setting.benchmarks.all:
        yield setting.fitted((Decontaminator if options.execute else NGramDecontaminator)(**sink.to))
    if options.secrets == "redact":
        yield SecretsRedactor(**sink.to)
    if options.personal_data == "redact":
        yield PersonalDataRedactor(**sink.to)
