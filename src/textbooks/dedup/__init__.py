"""Deduplication: which documents say the same as another."""

from textbooks.dedup.exact import ExactDeduplicator
from textbooks.dedup.exact_stages import ExactDedupBuckets, ExactDedupFilter, ExactDedupSignature, buckets_for
from textbooks.dedup.minhash import MinHashDeduplicator
from textbooks.dedup.minhash_decision import MinHashClusters, MinHashFilter
from textbooks.dedup.minhash_stages import MinHashBuckets, MinHashSignature
from textbooks.dedup.near_index import NearDuplicate, NearDuplicateIndex
from textbooks.dedup.shingles import jaccard

__all__ = [
    "ExactDedupBuckets",
    "ExactDedupFilter",
    "ExactDedupSignature",
    "ExactDeduplicator",
    "MinHashBuckets",
    "MinHashClusters",
    "MinHashDeduplicator",
    "MinHashFilter",
    "MinHashSignature",
    "NearDuplicate",
    "NearDuplicateIndex",
    "buckets_for",
    "jaccard",
]
