"""Tokens are those of a plain regular expression, whatever the text."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textbooks.decontaminators import code_tokens, tokens
from textbooks.decontaminators.tokens import encode_for_tokens, token_hashes, token_spans

JOINED = {
    "==",
    "!=",
    "<=",
    ">=",
    "**",
    "//",
    "->",
    "=>",
    "<<",
    ">>",
    "<>",
    ":=",
    "+=",
    "-=",
    "*=",
    "/=",
    "%=",
    "&=",
    "|=",
    "^=",
    "@=",
}
CODE = st.text(st.sampled_from(list("ab1_é漢 \t\n\r\0'\"#`\\=+-*/<>!:()[].,@%&|^~😀\u2019\u00a0")), max_size=60)


def oracle(text: str) -> list[str]:
    """Grow tokens one character at a time."""
    found: list[str] = []
    last = " "
    for character in text:
        word = character == "_" or (character.isalnum() and re.match(r"\w", character) is not None)
        if word:
            kind = "word"
        elif character.isascii() and character > " " and character not in "\"'#`\\\x7f":
            kind = "operator"
        else:
            kind = "gap"
        joins = last != " " and ((kind == "word" and re.match(r"\w", last)) or last + character in JOINED)
        if kind != "gap":
            if joins:
                found[-1] += character
            else:
                found.append(character)
        last = " " if kind == "gap" else character
    return found


class TestCodeTokens:
    def test_example(self):
        text = 'def été(x):\n\t"""It\'s a\n  doc."""  # note\r\n    return x**2 //= 1.5 != "A\\n"'
        expected = "def été ( x ) : It s a doc . note return x ** 2 //= 1 . 5 != A n".split()
        assert code_tokens(text) == expected

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("if a:\n    b()\n", "if a:\r\n\tb( )"),
            ("x = 'a b'", 'x = "a b"'),
            ('"""Sort the list."""', "# Sort the\n# list."),
            ("f(a, b)", "f(\n    a,\n    b)"),
            ("x = a + \\\n    b", "x = a + b"),
            ("it\u2019s", "it's"),
            ("a\u00a0b", "a b"),
        ],
    )
    def test_form_makes_no_difference(self, one, other):
        assert code_tokens(one) == code_tokens(other)

    @pytest.mark.parametrize(
        ("one", "other"), [("a + b", "a - b"), ("A", "a"), ("1", "2"), ("a == b", "a != b"), ("é", "e")]
    )
    def test_what_makes_a_difference(self, one, other):
        assert code_tokens(one) != code_tokens(other)

    @settings(deadline=None)
    @given(CODE | st.text(max_size=40))
    def test_equals_oracle(self, text):
        assert code_tokens(text) == oracle(text)

    @settings(deadline=None)
    @given(CODE, CODE)
    def test_a_line_end_separates(self, one, other):
        assert code_tokens(one + "\n" + other) == code_tokens(one) + code_tokens(other)

    @settings(deadline=None)
    @given(st.text(max_size=60))
    def test_characters_are_kept_in_number(self, text):
        assert len(encode_for_tokens(text).decode()) == len(text)

    def test_blocks_make_no_difference(self, monkeypatch):
        text = "def long_name(x): return x ** 22 // 7 -> 'été' " * 20
        whole = code_tokens(text)
        monkeypatch.setattr(tokens, "_BLOCK", 7)
        assert code_tokens(text) == whole == oracle(text)

    def test_hostile_text(self, hostile_text):
        spans = token_spans(encode_for_tokens(hostile_text))
        assert (spans.ends > spans.starts).all()
        assert (spans.starts[1:] >= spans.ends[:-1]).all()
        assert len(token_hashes(spans)) == len(spans)


class TestHashes:
    @settings(deadline=None)
    @given(st.lists(st.text("abcdefgh_é", min_size=1, max_size=30), max_size=20), st.integers(0, 9))
    def test_equal_tokens_hash_alike_wherever_they_stand(self, words, shift):
        alone = [token_hashes(token_spans(word.encode()))[0] for word in words]
        together = token_hashes(token_spans((" " * shift + " ".join(words)).encode()))
        assert np.array_equal(together, np.array(alone, dtype=np.uint64))

    @settings(deadline=None)
    @given(st.sets(st.text("abc", min_size=1, max_size=16), max_size=50))
    def test_short_tokens_differ(self, words):
        assert len(set(token_hashes(token_spans(" ".join(words).encode())).tolist())) == len(words)
