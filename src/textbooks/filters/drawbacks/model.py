"""A logistic regression on a few named quantities: what each of the structural filters decides by."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

__all__ = ["DrawbackModel", "load_model"]

DATA: Final = Path(__file__).parents[1] / "data" / "drawbacks.json"
VERSION: Final = 1
REACH: Final = 4.0
"""Standard deviations from the mean beyond which a quantity counts no further."""


@dataclass(frozen=True, slots=True)
class DrawbackModel:
    """Probability of one trait of a text, from quantities that name themselves.

    Attributes
    ----------
    intercept : float
        Log-odds of a text whose quantities are all at their means.
    quantities : dict
        Name to (mean, scale, weight): the quantity, less its mean and over its scale, held within 4 of zero, moves the
        log-odds by the weight.
    """

    intercept: float
    quantities: Mapping[str, tuple[float, float, float]]

    def contributions(self, values: Mapping[str, float]) -> dict[str, float]:
        """Return by how much each quantity moves the log-odds, in nats; 0 is what the mean does."""
        return {
            name: weight * min(max((values[name] - mean) / scale, -REACH), REACH)
            for name, (mean, scale, weight) in self.quantities.items()
        }

    def probability(self, values: Mapping[str, float]) -> float:
        """Return the probability, in [0, 1]."""
        log_odds = math.fsum((self.intercept, *self.contributions(values).values()))
        return 1 / (1 + math.exp(-log_odds))

    def strongest(self, values: Mapping[str, float], most: int = 4) -> dict[str, float]:
        """Return the quantities that move the log-odds most, either way, rounded to two decimals."""
        moved = self.contributions(values)
        ordered = sorted(moved, key=lambda name: (-abs(moved[name]), name))[:most]
        return {name: round(moved[name], 2) for name in ordered}


@lru_cache
def load_model(name: str) -> DrawbackModel:
    """Return a bundled model, as benchmarks/drawbacks/train.py fitted it.

    Parameters
    ----------
    name : str
        What its probability is of: ``dependent`` (not self-contained), ``boilerplate``, ``algorithmic`` or
        ``undocumented``.

    Raises
    ------
    ValueError
        If the file is of another version.
    """
    stored = json.loads(DATA.read_text(encoding="utf-8"))
    if stored.get("version") != VERSION:
        msg = f"{DATA.name} has version {stored.get('version')!r}, expected {VERSION}: reinstall textbooks"
        raise ValueError(msg)
    model = stored["models"][name]
    quantities = {
        quantity: (float(each["mean"]), float(each["scale"]), float(each["weight"]))
        for quantity, each in model["quantities"].items()
    }
    return DrawbackModel(intercept=float(model["intercept"]), quantities=quantities)
