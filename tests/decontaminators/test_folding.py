"""Folded code is what a plain reading of its lexical rules gives, of the same length, and finds renamed copies."""

from __future__ import annotations

import ast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textbooks.decontaminators import NGramDecontaminator
from textbooks.decontaminators.folding import folded
from textbooks.decontaminators.ngram.index import tokens_of
from textbooks.decontaminators.tokens import encoded, folding, shown
from textbooks.problems import Problem

PROGRAM = '''def running_maximum(readings, window):
    """Return the largest reading of each window."""
    answer = []
    for start in range(len(readings) - window + 1):
        answer.append(max(readings[start:start + window]))
    return (answer)
'''
RENAMED = '''def peaks(xs, k):
    # quite another comment
    out = []
    for i in range(len(xs) - k + 1):
        """And a string."""
        out.append(max(xs[i:i + k]))
    return (out)
'''
PROBLEM = Problem("mine", "1", "Running maximum.", PROGRAM, "", "running_maximum")
CODE = st.text(st.sampled_from(list("ab1_é漢 \n'\"#\\=.(f→\x01\x04")), max_size=40)


def fold(text, identifiers=True, literals=True):
    return [shown(token) for token in tokens_of(text, fold=folding(identifiers=identifiers, literals=literals))]


def oracle(text: str, identifiers: bool, literals: bool) -> str:
    """Read character by character; `N`, `0` and `S` with `~` for the rest of what is folded."""
    import builtins
    import keyword
    import re

    kept = {*keyword.kwlist, *dir(builtins)}
    out, at, last = "", 0, " "
    while at < len(text):
        rest = text[at:]
        triple = rest[:3] in ("'''", '"""')
        if rest[0] == "#":
            piece = re.match(r"#[^\n]*", rest)[0]
            out += " " * len(piece)
        elif rest[0] in "'\"":
            quote = rest[:3] if triple else rest[0]
            inside = r"(?:\\.|(?!%s).)*" if triple else r"(?:\\.|(?!%s)[^\n])*"
            pattern = re.escape(quote) + inside % re.escape(quote) + rf"(?:{re.escape(quote)})?"
            piece = re.match(pattern, rest, re.DOTALL)[0]
            if triple:
                out += " " * len(piece)
            else:
                out += "S" + "~" * (len(piece) - 1) if literals else piece.translate({1: " ", 4: " "})
                last = " "
        elif re.match(r"\w", rest):
            piece = re.match(r"\w+", rest)[0]
            if re.fullmatch(r"[bfruBFRU]{1,2}", piece) and rest[len(piece) : len(piece) + 1] in ("'", '"'):
                out += " " * len(piece)
            elif piece[0] in "0123456789":
                out += "0" + "~" * (len(piece) - 1) if literals else piece
                last = " "
            elif identifiers and last != "." and piece not in kept:
                out += "N" + "~" * (len(piece) - 1)
                last = " "
            else:
                out += piece
                last = " "
        else:
            piece = rest[0]
            out += " " if piece in "\x01\x04" else piece
            last = last if piece in " \n\\→\x01\x04" else piece
        at += len(piece)
    return out


@settings(deadline=None, max_examples=300)
@given(CODE, st.booleans(), st.booleans())
def test_equals_oracle(text, identifiers, literals):
    if not identifiers and not literals:
        return
    source = encoded(text)
    found = folded(source, np.array([0, len(source)]), folding(identifiers=identifiers, literals=literals))
    assert len(found) == len(source)
    shapes = found.translate(bytes.maketrans(b"\1\2\3\4", b"N0S~"))
    want = oracle(text, identifiers, literals)
    # what is folded or blanked keeps its bytes, not its characters
    widths = [len(character.encode()) for character in text]
    assert shapes == b"".join(
        new.encode() if new == old else (new + (" " if new == " " else "~") * (width - 1)).encode()
        for old, new, width in zip(text, want, widths, strict=True)
    )


