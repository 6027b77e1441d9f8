"""Formats and the reader's parameters on the command line."""

from __future__ import annotations

import pytest

from textbooks.cli.reading import formats_of, read_with


def test_formats_are_a_list_with_commas() -> None:
    assert formats_of("python, notebook,") == ("python", "notebook")


@pytest.mark.parametrize("named", ["", ",", "pyhton", "python;notebook"])
def test_formats_that_are_none_are_refused(named: str) -> None:
    with pytest.raises(ValueError, match="formats must be some of python"):
        formats_of(named)


def test_parameters_have_the_type_of_their_default() -> None:
    assert read_with(["notebook_outputs=500", "max_bytes=9"]) == {"notebook_outputs": 500, "max_bytes": 9}
    assert read_with(None) == {}


@pytest.mark.parametrize(
    "pair", ["notebook_outputs", "notebook_outputs=x", "notebook_outputs=-1", "plan=x", "text_key=x", "=", ""]
)
def test_parameters_that_are_none_are_refused(pair: str) -> None:
    with pytest.raises(ValueError, match=r"--read-with|notebook_outputs must be"):
        read_with([pair])
