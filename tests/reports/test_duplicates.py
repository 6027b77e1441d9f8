"""Pairs of duplicates side by side."""

from __future__ import annotations

import io

from rich.console import Console

from textbooks.filters import DuplicatePair, DuplicatePairs

KEPT = "def area(width):\n    return width * 2\n"


def pairs(count=1, text="<b>x & y</b>\u202e\x00"):
    return DuplicatePairs([DuplicatePair(KEPT, text, 0.9 + i / 1000, 7, i) for i in range(count)])


def in_a_terminal(some, width=100):
    console = Console(file=io.StringIO(), width=width)
    console.print(some)
    return console.file.getvalue()


def test_a_notebook_shows_both_texts_and_their_similarity_escaped():
    html = pairs()._repr_html_()
    assert "return width * 2" in html
    assert "7: kept" in html
    assert "0: dropped, similarity 0.900" in html
    assert "&lt;b&gt;x &amp; y&lt;/b&gt;\ufffd\u2400" in html
    assert "<b>x" not in html


def test_a_notebook_shows_the_first_twenty_and_counts_the_rest():
    html = pairs(25)._repr_html_()
    assert "25 pairs, the least similar first" in html
    assert html.count("<tr>") == 20
    assert "and 5 more, which are more similar" in html
    assert "more, which" not in pairs(20)._repr_html_()


def test_the_size_does_not_depend_on_the_records():
    assert len(pairs(1, "x = 1\n" * 100_000)._repr_html_()) < 10_000
    assert "…" in pairs(1, "y" * 10_000)._repr_html_()


def test_a_terminal_shows_the_texts_side_by_side():
    shown = in_a_terminal(pairs(7, "def other(w):\n    pass\n"))
    assert shown.count("def area(width):") == 5
    assert any("def area(width):" in line and "def other(w):" in line for line in shown.splitlines())
    assert "and 2 more, which are more similar" in shown


def test_markup_in_a_text_is_shown_and_not_obeyed():
    assert "[red]x[/red]" in in_a_terminal(pairs(1, "[red]x[/red]"))


def test_records_of_any_kind_are_shown():
    class Hostile:
        @property
        def text(self):
            raise RuntimeError

    some = DuplicatePairs([DuplicatePair({"code": "a = 1"}, Hostile(), 1.0, 0, 1)])
    assert "a = 1" in some._repr_html_()
    assert "&lt;Hostile&gt;" in some._repr_html_()


def test_no_pairs_are_shown_as_none():
    assert "0 pairs" in DuplicatePairs([])._repr_html_()
    assert in_a_terminal(DuplicatePairs([])) == ""