def test_what_is_folded():
    line = "total = math.floor(x1) + len('a b') if f\"c\" else 0x1F  # note"
    assert fold(line) == "NAME = NAME . floor ( NAME ) + len ( STRING ) if STRING else NUMBER".split()
    assert fold(line, literals=False) == "NAME = NAME . floor ( NAME ) + len ( a b ) if c else 0x1F".split()
    assert fold(line, identifiers=False) == "total = math . floor ( x1 ) + len ( STRING ) if STRING else NUMBER".split()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a = b  # c", "x = y"),
        ('"""Doc."""\na', "'''Other\nlines'''\nx"),
        ("été + 漢", "a + b"),
        ("a = 'it\\'s' + b", 'a = "another" + b'),
        ("rb'x'", '"y"'),
    ],
)
def test_alike_when_folded(one, other):
    assert fold(one) == fold(other) != []


@pytest.mark.parametrize(
    ("one", "other"),
    [("a.b", "a.c"), ("len(a)", "b(a)"), ("return a", "a"), ("a + b", "a - b"), ("a", "1"), ("1", "'1'")],
)
def test_not_alike_when_folded(one, other):
    assert fold(one) != fold(other)


def test_an_apostrophe_in_prose_ends_with_its_line():
    assert fold("it's one\nand two") == ["NAME", "STRING", "and", "NAME"]


def test_a_string_does_not_go_on_in_the_next_text():
    decontaminator = NGramDecontaminator(fold_identifiers=True).fit([PROBLEM])
    assert decontaminator.keep_batch(['x = """', RENAMED, "'''"]) == [True, False, True]


class TestRenamedCopies:
    def test_found_only_when_folded(self):
        assert NGramDecontaminator().fit([PROBLEM]).match(RENAMED) is None
        verdict = NGramDecontaminator(fold_identifiers=True).fit([PROBLEM]).judge(f"x = 1\n{RENAMED}\ny = 2\n")
        first = verdict.evidence["problems"][0]
        assert (first["part"], first["strength"], verdict.score) == ("folded_solution", 1.0, 1.0)
        assert verdict.evidence["span"] == [6, 6 + len(RENAMED) - 1]

    def test_span_ends_with_the_name(self):
        text = "def peaks(été, k):\n    out = []\n    for i in range(len(été) - long_name_here"
        match = NGramDecontaminator(fold_identifiers=True, n=5).fit([PROBLEM]).match(text)
        assert text[slice(*match.span)].endswith("len(été) - long_name_here")

    def test_literals(self):
        text = RENAMED.replace("1", "22")
        names = NGramDecontaminator(fold_identifiers=True).fit([PROBLEM]).match(text)
        both = NGramDecontaminator(fold_identifiers=True, fold_literals=True).fit([PROBLEM]).match(text)
        assert names.overlap < both.overlap == 1.0

    def test_unfolded_hits_are_the_same_as_ever(self):
        texts = [PROGRAM, RENAMED, ast.unparse(ast.parse(PROGRAM)), "x = 1"]
        plain = NGramDecontaminator().fit([PROBLEM])
        folding_too = NGramDecontaminator(fold_identifiers=True).fit([PROBLEM])
        for text in texts:
            one, other = plain.match(text), folding_too.match(text)
            unfolded = [hit for hit in (other.hits if other else ()) if not hit.part.startswith("folded")]
            assert unfolded == list(one.hits if one else ())

    def test_short_parts_are_listed(self):
        short = Problem("mine", "2", "", "def inc(value):\n    return value + 1\n", "", "inc")
        found = NGramDecontaminator(fold_identifiers=True).fit([PROBLEM, short])
        assert ("mine", "2", "folded_solution") in found.not_indexed_
        assert found.keep_batch(["def dec(v):\n    return v + 1\n", short.solution]) == [True, False]

    def test_hostile_text(self, hostile_text):
        decontaminator = NGramDecontaminator(fold_identifiers=True, fold_literals=True).fit([PROBLEM])
        assert decontaminator.judge(hostile_text).keep
        assert not decontaminator.judge("\n".join([RENAMED, hostile_text])).keep
