"""What the static embedder sees: words, operators and shapes, against a naive tokeniser."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textbooks.embedders.static_features import _TELLING_NAMES, PIECE_BYTES, _telling_hashes, blocks, hash_name
from textbooks.embedders.static_table import FeatureRows, slots_of

WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|[0-9]+")
OPERATOR = re.compile(r"[-+*/%=<>!&|^~@]+")
ASCII = st.text(st.sampled_from("aZbQz_09 \n\t.,:()[]+-*/=<>!'\"#\\`x"), max_size=60)


def seen(text, kind):
    return [key for block in blocks([text]) for key in block.features[kind].key.tolist()]


def hashes(names):
    return [hash_name(name) for name in names]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("parseHTTPHeader", ["parse", "http", "header"]),
        ("snake_case_2 = X1y", ["snake", "case", "2", "x", "1", "y"]),
        ("été", ["été"]),
        ("a\0b", ["a", "b"]),
        ("HTTPs HTTP ABCdef", ["htt", "ps", "http", "ab", "cdef"]),
    ],
)
def test_names_are_split_into_lower_case_words(text, words):
    assert seen(text, 0) == hashes(words)


@given(ASCII)
@settings(max_examples=200, deadline=None)
def test_words_and_operators_are_those_of_a_naive_tokeniser(text):
    assert seen(text, 0) == hashes(WORD.findall(text))
    assert seen(text, 1) == hashes(OPERATOR.findall(text))


def test_renaming_changes_no_shape_but_another_operator_does():
    assert seen("total = first_value + x1", 2) == seen("s = a + b", 2)
    assert seen("s = a + b", 2) != seen("s = a - b", 2)
    assert seen("for item in range(9):", 2) != seen("for item in sorted(9):", 2)


def test_white_space_commas_and_quotes_change_no_shape():
    assert seen("f(a, b)\n", 2) == seen("f (\n  a,\n  b,\n)", 2)


def test_each_telling_name_has_a_slot_of_its_own():
    names = _TELLING_NAMES.split()
    assert set(hashes(names)) == set(_telling_hashes()[_telling_hashes() > 0].tolist())
    assert len(names) == len(set(names))


@given(st.lists(ASCII, max_size=8))
@settings(max_examples=60, deadline=None)
def test_features_of_a_piece_do_not_depend_on_its_neighbours(texts):
    together = [[] for _ in texts]
    for block in blocks(texts):
        for kind, (piece, key) in enumerate(block.features):
            for number, text in enumerate(block.text_of_piece.tolist()):
                together[text].append((kind, key[piece == number].tolist()))
    alone = [[(kind, seen(text, kind)) for kind in range(3)] if text else [] for text in texts]
    assert together == alone


def test_every_byte_of_a_long_text_is_read_in_pieces():
    text = "word\n" * (PIECE_BYTES // 5 * 7) + "last"
    found = list(blocks([text, "x"]))
    assert sum(len(block.text_of_piece) for block in found) == len(text) // PIECE_BYTES + 2
    assert hash_name("last") in found[-1].features[0].key


def test_two_features_in_one_slot_are_refused():
    keys = np.array([5, 6], dtype=np.uint64)
    assert len(set(slots_of(keys).tolist())) == 1
    with pytest.raises(ValueError, match="2 features fall into 1 slots"):
        FeatureRows(keys, 0)


@pytest.mark.parametrize(("count", "buckets"), [(0, 0), (1, -1), (1, 1 << 16)])
def test_rows_out_of_range_are_refused(count, buckets):
    with pytest.raises(ValueError, match=r"1 to 65536 rows"):
        FeatureRows(np.arange(count, dtype=np.uint64), buckets)
