"""A support vector regression as arrays: what the texts most like a text were rated."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from textbooks.scoring.one_thread import one_blas_thread

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

_CLIP = 4.0
_STEP = 1e-4
_BLOCK = 32


@dataclass(frozen=True, slots=True)
class KernelModel:
    """Radial basis functions around support vectors, over standardised and projected inputs.

    An input is standardised, clipped to 4 standard deviations, projected, and compared with the support vectors:
    ``sum(weight * exp(-gamma * squared distance)) + intercept``.

    Attributes
    ----------
    center, scale : ndarray (inputs,) float32
        Subtracted from an input, then multiplied with it.
    projection : ndarray (dimensions, inputs) float32
        Principal axes.
    vectors : ndarray (vectors, dimensions) float32
        Support vectors, of half precision, so that a saved model gives the same values.
    weights : ndarray (vectors,) float32
        One a support vector.
    gamma, intercept : float
        As above.
    """

    center: NDArray[np.float32]
    scale: NDArray[np.float32]
    projection: NDArray[np.float32]
    vectors: NDArray[np.float32]
    weights: NDArray[np.float32]
    gamma: float
    intercept: float
    _squares: NDArray[np.float32] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Refuse arrays that do not fit together; square the support vectors, which every block asks for."""
        dimensions, inputs = self.projection.shape
        fitting = self.center.shape == self.scale.shape == (inputs,) and self.vectors.shape[1:] == (dimensions,)
        if not fitting or self.weights.shape != self.vectors.shape[:1]:
            msg = f"the arrays of a kernel model must fit together, got {self.projection.shape}, {self.vectors.shape}"
            raise ValueError(msg)
        object.__setattr__(self, "_squares", (self.vectors * self.vectors).sum(axis=1))

    @classmethod
    def fit(
        cls,
        inputs: NDArray[np.float32],
        targets: NDArray[np.float64],
        *,
        importance: NDArray[np.float64],
        dimensions: int,
        gamma: float,
        penalty: float = 2.0,
        tolerance: float = 0.2,
    ) -> Self:
        """Fit to targets. Needs scikit-learn.

        Parameters
        ----------
        inputs : ndarray (n, inputs) float32
            What to learn from.
        targets : ndarray (n,) float64
            What to predict.
        importance : ndarray (inputs,) float64
            Variance that each input has after standardising; their sum should be 1.
        dimensions : int
            Principal components kept, at most as many as there are inputs and texts.
        gamma, penalty, tolerance : float
            ``gamma``, ``C`` and ``epsilon`` of scikit-learn's ``SVR``.

        Returns
        -------
        KernelModel
            The fitted model.
        """
        from sklearn.svm import SVR

        center = inputs.mean(axis=0, dtype=np.float64)
        spread = inputs.std(axis=0, dtype=np.float64)
        scale = np.where(spread > 0, 1.0 / np.maximum(spread, 1e-9), 0.0)
        standard = np.clip((inputs - center) * scale, -_CLIP, _CLIP) * np.sqrt(importance)
        _, axes = np.linalg.eigh(standard.T @ standard)
        axes = axes[:, ::-1][:, : min(dimensions, len(inputs))].T
        # The sign of an axis is arbitrary: the same data must give the same arrays.
        axes = axes * np.sign(axes[np.arange(len(axes)), np.abs(axes).argmax(axis=1)])[:, None]
        projection = np.ascontiguousarray(axes * np.sqrt(importance), dtype=np.float32)
        parts = center.astype(np.float32), scale.astype(np.float32), projection
        nothing = np.zeros((0, len(axes)), dtype=np.float32)
        placing = cls(*parts, nothing, np.zeros(0, dtype=np.float32), gamma, 0.0)
        blocks = [placing._place(inputs[k : k + _BLOCK]) for k in range(0, len(inputs), _BLOCK)]
        places = np.concatenate(blocks)[: len(inputs)].astype(np.float16).astype(np.float32)
        machine = SVR(C=penalty, gamma=gamma, epsilon=tolerance, cache_size=300).fit(places, targets)
        weights = machine.dual_coef_.ravel().astype(np.float32)
        return cls(*parts, np.ascontiguousarray(places[machine.support_]), weights, gamma, float(machine.intercept_[0]))

    def predict(self, inputs: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the values of inputs, shape (n,), in steps of 0.0001.

        A value depends on its own input alone: products are taken of blocks of one size, filled up with zeros, and the
        steps hide that machines round differently.
        """
        values = np.empty(len(inputs))
        with one_blas_thread():
            for start in range(0, len(inputs), _BLOCK):
                block = inputs[start : start + _BLOCK]
                values[start : start + _BLOCK] = self._values(block)[: len(block)]
        rounded: NDArray[np.float64] = np.rint(values / _STEP) * _STEP
        return rounded

    def _values(self, inputs: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the values of a block of inputs; the rows after them are nobody's."""
        places = self._place(inputs)
        near = places @ self.vectors.T
        near *= 2.0
        near -= self._squares
        near -= (places * places).sum(axis=1, keepdims=True)
        near *= np.float32(self.gamma)
        np.exp(near, out=near)
        values: NDArray[np.float64] = np.vecdot(near, self.weights).astype(np.float64) + self.intercept
        return values

    def _place(self, inputs: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the places of a block of inputs among the support vectors; the rows after them are nobody's."""
        standard = np.zeros((_BLOCK, len(self.center)), dtype=np.float32)
        standard[: len(inputs)] = np.clip((inputs - self.center) * self.scale, -_CLIP, _CLIP)
        places: NDArray[np.float32] = standard @ self.projection.T
        return places

    def to_arrays(self, name: str) -> dict[str, NDArray[Any]]:
        """Return the arrays that ``from_arrays`` reads, under names that begin with ``name``."""
        return {
            f"{name}_center": self.center,
            f"{name}_scale": self.scale,
            f"{name}_projection": self.projection,
            f"{name}_vectors": self.vectors.astype(np.float16),
            f"{name}_weights": self.weights,
            f"{name}_constants": np.array([self.gamma, self.intercept]),
        }

    @classmethod
    def from_arrays(cls, name: str, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Rebuild a model from ``to_arrays``; raise KeyError or ValueError where they do not hold one."""
        gamma, intercept = arrays[f"{name}_constants"].tolist()
        columns = [arrays[f"{name}_{part}"] for part in ("center", "scale", "projection", "vectors", "weights")]
        center, scale, projection, vectors, weights = (
            np.ascontiguousarray(column, dtype=np.float32) for column in columns
        )
        return cls(center, scale, projection, vectors, weights, gamma, intercept)
