"""Filters: each judges one text at a time, on bare strings, in `apply`, or as a datatrove step."""

from textbooks.filters.base import ScoreFilter, Step, TextFilter
from textbooks.filters.corpus import CorpusFilter
from textbooks.filters.edu_value import EduValueFilter
from textbooks.filters.size import SizeFilter
from textbooks.filters.syntax import SyntaxFilter
from textbooks.filters.thresholds import ThresholdTable

__all__ = [
    "CorpusFilter",
    "EduValueFilter",
    "ScoreFilter",
    "SizeFilter",
    "Step",
    "SyntaxFilter",
    "TextFilter",
    "ThresholdTable",
]
