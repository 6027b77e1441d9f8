"""What in a text is built like the programs of benchmark problems."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["SimilarityHit", "SimilarityMatch", "best_of"]


@dataclass(frozen=True, slots=True)
class SimilarityHit:
    """A function of a text, or all of it, next to a program of a problem.

    Attributes
    ----------
    benchmark, id : str
        The problem.
    part : str
        What of the problem: ``"function"`` (that the tests call) or ``"program"``.
    function : str
        Qualified name of the function in the text; empty for the whole text.
    span : tuple of int
        First and past-the-last character of the function.
    match_rate : float
        ``1 - edit distance / nodes of the larger tree``, 0.7 to 1. Where `decided` is False, a number that it is not
        above.
    distance : float
        L2 distance of the two texts' unit vectors, 0 to 2: the smaller one of those to the program with and without
        its docstrings.
    nodes : int
        Nodes of the smaller tree.
    decided : bool
        Whether the edit distance was found within the limits.
    """

    benchmark: str
    id: str
    part: str
    function: str
    span: tuple[int, int]
    match_rate: float
    distance: float
    nodes: int
    decided: bool = True


@dataclass(frozen=True, slots=True)
class SimilarityMatch:
    """Everything in a text that is built like a program of a problem.

    Attributes
    ----------
    hits : tuple of SimilarityHit
        By falling match rate, then by distance. Of one problem, only those that no other hit beats in both.
    undecided : tuple of SimilarityHit
        Pairs whose tree distance was given up, see `textbooks.decontaminators.similarity.tree_distance`.
    excerpts : dict
        The text in the span of every hit, at most its first 300 characters.
    complete : bool
        Whether all of the text was looked at: False for one beyond `MAX_BYTES` or `MAX_NODES` of
        `textbooks.decontaminators.similarity.functions`.
    """

    hits: tuple[SimilarityHit, ...]
    undecided: tuple[SimilarityHit, ...]
    excerpts: dict[tuple[int, int], str]
    complete: bool

    @property
    def match_rate(self) -> float:
        """The largest match rate; 0 where none is 0.7 or more."""
        return self.hits[0].match_rate if self.hits else 0.0


def best_of(hits: Iterable[SimilarityHit]) -> tuple[SimilarityHit, ...]:
    """Return the hits by falling match rate, without those that another of their problem beats in rate and distance.

    Whatever the thresholds, the first hit of a problem that meets them has the largest rate of all that do.
    """
    kept: list[SimilarityHit] = []
    nearest: dict[tuple[str, str], float] = {}
    for hit in sorted(hits, key=lambda hit: (-hit.match_rate, hit.distance)):
        problem = hit.benchmark, hit.id
        if hit.distance < nearest.get(problem, float("inf")):
            nearest[problem] = hit.distance
            kept.append(hit)
    return tuple(kept)
