"""How far a set of texts can be compressed."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Sequence
from typing import Final, Literal

from textbooks.diversity.checks import check_texts, check_whole

__all__ = ["compressed_ratio", "compression_ratio", "joined"]

ZSTD_LEVEL: Final = 12
GZIP_LEVEL: Final = 9
MOST_BYTES: Final = 1 << 22
"""Bytes that are compressed: the window of zstd at this level, so that it can look back to the first text."""


def compression_ratio(
    texts: Sequence[str], *, method: Literal["zstd", "gzip"] = "zstd", max_bytes: int = MOST_BYTES
) -> float:
    """Return the bytes of all texts over the bytes that are left after compression (Shaib et al. 2024, 2403.00553).

    The texts are joined by an empty line, in their order. gzip (level 9) looks back 32 KiB, some thirty exercises, and
    so sees repetition among neighbours alone; shuffle texts that are sorted. zstd (level 12) looks back 4 MiB.
    The ratio grows with the length: compare at equal `max_bytes`.

    Parameters
    ----------
    texts : sequence of str
        A lone surrogate is no error.
    method : "zstd" or "gzip"
    max_bytes : int
        What is compressed of the joined texts, in bytes of UTF-8, at least 1; by default 4 MiB.

    Returns
    -------
    float
        Lower is more diverse; below 1 for texts too short to gain. NaN without a byte.

    Raises
    ------
    TypeError
        If `texts` is a single string, or holds what is none.
    ValueError
        If `method` is unknown or `max_bytes` out of range.
    """
    if method not in ("zstd", "gzip"):
        msg = f"method must be 'zstd' or 'gzip', got {method!r}"
        raise ValueError(msg)
    check_whole("max_bytes", max_bytes, 1)
    encoded = (text.encode("utf-8", "surrogatepass") for text in check_texts(texts))
    return compressed_ratio(joined(encoded, max_bytes), method)


def joined(encoded: Iterable[bytes], max_bytes: int) -> bytes:
    """Return the beginning of some texts joined by an empty line."""
    parts, length = [], 0
    for part in encoded:
        parts.append(part)
        length += len(part) + 2
        if length > max_bytes + 2:
            break
    return b"\n\n".join(parts)[:max_bytes]


def compressed_ratio(source: bytes, method: str) -> float:
    """Return the bytes of a source over those after compression."""
    if not source:
        return float("nan")
    if method == "gzip":
        return len(source) / len(gzip.compress(source, GZIP_LEVEL, mtime=0))
    import zstandard

    return len(source) / len(zstandard.ZstdCompressor(level=ZSTD_LEVEL).compress(source))
