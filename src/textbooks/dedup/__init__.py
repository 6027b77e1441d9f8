"""Deduplication: which documents say the same as another."""

from textbooks.dedup.exact import ExactDeduplicator
from textbooks.dedup.exact_stages import ExactDedupBuckets, ExactDedupFilter, ExactDedupSignature, buckets_for
from textbooks.dedup.minhash.decision import MinHashClusters, MinHashFilter
from textbooks.dedup.minhash.deduplicator import MinHashDeduplicator
from textbooks.dedup.minhash.near_index import NearDuplicate, NearDuplicateIndex
from textbooks.dedup.minhash.shingles import Shingler, jaccard
from textbooks.dedup.minhash.stages import MinHashBuckets, MinHashSignature
from textbooks.dedup.semantic.decision import SemanticClusters, SemanticFilter
from textbooks.dedup.semantic.deduplicator import SemanticDeduplicator
from textbooks.dedup.semantic.sketches import from_datasketch, shingle_hash, to_datasketch
from textbooks.dedup.semantic.stages import SemanticCells, SemanticCentres, SemanticEmbeddings

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
    "SemanticCells",
    "SemanticCentres",
    "SemanticClusters",
    "SemanticDeduplicator",
    "SemanticEmbeddings",
    "SemanticFilter",
    "Shingler",
    "buckets_for",
    "from_datasketch",
    "jaccard",
    "shingle_hash",
    "to_datasketch",
]
