"""The error tree is what its docstring draws."""

from __future__ import annotations

import re

import pytest

from textbooks import errors


def test_the_docstring_draws_every_error():
    drawn = re.findall(r"[├└]── (\w+)", errors.__doc__)
    assert sorted([*drawn, "TextbooksError"]) == errors.__all__


@pytest.mark.parametrize("name", errors.__all__)
def test_every_error_is_one_of_ours(name):
    assert issubclass(getattr(errors, name), errors.TextbooksError)


def test_the_built_in_parents_are_as_drawn():
    for name, parent in re.findall(r"[├└]── (\w+) +\((\w+)\)", errors.__doc__):
        assert issubclass(getattr(errors, name), __builtins__[parent]), name


def test_a_missing_extra_names_what_to_install():
    error = errors.MissingExtraError("torch", extra="embeddings", used_by="TransformersEmbedder")
    assert str(error) == "TransformersEmbedder needs the package 'torch': install textbooks with its extra [embeddings]"
    assert isinstance(error, ImportError)
