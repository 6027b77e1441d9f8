"""What the static embedder sees of a text: hashed words and hashed shapes of code, without a loop over characters."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

PIECE_BYTES = 1 << 15
"""A text is read in pieces of at most this many bytes of UTF-8; every byte is read."""

KINDS = ("words", "operators", "shapes")
"""The kinds of features: parts of names and prose; operators; three tokens of code in a row, names folded."""

_BLOCK_BYTES = 1 << 16
_SPACE, _LOWER, _UPPER, _DIGIT, _OPERATOR, _SINGLE, _UNDERSCORE = range(7)
_SHAPE_TOKENS = 3
_TELLING_BITS = 18

_MIX_1 = np.uint64(0x9E3779B97F4A7C15)
_MIX_2 = np.uint64(0xC2B2AE3D27D4EB4F)
_CHAIN = np.uint64(0xD6E8FEB86659FD93)
_BASE = 0x5851F42D4C957F2D  # odd, so that it has an inverse modulo 2**64

# Names that an author does not choose; all others are folded. Written out: lists of a Python version would change.
_TELLING_NAMES = (
    "False None True and as assert async await break class continue def del elif else except finally for from global "
    "if import in is lambda nonlocal not or pass raise return try while with yield "
    "abs all any bin bool bytearray bytes callable chr classmethod compile complex delattr dict dir divmod enumerate "
    "eval exec filter float frozenset getattr globals hasattr hash hex id input int isinstance issubclass iter "
    "len list locals map max memoryview min next object oct open ord pow print property range repr reversed round set "
    "setattr slice sorted staticmethod str sum super tuple type vars zip "
    "add append as_integer_ratio bisect copy count defaultdict deque discard endswith extend find format get group "
    "heapq index insert isalnum isalpha isdigit islower isupper items itertools join keys lower lstrip math match np "
    "pop popleft push re remove replace reverse rstrip search self setdefault sort split startswith strip sub title "
    "union update upper values Counter"
)


class HashedFeatures(NamedTuple):
    """Occurrences of features of one kind in some texts.

    Attributes
    ----------
    piece : ndarray (n,) int64
        Number of the piece of a text that holds the feature.
    key : ndarray (n,) uint64
        Its hash.
    """

    piece: NDArray[np.int64]
    key: NDArray[np.uint64]


class Block(NamedTuple):
    """Some pieces of texts, hashed together.

    Attributes
    ----------
    text_of_piece : ndarray (pieces,) int64
        The number of the text of each piece.
    features : tuple of HashedFeatures
        One for each of ``KINDS``.
    """

    text_of_piece: NDArray[np.int64]
    features: tuple[HashedFeatures, ...]


def _character_groups() -> NDArray[np.uint8]:
    groups = np.full(256, _SINGLE, dtype=np.uint8)
    groups[: ord(" ") + 1] = _SPACE
    groups[127] = _SPACE
    groups[128:] = _LOWER  # every letter beyond ASCII
    for characters, group in (("az", _LOWER), ("AZ", _UPPER), ("09", _DIGIT)):
        groups[ord(characters[0]) : ord(characters[1]) + 1] = group
    groups[np.frombuffer(b"+-*/%=<>!&|^~@", dtype=np.uint8)] = _OPERATOR
    groups[ord("_")] = _UNDERSCORE
    return groups


_GROUPS = _character_groups()
_WORD_GROUPS = np.where(_GROUPS == _UNDERSCORE, _SPACE, _GROUPS).astype(np.uint8)
# Letters, digits and underscores make one name.
_NAME_GROUPS = np.array([0, 1, 1, 1, 2, 3, 1], dtype=np.uint8)[_GROUPS]
_SINGLE_NAME_GROUP = 3
_BEGINS_NAME = np.isin(_GROUPS, (_LOWER, _UPPER, _UNDERSCORE))
_COUNTED = np.isin(_WORD_GROUPS, (_LOWER, _UPPER, _DIGIT, _OPERATOR))
# Quotes, hashes, commas and the like say little about the shape of code.
_SHAPING = (_GROUPS != _SPACE) & ~np.isin(np.arange(256), list(b"\"'#,`\\"))


def mix(key: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Spread the bits of hashes over the whole word."""
    key = key * _MIX_1
    key ^= key >> np.uint64(32)
    key *= _MIX_2
    key ^= key >> np.uint64(29)
    return key


def _byte_values() -> NDArray[np.uint64]:
    """Return a random-looking value for each byte; letters of either case have the same."""
    values = mix(np.arange(1, 257, dtype=np.uint64))
    values[ord("A") : ord("Z") + 1] = values[ord("a") : ord("z") + 1]
    return values


@cache
def _powers(base: int) -> NDArray[np.uint64]:
    powers = np.full(_BLOCK_BYTES + 2 * PIECE_BYTES, base, dtype=np.uint64)
    powers[0] = 1
    return np.multiply.accumulate(powers)


def _inverse_powers() -> NDArray[np.uint64]:
    return _powers(pow(_BASE, -1, 1 << 64))


_VALUES = _byte_values()


