"""An exact index of token n-grams: hashes find candidates, the tokens themselves decide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from textbooks.decontaminators.tokens import FILLER, Tokens, byte_tokens, encoded, fold_source, rules

__all__ = ["Gram", "GramTable", "NGramIndex", "Occurrences", "build_table", "tokens_of"]

_BLOCK = 1 << 15  # tokens looked at together, so that memory does not grow with the text
_ROOM = 1 << 10  # occurrences expected at first
_BITS_A_GRAM = 5  # of the filter there are 2 ** 5 to an n-gram
_MASK = (1 << 64) - 1

Gram = tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class GramTable:
    """Indexed n-grams, ready to be looked up.

    Attributes
    ----------
    fold : int
        What is folded in their tokens; see `textbooks.decontaminators.tokens.folding`.
    lengths : ndarray of int64
        The lengths they have, in tokens, ascending.
    powers : ndarray of uint64
        The multiplier of hashes, to the power of each length.
    seen : ndarray of uint8
        Bits: two are set for the hash of the last tokens of each n-gram, as many as the shortest n-gram has. Tells
        at once that most runs are not indexed.
    buckets : ndarray of int64, shape (2 ** k + 1,)
        The n-grams whose hash begins with the k bits ``b`` are the rows ``buckets[b]`` to ``buckets[b + 1]``.
    keys : ndarray of uint64, shape (n_grams,)
        Their hashes, ascending; unequal n-grams may share one.
    gram_lengths : ndarray of int64, shape (n_grams,)
        Tokens of each.
    places : ndarray of int64, shape (n_grams,)
        Where each is spelled.
    numbers : ndarray of int64, shape (n_grams,)
        The number of each in the whole index.
    spelled : ndarray of uint8
        Their tokens, with one space after each.
    seen_shift, bucket_shift : uint64
        By how much a hash is shifted to find its bits in `seen`, and its bucket.
    """

    fold: int
    lengths: NDArray[np.int64]
    powers: NDArray[np.uint64]
    seen: NDArray[np.uint8]
    buckets: NDArray[np.int64]
    keys: NDArray[np.uint64]
    gram_lengths: NDArray[np.int64]
    places: NDArray[np.int64]
    numbers: NDArray[np.int64]
    spelled: NDArray[np.uint8]
    seen_shift: np.uint64
    bucket_shift: np.uint64

    def scan(self, source: bytes, bounds: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return all occurrences in some texts, in their order.

        Parameters
        ----------
        source : bytes
            The texts in UTF-8, with a line end after each.
        bounds : ndarray of int64
            Where each text begins, and how long the source is.

        Returns
        -------
        ndarray of int64, shape (n, 4)
            Position of the first token, number of the n-gram, first and past-the-last byte of each occurrence.
        """
        from textbooks.decontaminators import kernels

        source = fold_source(source, bounds, self.fold)
        codes = np.frombuffer(source, dtype=np.uint8)
        rules_here, overlap = rules(folded=self.fold > 0), int(self.lengths[-1]) - 1
        tokens, prefix = Tokens.room(_BLOCK + overlap), np.empty(_BLOCK + overlap + 1, dtype=np.uint64)
        at, before, known = 0, 0, 0
        found = []
        while at < len(source):
            at, count = map(int, kernels.cut(codes, at, *rules_here, *tokens, known))
            here = self._find(codes, tokens.part(0, count), prefix, known)
            found.append(here + np.array([before, 0, 0, 0]))
            left_out = max(0, count - overlap)
            for column in tokens:
                column[: count - left_out] = column[left_out:count].copy()
            before, known = before + left_out, count - left_out
        rows = np.concatenate(found) if found else np.empty((0, 4), dtype=np.int64)
        return self._with_fillers(codes, rows) if self.fold else rows

    def _find(
        self, codes: NDArray[np.uint8], tokens: Tokens, prefix: NDArray[np.uint64], known: int
    ) -> NDArray[np.int64]:
        from textbooks.decontaminators import kernels

        out = np.empty((_ROOM, 3), dtype=np.int64)
        while True:
            found = kernels.find(
                codes, *tokens, prefix, known,
                self.lengths, self.powers, self.seen, self.seen_shift, self.buckets, self.bucket_shift,
                self.keys, self.gram_lengths, self.places, self.spelled, out,
            )  # fmt: skip
            if found <= len(out):
                first, last, row = out[:found].T
                return np.stack([first, self.numbers[row], tokens.starts[first], tokens.ends[last]], axis=1)
            out = np.empty((found, 3), dtype=np.int64)

    def _with_fillers(self, codes: NDArray[np.uint8], rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Let each occurrence end where the name or literal ends that its last token stands for."""
        for row in rows:
            while row[3] < len(codes) and codes[row[3]] == FILLER:
                row[3] += 1
        return rows


@dataclass(frozen=True, slots=True)
class Occurrences:
    """Where indexed n-grams stand in one text.

    Attributes
    ----------
    positions, grams : ndarray of int64, shape (n,)
        First token (counted from anywhere) and number of each occurrence; positions ascend within each table.
    starts, ends : ndarray of int64, shape (n,)
        Characters of the text that the occurrence covers.
    """

    positions: NDArray[np.int64]
    grams: NDArray[np.int64]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class NGramIndex:
    """N-grams, and how to find them in texts.

    Attributes
    ----------
    tables : tuple of GramTable
        One for each way of folding tokens.
    """

    tables: tuple[GramTable, ...]

    def find(self, texts: Sequence[str]) -> list[Occurrences | None]:
        """Return the occurrences in each text, None where there is none; no n-gram spans two texts.

        Time is linear in the characters; memory in the characters of `texts`.
        """
        parts = [encoded(text) for text in texts]
        bounds = np.cumsum([0, *(len(part) + 1 for part in parts)], dtype=np.int64)
        source = b"\n".join([*parts, b""])
        found = np.concatenate([table.scan(source, bounds) for table in self.tables])
        owners = np.searchsorted(bounds, found[:, 2], side="right") - 1
        whole = found[:, 3] < bounds[owners + 1]
        found, owners = found[whole], owners[whole]
        answers: list[Occurrences | None] = [None] * len(texts)
        for number in np.unique(owners).tolist():
            positions, grams, starts, ends = found[owners == number].T
            starts, ends = starts - bounds[number], ends - bounds[number]
            if not texts[number].isascii():
                starts, ends = _characters(parts[number], starts), _characters(parts[number], ends)
            answers[number] = Occurrences(positions, grams, starts, ends)
        return answers


def tokens_of(text: str, *, fold: int = 0) -> list[bytes]:
    """Return the tokens of a text as bytes, folded or as they are."""
    return byte_tokens(encoded(text), fold=fold)


def build_table(grams: Sequence[Gram], numbers: Sequence[int], *, fold: int = 0) -> GramTable:
    """Return the table of some distinct n-grams of any lengths.

    Parameters
    ----------
    grams : sequence of tuple of bytes
        At least one.
    numbers : sequence of int
        The number of each in the whole index.
    fold : int, default=0
        What is folded in their tokens.
    """
    from textbooks.decontaminators import kernels

    gram_lengths = np.array([len(gram) for gram in grams], dtype=np.int64)
    lengths = np.unique(gram_lengths)
    keys = _mixed(_run_hashes(grams, gram_lengths))
    endings = _mixed(_run_hashes(grams, gram_lengths, last=int(lengths[0])))
    order = np.argsort(keys, kind="stable")
    bits = max(10, len(grams).bit_length())
    edges = np.arange(1 << bits, dtype=np.uint64) << np.uint64(64 - bits)
    spelled = [b"".join(token + b" " for token in gram) for gram in grams]
    places = np.cumsum([0, *(len(text) for text in spelled[:-1])], dtype=np.int64)
    return GramTable(
        fold=fold,
        lengths=lengths,
        powers=np.array([pow(int(kernels.WINDOW_STEP), int(length), 1 << 64) for length in lengths], dtype=np.uint64),
        seen=_bits(endings, bits + _BITS_A_GRAM),
        buckets=np.append(np.searchsorted(keys[order], edges), len(grams)).astype(np.int64),
        keys=keys[order],
        gram_lengths=gram_lengths[order],
        places=places[order],
        numbers=np.array(numbers, dtype=np.int64)[order],
        spelled=np.frombuffer(b"".join(spelled), dtype=np.uint8),
        seen_shift=np.uint64(64 - bits - _BITS_A_GRAM),
        bucket_shift=np.uint64(64 - bits),
    )


def _run_hashes(grams: Sequence[Gram], lengths: NDArray[np.int64], *, last: int | None = None) -> NDArray[np.uint64]:
    """Return the hash of each n-gram, or of its `last` tokens, as the kernels compute it."""
    from textbooks.decontaminators import kernels

    hash_of = {token: _token_hash(token) for token in {token for gram in grams for token in gram}}
    hashes = np.zeros(len(grams), dtype=np.uint64)
    for length in np.unique(lengths).tolist():
        rows = np.flatnonzero(lengths == length)
        tokens = np.array([[hash_of[token] for token in grams[row]] for row in rows.tolist()], dtype=np.uint64)
        for column in range(0 if last is None else length - last, length):
            hashes[rows] = hashes[rows] * kernels.WINDOW_STEP + tokens[:, column]
    return hashes


def _token_hash(token: bytes) -> int:
    from textbooks.decontaminators import kernels

    value, step = int(kernels.SEED), int(kernels.STEP)
    for byte in token:
        value = ((value ^ byte) * step) & _MASK
    return value


def _mixed(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    from textbooks.decontaminators import kernels

    values = (values ^ (values >> np.uint64(32))) * kernels.MIXER
    mixed: NDArray[np.uint64] = values ^ (values >> np.uint64(32))
    return mixed


def _bits(hashes: NDArray[np.uint64], count: int) -> NDArray[np.uint8]:
    """Return ``2 ** count`` bits, of which those are set that any half of a hash begins with."""
    flags = np.zeros(1 << count, dtype=np.bool_)
    for half in (hashes, hashes << np.uint64(32)):
        flags[half >> np.uint64(64 - count)] = True
    return np.packbits(flags, bitorder="little")


def _characters(source: bytes, offsets: NDArray[np.int64]) -> NDArray[np.int64]:
    """Turn byte offsets into a UTF-8 text into character offsets."""
    leads = np.flatnonzero((np.frombuffer(source, dtype=np.uint8) & 0xC0) != 0x80)
    return np.searchsorted(leads, offsets).astype(np.int64)
