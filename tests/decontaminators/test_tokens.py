"""Tokens are those of a plain regular expression, whatever the text."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textbooks.decontaminators import code_tokens
from textbooks.decontaminators.kernels import cut
from textbooks.decontaminators.tokens import Tokens, encoded, rules

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


def hashes_of(text: str) -> list[int]:
    source = encoded(text)
    tokens = Tokens.room(len(source) + 1)
    _, count = cut(np.frombuffer(source, dtype=np.uint8), 0, *rules(), *tokens, 0)
    return tokens.hashes[:count].tolist()


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
    @given(CODE | st.text(max_size=40), st.integers(1, 5))
    def test_little_room_makes_no_difference(self, text, room):
        source, at, found = encoded(text), 0, []
        while at < len(source):
            tokens = Tokens.room(room)
            at, count = cut(np.frombuffer(source, dtype=np.uint8), at, *rules(), *tokens, 0)
            found += [source[a:b].decode() for a, b in zip(tokens.starts[:count], tokens.ends[:count], strict=True)]
        assert found == oracle(text)

    @settings(deadline=None)
    @given(st.lists(st.text("abcdefgh_é", min_size=1, max_size=30), max_size=20))
    def test_equal_tokens_hash_alike_wherever_they_stand(self, words):
        alone = [hashes_of(word)[0] for word in words]
        assert hashes_of("  " + " ".join(words)) == alone

    @settings(deadline=None)
    @given(st.sets(st.text("abc", min_size=1, max_size=16), max_size=50))
    def test_short_tokens_hash_differently(self, words):
        assert len(set(hashes_of(" ".join(words)))) == len(words)

    def test_lone_surrogates_separate(self):
        assert code_tokens("a\ud800b") == ["a", "b"]

    def test_hostile_text(self, hostile_text):
        short = hostile_text[:20_000]
        assert code_tokens(short) == oracle(short)
