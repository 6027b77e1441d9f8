"""The tree edit distance against its definition."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textbooks.decontaminators.similarity import tree_distance as module
from textbooks.decontaminators.similarity.functions import code_units
from textbooks.decontaminators.similarity.tree_distance import label_gap, lower_bound, tree_distance


class Tree(NamedTuple):
    labels: str
    depths: np.ndarray


def flat(nested):
    """Turn (label, children) into pre-order."""
    labels, depths, pending = [], [], [(nested, 0)]
    while pending:
        (label, children), depth = pending.pop()
        labels.append(label)
        depths.append(depth)
        pending += [(child, depth + 1) for child in reversed(children)]
    return Tree("".join(labels), np.array(depths, dtype=np.int32))


@cache
def distance_of_forests(first, second):
    """The definition: delete, insert or match the last roots."""
    if not first or not second:
        return sum(1 + distance_of_forests(children, ()) for _, children in first or second)
    (label, children), (other, children_other) = first[-1], second[-1]
    return min(
        distance_of_forests(first[:-1] + children, second) + 1,
        distance_of_forests(first, second[:-1] + children_other) + 1,
        distance_of_forests(first[:-1], second[:-1]) + distance_of_forests(children, children_other) + (label != other),
    )


@pytest.fixture(scope="module", autouse=True)
def compiled():
    """Compile before hypothesis times the first example."""
    tree_distance(Tree("ab", np.array([0, 1], dtype=np.int32)), Tree("a", np.array([0], dtype=np.int32)))


nested_trees = st.recursive(
    st.tuples(st.sampled_from("abc"), st.just(())),
    lambda below: st.tuples(st.sampled_from("abc"), st.lists(below, max_size=3).map(tuple)),
    max_leaves=6,
)


@given(nested_trees, nested_trees)
def test_equals_the_definition(first, second):
    assert tree_distance(flat(first), flat(second)) == distance_of_forests((first,), (second,))


@given(nested_trees, nested_trees, st.integers(0, 12))
def test_a_bound_hides_only_what_is_above_it(first, second, bound):
    exact = tree_distance(flat(first), flat(second))
    assert tree_distance(flat(first), flat(second), max_distance=bound) == min(exact, bound + 1)


@given(nested_trees, nested_trees)
def test_lower_bounds_are_never_above_the_distance(first, second):
    exact = distance_of_forests((first,), (second,))
    first, second = flat(first), flat(second)
    assert label_gap(first.labels, second.labels) <= lower_bound(first, second, 100) <= exact
    assert label_gap(first.labels, second.labels) >= abs(len(first.labels) - len(second.labels))


@given(nested_trees, nested_trees, nested_trees)
def test_is_a_metric(first, second, third):
    a, b, c = flat(first), flat(second), flat(third)
    assert tree_distance(a, b) == tree_distance(b, a)
    assert tree_distance(a, a) == 0
    assert tree_distance(a, c) <= tree_distance(a, b) + tree_distance(b, c)


def mirrored(nested):
    label, children = nested
    return label, tuple(mirrored(child) for child in reversed(children))


@given(nested_trees, nested_trees)
def test_mirror_images_are_as_far_apart(first, second):
    assert tree_distance(flat(mirrored(first)), flat(mirrored(second))) == tree_distance(flat(first), flat(second))


def test_known_distances():
    paper = [
        ("f", (("d", (("a", ()), ("c", (("b", ()),)))), ("e", ()))),
        ("f", (("c", (("d", (("a", ()), ("b", ()))),)), ("e", ()))),
    ]
    assert tree_distance(flat(paper[0]), flat(paper[1])) == 2  # Zhang and Shasha, figure 4
    assert tree_distance(flat(("a", ())), flat(("b", ()))) == 1
    chain = Tree("x" * 200, np.arange(200, dtype=np.int32))
    star = Tree("x" * 200, np.minimum(np.arange(200), 1).astype(np.int32))
    assert tree_distance(chain, star) == 2 * 198


def test_changes_of_a_program_are_counted():
    before = code_units("def f(a, b):\n    if a < b:\n        return a\n    return b\n")[1]
    after = code_units("def f(a, b):\n    if a > b:\n        return a\n    return b\n")[1]
    assert tree_distance(before, after) == 1
    nested = code_units("def f(a, b):\n    for _ in a:\n        if a < b:\n            return a\n    return b\n")[1]
    inserted = len(nested.labels) - len(before.labels)
    assert tree_distance(before, nested) == inserted == 4


def test_what_needs_too_many_cells_is_undecided(monkeypatch):
    first = Tree("xy" * 100, np.minimum(np.arange(200), 1).astype(np.int32))
    second = Tree("yx" * 100, np.minimum(np.arange(200), 1).astype(np.int32))
    assert tree_distance(first, second, max_cells=10) is None
    assert tree_distance(first, second, max_cells=10, max_distance=0) == 1  # the bounds know
    assert tree_distance(first, first, max_cells=10) == 0
    monkeypatch.setattr(module, "MAX_TABLE", 100)
    assert tree_distance(first, second) is None


def test_deep_trees_do_not_recurse():
    depths = np.arange(100_000, dtype=np.int32)
    assert tree_distance(Tree("x" * 100_000, depths), Tree("x" * 100_000, depths)) == 0
    assert tree_distance(Tree("x" * 100_000, depths), Tree("x" * 99_999, depths[1:] - 1), max_distance=0) == 1
    assert tree_distance(Tree("x" * 100_000, depths), Tree("y" + "x" * 99_999, depths)) is None


@pytest.mark.parametrize("bad", [Tree("", np.array([], dtype=np.int32)), Tree("ab", np.array([0], dtype=np.int32))])
def test_a_tree_must_be_whole(bad):
    with pytest.raises(ValueError, match="one depth a label"):
        tree_distance(bad, Tree("a", np.array([0], dtype=np.int32)))


def test_bounds_must_not_be_negative():
    one = Tree("a", np.array([0], dtype=np.int32))
    with pytest.raises(ValueError, match="max_distance must be at least 0, got -1"):
        tree_distance(one, one, max_distance=-1)
    with pytest.raises(ValueError, match="max_cells"):
        tree_distance(one, one, max_cells=-1)
