"""Cross-validation: nothing is judged by a model that saw its group, and the marks come along."""

from __future__ import annotations

import numpy as np
import pytest

from textbooks.scoring import EduValueModel, cross_validate
from textbooks.scoring.calibration import OrdinalCuts

GOOD = (
    'def add_{n}(a, b):\n    """Return the sum of a and b.\n\n    >>> add_{n}(1, 2)\n    3\n    """\n    return a + b\n'
)
BAD = "PORT_{n} = {n}\nDEBUG = True\nHOSTS = ['a{n}']\n"


@pytest.fixture(scope="module")
def corpus():
    texts = [(GOOD if n % 2 else BAD).format(n=n) for n in range(40)]
    return texts, [4.0 if n % 2 else 0.0 for n in range(40)], [n // 4 for n in range(40)]


@pytest.fixture(scope="module")
def found(corpus):
    texts, labels, groups = corpus
    marks = {"documented": [n % 2 == 1 for n in range(40)]}
    done = []
    result = cross_validate(
        texts,
        labels,
        groups=groups,
        marks=marks,
        representative=[n < 32 for n in range(40)],
        trees=8,
        on_fold=lambda fold, folds: done.append((fold, folds)),
    )
    assert done == [(n, 5) for n in range(1, 6)]
    return result


def test_what_is_easy_is_told_apart(found):
    assert found.agreement.texts == 32
    assert found.agreement.f1_at_least_3 == 1
    assert np.array_equal(found.marks["documented"] > 0.5, found.labels > 2)
    assert np.allclose(found.probabilities.sum(axis=1), 1)


def test_figures_by_source_count_what_counts(found):
    by = found.by(["even" if n % 8 < 4 else "odd" for n in range(40)])
    assert [(name, agreement.texts) for name, agreement in by.items()] == [("even", 16), ("odd", 16)]


def test_a_label_that_only_its_group_could_tell_is_not_learned(corpus):
    """Had a fold seen the group, the forest would repeat the group's labels."""
    groups = corpus[2]
    texts = [(GOOD if n % 2 else BAD).format(n=groups[n]) for n in range(40)]
    noise = np.random.default_rng(0).permutation(np.arange(10) % 2 * 4.0)
    found = cross_validate(texts, [noise[group] for group in groups], groups=groups, trees=8)
    assert found.agreement.exact_match < 0.7


def test_four_groups_are_too_few(corpus):
    texts, labels, _ = corpus
    with pytest.raises(ValueError, match="at least 5 different groups, got 4"):
        cross_validate(texts, labels, groups=[n % 4 for n in range(40)])


def test_calibration_moves_the_classes_to_the_labels_of_ones_own(corpus):
    texts, labels, groups = corpus
    model = EduValueModel.fit(texts, labels, groups=groups, trees=8)
    lenient = model.calibrate(texts, [min(label + 1, 5) for label in labels])
    before, after = model.score(texts), lenient.score(texts)
    assert (after > before).all()
    assert np.array_equal(np.argsort(before, kind="stable"), np.argsort(after, kind="stable"))
    assert lenient.training["calibrated_on"] == 40
    with pytest.raises(ValueError, match="20 labelled texts"):
        model.calibrate(texts[:5], labels[:5])


@pytest.mark.parametrize("marks", [{"m": [True] * 40}, {"m": [True, False]}, {"m": [2.0, 0.0] * 20}])
def test_marks_that_say_nothing_are_refused(corpus, marks):
    texts, labels, _ = corpus
    with pytest.raises(ValueError, match="the mark 'm'"):
        EduValueModel.fit(texts, labels, marks=marks, trees=2)


def test_too_few_representative_texts_are_refused(corpus):
    texts, labels, _ = corpus
    with pytest.raises(ValueError, match="representative"):
        EduValueModel.fit(texts, labels, representative=[n < 5 for n in range(40)], trees=2)


def test_cuts_move_by_the_line_that_fits_the_labels():
    cuts = OrdinalCuts(np.array([0.5, 1.5, 2.5, 3.5, 4.5]))
    raw = np.repeat([0.5, 3.5], 20)
    moved = cuts.moved(raw, raw + 1)
    assert np.allclose(moved.cuts, [-0.5, 0.5, 1.5, 2.5, 3.5])
    assert np.allclose(moved.scores(raw)[[0, -1]], [1.5, 4.5])
    stretched = cuts.moved(raw, np.repeat([1.0, 2.5], 20))
    assert np.allclose(stretched.scores(raw)[[0, -1]], [1.0, 2.5], atol=0.01)
