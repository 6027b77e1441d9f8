"""Benchmark problems: where they are found, what they hold, and what their tests call."""

from textbooks.problems.cases import Case, record_cases
from textbooks.problems.load import BENCHMARKS, BUNDLED, available_benchmarks, load_problems
from textbooks.problems.problem import Problem

__all__ = ["BENCHMARKS", "BUNDLED", "Case", "Problem", "available_benchmarks", "load_problems", "record_cases"]
