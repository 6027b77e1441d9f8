"""Thresholds: the table against its definition, and the aims on a sample."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import BROKEN, CONFIGURATION, TEXTBOOK
from textbooks.filters import EduValueFilter, ThresholdTable
from textbooks.reports.thresholds import threshold_plot

scores = st.floats(0, 5) | st.sampled_from([0.0, 1.0, 2.5, 5.0])
samples = st.lists(st.tuples(scores, st.booleans(), st.integers(0, 50)), min_size=1, max_size=40)

SCORES = [1.0, 2.0, 2.0, 3.0, 4.0, 5.0]
WORTH = [False, False, True, False, True, True]
TABLE = ThresholdTable.of(SCORES, worth_keeping=WORTH, sizes=[10, 20, 30, 40, 50, 60])


def test_the_table_of_a_small_sample():
    assert TABLE.thresholds.tolist() == [1, 2, 3, 4, 5]
    assert TABLE.kept.tolist() == [6, 5, 3, 2, 1]
    assert TABLE.sizes.tolist() == [210, 200, 150, 110, 60]
    assert TABLE.keep_rate.tolist() == pytest.approx([1, 5 / 6, 0.5, 1 / 3, 1 / 6])
    assert TABLE.precision.tolist() == pytest.approx([0.5, 0.6, 2 / 3, 1, 1])
    assert TABLE.recall.tolist() == pytest.approx([1, 1, 2 / 3, 2 / 3, 1 / 3])


@given(samples)
def test_every_row_is_what_filtering_at_its_threshold_gives(sample):
    values, worth, sizes = map(list, zip(*sample, strict=True))
    table = ThresholdTable.of(values, worth_keeping=worth, sizes=sizes)
    for row, threshold in enumerate(table.thresholds):
        kept = [i for i, value in enumerate(values) if value >= threshold]
        assert table.kept[row] == len(kept)
        assert table.sizes[row] == sum(sizes[i] for i in kept)
        assert table.precision[row] == pytest.approx(sum(worth[i] for i in kept) / len(kept))
        if any(worth):
            assert table.recall[row] == pytest.approx(sum(worth[i] for i in kept) / sum(worth))


@given(samples, st.floats(0.001, 1))
def test_a_fraction_is_kept_and_no_higher_threshold_would_do(sample, fraction):
    values = [value for value, _, _ in sample]
    threshold = ThresholdTable.of(values).for_keep_fraction(fraction)
    assert sum(value >= threshold for value in values) / len(values) >= fraction - 1e-9
    assert sum(value > threshold for value in values) / len(values) < fraction


@given(samples, st.integers(0, 2_000))
def test_a_size_is_kept_to_and_no_lower_threshold_would_do(sample, size):
    values, _, sizes = zip(*sample, strict=True)
    table = ThresholdTable.of(values, sizes=sizes)
    if table.sizes[-1] > size:
        with pytest.raises(ValueError, match="even the highest threshold keeps"):
            table.for_size(size)
        return
    threshold = table.for_size(size)
    assert sum(s for value, s in zip(values, sizes, strict=True) if value >= threshold) <= size
    for lower in table.thresholds[table.thresholds < threshold]:
        assert sum(s for value, s in zip(values, sizes, strict=True) if value >= lower) > size


@pytest.mark.parametrize(("precision", "threshold"), [(0, 1), (0.5, 1), (0.55, 2), (0.65, 3), (0.9, 4), (1, 4)])
def test_a_precision(precision, threshold):
    assert TABLE.for_precision(precision) == threshold


def test_a_lucky_row_below_an_unlucky_one_does_not_count():
    table = ThresholdTable.of([1, 2, 3, 4], worth_keeping=[True, True, False, True])
    assert table.precision.tolist() == pytest.approx([0.75, 2 / 3, 0.5, 1])
    assert table.for_precision(0.7) == 4


def test_a_precision_out_of_reach_names_the_best():
    table = ThresholdTable.of([1, 2], worth_keeping=[True, False])
    with pytest.raises(
        ValueError, match=r"no threshold reaches a precision of 0\.9 on this sample: the best is 0\.500"
    ):
        table.for_precision(0.9)


def test_texts_without_a_score_are_no_part_of_the_sample():
    table = ThresholdTable.of([math.nan, 1.0, 2.0], worth_keeping=[True, False, True], sizes=[9, 1, 1])
    assert (table.kept.tolist(), table.sizes.tolist(), table.worth) == ([2, 1], [2, 1], 1)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"scores": []}, "no text of the sample has a score"),
        ({"scores": [math.nan]}, "no text of the sample has a score"),
        ({"scores": [1.0], "sizes": []}, "1 scores but 0 sizes"),
        ({"scores": [1.0], "worth_keeping": [True, False]}, "1 scores but 2 worth_keeping"),
    ],
)
def test_what_makes_no_table(arguments, message):
    with pytest.raises(ValueError, match=message):
        ThresholdTable.of(**arguments)


def test_precision_needs_labels():
    with pytest.raises(ValueError, match="need labels"):
        ThresholdTable.of([1.0]).for_precision(0.5)


TEXTS = [TEXTBOOK, CONFIGURATION, BROKEN, "x = 1\n", None]


def test_from_fraction_keeps_that_share_of_the_sample():
    judge = EduValueFilter.from_fraction(0.25, sample=TEXTS, batch_size=8)
    assert judge.batch_size == 8
    assert judge.keep_batch(TEXTS) == [True, False, False, False, False]
    assert all(EduValueFilter.from_fraction(1.0, sample=TEXTS).keep_batch(TEXTS[:4]))


@pytest.mark.parametrize("fraction", [-0.1, 1.1])
def test_a_fraction_out_of_range(fraction):
    with pytest.raises(ValueError, match="fraction must be between 0 and 1"):
        EduValueFilter.from_fraction(fraction, sample=TEXTS)


def test_threshold_for_each_aim():
    judge = EduValueFilter()
    best = judge.score(TEXTS).tolist()[0]
    assert judge.threshold_for(TEXTS, keep_fraction=0.25) == best
    assert judge.threshold_for(TEXTS, precision=1.0, labels=[5, 0, 0, 0, 0]) == best
    assert judge.threshold_for(TEXTS, tokens=100, token_counts=[100, 50, 50, 50, 50]) == best


@pytest.mark.parametrize(
    ("aims", "message"),
    [
        ({}, "exactly one of keep_fraction, precision and tokens, got none"),
        ({"keep_fraction": 0.1, "tokens": 5}, "got keep_fraction, tokens"),
        ({"tokens": 5}, "tokens needs token_counts"),
        ({"precision": 0.5}, "need labels"),
    ],
)
def test_threshold_for_wants_one_aim_and_what_it_needs(aims, message):
    with pytest.raises(ValueError, match=message):
        EduValueFilter().threshold_for(TEXTS, **aims)


def test_the_plot_draws_every_curve_at_its_place():
    page = threshold_plot(TABLE)
    curves = dict(re.findall(r'<polyline class="(\w+)" points="([^"]*)"', page))
    assert sorted(curves) == ["kept", "precision", "recall"]
    heights = [float(point.split(",")[1]) for point in curves["precision"].split()]
    assert np.allclose([1 - (y - 16) / 220 for y in heights], TABLE.precision, atol=1e-3)
    assert "Share kept, precision and recall of 6 texts by threshold" in page
    assert TABLE._repr_html_() == page


def test_the_plot_without_labels_and_of_one_score():
    page = threshold_plot(ThresholdTable.of([2.0, 2.0]))
    assert re.findall(r'<polyline class="(\w+)"', page) == ["kept"]
    assert "nan" not in page


def test_the_plot_of_a_large_sample_stays_small():
    assert len(threshold_plot(ThresholdTable.of(np.linspace(0, 5, 100_000)))) < 20_000
