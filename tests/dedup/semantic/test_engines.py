"""Engines: which one computes, and that none of them has a say in what is found."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest

from tests.dedup.semantic.spaces import random_vectors
from textbooks.dedup.semantic.engines import engine_for
from textbooks.dedup.semantic.vectors import unit
from textbooks.errors import MissingExtraError

HAS_FAISS = importlib.util.find_spec("faiss") is not None
NAMES = ["numpy", pytest.param("faiss", marks=pytest.mark.skipif(not HAS_FAISS, reason="faiss is not installed"))]


@pytest.mark.parametrize("name", NAMES)
def test_centres_are_of_unit_length_and_find_families(name):
    sample = unit(random_vectors(1, 600, 24, families=5, spread=0.05))
    centres = engine_for(name).centres(sample, 20, 0)
    assert centres.shape == (20, 24)
    assert centres.dtype == np.float32
    assert np.allclose(np.linalg.norm(centres, axis=1), 1.0, atol=1e-5)
    assert (sample @ centres.T).max(axis=1).min() > 0.9


@pytest.mark.parametrize("name", NAMES)
def test_products_are_wrong_by_less_than_is_said(name):
    engine = engine_for(name)
    vectors = unit(random_vectors(2, 200, 384))
    exact = vectors.astype(np.float64) @ vectors.astype(np.float64).T
    assert np.abs(engine.products(vectors, vectors) - exact).max() < engine.error(384) < 1e-3


def test_without_faiss_numpy_computes_and_faiss_is_asked_for_by_name(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert engine_for().name == "numpy"
    with pytest.raises(
        MissingExtraError, match=r"needs the package 'faiss': install textbooks with its extra \[faiss\]"
    ):
        engine_for("faiss")


@pytest.mark.skipif(not HAS_FAISS, reason="faiss is not installed")
def test_a_gpu_is_taken_where_faiss_sees_one(monkeypatch):
    import faiss

    monkeypatch.setattr(faiss, "get_num_gpus", lambda: 0, raising=False)
    assert engine_for().name == "faiss"
    with pytest.raises(ValueError, match="needs a GPU and a faiss that is built for it"):
        engine_for("faiss-gpu")

    asked = []
    monkeypatch.setattr(faiss, "get_num_gpus", lambda: 1, raising=False)
    monkeypatch.setattr(faiss, "StandardGpuResources", lambda: "resources", raising=False)
    monkeypatch.setattr(
        faiss,
        "pairwise_distance_gpu",
        lambda resources, a, b, metric: asked.append((resources, metric)) or a @ b.T,
        raising=False,
    )
    engine = engine_for()
    ones = np.eye(3, dtype=np.float32)
    assert engine.name == "faiss-gpu"
    assert (engine.products(ones, ones) == ones).all()
    assert asked == [("resources", faiss.METRIC_INNER_PRODUCT)]
    assert engine_for("faiss").name == "faiss"


def test_an_unknown_engine_is_refused():
    with pytest.raises(ValueError, match="engine must be one of auto, numpy, faiss, faiss-gpu, got 'cuda'"):
        engine_for("cuda")
