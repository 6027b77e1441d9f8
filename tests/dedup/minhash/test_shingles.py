"""Shingles, their sets and signatures, beside the slow way and beside datasketch."""

from __future__ import annotations

import random
import subprocess
import sys

import datasketch
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import HOSTILE_TEXTS
from tests.dedup.minhash.texts import edited, program, shingles_of, snippets, true_jaccard
from textbooks.dedup import jaccard
from textbooks.dedup.minhash import shingles
from textbooks.dedup.minhash.shingles import Shingler

SIZES = st.integers(1, 7)


def by_datasketch(hashes, num_perm=128, seed=1):
    sketch = datasketch.MinHash(num_perm, seed, hashfunc=lambda value: value, scheme="affine32")
    sketch.update_batch([int(value) & 0xFFFFFFFF for value in hashes])
    return sketch


@settings(deadline=None)
@given(snippets, snippets, SIZES)
def test_jaccard_is_that_of_the_sets_of_token_tuples(a, b, size):
    assert jaccard(a, b, shingle_size=size) == true_jaccard(a, b, size)


@settings(deadline=None)
@given(snippets, snippets, SIZES)
def test_jaccard_is_symmetric_and_one_for_the_same(a, b, size):
    assert jaccard(a, b, shingle_size=size) == jaccard(b, a, shingle_size=size)
    assert jaccard(a, a, shingle_size=size) == 1.0


@settings(deadline=None)
@given(st.text(max_size=60), SIZES)
def test_a_set_has_one_hash_for_each_tuple_of_tokens(text, size):
    hashes = Shingler(size).set_of(text)
    assert len(hashes) == len(shingles_of(text, size))
    assert np.all(hashes[1:] > hashes[:-1])


@pytest.mark.parametrize("text", HOSTILE_TEXTS.values(), ids=HOSTILE_TEXTS)
def test_a_set_of_a_hostile_text_has_one_hash_for_each_tuple(text):
    assert len(Shingler().set_of(text)) == len(shingles_of(text))


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ("if a == b:\n    return c", "if a==b: return c", 1.0),  # layout makes no difference
        ("x = 'a b c d e'", 'x = "a b c d e"', 1.0),  # nor does the style of quotes
        ("a + b", "a - b", 0.0),  # operators do
        ("a b", "a b c", 0.0),  # a short text is one shingle
        ("", "\n  \n", 1.0),
        ("", "a", 0.0),
        ("a b c d e f", "a b c d e", 0.5),
    ],
)
def test_jaccard_of_small_texts(a, b, expected):
    assert jaccard(a, b) == expected


def test_a_size_below_one_is_refused():
    with pytest.raises(ValueError, match="shingle_size must be at least 1, got 0"):
        jaccard("a", "b", shingle_size=0)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [((5, 0), "num_perm must be between 1 and 4096, got 0"), ((5, 8, -1), "seed must be between 0 and 4.29")],
)
def test_arguments_out_of_range_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        Shingler(*arguments)


@settings(deadline=None)
@given(st.lists(snippets, max_size=6), SIZES, st.integers(1, 40), st.integers(0, 2**32 - 1))
def test_signatures_are_those_of_datasketch_over_the_same_hashes(texts, size, num_perm, seed):
    shingler = Shingler(size, num_perm, seed)
    expected = [by_datasketch(shingler.set_of(text), num_perm, seed).hashvalues for text in texts]
    assert np.array_equal(shingler.signatures(texts), np.array(expected, np.uint32).reshape(len(texts), num_perm))


def test_long_texts_and_many_texts_are_cut_into_blocks_and_batches_without_a_trace(monkeypatch):
    randomness = random.Random(1)
    texts = [program(randomness, lines) for lines in (0, 1, 100, 400, 1, 200, 3)]
    whole = Shingler().signatures(texts)
    monkeypatch.setattr(shingles, "_BATCH", 50)
    assert np.array_equal(Shingler().signatures(texts), whole)
    for text, signature in zip(texts, whole, strict=True):
        hashes = Shingler().set_of(text)
        assert np.array_equal(signature, by_datasketch(hashes).hashvalues)
        assert len(hashes) == len(shingles_of(text))


def test_a_text_of_single_characters_has_more_shingles_than_expected_and_all_are_found():
    text = "".join(random.Random(2).choices("+-*/()[]{}", k=5_000))
    assert len(Shingler().set_of(text)) == len(shingles_of(text))


def test_signatures_are_those_that_stand_in_files():
    """Where this fails, `textbooks.dedup.minhash.scheme.TOKENISER` must change too, so that old files are refused."""
    shingler = Shingler(num_perm=4)
    mean, other = shingler.signatures(
        ["def mean(values):\n    return sum(values) / len(values)", "na\u00efve = \u540d + 1"]
    )
    assert mean.tolist() == [513344993, 273164053, 98447449, 96400770]
    assert other.tolist() == [3810533713, 1358439267, 1133430161, 2836872347]
    assert shingler.set_of("na\u00efve = \u540d").tolist() == [17827013866371091396]


def test_the_error_of_the_estimate_is_that_of_theory():
    """Root mean square error of 128 slots over 600 pairs of known similarity: sqrt(j (1 - j) / 128)."""
    randomness = random.Random(4)
    shingler, errors, variances = Shingler(), [], []
    for number in range(600):
        text = program(randomness, 30)
        other = edited(text, randomness, (number % 20) / 25)
        first, second = shingler.signatures([text, other])
        j = true_jaccard(text, other)
        errors.append((np.mean(first == second) - j) ** 2)
        variances.append(j * (1 - j) / 128)
    assert np.sqrt(np.mean(errors)) <= 1.05 * np.sqrt(np.mean(variances))


def test_importing_the_room_imports_neither_numba_nor_datasketch():
    program_text = "import sys, textbooks.dedup; print({'numba', 'datasketch', 'scipy'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program_text], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
