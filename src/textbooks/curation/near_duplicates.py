"""The end of the main job: of records that are nearly the same only the best is kept."""

from __future__ import annotations

from pathlib import Path

from datatrove.pipeline.base import PipelineStep

from textbooks.curation.candidates import CandidateReader
from textbooks.curation.setting import Setting, Stage
from textbooks.dedup import MinHashBuckets, MinHashClusters, MinHashFilter, MinHashSignature
from textbooks.dedup.exact_stages import buckets_for

__all__ = ["NEAR_DEDUP", "near_duplicate_stages"]

NEAR_DEDUP = "near_dedup"
"""Folder of signatures and decisions, in the run's own notes."""


def near_duplicate_stages(setting: Setting, candidates: Path, *, threshold: float, key: str) -> list[Stage]:
    """Return the stages that keep the best of each family of near-duplicates among the candidates, and write the end.

    Only what every other filter has kept is compared: a text that goes never costs one that stays its place.

    Parameters
    ----------
    setting : Setting
        Of the run.
    candidates : Path
        What the stages before have left.
    threshold : float
        Jaccard similarity at or above which two texts are near-duplicates.
    key : str
        The metadata field by which the best is chosen; it becomes the column ``score``.
    """
    tasks, folder = setting.plan.shards, setting.work / NEAR_DEDUP

    def sign() -> list[PipelineStep]:
        return [CandidateReader(candidates, score_key=key), MinHashSignature(folder, threshold=threshold, key=key)]

    def band() -> list[PipelineStep]:
        return [MinHashBuckets(folder)]

    def compare() -> list[PipelineStep]:
        return [MinHashClusters(folder, threshold=threshold)]

    def write() -> list[PipelineStep]:
        sink = setting.sink(key, suffix="-near")
        reader = CandidateReader(candidates, score_key=key)
        return setting.in_blocks("write", sink, [reader, MinHashFilter(folder, **sink.to), sink.kept])

    return [
        Stage("signatures", "MinHash signatures", tasks, sign),
        Stage("bands", "MinHash bands", buckets_for(tasks), band),
        Stage("near_duplicates", "near-duplicates", buckets_for(tasks), compare),
        Stage("write", "writing", tasks, write, publishes=True),
    ]
