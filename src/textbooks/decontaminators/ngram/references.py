"""What of a benchmark problem is looked for in a corpus: its parts and their n-grams."""

from __future__ import annotations

import ast
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from textbooks.decontaminators.ngram.index import Gram, NGramIndex, Occurrences, build_table, tokens_of
from textbooks.decontaminators.tokens import shown
from textbooks.problems import Problem

__all__ = ["PARTS", "FoldedGram", "Postings", "Reference", "References", "gather", "numbered", "undocumented"]


@dataclass(frozen=True, slots=True)
class Reference:
    """One indexed part of one problem.

    Attributes
    ----------
    benchmark, id, part : str
        Which problem, and which part of it; ``"folded_solution"`` and the like where tokens are folded.
    total : int
        Number of its distinct indexed n-grams, at least 1.
    """

    benchmark: str
    id: str
    part: str
    total: int


class FoldedGram(NamedTuple):
    """An n-gram, and what is folded in it (see `textbooks.decontaminators.tokens.folding`)."""

    fold: int
    gram: Gram

    def shown(self) -> str:
        """Return the tokens as people read them, joined by spaces."""
        return " ".join(map(shown, self.gram))


@dataclass(frozen=True, slots=True)
class References:
    """What `gather` finds.

    Attributes
    ----------
    indexed : list of Reference
        In the order of the problems, then of the parts.
    grams : list of tuple of FoldedGram
        The distinct n-grams of each, in the order of its text.
    not_indexed : tuple of (benchmark, id, part)
        Parts too short, or with no n-gram left.
    boilerplate : tuple of str
        N-grams that occur in too many problems, tokens joined by spaces; sorted.
    """

    indexed: list[Reference]
    grams: list[tuple[FoldedGram, ...]]
    not_indexed: tuple[tuple[str, str, str], ...]
    boilerplate: tuple[str, ...]

    def index(self) -> tuple[NGramIndex, Postings]:
        """Return the index of all n-grams, and which of them belong to which reference."""
        numbers = numbered(self.grams)
        tables = []
        for fold in sorted({gram.fold for gram in numbers}):
            own = {gram.gram: number for gram, number in numbers.items() if gram.fold == fold}
            tables.append(build_table(list(own), list(own.values()), fold=fold))
        postings = Postings.of([[numbers[gram] for gram in grams] for grams in self.grams], len(numbers))
        return NGramIndex(tuple(tables)), postings


def numbered(grams: Sequence[Sequence[FoldedGram]]) -> dict[FoldedGram, int]:
    """Return the number of each distinct n-gram: they are counted in the order in which they come."""
    numbers: dict[FoldedGram, int] = {}
    for own in grams:
        for gram in own:
            numbers.setdefault(gram, len(numbers))
    return numbers


def gather(
    problems: Sequence[Problem], parts: Sequence[str], *, n: int, min_tokens: int, max_problems: int, fold: int = 0
) -> References:
    """Return the parts of the problems and their n-grams; the parameters are those of `NGramDecontaminator`.

    Raises
    ------
    ValueError
        If none has a part that can be indexed.
    """
    found = [
        (problem, part, grams) for problem in problems for part, grams in _by_part(problem, parts, n, min_tokens, fold)
    ]
    common = _common([(problem, grams) for problem, _, grams in found], max_problems)
    indexed, kept, left_out = [], [], []
    for problem, part, grams in found:
        own = tuple(gram for gram in grams if gram not in common)
        if own:
            indexed.append(Reference(problem.benchmark, problem.id, part, len(own)))
            kept.append(own)
        else:
            left_out.append((problem.benchmark, problem.id, part))
    if not indexed:
        msg = f"none of the {len(problems)} problems has a part of at least {min(n, min_tokens)} tokens to look for"
        raise ValueError(msg)
    return References(indexed, kept, tuple(left_out), tuple(sorted(gram.shown() for gram in common)))


