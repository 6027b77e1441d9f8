"""What computes k-means and products of many vectors: faiss on a GPU, faiss on the CPU, or numpy and scikit-learn.

Which of them computes bears on the time alone: cells only say what to compare, and whatever is near a threshold is
computed again by `textbooks.dedup.semantic.vectors.cosines`.
"""

from __future__ import annotations

import importlib.util
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from textbooks.errors import MissingExtraError

__all__ = ["ENGINES", "Engine", "check_engine", "engine_for"]

ENGINES: Final = ("auto", "numpy", "faiss", "faiss-gpu")

FAISS: Final = "faiss"
_ITERATIONS: Final = 10
_ERROR_OF_GPUS: Final = 2e-3  # their products may be rounded to 10 bits before they are summed

Floats = NDArray[np.float32]


class Engine(Protocol):
    """Computes on unit vectors in 32 bits.

    Attributes
    ----------
    name : str
        One of `ENGINES` but the first.
    """

    name: str

    def centres(self, sample: Floats, count: int, seed: int) -> Floats:
        """Return `count` unit centres of a sample, at most as many as it has rows."""
        ...

    def products(self, first: Floats, second: Floats) -> Floats:
        """Return the product of each row of one with each of the other; shape (n, m)."""
        ...

    def error(self, dimensions: int) -> float:
        """Return by how much a product of unit vectors may be wrong, at most."""
        ...


class NumpyEngine:
    """numpy's products and scikit-learn's k-means, which every installation has."""

    name = "numpy"

    def centres(self, sample: Floats, count: int, seed: int) -> Floats:
        """See `Engine`."""
        from sklearn.cluster import MiniBatchKMeans  # here: it takes half a second to import

        kmeans = MiniBatchKMeans(
            count, init="random", n_init=1, max_iter=_ITERATIONS, batch_size=4096, random_state=seed,
            reassignment_ratio=0.0, max_no_improvement=None,
        )  # fmt: skip
        return _at_unit_length(kmeans.fit(sample).cluster_centers_)

    def products(self, first: Floats, second: Floats) -> Floats:
        """See `Engine`."""
        return first @ second.T

    def error(self, dimensions: int) -> float:
        """See `Engine`."""
        return (dimensions + 16) * 2.0**-23


class FaissEngine(NumpyEngine):
    """faiss's k-means, and on a GPU also its products; on the CPU its products are those of numpy."""

    def __init__(self, *, on_gpu: bool) -> None:
        import faiss

        self.name = "faiss-gpu" if on_gpu else "faiss"
        self._faiss = faiss
        self._resources = faiss.StandardGpuResources() if on_gpu else None

    def centres(self, sample: Floats, count: int, seed: int) -> Floats:
        """See `Engine`."""
        kmeans = self._faiss.Kmeans(
            sample.shape[1], count, niter=_ITERATIONS, seed=seed, spherical=True, gpu=self._resources is not None,
            min_points_per_centroid=1, max_points_per_centroid=len(sample),
        )  # fmt: skip
        kmeans.train(np.ascontiguousarray(sample))
        return _at_unit_length(np.asarray(kmeans.centroids))

    def products(self, first: Floats, second: Floats) -> Floats:
        """See `Engine`."""
        if self._resources is None:
            return super().products(first, second)
        metric = self._faiss.METRIC_INNER_PRODUCT
        return np.asarray(self._faiss.pairwise_distance_gpu(self._resources, first, second, metric=metric))

    def error(self, dimensions: int) -> float:
        """See `Engine`."""
        return super().error(dimensions) if self._resources is None else _ERROR_OF_GPUS


def check_engine(name: str) -> None:
    """Raise `ValueError` unless there is an engine of this name."""
    if name not in ENGINES:
        msg = f"engine must be one of {', '.join(ENGINES)}, got {name!r}"
        raise ValueError(msg)


def engine_for(name: str = "auto") -> Engine:
    """Return an engine by name.

    Parameters
    ----------
    name : {"auto", "numpy", "faiss", "faiss-gpu"}, default="auto"
        ``"auto"`` takes faiss on a GPU where there is one and faiss is built for it, else faiss on the CPU where it is
        installed, else numpy.

    Raises
    ------
    MissingExtraError
        If faiss is asked for and not installed.
    ValueError
        If the name is unknown, or a GPU is asked for that faiss does not see.
    """
    check_engine(name)
    installed = importlib.util.find_spec("faiss") is not None
    if name == "numpy" or (name == "auto" and not installed):
        return NumpyEngine()
    if not installed:
        raise MissingExtraError(FAISS, extra=FAISS, used_by=f"engine={name!r}")
    import faiss

    gpus = getattr(faiss, "get_num_gpus", lambda: 0)()
    if name == "faiss-gpu" and not gpus:
        msg = "engine='faiss-gpu' needs a GPU and a faiss that is built for it: this one sees none"
        raise ValueError(msg)
    return FaissEngine(on_gpu=gpus > 0 and name != "faiss")


def _at_unit_length(centres: NDArray[np.floating]) -> Floats:
    lengths = np.maximum(np.linalg.norm(centres, axis=1, keepdims=True), 1e-12)
    return np.ascontiguousarray(centres / lengths, dtype=np.float32)
