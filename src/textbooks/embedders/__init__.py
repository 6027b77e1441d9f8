"""Texts as vectors: for similarity search, semantic deduplication, diversity, and classifiers on embeddings."""

from textbooks.embedders.base import Embedder
from textbooks.embedders.static import StaticEmbedder
from textbooks.embedders.transformer import TransformersEmbedder

__all__ = ["Embedder", "StaticEmbedder", "TransformersEmbedder"]
