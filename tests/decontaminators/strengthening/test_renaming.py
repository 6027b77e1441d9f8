"""Characters are exchanged everywhere alike, and one for one."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from textbooks.decontaminators.strengthening.renaming import renamed, renamed_inputs
from textbooks.problems import Case


def texts(value):
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return "".join(texts(key) + texts(item) for key, item in value.items())
    return "".join(map(texts, value)) if isinstance(value, list | tuple) else ""


def test_strings_are_exchanged_wherever_they_are_and_nothing_else():
    table = {ord("a"): "x", ord("b"): " "}
    assert renamed(["ab", {"b": ("a", 1, None)}, {"a"}, b"a"], table) == ["x ", {" ": ("x", 1, None)}, {"x"}, b"a"]


@given(st.lists(st.text("abc", min_size=1, max_size=5), min_size=1, max_size=4), st.integers(0, 99))
def test_the_exchange_is_one_for_one_in_arguments_and_result(words, seed):
    case = Case((words,), {"by": words[-1]}, "".join(words))
    [one] = renamed_inputs([case], wanted=5, rng=random.Random(seed))
    before = texts([*case.args, case.kwargs["by"], case.expected])
    after = texts([*one.given[0], one.given[1]["by"], one.due])
    assert len(after) == len(before)
    pairs = set(zip(before, after, strict=True))
    assert len(pairs) == len(set(before)) == len(set(after))


def test_every_other_input_has_a_blank_and_those_without_characters_are_left_out():
    cases = [Case((text,), {}, len(text)) for text in ("abc", "", "cab", "b", "acca")]
    found = renamed_inputs(cases, wanted=9, rng=random.Random(1))
    assert [" " in one.given[0][0] for one in found] == [True, False, True, False]
    assert [one.due for one in found] == [3, 3, 1, 4]
    assert len(renamed_inputs(cases, wanted=2, rng=random.Random(1))) == 2
