"""Arguments out of range, refused with the value and what would be right."""

from __future__ import annotations

import math

import numpy as np

__all__ = ["check_range"]


def check_range(name: str, value: float, low: float, high: float = math.inf) -> None:
    """Raise unless ``low <= value <= high``.

    Raises
    ------
    TypeError
        If the value is not a number.
    ValueError
        If it is out of range or NaN; the message shows the value.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | np.number):
        msg = f"{name} must be a number, got {value!r}"
        raise TypeError(msg)
    if not low <= value <= high:
        wanted = f"at least {low:g}" if high == math.inf else f"between {low:g} and {high:g}"
        msg = f"{name} must be {wanted}, got {value!r}"
        raise ValueError(msg)
