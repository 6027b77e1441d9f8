"""A result of a kind that was never seen says that the input was out of the domain."""

from __future__ import annotations

import pytest

from textbooks.decontaminators.strengthening.outputs import Outputs


@pytest.mark.parametrize(
    ("seen", "like", "unlike"),
    [
        ([3, 9], [4, 100], [-1, 2, 1.5, None, "3", True]),
        ([True, True], [False], [None, 1]),
        (["a", "bc"], ["xyz"], ["", None]),
        ([[1], [2, 3]], [[9, 9], [0]], [[], ["a"], [None], (1,), [-1]]),
        ([{"a": 1}, {}], [{"b": 2}, {}], [{"a": "x"}]),
        ([0.5, -1.5], [-0.25], [float("nan"), float("inf"), -2.0]),
    ],
)
def test_results_are_of_a_kind_seen(seen, like, unlike):
    outputs = Outputs(seen)
    assert all(map(outputs.contains, [*seen, *like]))
    assert not any(map(outputs.contains, unlike))
