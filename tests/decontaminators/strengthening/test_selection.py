"""The inputs that tell most apart come first; what is equal to the reference is left alive."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from textbooks.decontaminators.strengthening.selection import by_telling, select, survivors

MARKS = st.integers(1, 5).flatmap(
    lambda width: st.lists(st.text("01", min_size=width + 4, max_size=width + 4) | st.just(""), max_size=6).map(
        lambda marks: (width, marks)
    )
)


def test_survivors_agree_in_all_columns():
    assert survivors(["110", "111", "", "101"], [0, 1]) == [0, 1]


def test_the_input_that_tells_most_apart_comes_first():
    assert by_telling(["10", "11", "10"], [0, 1], ["a", "b"]) == [1, 0]
    assert by_telling(["111"], [0, 1, 2], ["a", "a", "b"]) == [0, 2, 1]


def test_only_inputs_that_tell_something_are_kept_beyond_the_base():
    marks = ["1" + "1101", "1" + "1111"]
    chosen = select(marks, [0], [1, 2, 3, 4], list("abcde"), base=0, most=9)
    assert chosen.kept == [3]
    assert chosen.alive == [1]
    assert select(marks, [0], [1, 2, 3, 4], list("abcde"), base=2, most=9).kept == [3, 1]
    assert select(marks, [0], [1, 2, 3, 4], list("abcde"), base=2, most=0).alive == [0, 1]


@given(MARKS, st.integers(0, 4), st.integers(0, 4))
def test_a_selection_is_as_good_as_all_inputs_where_there_is_room(case, base, most):
    width, marks = case
    published, ours = range(width), range(width, width + 4)
    chosen = select(marks, published, ours, ["x"] * (width + 4), base=base, most=most)
    assert len(set(chosen.kept)) == len(chosen.kept) <= most
    assert set(chosen.kept) <= set(ours)
    passing = survivors(marks, published)
    assert chosen.alive == [n for n in passing if all(marks[n][column] == "1" for column in chosen.kept)]
    if most == 4:
        assert chosen.alive == [n for n in passing if "0" not in marks[n][width:]]
    assert sorted(by_telling(marks, published, ["x"] * width)) == list(published)
