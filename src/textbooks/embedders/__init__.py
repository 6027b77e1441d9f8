"""Texts as vectors: for similarity search, semantic deduplication, diversity, and classifiers on embeddings."""

from textbooks.embedders.base import Embedder

__all__ = ["Embedder"]
