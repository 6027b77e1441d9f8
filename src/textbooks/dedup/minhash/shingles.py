"""Shingles of code, their sets, and how similar two sets are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from textbooks.dedup.semantic.greedy import FlatSets
from textbooks.ranges import check_range

__all__ = ["SHINGLE_SIZE", "Shingler", "jaccard", "jaccard_of_sets"]

SHINGLE_SIZE = 5
"""Tokens of a shingle by default: ours, as datatrove's default of five words."""

_BATCH = 1 << 22  # bytes of texts that are joined for one call of a kernel


@dataclass(frozen=True)
class Shingler:
    """Turns texts into sets of shingles and into MinHash signatures; texts of equal tokens get equal ones.

    A shingle is a run of `shingle_size` tokens as `textbooks.decontaminators.code_tokens` cuts them: words and
    operators count; white space, indentation and quotes do not. A text of fewer tokens has one shingle, of all it
    has; a text without tokens has none. A shingle is known by a hash of 64 bits.

    Attributes
    ----------
    shingle_size : int
        Tokens of a shingle, at least 1.
    num_perm : int
        Slots of a signature, 1 to 4096.
    seed : int
        Of the permutations, 0 to 2 ** 32 - 1.
    """

    shingle_size: int = SHINGLE_SIZE
    num_perm: int = 128
    seed: int = 1

    def __post_init__(self) -> None:
        check_range("shingle_size", self.shingle_size, 1)
        check_range("num_perm", self.num_perm, 1, 4096)
        check_range("seed", self.seed, 0, 2**32 - 1)

    @cached_property
    def permutations(self) -> NDArray[np.uint32]:
        """Factors and addends, shape (2, num_perm): those of datasketch's scheme ``affine32`` for the same seed."""
        generator = np.random.RandomState(self.seed)  # datasketch's own
        factors = generator.randint(0, 1 << 31, self.num_perm, dtype=np.uint32) * np.uint32(2) + np.uint32(1)
        return np.array([factors, generator.randint(0, 1 << 32, self.num_perm, dtype=np.uint32)])

    def signatures(self, texts: Sequence[str]) -> NDArray[np.uint32]:
        """Return the signature of each text; memory beyond them does not grow with the number of texts.

        Parameters
        ----------
        texts : sequence of str
            Lone surrogates separate tokens.

        Returns
        -------
        ndarray of uint32, shape (n, num_perm)
            The share of equal slots of two rows estimates the Jaccard similarity of their sets. All ones where a
            text has no tokens.
        """
        from textbooks.decontaminators.tokens import rules
        from textbooks.dedup.minhash import kernels as minhash_kernels

        out = np.empty((len(texts), self.num_perm), dtype=np.uint32)
        for begin, end in _batches(texts):
            source, bounds = _joined(texts[begin:end])
            factors, addends = self.permutations
            minhash_kernels.signatures(
                source, bounds, *rules(), self.shingle_size, self._power, factors, addends, out[begin:end]
            )
        return out

    def sets(self, texts: Sequence[str]) -> FlatSets:
        """Return the hashes of the different shingles of each text, ascending."""
        from textbooks.decontaminators.tokens import rules
        from textbooks.dedup.minhash import kernels as minhash_kernels

        source, ends = _joined(texts)
        hashes, bounds = np.empty(len(source), dtype=np.uint64), np.zeros(len(ends), dtype=np.int64)
        minhash_kernels.runs(source, ends, *rules(), self.shingle_size, self._power, hashes, bounds[1:])
        for begin, end in pairwise(bounds.tolist()):
            hashes[begin:end].sort()
        minhash_kernels.unique(hashes, bounds)
        return FlatSets(hashes[: bounds[-1]].copy(), bounds)

    def set_of(self, text: str) -> NDArray[np.uint64]:
        """Return the hashes of the different shingles of one text, ascending."""
        return self.sets([text]).hashes

    @cached_property
    def _power(self) -> np.uint64:
        from textbooks.decontaminators.kernels import WINDOW_STEP

        return np.uint64(pow(int(WINDOW_STEP), self.shingle_size, 1 << 64))


def jaccard_of_sets(first: NDArray[np.uint64], second: NDArray[np.uint64], *, at_least: float = 0.0) -> float:
    """Return the Jaccard similarity of two sorted sets, 0 to 1; two empty sets are equal (1).

    Where their sizes rule out that it is at least so much, the answer is 0.
    """
    from textbooks.dedup.semantic.greedy_kernels import similarity

    return float(similarity(first, second, at_least))


def jaccard(a: str, b: str, *, shingle_size: int = SHINGLE_SIZE) -> float:
    """Return how similar two texts are: the shingles that both have, as a share of those that either has.

    Parameters
    ----------
    a, b : str
    shingle_size : int, default=5
        Tokens of a shingle, at least 1; see `Shingler`.

    Returns
    -------
    float
        0 (no shingle in common) to 1 (the same shingles, and so the same tokens but for their order and repetition).
        Two texts without tokens are equal; such a text and any other have nothing in common.

    Examples
    --------
    >>> jaccard("total = a + b", "total  =  a+b  # sum", shingle_size=2)
    0.8
    """
    shingler = Shingler(shingle_size)
    return jaccard_of_sets(shingler.set_of(a), shingler.set_of(b))


def _joined(texts: Sequence[str]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return texts as UTF-8, and where each begins and the last ends."""
    parts = [text.encode("utf-8", "surrogatepass") for text in texts]
    return np.frombuffer(b"".join(parts), dtype=np.uint8), np.cumsum([0, *map(len, parts)], dtype=np.int64)


def _batches(texts: Sequence[str]) -> list[tuple[int, int]]:
    """Return where to cut texts into runs of some megabytes, or of one text where it is larger."""
    edges, size = [0], 0
    for number, text in enumerate(texts):
        if size and size + len(text) > _BATCH:
            edges.append(number)
            size = 0
        size += len(text) + 1
    return list(zip(edges, [*edges[1:], len(texts)], strict=True)) if texts else []
