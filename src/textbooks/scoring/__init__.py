"""Educational value of Python files: features, a forest as arrays, fitting, the bundled model and its labels."""

from __future__ import annotations

from textbooks.scoring.embedding_classifier import EmbeddingClassifier
from textbooks.scoring.features import FEATURE_NAMES, extract_features
from textbooks.scoring.forest import Forest
from textbooks.scoring.model import EduValueModel

__all__ = ["FEATURE_NAMES", "EduValueModel", "EmbeddingClassifier", "Forest", "extract_features"]
