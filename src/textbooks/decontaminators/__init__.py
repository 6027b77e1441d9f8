"""Primitives that take benchmark problems out of a corpus."""

from __future__ import annotations

from textbooks.decontaminators.base import ProblemFilter
from textbooks.decontaminators.behaviour.decontaminator import BehaviouralDecontaminator
from textbooks.decontaminators.behaviour.matches import BehaviourHit, BehaviourMatch
from textbooks.decontaminators.behaviour.strong_problems import StrongProblem, strengthen
from textbooks.decontaminators.cascade import CascadeMatch, Decontaminator
from textbooks.decontaminators.findings import Finding
from textbooks.decontaminators.ngram.decontaminator import NGramDecontaminator
from textbooks.decontaminators.ngram.matches import Match, ProblemHit
from textbooks.decontaminators.report import DecontaminationReport, Example, TaintedProblem
from textbooks.decontaminators.similarity.decontaminator import SimilarityDecontaminator
from textbooks.decontaminators.similarity.match import SimilarityHit, SimilarityMatch
from textbooks.decontaminators.tokens import code_tokens

__all__ = [
    "BehaviourHit",
    "BehaviourMatch",
    "BehaviouralDecontaminator",
    "CascadeMatch",
    "DecontaminationReport",
    "Decontaminator",
    "Example",
    "Finding",
    "Match",
    "NGramDecontaminator",
    "ProblemFilter",
    "ProblemHit",
    "SimilarityDecontaminator",
    "SimilarityHit",
    "SimilarityMatch",
    "StrongProblem",
    "TaintedProblem",
    "code_tokens",
    "strengthen",
]
