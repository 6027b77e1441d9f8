"""Agreement as functions of a table: the same as from the ratings one by one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import spearmanr
from sklearn.metrics import cohen_kappa_score

from textbooks.annotators import tables

PAIRS = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=2, max_size=60)


def table_of(pairs, units=None):
    first, second = np.array(pairs, dtype=np.int64).T
    units = np.zeros(len(pairs), dtype=np.int64) if units is None else np.array(units)
    return tables.contingency(first, second, units, classes=6)


@settings(deadline=None)
@given(PAIRS)
def test_the_figures_are_those_of_the_ratings(pairs):
    first, second = map(list, zip(*pairs, strict=True))
    table = table_of(pairs)[0]
    assert table.sum() == len(pairs)
    assert tables.exact(table) == pytest.approx(np.mean([a == b for a, b in pairs]))
    assert tables.within_one(table) == pytest.approx(np.mean([abs(a - b) <= 1 for a, b in pairs]))
    if len({*first, *second}) > 1:
        kappa = cohen_kappa_score(first, second, labels=range(6), weights="quadratic")
        assert tables.weighted_kappa(table) == pytest.approx(kappa)
    else:
        assert np.isnan(tables.weighted_kappa(table))
    if len(set(first)) > 1 and len(set(second)) > 1:
        assert tables.spearman(table) == pytest.approx(spearmanr(first, second).statistic)
    else:
        assert np.isnan(tables.spearman(table))


@settings(deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=2, max_size=40))
def test_of_two_classes_it_is_the_plain_kappa(pairs):
    first, second = (np.array(side, dtype=np.int64) for side in zip(*pairs, strict=True))
    table = tables.contingency(first, second, np.zeros(len(pairs), dtype=np.int64), classes=2)[0]
    if len({*first, *second}) > 1:
        assert tables.weighted_kappa(table) == pytest.approx(cohen_kappa_score(first, second))


@settings(deadline=None)
@given(PAIRS, st.randoms(use_true_random=False))
def test_the_tables_of_units_add_up_to_the_whole(pairs, random):
    units = [random.randrange(4) for _ in pairs]
    assert (table_of(pairs, units).sum(axis=0) == table_of(pairs)[0]).all()


def test_resampled_tables_are_sums_of_units_drawn_with_replacement():
    units = np.array([[[1.0, 0], [0, 0]], [[0, 10.0], [0, 0]], [[0, 0], [100.0, 0]]])
    drawn = tables.resampled(units, resamples=4_000, seed=3)
    counts = np.stack([drawn[:, 0, 0], drawn[:, 0, 1] / 10, drawn[:, 1, 0] / 100], axis=1)
    assert set(counts.sum(axis=1)) == {3.0}
    assert counts.mean(axis=0) == pytest.approx([1, 1, 1], abs=0.06)
    assert counts.var(axis=0) == pytest.approx([2 / 3] * 3, abs=0.06)  # of a multinomial: 3 * 1/3 * 2/3
    assert (drawn == tables.resampled(units, resamples=4_000, seed=3)).all()


def test_nothing_at_all_is_not_a_number():
    empty = np.zeros((6, 6))
    for figure in (tables.exact, tables.within_one, tables.weighted_kappa, tables.spearman):
        assert np.isnan(figure(empty))
