"""The unbiased estimator of pass@k."""

from __future__ import annotations

from typing import overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["pass_at_k"]


@overload
def pass_at_k(n: int, c: int, k: int) -> float: ...
@overload
def pass_at_k(n: ArrayLike, c: ArrayLike, k: ArrayLike) -> float | NDArray[np.float64]: ...
def pass_at_k(n: ArrayLike, c: ArrayLike, k: ArrayLike) -> float | NDArray[np.float64]:
    """Return the probability that at least one of `k` samples drawn from `n` is among the `c` right ones.

    That is 1 - C(n - c, k) / C(n, k), the unbiased estimator of Chen et al. 2021 ("Evaluating Large Language Models
    Trained on Code", section 2.1), computed as a product so that no large number arises.

    Parameters
    ----------
    n : int or array of int
        Number of samples, at least 1.
    c : int or array of int
        How many of them are right, 0 to `n`.
    k : int or array of int
        How many are drawn, 1 to `n`.

    Returns
    -------
    float or ndarray of float64
        Between 0 and 1; a float if all three are numbers, else an array of their common shape after broadcasting.
        Equal to exact integer arithmetic within 1e-12.

    Raises
    ------
    TypeError
        If any is not of an integer type.
    ValueError
        If any is out of range; with arrays, the message shows the first offender.

    Examples
    --------
    >>> round(pass_at_k(5, 2, 3), 3)
    0.9
    >>> pass_at_k([10, 10], [0, 10], 1)
    array([0., 1.])
    """
    samples, right, drawn = np.broadcast_arrays(_integers("n", n), _integers("c", c), _integers("k", k))
    _check(samples < 1, "n must be at least 1, got {}", samples)
    _check((right < 0) | (right > samples), "c must be between 0 and n = {1}, got {0}", right, samples)
    _check((drawn < 1) | (drawn > samples), "k must be between 1 and n = {1}, got {0}", drawn, samples)
    # C(n - c, k) / C(n, k) is the product of (n - k - j) / (n - j) over j < c, and the same with c and k exchanged.
    fewer, more = np.minimum(right, drawn), np.maximum(right, drawn)
    none_right = np.ones(samples.shape)
    for j in range(int(fewer.max(initial=0))):
        factor = np.maximum(samples - more - j, 0) / np.maximum(samples - j, 1)
        none_right *= np.where(j < fewer, factor, 1.0)
    return float(1.0 - none_right) if samples.ndim == 0 else 1.0 - none_right


def _integers(name: str, values: ArrayLike) -> NDArray[np.int64]:
    array = np.asarray(values)
    if array.size and array.dtype.kind not in "iu":
        msg = f"{name} must be an integer or an array of integers, got {values!r:.80}"
        raise TypeError(msg)
    return array.astype(np.int64)


def _check(bad: NDArray[np.bool_], message: str, *shown: NDArray[np.int64]) -> None:
    if bad.any():
        raise ValueError(message.format(*(int(values[bad].flat[0]) for values in shown)))
