"""Texts that many tests of diversity measure."""

from __future__ import annotations

import numpy as np
import pytest

VERBS = ("count", "merge", "sort", "find", "split", "trim")
NOUNS = ("words", "rows", "coins", "dates", "paths", "votes", "pairs")
BODIES = (
    "total = 0\n    for item in {noun}:\n        total += item\n    return total",
    "import math\n    return [math.sqrt(item) for item in {noun}]",
    "from collections import Counter\n    return Counter({noun}).most_common(3)",
    "if not {noun}:\n        return None\n    return max({noun}, key=len)",
    "seen = set()\n    while {noun}:\n        seen.add({noun}.pop())\n    return sorted(seen)",
)


def exercise(number, seed=0):
    draws = np.random.default_rng([seed, number])
    verb, noun = draws.choice(VERBS), draws.choice(NOUNS)
    body = BODIES[draws.integers(len(BODIES))].format(noun=noun)
    return f'def {verb}_{noun}_{number}({noun}):\n    """{verb.title()} the {noun}."""\n    {body}\n'


@pytest.fixture(scope="session")
def exercises():
    return [exercise(number) for number in range(40)]


@pytest.fixture(scope="session")
def alike():
    """Texts that differ in one number."""
    return [f"def add_{i}(a, b):\n    total = a + b\n    return total + {i}\n" for i in range(16)]
