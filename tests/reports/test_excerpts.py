from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textbooks.reports.excerpts import Excerpt, cut, printable, shorten
from textbooks.reports.highlight import code_html

ANY_TEXT = st.text(alphabet=st.characters(codec=None), max_size=300)
SPANS = st.lists(st.tuples(st.integers(-5, 320), st.integers(-5, 320)), max_size=4)


def naive_printable(character: str) -> str:
    code = ord(character)
    if character in "\t\n":
        return character
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    return character


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain = 1\n\tx", "plain = 1\n\tx"),
        ("a\x00b\x1b[31m", "a␀b␛[31m"),
        ("a\r\nb\rc", "a \nb␍c"),
        ("\ud800x", "\ufffdx"),
        ("if admin\u202e \u2066: #", "if admin\ufffd \ufffd: #"),
        ("שלום مرحبا", "שלום مرحبا"),
        ("zero\u200bwidth\ufeff", "zero\ufffdwidth\ufffd"),
    ],
)
def test_printable_shows_what_cannot_be_seen(text, expected):
    assert printable(text) == expected


@given(ANY_TEXT)
def test_printable_keeps_the_length_and_always_encodes(text):
    shown = printable(text)
    assert len(shown) == len(text)
    shown.encode("utf-8")
    assert printable(shown) == shown


@given(st.text(alphabet=st.characters(max_codepoint=0x7F, exclude_characters="\r"), max_size=80))
def test_printable_agrees_with_the_definition_on_ascii(text):
    assert printable(text) == "".join(map(naive_printable, text))


@given(st.text(max_size=40), st.integers(3, 20))
def test_shorten_keeps_both_ends(text, limit):
    short = shorten(text, limit)
    assert len(short) <= limit
    assert short == text or (short[0] == text[0] and short[-1] == text[-1] and "…" in short)


def test_a_short_text_is_not_cut():
    excerpt = cut("a\nb\nc", [(2, 3)])
    assert excerpt == Excerpt("a\nb\nc", 1, ((2, 3),), characters=5, lines=3)
    assert not excerpt.is_cut


def test_lines_and_characters_are_capped():
    assert cut("x\n" * 100, max_lines=60) == Excerpt("x\n" * 60, 1, (), characters=200, lines=100)
    assert cut("x" * 50_000_000).text == "x" * 4000


def test_the_window_moves_to_a_span_far_away_and_begins_at_a_line():
    text = "".join(f"line {n:04d}\n" for n in range(1000))
    start = text.index("line 0500")
    excerpt = cut(text, [(start, start + 9)], max_lines=10)
    assert excerpt.first_line == 497
    assert excerpt.text.startswith("line 0496\n")
    assert [excerpt.text[a:b] for a, b in excerpt.spans] == ["line 0500"]


def test_the_window_moves_within_one_long_line():
    text = "a" * 1_000_000 + "NEEDLE" + "b" * 1_000_000
    excerpt = cut(text, [(1_000_000, 1_000_006)])
    assert (len(excerpt.text), excerpt.first_line) == (4000, 1)
    assert [excerpt.text[a:b] for a, b in excerpt.spans] == ["NEEDLE"]


def test_overlapping_and_impossible_spans():
    assert cut("0123456789", [(3, 5), (2, 4), (8, 20), (7, 7), (-1, 2), (9, 8), (5, 6)]).spans == ((2, 6),)


@given(ANY_TEXT, SPANS, st.integers(1, 6), st.integers(1, 60))
def test_a_cut_is_a_part_of_the_text_at_the_place_it_says(text, spans, max_lines, max_characters):
    excerpt = cut(text, spans, max_lines=max_lines, max_characters=max_characters)
    assert excerpt.text in printable(text) or "␍" in excerpt.text
    assert len(excerpt.text) <= max_characters
    assert excerpt.text.rstrip("\n").count("\n") < max_lines or excerpt.text.endswith("\n" * 2)
    assert all(0 <= a < b <= len(excerpt.text) for a, b in excerpt.spans)
    assert list(excerpt.spans) == sorted(excerpt.spans)
    assert 1 <= excerpt.first_line <= excerpt.lines + 1


@given(ANY_TEXT, SPANS)
def test_code_html_holds_every_character_once(text, spans):
    excerpt = cut(text, spans)
    assert strip_tags(code_html(excerpt)) == excerpt.text.removesuffix("\n")


def strip_tags(html: str) -> str:
    parts: list[str] = []
    parser = HTMLParser(convert_charrefs=True)
    parser.handle_data = parts.append  # type: ignore[method-assign]
    parser.feed(html)
    parser.close()
    return "".join(parts)


def test_code_html_marks_and_numbers():
    text = "def f():\n    return '<b>'\n"
    html = str(code_html(cut(text, [(4, text.index(" '"))])))
    assert html == (
        '<span class="line" data-line="1"><span class="k">def</span> <mark><span class="f">f</span>():</mark></span>\n'
        '<span class="line" data-line="2"><mark>    <span class="k">return</span></mark> '
        '<span class="s">&#39;&lt;b&gt;&#39;</span></span>'
    )


@pytest.mark.parametrize(
    "text", ["'" * 4000, "(" * 4000, "f'{" * 1300, "\\" * 4000, '"""' * 1333, "a." * 2000, "0" * 4000]
)
def test_hostile_code_is_highlighted_quickly(text):
    assert strip_tags(code_html(cut(text))) == text[:4000]
