"""Size: which limit decides, and on which side."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textbooks.filters import SizeFilter
from textbooks.verdicts import Reason, Verdict

LIMITS = SizeFilter(min_chars=3, max_chars=10, max_line_chars=6)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Verdict.dropped(Reason.TOO_SHORT, 0, chars=0)),
        ("  ab \n", Verdict.dropped(Reason.TOO_SHORT, 2, chars=2)),
        ("abc", Verdict.kept(3)),
        ("abcde\nabcd", Verdict.kept(10)),
        ("abcde\nabcde", Verdict.dropped(Reason.TOO_LONG, 11, chars=11)),
        ("abcdef", Verdict.kept(6)),
        ("abcdefg", Verdict.dropped(Reason.LONG_LINE, 7, longest_line=7)),
        ("ééé", Verdict.kept(3)),
    ],
)
def test_limits(text, expected):
    assert LIMITS.judge(text) == expected


@given(st.text())
def test_agrees_with_the_definition(text):
    chars, longest = len(text.strip()), max([len(line) for line in text.splitlines()] or [0])
    reason = (
        Reason.TOO_SHORT if chars < 3 else Reason.TOO_LONG if chars > 10 else Reason.LONG_LINE if longest > 6 else None
    )
    assert LIMITS.judge(text).reason is reason


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"min_chars": -1}, "min_chars must be at least 0, got -1"),
        ({"min_chars": 5, "max_chars": 4}, "max_chars must be at least 5, got 4"),
        ({"max_line_chars": 0}, "max_line_chars must be at least 1, got 0"),
    ],
)
def test_limits_out_of_range_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        SizeFilter(**arguments)
