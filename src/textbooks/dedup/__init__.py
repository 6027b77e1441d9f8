"""Deduplication: which documents say the same as another."""

from textbooks.dedup.exact import ExactDeduplicator
from textbooks.dedup.exact_stages import ExactDedupBuckets, ExactDedupFilter, ExactDedupSignature, buckets_for

__all__ = ["ExactDedupBuckets", "ExactDedupFilter", "ExactDedupSignature", "ExactDeduplicator", "buckets_for"]
