"""What a corpus filter returns: verdicts, and which record stands for which."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar, overload

from textbooks.verdicts import FilterResult

if TYPE_CHECKING:
    from rich.table import Table

__all__ = ["CorpusResult", "DuplicateCluster", "DuplicatePair", "DuplicatePairs"]

R = TypeVar("R")


class DuplicatePair(NamedTuple, Generic[R]):
    """A record that goes, and the one that stays for it.

    Attributes
    ----------
    kept, dropped : object
        The caller's own records.
    similarity : float
        By the measure of the filter, from its threshold to 1; 1 where it compares for equality alone.
    kept_position, dropped_position : int
        Where they stand among the records.
    """

    kept: R
    dropped: R
    similarity: float
    kept_position: int
    dropped_position: int


class DuplicateCluster(NamedTuple, Generic[R]):
    """A record that stays, and those that go for it.

    Attributes
    ----------
    kept : object
    dropped : list of object
        The least similar first.
    least_similarity : float
        That of the first of them.
    """

    kept: R
    dropped: list[R]
    least_similarity: float

    @property
    def size(self) -> int:
        """Records of the cluster, the one that stays included."""
        return 1 + len(self.dropped)


class DuplicatePairs(Sequence[DuplicatePair[R]]):
    """Pairs of records, the least similar first: where a threshold is too low, it shows at the beginning.

    In a notebook it draws the first pairs side by side; ``rich.print(pairs)`` does so in a terminal.

    Parameters
    ----------
    pairs : sequence of DuplicatePair
        In the order to be shown.
    """

    def __init__(self, pairs: Sequence[DuplicatePair[R]]) -> None:
        self._pairs = list(pairs)

    @overload
    def __getitem__(self, index: int) -> DuplicatePair[R]: ...

    @overload
    def __getitem__(self, index: slice) -> DuplicatePairs[R]: ...

    def __getitem__(self, index: int | slice) -> DuplicatePair[R] | DuplicatePairs[R]:
        """Return a pair, or some of them, which draw themselves as well."""
        return DuplicatePairs(self._pairs[index]) if isinstance(index, slice) else self._pairs[index]

    def __len__(self) -> int:
        return len(self._pairs)

    def __repr__(self) -> str:
        if not self._pairs:
            return "DuplicatePairs(none)"
        least, most = self._pairs[0].similarity, self._pairs[-1].similarity
        return f"DuplicatePairs({len(self)}, similarity {least:.3f} to {most:.3f})"

    def _repr_html_(self) -> str:
        from textbooks.reports.duplicates import pairs_html

        return pairs_html(self)

    def __rich_console__(self, *_: object) -> Iterator[Table]:
        """Yield the first pairs side by side, for a terminal."""
        from textbooks.reports.duplicates import pair_tables

        yield from pair_tables(self)


class CorpusResult(FilterResult[R]):
    """A `FilterResult` of records that were judged against each other.

    Examples
    --------
    >>> from textbooks.verdicts import Reason, Verdict
    >>> equal = Verdict.dropped(Reason.EXACT_DUPLICATE, duplicate_of=0)
    >>> result = CorpusResult(["x = 1", "y = 2", "x = 1", "x = 1"], [Verdict.kept(), Verdict.kept(), equal, equal])
    >>> result.pairs()[0]
    DuplicatePair(kept='x = 1', dropped='x = 1', similarity=1.0, kept_position=0, dropped_position=2)
    >>> result.clusters()
    [DuplicateCluster(kept='x = 1', dropped=['x = 1', 'x = 1'], least_similarity=1.0)]
    """

    def pairs(self) -> DuplicatePairs[R]:
        """Return each record that goes for another with that one, the least similar first.

        Returns
        -------
        DuplicatePairs
            By similarity, then by position; empty where no record was dropped for another.
        """
        found = []
        for position, (record, verdict) in enumerate(self):
            if verdict.keep or "duplicate_of" not in verdict.evidence:
                continue
            original = verdict.evidence["duplicate_of"]
            similarity = 1.0 if math.isnan(verdict.score) else verdict.score
            found.append(DuplicatePair(self.records[original], record, similarity, original, position))
        return DuplicatePairs(sorted(found, key=lambda pair: (pair.similarity, pair.dropped_position)))

    def clusters(self) -> list[DuplicateCluster[R]]:
        """Return each record that stands for others with those, the largest cluster first.

        Returns
        -------
        list of DuplicateCluster
            Of equal size the one first whose record stands first. Records that stand for none but themselves are left
            out.
        """
        members: dict[int, list[DuplicatePair[R]]] = {}
        for pair in self.pairs():
            members.setdefault(pair.kept_position, []).append(pair)
        ordered = sorted(members.items(), key=lambda item: (-len(item[1]), item[0]))
        return [
            DuplicateCluster(pairs[0].kept, [pair.dropped for pair in pairs], pairs[0].similarity)
            for _, pairs in ordered
        ]
