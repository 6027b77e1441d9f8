"""Texts with functions that are built like the programs of benchmark problems."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np
from datatrove.pipeline.writers.disk_base import DiskWriter
from rapidfuzz.distance import Levenshtein
from rapidfuzz.process import cdist

from textbooks.decontaminators.base import ProblemFilter, check_problems
from textbooks.decontaminators.findings import EXCERPT, SHOWN, Finding
from textbooks.decontaminators.similarity.functions import CodeUnit, code_units
from textbooks.decontaminators.similarity.match import SimilarityHit, SimilarityMatch, best_of
from textbooks.decontaminators.similarity.references import FLOOR, Shortlist, gather_programs, room
from textbooks.decontaminators.similarity.tree_distance import tree_distance
from textbooks.problems import Problem
from textbooks.ranges import check_range
from textbooks.verdicts import Reason

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from textbooks.embedders import Embedder

__all__ = ["METHODS", "SimilarityDecontaminator"]

METHODS = ("sequence", "tree")
"""How syntax trees are compared."""

_TEXTS_AT_ONCE = 256  # their syntax is held together, to embed what is near in one call


class SimilarityDecontaminator(ProblemFilter[SimilarityMatch]):
    r"""Drop texts in which a function, or all of it, is built like the program of a benchmark problem.

    The second stage of phi-1's decontamination (arXiv 2306.11644, section 5.2): a text goes when the vectors of two
    pieces of code are near and their syntax trees match at a rate of at least tau. The paper compares trees by the
    "string edit distance" of the two, and gives tau, but no formula and no threshold of the vectors' distance. Ours:
    ``match rate = 1 - edit distance / nodes of the larger tree``; every function of the text is compared, and the text
    as a whole, with the function that the problem's tests call and with the problem's whole program.

    Only the shape of the syntax counts, with operators and names of builtin functions: see
    `textbooks.decontaminators.similarity.node_labels`. So new names, docstrings, comments and annotations hide nothing.

    Parameters
    ----------
    min_match_rate : float, default=0.9
        Tau. Drops when ``match rate >= min_match_rate``, 0.7 to 1. The paper tries 0.95, 0.9, 0.85 and 0.8. The
        default is ours, measured in ``benchmarks/decontamination``.
    max_distance : float, default=1.1
        Drops only when ``distance <= max_distance``: L2 (not squared) of unit vectors, 0 to 2; 2 leaves the embedding
        out. The paper's is not stated. Ours is measured with the bundled embedder: it rules out short functions that
        are built alike by chance. Another embedder needs another value.
    min_nodes : int, default=12
        Code of fewer syntax nodes is not compared, at least 1: there are too few ways to build it.
    method : str, default="sequence"
        ``"sequence"``: edit distance of the nodes in pre-order, as strings. ``"tree"``: exact edit distance of the
        ordered trees (see `tree_distance`), never smaller, and slower.
    embedder : Embedder, str or None, default=None
        What makes the vectors; None for the bundled `StaticEmbedder`, a name for a `TransformersEmbedder` of that
        model, such as the paper's ``"Salesforce/codegen-350M-mono"``.
    exclusion_writer, quarantine_writer, batch_size
        See `textbooks.filters.base.Step`.

    Attributes
    ----------
    references_ : tuple of ProgramPart
        What is searched for.
    shortlist_ : Shortlist
        Finds what can come near.
    vectors_ : ndarray (2, references, dimensions) float32
        Vectors of the references, with and without docstrings.
    benchmarks_ : dict of str to int
        Number of problems given, by benchmark.
    not_indexed_ : tuple of (benchmark, id, part)
        Programs of fewer than `min_nodes` nodes: copies of them cannot be found.

    Notes
    -----
    The score of a verdict is the largest match rate within `max_distance`; 0 where none is 0.7 or more.
    A text or a pair beyond the limits is noted in the evidence, as ``incomplete`` or ``undecided``.

    Examples
    --------
    >>> solution = "def f(xs):\n best = 0\n for x in xs:\n  best = max(best, x)\n return best\n"
    >>> decontaminator = SimilarityDecontaminator().fit([Problem("mine", "1", "", solution, "", "f")])
    >>> copy = "class A:\n def top(s):\n  m = 0\n  for y in s:\n   m = max(m, y)\n  return m\n"
    >>> decontaminator.judge(copy).reason.value
    'similar_problem'
    """

    name = "similarity"
    thresholds = ("min_match_rate", "max_distance")

    def __init__(
        self,
        *,
        min_match_rate: float = 0.9,
        max_distance: float = 1.1,
        min_nodes: int = 12,
        method: str = "sequence",
        embedder: Embedder | str | None = None,
        exclusion_writer: DiskWriter | None = None,
        quarantine_writer: DiskWriter | None = None,
        batch_size: int = 64,
    ) -> None:
        super().__init__(exclusion_writer=exclusion_writer, quarantine_writer=quarantine_writer, batch_size=batch_size)
        check_range("min_match_rate", min_match_rate, FLOOR, 1)
        check_range("max_distance", max_distance, 0, 2)
        check_range("min_nodes", min_nodes, 1)
        if method not in METHODS:
            msg = f"method must be one of {METHODS}, got {method!r}"
            raise ValueError(msg)
        self.min_match_rate = min_match_rate
        self.max_distance = max_distance
        self.min_nodes = min_nodes
        self.method = method
        self.embedder = embedder

    def fit(self, problems: Iterable[Problem]) -> Self:
        """Learn the programs of benchmark problems; what was learned before is forgotten.

        Parameters
        ----------
        problems : iterable of Problem
            Of any number of benchmarks; each problem once.

        Raises
        ------
        ValueError
            If there is no problem, one is given twice, or all programs have fewer than `min_nodes` nodes.
        TypeError
            If something is not a `Problem`.
        """
        listed = check_problems(problems)
        found, too_small = gather_programs(listed, int(self.min_nodes))
        if not found:
            msg = f"none of the {len(listed)} problems has a program of at least {self.min_nodes} syntax nodes"
            raise ValueError(msg)
        self.references_ = tuple(found)
        self.not_indexed_ = too_small
        self.shortlist_ = Shortlist([reference.unit.labels for reference in found])
        embedder = _embedder(self.embedder)
        self.vectors_ = np.stack([embedder.embed([reference.texts[row] for reference in found]) for row in (0, 1)])
        return self._fitted(listed)

    def _measure(self, texts: Sequence[str]) -> list[SimilarityMatch | None]:
        self._check_fitted()
        starts = range(0, len(texts), _TEXTS_AT_ONCE)
        return [match for start in starts for match in self._match_batch(texts[start : start + _TEXTS_AT_ONCE])]

    def _match_batch(self, texts: Sequence[str]) -> list[SimilarityMatch | None]:
        units = [code_units(text) for text in texts]
        pairs = [[pair for unit in of_text for pair in self._near(unit)] for of_text in units]
        wanted = list(
            dict.fromkeys(text[slice(*p.unit.span)] for text, some in zip(texts, pairs, strict=True) for p in some)
        )
        vectors = _embedder(self.embedder).embed(wanted) if wanted else np.empty((0, 1), np.float32)
        vector_of = dict(zip(wanted, vectors, strict=True))
        return [
            self._to_match(text, of_text[0].complete, some, vector_of)
            for text, of_text, some in zip(texts, units, pairs, strict=True)
        ]

    def _near(self, unit: CodeUnit) -> list[_Pair]:
        """Return the references with a match rate of at least `FLOOR`."""
        if len(unit.labels) < self.min_nodes:
            return []
        rows = self.shortlist_.near(unit.labels)
        if not len(rows):
            return []
        references = self.references_
        labels = [references[row].unit.labels for row in rows.tolist()]
        sizes = np.array([len(label) for label in labels], dtype=np.int64)
        largest = room(len(unit.labels), sizes)
        cutoff = int(largest.max())
        distances = cdist([unit.labels], labels, scorer=Levenshtein.distance, score_cutoff=cutoff, dtype=np.int32)[0]
        near = [
            self._pair(unit, int(rows[at]), int(distances[at]), int(largest[at]))
            for at in np.flatnonzero(distances <= largest)
        ]
        return [pair for pair in near if pair is not None]

    def _pair(self, unit: CodeUnit, row: int, distance: int, largest: int) -> _Pair | None:
        reference = self.references_[row].unit
        decided = True
        if self.method == "tree":
            exact = tree_distance(unit, reference, max_distance=largest)
            if exact is not None and exact > largest:
                return None
            decided = exact is not None
            distance = distance if exact is None else exact
        larger = max(len(unit.labels), len(reference.labels))
        return _Pair(unit, row, (larger - distance) / larger, decided)

    def _to_match(
        self, text: str, complete: bool, pairs: Sequence[_Pair], vector_of: dict[str, NDArray[np.float32]]
    ) -> SimilarityMatch | None:
        if complete and not pairs:
            return None
        hits = [self._hit(pair, vector_of[text[slice(*pair.unit.span)]]) for pair in pairs]
        best = best_of(hit for hit in hits if hit.decided)
        undecided = tuple(hit for hit in hits if not hit.decided)
        excerpts = {hit.span: text[slice(*hit.span)][:EXCERPT] for hit in (*best, *undecided)}
        return SimilarityMatch(best, undecided, excerpts, complete)

    def _hit(self, pair: _Pair, vector: NDArray[np.float32]) -> SimilarityHit:
        reference, unit = self.references_[pair.row], pair.unit
        apart = np.linalg.norm(self.vectors_[:, pair.row].astype(np.float64) - vector, axis=1)
        return SimilarityHit(
            benchmark=reference.benchmark,
            id=reference.id,
            part=reference.part,
            function=unit.qualified_name,
            span=unit.span,
            match_rate=pair.match_rate,
            distance=min(float(apart.min()), 2.0),
            nodes=min(len(unit.labels), len(reference.unit.labels)),
            decided=pair.decided,
        )

    def findings(self, measurement: SimilarityMatch | None) -> list[Finding]:
        """Return the problems that count as found, each by its best hit, by falling match rate."""
        found: dict[tuple[str, str], Finding] = {}
        for hit in measurement.hits if measurement else ():
            if self._counts(hit) and measurement is not None:
                found.setdefault((hit.benchmark, hit.id), self._finding(hit, measurement.excerpts[hit.span]))
        return list(found.values())

    def _counts(self, hit: SimilarityHit) -> bool:
        return hit.match_rate >= self.min_match_rate and hit.distance <= self.max_distance

    def _finding(self, hit: SimilarityHit, text: str) -> Finding:
        details = {"part": hit.part, "function": hit.function, "nodes": hit.nodes, "distance": round(hit.distance, 4)}
        reason = Reason.SIMILAR_PROBLEM
        return Finding(hit.benchmark, hit.id, self.name, hit.match_rate, reason, hit.span, text, details)

    def _score(self, measurement: SimilarityMatch) -> float:
        near = (hit.match_rate for hit in measurement.hits if hit.distance <= self.max_distance)
        return max(near, default=0.0)

    def _notes(self, measurement: SimilarityMatch) -> dict[str, Any]:
        notes: dict[str, Any] = {}
        undecided = [hit for hit in measurement.undecided if self._counts(hit)]
        if undecided:
            notes["undecided"] = [
                {"benchmark": hit.benchmark, "id": hit.id, "function": hit.function, "span": list(hit.span)}
                for hit in undecided[:SHOWN]
            ]
        if not measurement.complete:
            notes["incomplete"] = True
        return notes


class _Pair(NamedTuple):
    """A unit of a text and a reference that it is near."""

    unit: CodeUnit
    row: int
    match_rate: float
    decided: bool


def _embedder(chosen: Embedder | str | None) -> Embedder:
    return _by_name(chosen) if chosen is None or isinstance(chosen, str) else chosen


@lru_cache(maxsize=2)  # a model is loaded once a process
def _by_name(model: str | None) -> Embedder:
    from textbooks.embedders import StaticEmbedder, TransformersEmbedder

    return StaticEmbedder() if model is None else TransformersEmbedder(model)
