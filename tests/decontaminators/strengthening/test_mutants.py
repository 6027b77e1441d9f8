"""Mutants differ from the program in one place, and parse."""

from __future__ import annotations

import ast
import random

from textbooks.decontaminators.strengthening.mutants import mutants

PROGRAM = '''def count(xs, low):
    """Count the xs above low."""
    n = 0
    for x in xs:
        if x > low and not x == 7:
            n += 1
    return max(n, 0)
'''


def changed(most=200, seed=0):
    return mutants(PROGRAM, most=most, rng=random.Random(seed))


def test_every_mutant_parses_and_differs_in_one_line():
    original = ast.unparse(ast.parse(PROGRAM)).splitlines()
    for text in changed():
        lines = text.splitlines()
        assert len(lines) == len(original)
        assert sum(one != other for one, other in zip(lines, original, strict=True)) == 1


def test_comparisons_constants_calls_conditions_and_statements_are_changed():
    whole = "\n".join(changed())
    for part in (
        "x >= low",
        "x < low",
        "x > low or",
        "x != 7",
        "x == 8",
        "n += 2",
        "n = 1",
        "min(n, 0)",
        "pass",
        "if False",
    ):
        assert part in whole, part


def test_a_mutant_behaves_otherwise():
    results = set()
    for text in changed():
        names: dict[str, object] = {}
        exec(text, names)
        try:
            results.add(names["count"]([1, 5, 7, 9], 4))
        except Exception as error:
            results.add(type(error).__name__)
    assert {0, 1, 2} < results


def test_the_choice_depends_on_the_seed_alone():
    assert changed(5) == changed(5)
    assert len(changed(5)) == 5
    assert set(changed(5)) < set(changed())
    assert changed(5, seed=1) != changed(5)


def test_what_does_not_parse_has_none():
    assert mutants("def f(:\n", most=5, rng=random.Random(0)) == []
    assert mutants("", most=5, rng=random.Random(0)) == []
