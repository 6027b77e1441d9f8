"""Signatures go to datasketch and come back, and mean the same there."""

from __future__ import annotations

import random

import datasketch
import numpy as np
import pytest
from hypothesis import given, settings

from tests.dedup.minhash.texts import edited, program, shingles_of, snippets
from textbooks.dedup import Shingler, from_datasketch, shingle_hash, to_datasketch


def filled(text, **arguments):
    """What datasketch makes of the shingles of a text."""
    sketch = datasketch.MinHash(**{"hashfunc": shingle_hash, "scheme": "affine32", **arguments})
    sketch.update_batch([" ".join(shingle).encode() for shingle in shingles_of(text)])
    return sketch


@settings(deadline=None, max_examples=50)
@given(snippets)
def test_an_exported_signature_equals_what_datasketch_makes_of_the_same_shingles(text):
    shingler = Shingler()
    [signature] = shingler.signatures([text])
    assert to_datasketch(signature, shingler) == filled(text)
    assert np.array_equal(from_datasketch(filled(text), shingler), signature)
    assert np.array_equal(from_datasketch(to_datasketch(signature, shingler), shingler), signature)


def test_an_exported_sketch_changes_without_the_signature():
    shingler = Shingler(num_perm=16)
    [signature] = shingler.signatures(["a b c"])
    before = signature.copy()
    sketch = to_datasketch(signature, shingler)
    sketch.update(b"another shingle")
    assert np.array_equal(signature, before)
    assert not np.array_equal(sketch.hashvalues, before)


def test_the_candidates_are_those_of_the_lsh_of_datasketch():
    randomness = random.Random(7)
    roots = [program(randomness, 20) for _ in range(5)]
    texts = [edited(randomness.choice(roots), randomness, randomness.random() / 2) for _ in range(60)]
    shingler, bands, rows = Shingler(), 25, 5
    signatures = shingler.signatures(texts)
    index = datasketch.MinHashLSH(num_perm=128, params=(bands, rows))
    for number, signature in enumerate(signatures):
        index.insert(number, to_datasketch(signature, shingler))
    parts = signatures[:, : bands * rows].reshape(len(texts), bands, rows)
    for number, signature in enumerate(signatures):
        agree = np.all(parts == parts[number], axis=2).any(axis=1)
        assert sorted(index.query(to_datasketch(signature, shingler))) == np.flatnonzero(agree).tolist()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"scheme": "legacy"}, "scheme 'legacy', and not 'affine32'"),
        ({"seed": 2}, "seed 2, and not 1"),
        ({"num_perm": 64}, "num_perm 64, and not 128"),
        ({"hashfunc": hash}, "hashes with <built-in function hash>"),
        ({"permutations": np.ones((2, 128), np.uint32)}, "permutations of its own"),
    ],
)
def test_a_sketch_that_means_something_else_is_refused(arguments, message):
    sketch = datasketch.MinHash(**{"hashfunc": shingle_hash, "scheme": "affine32", **arguments})
    with pytest.raises(ValueError, match=message):
        from_datasketch(sketch, Shingler())


def test_a_signature_of_another_length_is_refused():
    with pytest.raises(ValueError, match=r"must have shape \(128,\), got \(64,\)"):
        to_datasketch(np.zeros(64, np.uint32), Shingler())


def test_a_shingle_without_tokens_has_a_hash():
    assert shingle_hash(b" ") == 0
