"""Which benchmarks a run looks for in its corpus."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from textbooks.errors import ProblemsNotFoundError
from textbooks.problems import BENCHMARKS, Problem, load_problems

__all__ = ["Benchmarks", "find_benchmarks"]


@dataclass(frozen=True, slots=True)
class Benchmarks:
    """The problems of a run, and the benchmarks that were not to be had.

    Attributes
    ----------
    problems : dict
        Problems by benchmark, as named by the caller.
    missing : list of str
        Benchmarks that nobody asked for by name and that are not on this machine.
    """

    problems: dict[str, list[Problem]] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)

    @property
    def all(self) -> list[Problem]:
        """The problems of all benchmarks, in order."""
        return [problem for group in self.problems.values() for problem in group]

    @property
    def sizes(self) -> dict[str, int]:
        """The number of problems of each benchmark."""
        return {name: len(problems) for name, problems in self.problems.items()}

    @property
    def fingerprint(self) -> str:
        """A digest of every problem."""
        return hashlib.sha256(repr(sorted(self.problems.items())).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def find_benchmarks(asked: Sequence[str] | None) -> Benchmarks:
    """Load the benchmarks asked for; with none asked for, those that are on this machine.

    Raises
    ------
    ProblemsNotFoundError
        If a benchmark that was asked for is nowhere to be found.
    InputError
        If a file of problems is damaged.
    """
    if asked is not None:
        return Benchmarks({name: load_problems(name) for name in dict.fromkeys(asked)})
    found, missing = {}, []
    for name in BENCHMARKS:
        try:
            found[name] = load_problems(name, allow_network=False)
        except ProblemsNotFoundError:
            missing.append(name)
    return Benchmarks(found, missing)
