"""Evaluation: pass@k of completions run in the sandbox, and judgement by a language model."""

from textbooks.evaluation.agreement import Agreement, agreement_with_tests
from textbooks.evaluation.evaluate import evaluate
from textbooks.evaluation.evaluation import Evaluation, ProblemResult
from textbooks.evaluation.generation import TransformersGenerator, prompt_of, stops_of, truncate_at_stop
from textbooks.evaluation.grading import Grade, Grader, grading_messages, mean_grade, parse_grade
from textbooks.evaluation.intervals import Estimate, bootstrap_mean
from textbooks.evaluation.pairwise import (
    Comparison,
    PairwiseJudge,
    WinRate,
    pairwise_messages,
    parse_preference,
    win_rate,
)
from textbooks.evaluation.pass_at_k import pass_at_k
from textbooks.evaluation.results import read_completions, results_path, write_completions
from textbooks.evaluation.similarity_split import SimilaritySplit, similarity_split

__all__ = [
    "Agreement",
    "Comparison",
    "Estimate",
    "Evaluation",
    "Grade",
    "Grader",
    "PairwiseJudge",
    "ProblemResult",
    "SimilaritySplit",
    "TransformersGenerator",
    "WinRate",
    "agreement_with_tests",
    "bootstrap_mean",
    "evaluate",
    "grading_messages",
    "mean_grade",
    "pairwise_messages",
    "parse_grade",
    "parse_preference",
    "pass_at_k",
    "prompt_of",
    "read_completions",
    "results_path",
    "similarity_split",
    "stops_of",
    "truncate_at_stop",
    "win_rate",
    "write_completions",
]
