"""Vectors on the disk, by the content that they were made from."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

import numpy as np

from textbooks.cachefile import CacheFile

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

__all__ = ["EmbeddingCache", "cache_key"]


def cache_key(identity: str, text: str) -> bytes:
    """Return the key of a text under an embedder: SHA-256 over the embedder's identity and the text, 32 bytes."""
    content = f"{identity}\0{text}".encode("utf-8", "surrogatepass")
    return hashlib.sha256(content).digest()


class EmbeddingCache:
    """Keeps vectors in one SQLite file, as `CacheFile` does; without it they are only computed again.

    Parameters
    ----------
    path : path-like
        The file, made when it is missing. It opens on first use, anew in each process.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = path
        self._values = CacheFile(path, table="vectors", column="vector")

    def get(self, keys: Sequence[bytes], dimensions: int) -> dict[bytes, NDArray[np.float32]]:
        """Return the vectors that are known.

        Parameters
        ----------
        keys : sequence of bytes
            Of `cache_key`.
        dimensions : int
            Length of a vector; one of another length counts as missing.

        Returns
        -------
        dict of bytes to ndarray (dimensions,) float32
            By key; keys that are not known are left out.

        Raises
        ------
        OutputError
            If the file cannot be opened.
        """
        return {
            key: np.frombuffer(content, dtype="<f4").astype(np.float32)
            for key, content in self._values.read(keys).items()
            if len(content) == dimensions * 4
        }

    def put(self, vectors: Mapping[bytes, NDArray[np.float32]]) -> None:
        """Add vectors, all or none; those whose key is known are replaced.

        Raises
        ------
        OutputError
            If the file cannot be opened.
        """
        self._values.write(
            {key: np.ascontiguousarray(vector, dtype="<f4").tobytes() for key, vector in vectors.items()}
        )

    def close(self) -> None:
        """Close the file; the next use opens it again."""
        self._values.close()
