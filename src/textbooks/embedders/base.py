"""The shape of every embedder: texts in, unit vectors out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

__all__ = ["Embedder"]


@runtime_checkable
class Embedder(Protocol):
    """Turns texts into vectors whose distance says how much they differ in meaning.

    Attributes
    ----------
    dimensions : int
        Length of a vector.
    identity : str
        One line that names the embedder with everything that bears on its vectors (kind, model, version, options):
        what a cache or a saved model is keyed by. Two embedders of the same identity give the same vectors.
    """

    @property
    def dimensions(self) -> int:
        """Length of a vector."""
        ...

    @property
    def identity(self) -> str:
        """What bears on the vectors, as one line."""
        ...

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one vector a text.

        Parameters
        ----------
        texts : sequence of str
            Any texts: empty, broken, with lone surrogates or NUL characters.

        Returns
        -------
        ndarray (n, dimensions) float32
            Of unit L2 norm; a text without anything to embed gives the zero vector. A row depends on its text alone.
            The L2 distance of two rows is in [0, 2], and the cosine of their angle is ``1 - distance**2 / 2``.
        """
        ...
