"""Evidence in words: what a verdict rests on, for any step, known or not."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from textbooks.reports.excerpts import shorten
from textbooks.reports.words import DECONTAMINATORS

__all__ = ["contributions", "facts", "problems"]

_LONGEST_VALUE = 240
_MOST_FACTS = 24
_SHOWN_ELSEWHERE = {"edu_value": frozenset({"top_features"}), **dict.fromkeys(DECONTAMINATORS, frozenset({"problems"}))}
_SHOWN_AS_MARKS = frozenset({"problems", "benchmarks", "span", "text"})


def facts(evidence: Mapping[str, Any], *, marked: bool = False) -> list[tuple[str, str]]:
    """Return name and value of all that is not shown by `contributions` or `problems`.

    Parameters
    ----------
    evidence : mapping
        Step to its evidence, of any JSON type.
    marked : bool, default=False
        Whether the page marks the matched passage in the text, so that it need not be quoted again.

    Returns
    -------
    list of (str, str)
        Names such as ``exact_duplicate · duplicate_of``; at most 24, values of at most 240 characters.
    """
    found: list[tuple[str, str]] = []
    for step, content in evidence.items():
        if not isinstance(content, Mapping):
            found.append((step, _value(content)))
            continue
        shown_elsewhere = (
            _SHOWN_AS_MARKS if marked and step in DECONTAMINATORS else _SHOWN_ELSEWHERE.get(step, frozenset())
        )
        for name, value in content.items():
            if name not in shown_elsewhere:
                found.append((step if name == step else f"{step} · {name}", _value(value)))
    return found[:_MOST_FACTS]


def contributions(evidence: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return name and signed contribution of the features that moved the score most; empty without them."""
    step = evidence.get("edu_value")
    features = step.get("top_features") if isinstance(step, Mapping) else None
    return [
        (shorten(str(item[0]), 80), f"{item[1]:+.2f}".replace("-", "\u2212"))
        for item in (features if isinstance(features, list) else [])[:_MOST_FACTS]
        if isinstance(item, list) and len(item) == 2 and isinstance(item[1], int | float) and abs(item[1]) < 1e9
    ]


def problems(evidence: Mapping[str, Any]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the benchmark problems that a text matched, each with its other keys as (name, value)."""
    steps = [step for step in map(evidence.get, DECONTAMINATORS) if isinstance(step, Mapping)]
    found = [item for step in steps if isinstance(step.get("problems"), list) for item in step["problems"]]
    return [_problem(item) for item in found[:_MOST_FACTS]]


def _problem(item: object) -> tuple[str, list[tuple[str, str]]]:
    if not isinstance(item, Mapping):
        return _value(item), []
    name, benchmark = str(item.get("id", "")), str(item.get("benchmark", ""))
    # "HumanEval/3" names its benchmark itself; "11" does not.
    title = name if benchmark and name.lower().startswith(benchmark.lower()) else f"{benchmark} {name}".strip()
    rest = [(str(key), _value(value)) for key, value in item.items() if key not in {"id", "benchmark", "span"}]
    return shorten(title or "unnamed problem", 120), rest[:_MOST_FACTS]


def _value(value: object) -> str:
    if isinstance(value, str):
        return shorten(value, _LONGEST_VALUE)
    if isinstance(value, float):
        return f"{value:.3g}"
    try:
        return shorten(json.dumps(value, ensure_ascii=False), _LONGEST_VALUE)
    except (TypeError, ValueError, RecursionError):
        return f"<{type(value).__name__}>"
