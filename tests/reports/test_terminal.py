from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from textbooks.reports.terminal import closing_table, score_table
from textbooks.reports.words import QUARANTINE_REASONS, by_fate, count, megabytes, rubric_class, score_text, share
from textbooks.verdicts import Reason

STATS = {
    "read": 12_480,
    "kept": 3_120,
    "dropped": 9_350,
    "quarantined": 10,
    "reasons": {"syntax": 350, "low_edu_value": 9_000, "unreadable": 3, "not_text": 7, "long_line": 0},
    "bytes": 84_000_000,
}


def lines(table, width=100) -> list[str]:
    console = Console(width=width, record=True, force_terminal=False, color_system=None)
    with console.capture() as capture:
        console.print(table)
    return [" ".join(line.split()) for line in capture.get().splitlines() if line.strip()]


def test_closing_table_sorts_reasons_by_count_under_their_fate():
    assert lines(closing_table(STATS, seconds=40.0)) == [
        "read 12,480",
        "kept 3,120 25.0 %",
        "dropped 9,350 74.9 %",
        "low_edu_value 9,000 72.1 %",
        "syntax 350 2.8 %",
        "quarantined 10 < 0.1 %",
        "not_text 7 < 0.1 %",
        "unreadable 3 < 0.1 %",
        "text read 84.0 MB 2.1 MB/s",
    ]


def test_closing_table_says_what_was_not_searched_for_and_no_rate_without_a_time():
    found = lines(closing_table(STATS | {"missing_benchmarks": ["mbpp"]}, seconds=None))
    assert "not searched for: mbpp;" in " ".join(found)
    assert "MB/s" not in " ".join(found)


@pytest.mark.parametrize("seconds", [0, -1.0, math.nan, math.inf])
def test_closing_table_wants_a_time_that_passed(seconds):
    with pytest.raises(ValueError, match="seconds must be positive"):
        closing_table(STATS, seconds=seconds)


def test_closing_table_of_nothing():
    assert lines(closing_table({})) == ["read 0", "kept 0 —", "dropped 0 —", "quarantined 0 —", "text read 0 bytes"]


def test_score_table_shows_score_bar_class_and_fate():
    found = lines(score_table([("a.py", 4.5, True), ("b.py", 0.0, False), ("c.py", None, None), ("d.py", math.nan)]))
    assert found[2:] == [
        "a.py 4.50 █████████ 5 textbook kept",
        "b.py 0.00 0 nothing dropped",
        "c.py — not scored",
        "d.py — not scored",
    ]
    assert lines(score_table([("a.py", 2.5625)]))[-1] == "a.py 2.56 █████▏ 3 useful"


def test_names_cannot_steer_the_terminal_or_the_markup():
    found = lines(score_table([("[red]x[/red]\x1b[2J\n\u202ey", 1.0)]))
    assert found[-1] == "[red]x[/red]␛[2J␊\ufffdy 1.00 ██ 1 little"
    assert "[b]z[/b]␛ 3 30.0 %" in lines(closing_table({"read": 10, "reasons": {"[b]z[/b]\x1b": 3}}))


def test_a_long_name_is_shortened_on_a_narrow_terminal():
    found = "".join(lines(score_table([("x" * 100_000, 1.0)]), width=40))
    assert found.count("x") == 199


@pytest.mark.parametrize(
    ("score", "expected"),
    [
        (0, 0),
        (0.49, 0),
        (0.5, 1),
        (1.5, 2),
        (2.5, 3),
        (4.49, 4),
        (5, 5),
        (-3, 0),
        (99, 5),
        (math.inf, 5),
        (None, None),
        (math.nan, None),
    ],
)
def test_rubric_class_is_the_nearest_halves_upward(score, expected):
    assert rubric_class(score) == expected


@pytest.mark.parametrize(
    ("score", "expected"),
    [
        (2.4999, "2.49"),
        (2.5, "2.50"),
        (0.29, "0.29"),
        (0, "0.00"),
        (-0.001, "-0.01"),
        (math.inf, "inf"),
        (math.nan, "—"),
    ],
)
def test_a_score_below_a_threshold_never_looks_like_it(score, expected):
    assert score_text(score) == expected


@given(st.integers(-1000, 1000))
def test_scores_of_two_decimals_are_shown_as_they_are(hundredths):
    assert float(score_text(hundredths / 100)) == hundredths / 100


@pytest.mark.parametrize(
    ("part", "whole", "expected"),
    [
        (0, 10, "0.0 %"),
        (10, 10, "100.0 %"),
        (1, 3, "33.3 %"),
        (1, 10_000, "< 0.1 %"),
        (99_999, 100_000, "> 99.9 %"),
        (0, 0, "—"),
    ],
)
def test_share_never_rounds_to_nothing_or_all(part, whole, expected):
    assert share(part, whole) == expected


@pytest.mark.parametrize(
    ("n", "expected"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (84_300_000, "84.3 MB"),
        (5 * 10**9, "5.0 GB"),
        (2 * 10**12, "2.0 TB"),
    ],
)
def test_megabytes(n, expected):
    assert megabytes(n) == expected


@given(st.dictionaries(st.sampled_from([*Reason, "other"]), st.integers(0, 9)))
def test_by_fate_loses_nothing(reasons):
    dropped, quarantined = by_fate(reasons)
    assert dropped | quarantined == {slug: n for slug, n in reasons.items() if n}
    assert set(quarantined) <= QUARANTINE_REASONS
    assert list(dropped.values()) == sorted(dropped.values(), reverse=True)


def test_every_reason_has_a_fate_and_words():
    from textbooks.reports.words import EXPLANATIONS

    assert set(Reason) == set(EXPLANATIONS)
    assert count(1_234_567) == "1,234,567"