def hash_name(name: str) -> int:
    """Return the hash that a name or word has as a token."""
    data = np.frombuffer(name.encode(), dtype=np.uint8)
    total = (_VALUES[data] * _powers(_BASE)[: len(data)]).sum(dtype=np.uint64)
    return int(mix(np.array([total], dtype=np.uint64))[0])


@cache
def _telling_hashes() -> NDArray[np.uint64]:
    """Return the hashes of the telling names, each in the slot of its first bits; no two share one."""
    keys = np.array([hash_name(name) for name in _TELLING_NAMES.split()], dtype=np.uint64)
    slots = np.zeros(1 << _TELLING_BITS, dtype=np.uint64)
    slots[(keys >> np.uint64(64 - _TELLING_BITS)).astype(np.int64)] = keys
    return slots


def blocks(texts: Sequence[str]) -> Iterator[Block]:
    """Hash the features of texts.

    Parameters
    ----------
    texts : sequence of str
        Any texts.

    Yields
    ------
    Block
        Pieces in the order of the texts; the features of a piece depend on the piece alone.
    """
    data = bytearray()
    starts: list[int] = []
    owners: list[int] = []
    for number, text in enumerate(texts):
        content = text.encode("utf-8", "surrogatepass")
        for start in range(0, len(content), PIECE_BYTES):
            starts.append(len(data))
            owners.append(number)
            data += content[start : start + PIECE_BYTES]
            data += b"\n"
            if len(data) >= _BLOCK_BYTES:
                yield _hash_block(data, starts, owners)
                data, starts, owners = bytearray(), [], []
    if starts:
        yield _hash_block(data, starts, owners)


def _hash_block(data: bytearray, starts: list[int], owners: list[int]) -> Block:
    codes = np.frombuffer(bytes(data), dtype=np.uint8)
    bounds = np.array(starts, dtype=np.int64)
    sums = np.zeros(len(codes) + 1, dtype=np.uint64)
    np.cumsum(_VALUES[codes] * _powers(_BASE)[: len(codes)], out=sums[1:])
    groups = _WORD_GROUPS[codes]
    start, key = _tokens(_word_starts(groups), _COUNTED[codes], sums)
    piece = _pieces_of(start, bounds)
    is_operator = groups[start] == _OPERATOR
    is_word = ~is_operator
    features = (
        HashedFeatures(piece[is_word], key[is_word]),
        HashedFeatures(piece[is_operator], key[is_operator]),
        _shapes(codes, bounds, sums),
    )
    return Block(np.array(owners, dtype=np.int64), features)


def _pieces_of(start: NDArray[np.int64], bounds: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the number of the piece in which each token, given in order, begins."""
    firsts = np.searchsorted(start, bounds)
    return np.repeat(np.arange(len(bounds)), np.diff(np.append(firsts, len(start))))


def _word_starts(groups: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Mark where words begin: ``parseHTTPHeader`` is parse, HTTP, Header."""
    before, here, after = groups[:-2], groups[1:-1], groups[2:]
    starts = np.ones(len(groups), dtype=np.bool_)
    middle = here != before
    middle &= ~((here == _LOWER) & (before == _UPPER))
    middle |= (here == _UPPER) & (before == _UPPER) & (after == _LOWER)
    middle |= here == _SINGLE
    starts[1:-1] = middle
    return starts  # the last byte of a block is the line end after a piece


def _tokens(
    starts: NDArray[np.bool_], wanted: NDArray[np.bool_], sums: NDArray[np.uint64]
) -> tuple[NDArray[np.int64], NDArray[np.uint64]]:
    """Return start and hash of each token whose first byte is wanted.

    The hash is polynomial: the difference of two running sums, shifted to the origin by the inverse of the base.
    """
    start = np.flatnonzero(starts)
    end = np.append(start[1:], len(starts))
    kept = wanted.take(start)
    start, end = start[kept], end[kept]
    return start, mix((sums.take(end) - sums.take(start)) * _inverse_powers().take(start))


def _shapes(codes: NDArray[np.uint8], bounds: NDArray[np.int64], sums: NDArray[np.uint64]) -> HashedFeatures:
    """Hash runs of three code tokens in which all names but keywords, builtins and common methods are one."""
    groups = _NAME_GROUPS[codes]
    starts = np.ones(len(groups), dtype=np.bool_)
    starts[1:] = (groups[1:] != groups[:-1]) | (groups[1:] == _SINGLE_NAME_GROUP)
    start, key = _tokens(starts, _SHAPING[codes], sums)
    telling = _telling_hashes()[(key >> np.uint64(64 - _TELLING_BITS)).astype(np.int64)] == key
    key = np.where(_BEGINS_NAME[codes.take(start)] & ~telling, _MIX_2, key)
    piece = _pieces_of(start, bounds)
    if len(key) < _SHAPE_TOKENS:
        return HashedFeatures(piece[:0], key[:0])
    run = mix(mix(key[:-2] * _CHAIN + key[1:-1]) * _CHAIN + key[2:])
    whole = piece[2:] == piece[:-2]
    return HashedFeatures(piece[2:][whole], run[whole])