@dataclass(frozen=True, slots=True)
class Postings:
    """Which n-grams belong to which references.

    Attributes
    ----------
    starts, references : ndarray
        The references of n-gram ``g`` are ``references[starts[g]:starts[g + 1]]``.
    """

    starts: NDArray[np.int64]
    references: NDArray[np.int64]

    @classmethod
    def of(cls, grams_of: Sequence[Sequence[int]], n_grams: int) -> Postings:
        """Return the postings of references given as the numbers of their n-grams."""
        rows = [np.array(grams, dtype=np.int64) for grams in grams_of]
        flat = np.concatenate(rows)
        owners = np.repeat(np.arange(len(rows)), [len(row) for row in rows])[np.argsort(flat, kind="stable")]
        starts = np.concatenate([[0], np.cumsum(np.bincount(flat, minlength=n_grams))]).astype(np.int64)
        return cls(starts, owners)

    @property
    def n_grams(self) -> int:
        """How many n-grams there are."""
        return len(self.starts) - 1

    def pairs(self, occurrences: Occurrences) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the distinct pairs of a reference and an n-gram of it that occurs: the references, the n-grams."""
        rows, owners = self._expanded(np.unique(occurrences.grams))
        return owners, np.unique(occurrences.grams)[rows]

    def shared(self, occurrences: Occurrences) -> Iterator[tuple[int, int, tuple[int, int]]]:
        """Yield each reference that shares an n-gram, how many distinct ones, and the longest covered span.

        The span is that of the longest run of neighbouring occurrences, the first among equals.
        """
        distinct = np.bincount(self.pairs(occurrences)[0])
        rows, owners = self._expanded(occurrences.grams)
        order = np.lexsort((occurrences.positions[rows], owners))
        rows, owners = rows[order], owners[order]
        apart = np.diff(occurrences.positions[rows], prepend=0) != 1
        begins = np.flatnonzero(apart | (np.diff(owners, prepend=-1) != 0))
        lasts = np.append(begins[1:], len(rows)) - 1
        longest = np.lexsort((begins, begins - lasts, owners[begins]))
        references, chosen = np.unique(owners[begins][longest], return_index=True)
        for reference, run in zip(references.tolist(), longest[chosen].tolist(), strict=True):
            span = int(occurrences.starts[rows[begins[run]]]), int(occurrences.ends[rows[lasts[run]]])
            yield reference, int(distinct[reference]), span

    def _expanded(self, grams: NDArray[np.int64]) -> tuple[NDArray[np.intp], NDArray[np.int64]]:
        """Return each reference of each n-gram: the row of the n-gram, and the reference."""
        counts = self.starts[grams + 1] - self.starts[grams]
        rows = np.repeat(np.arange(len(grams)), counts)
        within = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
        return rows, self.references[self.starts[grams][rows] + within]


def reformatted(program: str) -> str:
    """Return a program as Python itself writes it: without comments and needless parentheses.

    A program that Python cannot parse is returned unchanged, and so is one nested too deep to be written.
    """
    tree = _parse(program)
    try:
        return program if tree is None else ast.unparse(tree)
    except RecursionError:
        return program


def undocumented(program: str) -> str:
    """Return a program without its docstrings and top-level imports, the rest as it stands.

    A program that Python cannot parse is returned unchanged.
    """
    program = program.replace("\r\n", "\n").replace("\r", "\n")
    tree = _parse(program)
    if tree is None:
        return program
    unwanted: list[ast.stmt] = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Module)
            and ast.get_docstring(node, False) is not None
        ):
            unwanted.append(node.body[0])
    return _without(program, unwanted)


_PART_TEXT: dict[str, Callable[[Problem], str]] = {
    "prompt": lambda problem: problem.prompt,
    "solution": lambda problem: undocumented(problem.program),
    "reformatted": lambda problem: reformatted(undocumented(problem.program)),
    "tests": lambda problem: problem.tests,
}
PARTS = tuple(_PART_TEXT)
"""The parts of a problem that can be indexed."""
_CODE = ("solution", "reformatted")  # and folded


def _parse(program: str) -> ast.Module | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # published solutions hold escapes that Python warns of
        try:
            return ast.parse(program)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None


def _without(program: str, statements: Sequence[ast.stmt]) -> str:
    lines = program.encode().split(b"\n")
    begins = np.cumsum([0, *(len(line) + 1 for line in lines)]).tolist()
    content = bytearray(b"\n".join(lines))
    for node in statements:
        low = begins[node.lineno - 1] + node.col_offset
        high = begins[(node.end_lineno or node.lineno) - 1] + (node.end_col_offset or node.col_offset)
        content[low:high] = b" " * (high - low)
    return content.decode()


def _by_part(
    problem: Problem, parts: Sequence[str], n: int, min_tokens: int, fold: int
) -> list[tuple[str, list[FoldedGram]]]:
    """Return the n-grams of each part; a part with the same ones as a part before it is left out."""
    found: dict[str, list[FoldedGram]] = {}
    looks = [(part, part, 0, min_tokens) for part in parts]
    looks += [(f"folded_{part}", part, fold, n) for part in parts if fold and part in _CODE]
    for name, part, here, fewest in looks:
        grams = _grams(tokens_of(_PART_TEXT[part](problem), fold=here), n, fewest)
        keyed = [FoldedGram(here, gram) for gram in grams]
        if not keyed or keyed not in found.values():
            found[name] = keyed
    return list(found.items())


def _grams(tokens: Sequence[bytes], n: int, min_tokens: int) -> list[Gram]:
    """Return the distinct n-grams; of a shorter text all of it, unless it is shorter than `min_tokens`."""
    if len(tokens) >= n:
        return list(dict.fromkeys(zip(*(tokens[offset:] for offset in range(n)), strict=False)))
    return [tuple(tokens)] if len(tokens) >= min_tokens else []


def _common(found: Sequence[tuple[Problem, Sequence[FoldedGram]]], max_problems: int) -> set[FoldedGram]:
    """Return the n-grams that occur in more than `max_problems` problems of one benchmark."""
    holders: dict[tuple[str, FoldedGram], set[str]] = defaultdict(set)
    for problem, grams in found:
        for gram in grams:
            holders[problem.benchmark, gram].add(problem.id)
    return {gram for (_, gram), ids in holders.items() if len(ids) > max_problems}
