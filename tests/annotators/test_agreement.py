"""How far two ratings agree."""

from __future__ import annotations

import math

import numpy as np
import pytest

from textbooks.annotators import Annotation, agreement_with
from textbooks.scoring import Agreement

REFERENCE = [{"id": str(n), "score": n % 6, "algorithmic": n % 6 > 2, "documented": True} for n in range(60)]


def moved(by, every=3):
    """Annotations that differ from the reference by so much at each so many-th text."""
    return [
        Annotation(row["id"], min(row["score"] + by * (n % every == 0), 5), {"algorithmic": row["algorithmic"]})
        for n, row in enumerate(REFERENCE)
    ]


def test_the_same_ratings_agree_in_full():
    found = agreement_with(REFERENCE, REFERENCE)
    assert found.kappa.value == found.exact.value == found.within_one.value == 1.0
    assert found.spearman.value == pytest.approx(1.0)
    assert found.marks["algorithmic"].value == 1.0
    assert math.isnan(found.marks["documented"].value)  # always true: chance agrees as well
    assert found.texts == 60
    assert [found.confusion[k][k] for k in range(6)] == [10] * 6


def test_the_figures_are_those_of_the_model_s_agreement():
    annotations = moved(2)
    found = agreement_with(annotations, REFERENCE)
    other = Agreement.of(
        np.array([row["score"] for row in REFERENCE]), np.array([float(one.score) for one in annotations])
    )
    assert found.kappa.value == pytest.approx(other.quadratic_weighted_kappa)
    assert found.exact.value == pytest.approx(other.exact_match)
    assert found.spearman.value == pytest.approx(other.spearman)


def test_the_rows_of_the_confusion_are_the_reference():
    found = agreement_with([Annotation("0", 5)], [{"id": "0", "score": 1}])
    assert found.confusion[1][5] == 1
    assert (found.exact.value, found.within_one.value) == (0.0, 0.0)


def test_the_interval_holds_the_figure_and_narrows_with_more_texts():
    few, many = (
        agreement_with(moved(1)[:n], REFERENCE[:n]).exact
        for n in (18, 60)
    )  # fmt: skip
    for one in (few, many):
        assert one.low <= one.value <= one.high
    assert few.high - few.low > many.high - many.low


def test_groups_are_resampled_as_wholes():
    annotations = [Annotation(str(n), 0 if n < 30 else row["score"]) for n, row in enumerate(REFERENCE)]
    apart = agreement_with(annotations, REFERENCE).exact
    together = agreement_with(annotations, REFERENCE, groups={str(n): n // 30 for n in range(60)}).exact
    assert together.value == apart.value
    assert together.high - together.low > 2 * (apart.high - apart.low)


def test_the_order_of_either_side_does_not_matter():
    assert agreement_with(moved(1)[::-1], REFERENCE) == agreement_with(moved(1), REFERENCE[::-1])


def test_what_one_side_lacks_is_counted_and_left_out():
    annotations = [Annotation("a", 3), Annotation("b", None, problem="refused"), Annotation("extra", 1)]
    reference = [{"id": "a", "score": 3}, {"id": "b", "score": 2}, {"id": "c", "score": 2}]
    found = agreement_with(annotations, reference)
    assert (found.texts, found.without_score, found.without_reference) == (1, 2, 1)
    assert found.exact.value == 1.0


def test_a_figure_that_chance_decides_is_undefined():
    found = agreement_with([Annotation("a", 3), Annotation("b", 3)], [{"id": "a", "score": 3}, {"id": "b", "score": 3}])
    assert math.isnan(found.kappa.value)
    assert math.isnan(found.kappa.low)
    assert "undefined" in str(found)


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (([Annotation("a", 3)] * 2, REFERENCE), "annotations: the id 'a' stands twice"),
        (([Annotation("x", 3)], REFERENCE), "no text has a score on both sides"),
        (([Annotation("0", None)], REFERENCE), "no text has a score on both sides"),
        (([], []), "no text has a score on both sides"),
        (([{"id": "0", "score": 7}], REFERENCE), "the score of '0' must be from 0 to 5, got 7"),
        (([{"id": "0", "score": "3"}], REFERENCE), "must be from 0 to 5, got '3'"),
    ],
)
def test_what_cannot_be_compared_is_refused(arguments, problem):
    with pytest.raises(ValueError, match=problem):
        agreement_with(*arguments)


@pytest.mark.parametrize("wrong", [{"resamples": 0}, {"confidence": 0}, {"confidence": 1.0}, {"groups": {}}])
def test_arguments_out_of_range_are_refused(wrong):
    with pytest.raises(ValueError, match=r"resamples must be|groups must name"):
        agreement_with(moved(0), REFERENCE, **wrong)
