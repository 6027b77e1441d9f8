"""The report on diversity as a page, a table and a fragment."""

from __future__ import annotations

import io
import re
import xml.etree.ElementTree as ET

import pytest
from rich.console import Console

from textbooks.diversity import MEASURES, diversity_report
from textbooks.reports.diversity import diversity_fragment, diversity_table, render_diversity
from textbooks.reports.diversity_figures import import_bars, nearest_histogram, rank_curves

FIRST = [
    f"import math\nfrom collections import deque\ndef area_{i}(r):\n    return math.pi * r * {i}\n" for i in range(6)
]
SECOND = [f"def total_{name}(rows):\n    return sum({name} for {name} in rows)\n" for name in "abcd"]
HOSTILE = "<script>alert(1)</script>\x1b[31m"


@pytest.fixture(scope="module")
def pair():
    return diversity_report([*FIRST, None], against=SECOND, names=("first", HOSTILE), subsamples=3)


@pytest.fixture(scope="module")
def alone():
    return diversity_report(FIRST, subsamples=0)


def text_of(table):
    console = Console(width=150, record=True, file=io.StringIO())
    console.print(table)
    return console.export_text()


def test_the_page_is_well_formed_loads_nothing_and_escapes(pair):
    page = render_diversity(pair)
    assert "<script" not in page
    assert "\x1b" not in page
    assert not re.search(r"(?:src|href)=\"(?!#)", page)
    ET.fromstring(re.sub(r"<meta [^>]*>|<!DOCTYPE html>", "", page))


def test_the_page_says_every_measure_and_its_direction(pair):
    page = render_diversity(pair)
    for each in MEASURES:
        assert each.title in page
        assert each.meaning in page
    assert "Higher is more diverse." in page
    assert "Lower is more diverse." in page
    assert "text_missing" in page
    assert page.count('<svg class="histogram"') == 4


def test_a_page_of_one_set_has_no_legend_and_no_verdicts(alone):
    page = render_diversity(alone)
    assert 'class="legend"' not in page
    assert "more diverse</th>" not in page


def test_the_table_has_a_row_for_each_measure(pair, alone):
    shown = text_of(diversity_table(pair))
    for each in MEASURES:
        assert each.title in shown
    assert "4 texts of each; first has 6; 1 left out of first" in shown
    assert "±" in shown
    single = text_of(diversity_table(alone))
    assert "±" not in single
    assert "diverse is" in single


def test_the_fragment_is_well_formed_and_escapes(pair, alone):
    for report in (pair, alone):
        fragment = diversity_fragment(report)
        rows = ET.fromstring(fragment).findall(".//tbody/tr")
        assert len(rows) == len(MEASURES)
        assert fragment == report._repr_html_()
    assert "<script" not in diversity_fragment(pair)


def test_bars_of_imports_are_as_long_as_the_shares(pair):
    figure = import_bars(pair.sets)
    shares = "100.0 %, 0.0 %"
    assert [label for _, _, label in figure.labels] == ["collections", shares, "math", shares]
    assert [(bar.series, bar.width) for bar in figure.bars] == [(0, 63.0), (1, 0.0), (0, 63.0), (1, 0.0)]
    assert "100.0 % import nothing" in figure.description


def test_bars_of_neighbours_stand_in_their_bins(pair):
    figure = nearest_histogram(pair.sets)
    assert sum(int(re.search(r": (\d+) of", bar.title)[1]) for bar in figure.bars) == 8
    assert all(0 <= bar.x < bar.x + bar.width <= 100 and bar.height <= 160 for bar in figure.bars)


def test_curves_go_from_the_first_rank_to_the_last():
    figure = rank_curves([[1, 100, 10], [7] * 3, []], "names")
    assert figure.lines[0].points == "0.00,0.00 63.09,50.00 100.00,100.00"
    assert figure.lines[1].points.split()[0] == "0.00,57.75"
    assert len(figure.lines[1].points.split()) == 2
    assert figure.lines[2].points == ""
    assert figure.description == "Different names: 3, the first 100 times, 3, the first 7 times, 0, the first 0 times."
    assert rank_curves([], "names").lines == ()
