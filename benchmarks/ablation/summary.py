"""From the figures of single runs to those of the parts: pure functions of what `report.py` has read."""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from statistics import fmean
from typing import Any

from plans import EDUCATIONAL, HELD_OUT

Row = Mapping[str, Any]

EDUCATIONAL_MEAN = "educational"
"""The mean of bits per byte over the four sets of code to learn from, each counted as much."""


def with_mean(held_out: Mapping[str, float]) -> dict[str, float]:
    """Return the bits per byte of each set, and the mean of the educational ones."""
    return {**held_out, EDUCATIONAL_MEAN: fmean(held_out[name] for name in EDUCATIONAL)}


def spread(values: Sequence[float]) -> dict[str, float]:
    """Return mean, least and greatest."""
    return {"mean": fmean(values), "low": min(values), "high": max(values)}


def by_arm(runs: Iterable[Row], part: str) -> dict[str, dict[str, dict[str, float]]]:
    """Return, for each arm of a part and then each held-out set, mean and range over the seeds.

    An arm that was finetuned is called ``ARM + exercises``.
    """
    found: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for run in runs:
        if run["part"] == part:
            for name, value in with_mean(run["held_out"]).items():
                found[arm_of(run)][name].append(value)
    return {arm: {name: spread(values) for name, values in sets.items()} for arm, sets in found.items()}


def arm_of(run: Row) -> str:
    """Return what the bars and rows call a run."""
    return f"{run['arm']} + {run['way']}" if run.get("way") else str(run["arm"])


def tokens_to_reach(curve: Sequence[tuple[float, float]], target: float) -> float | None:
    """Return after how many tokens a falling curve meets a value, or None when it does not.

    Between two points the value falls linearly in the logarithm of the tokens.

    Parameters
    ----------
    curve : sequence of (tokens, value)
        Of ascending tokens, above 0.
    target : float

    Raises
    ------
    ValueError
        If the tokens do not ascend.
    """
    if any(later <= earlier for (earlier, _), (later, _) in itertools.pairwise(curve)) or not curve:
        msg = f"tokens must ascend, got {[tokens for tokens, _ in curve]!r}"
        raise ValueError(msg)
    if curve[0][1] <= target:
        return float(curve[0][0])
    for (low, above), (high, below) in itertools.pairwise(curve):
        if below <= target < above:
            part = (above - target) / (above - below)
            return math.exp(math.log(low) + part * (math.log(high) - math.log(low)))
    return None


def raw_needs(runs: Sequence[Row], arm: str) -> dict[str, dict[str, Any]]:
    """Return, for each held-out set, the tokens that raw code needs to come to what another arm has.

    The curve is made of the ends of runs of different length, each with its learning rate fallen to 0; those of equal
    length are averaged. ``at most`` is the longest: where `needs` is None, raw code needs more than that.
    """
    ends: dict[str, dict[int, list[float]]] = defaultdict(lambda: defaultdict(list))
    for run in runs:
        if run["part"] == "main" and run["arm"].split()[0] == "raw" and not run.get("finetuned"):
            for name, value in with_mean(run["held_out"]).items():
                ends[name][run["tokens"]].append(value)
    arms = by_arm(runs, "main")
    found = {}
    for name, points in ends.items():
        curve = [(tokens, fmean(values)) for tokens, values in sorted(points.items())]
        target = arms[arm][name]["mean"]
        needs = tokens_to_reach(curve, target)
        found[name] = {"target": target, "needs": needs, "at most": curve[-1][0], "raw at most": curve[-1][1]}
    return found


def split_bits(bits: Mapping[str, Sequence[float]], similar: Iterable[str]) -> dict[str, float]:
    """Return bits per byte on the similar problems, on the others, and on all; NaN where there is none.

    Parameters
    ----------
    bits : mapping of str to (bits, bytes)
        By problem.
    similar : iterable of str
        Problems with a near copy in what was trained on.
    """
    names = set(similar)
    parts = {"similar": names & set(bits), "other": set(bits) - names, "all": set(bits)}
    return {part: _ratio([bits[name] for name in chosen]) for part, chosen in parts.items()}


def _ratio(pairs: Sequence[Sequence[float]]) -> float:
    total = sum(size for _, size in pairs)
    return math.fsum(value for value, _ in pairs) / total if total else math.nan


def shares_table(runs: Iterable[Row]) -> dict[str, dict[str, float]]:
    """Return, by per cent of code, the bits per byte on prose and on each set of code."""
    rows = sorted((run for run in runs if run["part"] == "shares"), key=lambda run: run["share"])
    return {
        f"{run['share']} %": {name: with_mean(run["held_out"])[name] for name in (*HELD_OUT, EDUCATIONAL_MEAN)}
        for run in rows
    }
