"""The functions of the library can be called, and those that could take all memory are bounded."""

from __future__ import annotations

import contextlib
import inspect

import pytest

from textbooks.decontaminators.strengthening.ordinary_functions import COMPOSED, HELPERS, LIBRARY, library_for

NAMES: dict[str, object] = {}
exec(HELPERS, NAMES)
ALL = [(count, name, text) for table in (LIBRARY, COMPOSED) for count in table for name, text in table[count].items()]


@pytest.mark.parametrize(("count", "name", "text"), ALL, ids=[f"{name}-{count}" for count, name, _ in ALL])
def test_every_expression_is_a_function_of_that_many_arguments(count, name, text):
    function = eval(text, NAMES)
    assert callable(function)
    with contextlib.suppress(ValueError):  # a builtin that has no signature
        inspect.signature(function).bind(*[None] * count)


def test_what_could_grow_without_bound_is_bounded():
    for text, arguments in [
        ("small(pow)", (10**6, 10**6)),
        ("short(listed(range))", (10**9,)),
        ("short(str.zfill)", ("a", 10**9)),
    ]:
        with pytest.raises(ValueError, match="0"):
            eval(text, NAMES)(*arguments)


def test_functions_of_two_arguments_come_in_both_orders():
    values = {eval(text, NAMES)(7, 2) for kind, name, text in library_for(2) if name == "operator.sub"}
    assert values == {5, -5}
    assert library_for(9) == []
