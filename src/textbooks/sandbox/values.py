"""Comparing results of two programs, as plain data."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

__all__ = ["values_agree"]

_MAX_DEPTH = 200


def values_agree(one: object, other: object, *, tolerance: float = 1e-6) -> bool:
    """Whether two values of plain data are the same result (ours; the tolerance is that of EvalPlus, 2023).

    Types must be equal, but for numbers: ``True``, ``1`` and ``1.0`` agree only where Python finds them equal and
    neither or both are bool. Floats, parts of complex numbers too, agree within `tolerance`, absolute or relative;
    NaN agrees with NaN, infinities with themselves. Lists, tuples and the values of dicts are compared item by item,
    sets and the keys of dicts exactly.

    Parameters
    ----------
    one, other : object
        Results as `Sandbox.call` returns them.
    tolerance : float, default=1e-6
        0 asks for equal floats.

    Raises
    ------
    ValueError
        If `tolerance` is negative or no number.
    """
    if not tolerance >= 0:
        msg = f"tolerance must be 0 or more, got {tolerance!r}"
        raise ValueError(msg)
    return _agree(one, other, tolerance, 0)


def _agree(one: Any, other: Any, tolerance: float, depth: int) -> bool:  # noqa: ANN401
    if depth > _MAX_DEPTH:
        return False
    if _is_number(one) and _is_number(other):
        return _numbers_agree(one, other, tolerance)
    if type(one) is not type(other):
        return False

    def inner(first: object, second: object) -> bool:
        return _agree(first, second, tolerance, depth + 1)

    if isinstance(one, list | tuple):
        return _items_agree(one, other, inner)
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(inner(value, other[key]) for key, value in one.items())
    return bool(one == other)


def _items_agree(one: Any, other: Any, inner: Callable[[object, object], bool]) -> bool:  # noqa: ANN401
    return len(one) == len(other) and all(map(inner, one, other))


def _is_number(value: object) -> bool:
    return type(value) in (int, float, complex)


def _numbers_agree(one: Any, other: Any, tolerance: float) -> bool:  # noqa: ANN401
    if isinstance(one, complex) or isinstance(other, complex):
        parts = ((one.real, other.real), (one.imag, other.imag))
        return all(_numbers_agree(first, second, tolerance) for first, second in parts)
    if isinstance(one, int) and isinstance(other, int):
        return one == other
    try:
        first, second = float(one), float(other)
    except OverflowError:  # an integer that no float comes near
        return False
    if math.isnan(first) or math.isnan(second):
        return math.isnan(first) and math.isnan(second)
    return math.isclose(first, second, rel_tol=tolerance, abs_tol=tolerance)
