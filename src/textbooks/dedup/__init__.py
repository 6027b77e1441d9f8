"""Deduplication: which documents say the same as another."""

from textbooks.dedup.exact import ExactDeduplicator
from textbooks.dedup.exact_stages import ExactDedupBuckets, ExactDedupFilter, ExactDedupSignature, buckets_for
from textbooks.dedup.minhash import MinHashDeduplicator
from textbooks.dedup.minhash_decision import MinHashClusters, MinHashFilter
from textbooks.dedup.minhash_stages import MinHashBuckets, MinHashSignature
from textbooks.dedup.near_index import NearDuplicate, NearDuplicateIndex
from textbooks.dedup.semantic import SemanticDeduplicator
from textbooks.dedup.semantic_decision import SemanticClusters, SemanticFilter
from textbooks.dedup.semantic_stages import SemanticCells, SemanticCentres, SemanticEmbeddings
from textbooks.dedup.shingles import Shingler, jaccard
from textbooks.dedup.sketches import from_datasketch, shingle_hash, to_datasketch

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
