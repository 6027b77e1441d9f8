"""Educational value of Python files: features, forests as arrays, fitting, the bundled model, its labels."""

from __future__ import annotations

from textbooks.scoring.agreement import Agreement
from textbooks.scoring.cross_validation import CrossValidation, cross_validate
from textbooks.scoring.embedding_classifier import EmbeddingClassifier
from textbooks.scoring.explanation import Contribution, Explanation
from textbooks.scoring.features import FEATURE_NAMES, extract_features
from textbooks.scoring.forest import Forest
from textbooks.scoring.lessons import Block, Lesson
from textbooks.scoring.model import EduValueModel

__all__ = [
    "FEATURE_NAMES",
    "Agreement",
    "Block",
    "Contribution",
    "CrossValidation",
    "EduValueModel",
    "EmbeddingClassifier",
    "Explanation",
    "Forest",
    "Lesson",
    "cross_validate",
    "extract_features",
]
