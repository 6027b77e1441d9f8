"""Problems with more cases than were published, so that agreement on all of them means something."""

from __future__ import annotations

import contextlib
import math
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

from textbooks.decontaminators.base import check_problems
from textbooks.decontaminators.strengthening.rivals import rivals_of
from textbooks.decontaminators.strengthening.store import CaseStore, default_folder
from textbooks.decontaminators.strengthening.strengthening import strengthened
from textbooks.embedders.progress import show_progress
from textbooks.problems import Case, Problem
from textbooks.ranges import check_range
from textbooks.sandbox import Sandbox

__all__ = ["StrongProblem", "strengthen"]

_CORES = os.cpu_count() or 1


@dataclass(frozen=True)
class StrongProblem:
    """A problem, the calls of its published tests, and calls of ours with what the reference gives for them.

    Attributes
    ----------
    problem : Problem
        The problem.
    cases : tuple of Case
        The published calls without repeats, then ours; of each the most telling first.
    published : int
        How many of the cases are published.
    ordinary : tuple of str
        Builtins, functions of the standard library and methods that give the same in every case, such as ``"len"``:
        what agrees with this problem may be an ordinary use of them. Empty for most.
    kill_rate : float
        Of the simple functions, small changes of the reference and references of other problems that pass the
        published cases, the share that ours tell apart; 1 where none passes.
    kills : mapping
        Likewise by kind of function: how many pass the published cases, and how many of them ours tell apart.
    twins : tuple of (str, str)
        Other problems of the same call, by benchmark and id, whose references give the same in every case.
    why_not : str
        Why there are no cases, or none of ours; empty where there are some.
    """

    problem: Problem
    cases: tuple[Case, ...]
    published: int
    ordinary: tuple[str, ...] = ()
    kill_rate: float = 1.0
    kills: Mapping[str, tuple[int, int]] = field(default_factory=lambda: MappingProxyType({}))
    twins: tuple[tuple[str, str], ...] = ()
    why_not: str = ""

    @cached_property
    def distinct_outputs(self) -> int:
        """How many different results the cases have."""
        return len(self._results)

    @cached_property
    def bits(self) -> float:
        """Information that agreement on all cases carries.

        The sum over the cases of -log2(share of the cases that have the same result): 0 where all results are equal,
        one a case for yes and no in equal parts, n log2(n) where all n results differ.
        """
        total = len(self.cases)
        return sum(-times * math.log2(times / total) for times in self._results.values()) + 0.0

    @cached_property
    def _results(self) -> Counter[str]:
        return Counter(repr(case.expected) for case in self.cases)


def strengthen(
    problems: Iterable[Problem],
    *,
    sandbox: Sandbox | None = None,
    cache: str | os.PathLike[str] | bool | None = None,
    seed: int = 0,
    max_cases: int = 40,
    workers: int = _CORES,
    progress: bool = True,
) -> list[StrongProblem]:
    """Add cases to problems, until simple wrong functions no longer pass.

    The inputs are mutations of the published ones and stay in what looks like their domain: a right solution that is
    written otherwise still gives the same. The results are the reference's.

    This executes the published references and their tests, confined by the sandbox.

    Parameters
    ----------
    problems : iterable of Problem
        Each once. Where the reference of one passes the published cases of another, cases are sought that tell the two
        apart.
    sandbox : Sandbox or None, default=None
        Where references run; None for one of its own.
    cache : path-like, bool or None, default=None
        Folder in which results are kept, a file a problem; None for ``$TEXTBOOKS_CACHE`` or the user's cache folder,
        False to keep nothing. One that cannot be written is done without.
    seed : int, default=0
        Where random choices begin; they are the problem's own.
    max_cases : int, default=40
        Most cases of ours for a problem.
    workers : int, default=number of cores
        Problems at a time. They change no result.
    progress : bool, default=True
        Whether to show a bar on a terminal.

    Returns
    -------
    list of StrongProblem
        One a problem, in order. Where the reference fails, or no call has plain data, it has no cases and says why.

    Raises
    ------
    ValueError
        If there is no problem, one is given twice, or an argument is out of range.
    SandboxError
        If no confined process can be started here.
    """
    listed = check_problems(problems)
    check_range("max_cases", max_cases, 0)
    check_range("workers", workers, 1)
    if sandbox is None:
        with Sandbox(cpu_seconds=10.0, memory_bytes=512 << 20) as own:
            return strengthen(
                listed, sandbox=own, cache=cache, seed=seed, max_cases=max_cases, workers=workers, progress=progress
            )
    store = CaseStore(_folder(cache))
    one = partial(_kept_or_made, sandbox=sandbox, store=store, seed=seed, max_cases=max_cases)
    with (
        ThreadPoolExecutor(workers, thread_name_prefix="strengthen") as pool,
        _shown(len(listed), progress=progress) as advance,
    ):
        done = []
        for found in pool.map(one, listed, _rivals(listed, sandbox, store, pool)):
            done.append(found)
            advance(1)
    return done


@contextlib.contextmanager
def _shown(total: int, *, progress: bool) -> Iterator[Callable[[int], None]]:
    """Yield what is to be called with the number of problems just done."""
    if not progress:
        yield lambda _: None
        return
    with show_progress("problems strengthened", total=total) as advance:
        yield advance


def _folder(cache: str | os.PathLike[str] | bool | None) -> Path | None:
    if isinstance(cache, bool) or cache is None:
        return None if cache is False else default_folder()
    return Path(cache)


def _rivals(problems: list[Problem], sandbox: Sandbox, store: CaseStore, pool: Executor) -> list[list[Problem]]:
    """Return for each problem those others whose references pass its published cases."""
    if len(problems) == 1:
        return [[]]
    key = store.key(*problems, what="rivals")
    numbers = store.get(key)
    if numbers is None:
        numbers = rivals_of(problems, sandbox, pool)
        store.put(key, numbers)
    return [[problems[number] for number in row] for row in numbers]


def _kept_or_made(
    problem: Problem, rivals: list[Problem], *, sandbox: Sandbox, store: CaseStore, seed: int, max_cases: int
) -> StrongProblem:
    key = store.key(problem, *rivals, seed=seed, max_cases=max_cases)
    held = store.get(key)
    if held is None:
        held = strengthened(problem, sandbox=sandbox, seed=seed, max_cases=max_cases, rivals=rivals)
        store.put(key, held)
    return _from_plain(problem, rivals, held)


def _from_plain(problem: Problem, rivals: list[Problem], held: dict[str, Any]) -> StrongProblem:
    return StrongProblem(
        problem=problem,
        cases=tuple(Case(*case) for case in held["cases"]),
        published=held["published"],
        ordinary=tuple(held["library"]),
        kill_rate=held["kill_rate"],
        kills=MappingProxyType(held["kills"]),
        twins=tuple((rivals[number].benchmark, rivals[number].id) for number in held["twins"]),
        why_not=held["why_not"],
    )
