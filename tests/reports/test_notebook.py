from __future__ import annotations

import re
from collections import UserDict
from dataclasses import dataclass
from html import unescape

import pytest

from textbooks.reports.notebook import filter_result_html
from textbooks.verdicts import FilterResult, Reason, Verdict

LOW = Verdict.dropped(Reason.LOW_EDU_VALUE, 1.234)
ODD = Verdict.quarantined(Reason.NOT_TEXT)


@dataclass
class Document:
    text: str


class Hostile:
    def __repr__(self) -> str:
        raise RuntimeError

    @property
    def text(self) -> str:
        raise RuntimeError


def texts(html: str) -> list[str]:
    return [unescape(text) for text in re.findall(r"<pre[^>]*>(.*?)</pre>", html, re.DOTALL)]


def rows(html: str) -> list[list[str]]:
    found = re.findall(r"<tr>(.*?)</tr>", html, re.DOTALL)
    return [
        [unescape(re.sub(r"<[^>]*>", "", cell)) for cell in re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL)]
        for row in found
    ]


def test_counts_and_first_dropped():
    verdicts = [Verdict.kept(4.0), LOW, ODD, LOW]
    html = filter_result_html(FilterResult(["good", "bad\n1\n2\n3\n4", b"\xff", "worse"], verdicts))
    assert "4 records, 1 kept (25.0 %)" in html
    assert rows(html) == [
        ["kept", "1", "25.0 %", ""],
        ["low_edu_value", "2", "50.0 %", ""],
        ["not_text", "1", "25.0 %", ""],
        ["low_edu_value", "1.23", "bad\n1\n2\n3\n…"],
        ["low_edu_value", "1.23", "worse"],
        ["not_text", "—", "b'\\xff'"],
    ]


def test_bars_are_in_proportion():
    html = filter_result_html(FilterResult(["a"] * 1000, [Verdict.kept()] * 750 + [LOW] * 249 + [ODD]))
    assert re.findall(r"height:9px;width:(\d+)px", html) == ["120", "40", "2"]


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ("text", "text"),
        ({"text": "x = 1", "id": 3}, "x = 1"),
        (UserDict(content="y = 2"), "y = 2"),
        ({"other": 1}, "{'other': 1}"),
        ({"text": None}, "{'text': None}"),
        (Document("z = 3"), "z = 3"),
        (None, "None"),
        (3.5, "3.5"),
        (["<b>"], "['<b>']"),
        (Hostile(), "<Hostile>"),
        ("nul\x00\u202e</pre><script>", "nul␀\ufffd</pre><script>"),
        ("\ud800", "\ufffd"),
    ],
)
def test_records_of_any_type(record, expected):
    html = filter_result_html(FilterResult([record], [LOW]))
    assert texts(html) == [expected]
    assert "<script" not in html
    html.encode("utf-8")


def test_huge_records_and_many_of_them_are_capped():
    records = ["x" * 10_000_000, list(range(1_000_000)), "y" * 241, "z" * 240] + ["w"] * 100
    html = filter_result_html(FilterResult(records, [LOW] * 104))
    assert len(html) < 6_000
    assert [len(text) for text in texts(html)] == [241, len("[0, 1, 2, 3, 4, 5, ...]"), 241, 240, 1]


def test_nothing_dropped_and_nothing_at_all():
    assert "not kept" not in filter_result_html(FilterResult(["a"], [Verdict.kept()]))
    assert "0 records, 0 kept (—)" in filter_result_html(FilterResult([], []))


def test_it_is_what_a_notebook_asks_for():
    result = FilterResult(["a"], [LOW])
    assert result._repr_html_() == filter_result_html(result)
