"""Ranks of records by a caller's key, and the order from the best to the worst."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from datatrove.data import Document

from textbooks.dedup.exact_stages import DIGEST
from textbooks.dedup.minhash.scheme import Scheme, best_first, rank_of, scheme_for

WORST = -math.inf


@pytest.mark.parametrize(
    ("record", "key", "expected"),
    [
        ({"score": 2}, "score", 2.0),
        ({"score": np.float32(0.5)}, "score", 0.5),
        ({"score": "3.5"}, "score", 3.5),
        ({"score": None}, "score", WORST),
        ({"score": "high"}, "score", WORST),
        ({"score": math.nan}, "score", WORST),
        ({}, "score", WORST),
        ("a bare text", "score", WORST),
        (Document(text="", id="0", metadata={"score": 4}), "score", 4.0),
        (Document(text="", id="0"), "score", WORST),
        ("a bare text", len, 11.0),
        ("a bare text", lambda _: None, WORST),
        ({"score": 2}, None, 0.0),
    ],
)
def test_the_rank_of_a_record(record, key, expected):
    assert rank_of(record, key) == expected


def test_the_best_comes_first_then_the_longest_then_the_smallest_digest_then_the_first():
    ranks = np.array([1.0, WORST, 2.0, 2.0, 2.0, 2.0])
    sizes = np.array([9, 99, 5, 6, 5, 5])
    digests = np.array([(0, 0), (0, 0), (7, 1), (9, 9), (7, 0), (7, 1)], dtype=DIGEST)
    assert best_first(ranks, sizes, digests).tolist() == [3, 4, 2, 5, 0, 1]


def test_a_scheme_survives_json_and_says_all_that_bears_on_the_bands():
    scheme = scheme_for(0.8, shingle_size=3, num_perm=64, seed=7, bands=None, rows=None)
    assert Scheme(**json.loads(json.dumps(scheme.as_dict()))) == scheme
    assert scheme.as_dict() == {
        "shingle_size": 3,
        "num_perm": 64,
        "seed": 7,
        "bands": 12,
        "rows": 5,
        "threshold": 0.8,
        "permutations": "affine32",
        "tokeniser": "code-1",
        "version": 1,
    }
