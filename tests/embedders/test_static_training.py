"""Training of the static embedder: views, gradients, determinism, and that it learns."""

from __future__ import annotations

import ast

import numpy as np
import pytest

from tests.conftest import HOSTILE_TEXTS, TEXTBOOK
from tests.embedders.test_static import FUNCTIONS
from textbooks.embedders import StaticEmbedder
from textbooks.embedders.static_training import Teacher, TrainingOptions, _Descent, count_rows, train_vectors
from textbooks.embedders.static_views import collect_names, make_views

NAMES = [f"name{n}" for n in range(50)]


def views_of(text, seed=0):
    return make_views(text, NAMES, np.random.default_rng(seed))


def test_the_views_of_a_function():
    views = views_of(FUNCTIONS[0])
    assert views.documentation == "Tell how to add the row of some values."
    assert views.code == FUNCTIONS[0].replace('    """Tell how to add the row of some values."""\n', "")
    assert views.first + views.second == views.code
    assert set(collect_names([FUNCTIONS[0]], 9)) == {"add_row", "values", "row", "total", "value"}
    assert not {"add_row", "values", "total"} & {
        node.id for node in ast.walk(ast.parse(views.renamed)) if hasattr(node, "id")
    }


@pytest.mark.parametrize("text", HOSTILE_TEXTS.values(), ids=HOSTILE_TEXTS)
def test_hostile_texts_have_views(text):
    views = views_of(text)
    assert views.whole == text[:4000]
    assert all(len(getattr(views, name)) <= 4000 for name in ("documentation", "code", "first", "second", "renamed"))


def test_names_are_counted_and_the_most_frequent_first():
    assert collect_names(["x = y = 1", "x = 2", "def f(:"], 2) == ["x", "y"]


@pytest.mark.parametrize(("option", "value"), [("dimensions", 0), ("vocabulary", 2), ("steps", -1)])
def test_options_out_of_range_are_refused(option, value):
    with pytest.raises(ValueError, match=f"{option} must be at least .*, got {value}"):
        StaticEmbedder.fit(FUNCTIONS, **{option: value})


def test_a_vocabulary_that_rows_cannot_hold_is_refused():
    with pytest.raises(ValueError, match="vocabulary must be at most 50000, got 50001"):
        StaticEmbedder.fit(FUNCTIONS, vocabulary=50_001)


def test_nothing_to_learn_from_is_refused():
    with pytest.raises(ValueError, match="at least one text"):
        StaticEmbedder.fit([])


def test_the_same_texts_and_seed_give_the_same_bytes_and_another_seed_others(tmp_path):
    for name, seed in (("a", 3), ("b", 3), ("c", 4)):
        StaticEmbedder.fit(FUNCTIONS, dimensions=8, vocabulary=90, steps=4, seed=seed).save(tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes() != (tmp_path / "c").read_bytes()


def test_training_on_hostile_texts_ends_well():
    embedder = StaticEmbedder.fit([*HOSTILE_TEXTS.values(), TEXTBOOK] * 3, dimensions=4, vocabulary=60, steps=2)
    assert np.isfinite(embedder.embed([TEXTBOOK])).all()


def losses(move, vectors, options, *arguments):
    """Return the loss and a numeric derivative of it by the vectors."""
    slope = np.zeros_like(vectors)
    for place in np.ndindex(*vectors.shape):
        sides = []
        for shift in (1e-3, -1e-3):
            shifted = vectors.copy()
            shifted[place] += shift
            sides.append(getattr(_Descent(shifted, options), move)(*arguments, 0.0))
        slope[place] = (sides[0] - sides[1]) / 2e-3
    return slope


@pytest.mark.parametrize("move", ["imitate", "tell_apart"])
def test_a_step_goes_down_the_slope_of_the_loss(move):
    options = TrainingOptions(dimensions=3, words=60, shapes=0, buckets=0, temperature=1.0)
    rows, vectors, _ = train_vectors(FUNCTIONS, TrainingOptions(dimensions=3, words=60, shapes=0, buckets=0, steps=0))
    counted = count_rows(FUNCTIONS[:5], rows)
    random = np.random.default_rng(0)
    taught = random.standard_normal((5, 4)).astype(np.float32)
    arguments = (counted, taught) if move == "imitate" else (counted, count_rows(FUNCTIONS[5:10], rows))
    descent = _Descent(vectors.copy(), options)
    before = getattr(descent, move)(*arguments, 1e-3)
    after = getattr(_Descent(descent.vectors, options), move)(*arguments, 0.0)
    assert after < before
    if move == "imitate":
        moved = vectors - descent.vectors
        slope = losses(move, vectors.astype(np.float64), options, *arguments)
        touched = np.abs(slope).sum(axis=1) > 1e-6
        cosine = (moved * slope).sum(axis=1) / (np.linalg.norm(moved, axis=1) * np.linalg.norm(slope, axis=1) + 1e-12)
        assert (cosine[touched] > 0.99).all()


def test_training_learns_from_a_teacher():
    verbs = np.arange(len(FUNCTIONS)) // 4
    teacher = Teacher(FUNCTIONS, np.eye(3, dtype=np.float32)[verbs])
    options = {"dimensions": 16, "vocabulary": 300}
    contrast = {}
    for steps in (0, 80):
        embedder = StaticEmbedder.fit(FUNCTIONS, steps=steps, teacher=teacher, **options)
        vectors = embedder.embed(FUNCTIONS)
        cosines, same = vectors @ vectors.T, verbs[:, None] == verbs
        contrast[steps] = cosines[same].mean() - cosines[~same].mean()
    assert contrast[80] > contrast[0] + 0.2
    assert "teacher" in embedder.training["losses"]
