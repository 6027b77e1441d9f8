"""The split of Table 3."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textbooks.evaluation import ProblemResult, similarity_split


def of_paper(similar, right_similar, others, right_others):
    solved = [True] * right_similar + [False] * (similar - right_similar)
    solved += [True] * right_others + [False] * (others - right_others)
    results = [ProblemResult(f"HumanEval/{n}", 1, int(ok)) for n, ok in enumerate(solved)]
    return similarity_split(results, [f"HumanEval/{n}" for n in range(similar)])


@pytest.mark.parametrize(
    ("counts", "percents"),
    [
        ((71, 58, 93, 25), (81.7, 26.9, 50.6)),
        ((93, 59, 71, 24), (63.4, 33.8, 50.6)),
        ((116, 69, 48, 14), (59.5, 29.2, 50.6)),
    ],
)
def test_rows_of_the_paper(counts, percents):
    """phi-1's rows of Table 3, from the counts that give them."""
    split = of_paper(*counts)
    assert (split.similar.size, split.not_similar.size, split.total.size) == (counts[0], counts[2], 164)
    found = tuple(round(100 * part.value, 1) for part in (split.similar, split.not_similar, split.total))
    assert found == percents
    assert split.similar.low < split.similar.value < split.similar.high


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.booleans()), min_size=1, max_size=12), st.integers(1, 4))
def test_the_total_is_the_weighted_mean(problems, k):
    results = [ProblemResult(str(n), 4, passed) for n, (passed, _) in enumerate(problems)]
    split = similarity_split(results, {str(n) for n, (_, similar) in enumerate(problems) if similar}, k=k)
    parts = [part for part in (split.similar, split.not_similar) if part.size]
    assert sum(part.value * part.size for part in parts) / len(results) == pytest.approx(split.total.value)


def test_an_empty_part_is_nan():
    split = similarity_split([ProblemResult("1", 1, 1)], [])
    assert math.isnan(split.similar.value)
    assert split.not_similar.value == 1


def test_bad_arguments():
    results = [ProblemResult("1", 2, 1)]
    with pytest.raises(ValueError, match="holds 1 that are no problems of the evaluation, such as '2'"):
        similarity_split(results, ["1", "2"])
    with pytest.raises(ValueError, match="k must be between 1 and n = 2, got 3"):
        similarity_split(results, [], k=3)
    with pytest.raises(ValueError, match="at least one problem"):
        similarity_split([], [])
    with pytest.raises(TypeError, match="put it in a list"):
        similarity_split(results, "1")
