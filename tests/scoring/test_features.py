"""Features: values on texts small enough to count by hand, and hostile texts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textbooks.scoring import FEATURE_NAMES, extract_features
from textbooks.scoring.syntax_tree import MAX_NODES, parse_batch
from textbooks.scoring.window import rated_window
from textbooks.scoring.word_model import split_words

EXAMPLE = '''"""Sums.

>>> total([1, 2])
3
"""
import math
import numpy as np
from flask import Flask
from . import helpers


class Empty(Exception):
    """Nothing to add."""

    def describe(self):
        pass


def total(items, start=0, *rest):
    # Add the items one by one.
    for row in items:
        for item in row:
            start += item
    if not items:
        raise Empty
    return start + total(rest)


print(total([[1, 2], [3]]), math.pi, unknown_thing)
'''

HOSTILE = {
    "empty": "",
    "spaces": " \t\n\r\n",
    "lone surrogate": "\ud800 = 1\udfff",
    "nul": "\0" * 3_000 + "x = 1",
    "deep brackets": "(" * 200_000,
    "deep blocks": "".join("  " * level + "def f():\n" for level in range(3_000)),
    "one long line": "x" * 5_000_000,
    "long statement line": "a=1;" * 1_250_000,
    "unclosed string": "'''" * 30_001,
    "operators": "-" * 100_000,
    "broken f-string": 'f"{' * 3_000,
    "astral": "😀" * 5_000,
    "carriage returns": "a = 1\r" * 2_000,
    "byte-order mark": "\ufeffx = 1",
}


def features_of(text: str) -> dict[str, float]:
    return dict(zip(FEATURE_NAMES, extract_features([text])[0].tolist(), strict=True))


@pytest.fixture(scope="module")
def example() -> dict[str, float]:
    return features_of(EXAMPLE)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("function_definition_log_count", np.log1p(2)),
        ("class_definition_log_count", np.log1p(1)),
        ("for_statement_log_count", np.log1p(2)),
        ("comment_log_count", np.log1p(1)),
        ("max_loop_nesting", 2),
        ("nested_loop_count", 1),
        ("module_has_docstring", 1),
        ("function_with_docstring_share", 0),
        ("class_with_docstring_share", 1),
        ("class_with_base_share", 1),
        ("class_mean_methods", 1),
        ("function_method_share", 0.5),
        ("function_empty_share", 0.5),
        ("function_with_return_value_share", 0.5),
        ("function_with_loop_share", 0.5),
        ("function_max_parameters", 2),
        ("function_max_lines", 8),
        ("function_max_loops", 2),
        ("docstring_log_count", np.log1p(2)),
        ("docstring_max_words", 5),
        ("doctest_log_count", np.log1p(1)),
        ("top_level_statement_log_count", np.log1p(8)),
        ("top_level_import_share", 0.5),
        ("top_level_definition_share", 0.25),
        ("top_level_call_share", 0.125),
        ("imported_module_log_count", np.log1p(3)),
        ("imported_standard_library_share", 1 / 3),
        ("imported_common_library_share", 1 / 3),
        ("imported_web_framework_count", 1),
        ("imported_other_module_log_count", np.log1p(1)),
        ("relative_import_count", 1),
        ("imports_nothing_unknown", 0),
        ("recursive_function_count", 1),
        ("defined_function_called_share", 0.5),
        ("called_builtin_share", 1 / 3),
        ("called_local_share", 2 / 3),
        ("called_unknown_share", 0),
        ("called_print_log_count", np.log1p(1)),
        ("uses_main_guard", 0),
        ("error_share", 0),
        ("window_share_of_text", 1),
    ],
)
def test_features_count_what_their_names_say(example: dict[str, float], name: str, value: float) -> None:
    assert example[name] == pytest.approx(value, rel=1e-6)


def test_unknown_names_are_those_neither_built_in_nor_bound() -> None:
    measured = features_of("import os\nresult = [len(os.sep), missing]\nprint(result)\n")
    # Used: len, os, missing, print, result.
    assert measured["used_builtin_name_share"] == pytest.approx(2 / 5)
    assert measured["used_local_name_share"] == pytest.approx(2 / 5)
    assert measured["used_unknown_name_share"] == pytest.approx(1 / 5)


def test_a_function_that_calls_another_module_is_not_independent() -> None:
    worked = features_of("def double(items):\n    for item in items:\n        yield item * 2\n")
    assert worked["function_independent_share"] == 1
    assert worked["function_worked_share"] == 1
    dependent = features_of("from project import scale\n\n\ndef grow(items):\n    return [scale(x) for x in items]\n")
    assert dependent["function_independent_share"] == 0
    assert dependent["called_foreign_share"] == 1
    assert dependent["called_unknown_share"] == 0


def test_self_attributes_that_no_line_defines_are_counted() -> None:
    source = "class A(Base):\n    def __init__(self):\n        self.x = 1\n\n"
    source += "    def go(self):\n        return self.x + self.y\n"
    measured = features_of(source)
    assert measured["self_attribute_undefined_share"] == pytest.approx(1 / 3)
    assert measured["class_base_outside_share"] == 1
    assert measured["attribute_of_self_share"] == 1


def test_comments_are_placed_and_literals_told_from_names() -> None:
    source = (
        "# one\n# two\nx = 1  # three\ndef f():\n    # four\n    print('a')\n    print(x)\nassert f() == 1\nx == 'q'"
    )
    measured = features_of(source)
    assert measured["comment_beside_code_share"] == 0.25
    assert measured["comments_in_functions_share"] == 0.25
    assert measured["function_with_comment_share"] == 1
    assert measured["comment_line_share"] == pytest.approx(3 / 9)
    assert measured["longest_comment_run_share"] == pytest.approx(2 / 9)
    assert measured["printed_literal_share"] == 0.5
    assert measured["compared_with_string_share"] == 0.5
    assert measured["compared_with_number_share"] == 0.5
    assert measured["assert_with_literal_share"] == 1


def test_lines_of_one_shape_are_told_from_distinct_lines() -> None:
    table = features_of("".join(f"key_{number} = '{number}'\n" for number in range(50)))
    assert table["most_frequent_line_shape_share"] == 1
    assert table["line_shape_distinct_share"] == pytest.approx(1 / 50)


def test_a_name_bound_in_one_text_is_unknown_in_the_next() -> None:
    column = FEATURE_NAMES.index("used_unknown_name_share")
    alone = extract_features(["print(value)\n"])[0, column]
    assert alone == pytest.approx(0.5)
    assert extract_features(["value = 1\n", "print(value)\n"])[1, column] == alone


def test_broken_code_shows_in_the_error_share() -> None:
    assert features_of("def f(:\n  return ((\n")["error_share"] > 0


def test_code_in_comments_is_told_from_prose() -> None:
    assert features_of("# x = compute(1)\n# print(x)\n")["commented_code_share"] == 1
    assert features_of("# Compute the sum first.\n# Print the result.\n")["commented_code_share"] == 0


def test_names_are_unique() -> None:
    assert len(set(FEATURE_NAMES)) == len(FEATURE_NAMES)


def test_no_text_gives_no_row() -> None:
    assert extract_features([]).shape == (0, len(FEATURE_NAMES))


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_texts_give_finite_features(text: str) -> None:
    row = extract_features([text])
    assert row.dtype == np.float32
    assert row.shape == (1, len(FEATURE_NAMES))
    assert np.all(np.isfinite(row))
    shares = row[0, [name.endswith("_share") for name in FEATURE_NAMES]]
    assert np.all((shares >= 0) & (shares <= 1))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(st.text(), st.text(alphabet="()[]{}:,.='\"\n \tdefifclass@#1x")), max_size=5))
def test_rows_depend_on_their_text_alone(texts: list[str]) -> None:
    together = extract_features([EXAMPLE, *texts, EXAMPLE])
    for row, text in zip(together[1:-1], texts, strict=True):
        np.testing.assert_array_equal(row, extract_features([text])[0])
    np.testing.assert_array_equal(together[0], together[-1])


def test_batches_larger_than_one_chunk_give_the_same_rows() -> None:
    texts = [f"x{number} = {number}\n" * (number % 7) for number in range(150)]
    expected = np.concatenate([extract_features([text]) for text in texts])
    np.testing.assert_array_equal(extract_features(texts), expected)


def test_window_keeps_short_texts_and_cuts_long_ones_at_line_ends() -> None:
    assert rated_window("a\r\nb\rc") == "a\nb\nc"
    assert rated_window("\ufeffa\ud800") == "a?"
    lines = "".join(f"line {number:04d}\n" for number in range(1_000))
    window = rated_window(lines)
    assert window.startswith("line 0000\n")
    assert window.endswith("line 0999\n")
    assert len(window) <= 2_601
    assert all(len(line) == 9 for line in window.splitlines())


def test_tree_walk_stops_at_its_cap() -> None:
    forest = parse_batch(["[" + "1," * 5_900 + "]", "x = 1"])
    assert forest.count_per_document(np.arange(len(forest.kind))).tolist()[0] == MAX_NODES
    assert forest.document[-1] == 1


def test_tree_rows_know_their_parents() -> None:
    forest = parse_batch(["def f(a):\n    return a\n", "x = [1]\n"])
    assert forest.source[forest.start[0] : forest.end[0]] == b"def f(a):\n    return a\n"
    function = int(forest.rows_of("function_definition")[0])
    block = forest.parent[forest.rows_of("return_statement")]
    assert forest.parent[block].tolist() == [function]
    roots = np.flatnonzero(forest.depth == 0)
    assert forest.parent[roots].tolist() == roots.tolist()
    assert forest.count_within(np.array([function]), "identifier").tolist() == [3]


def test_unknown_node_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="no_such_kind"):
        parse_batch(["x"]).rows_of("no_such_kind")


def test_words_are_the_parts_of_names_numbers_punctuation_and_line_ends() -> None:
    assert split_words("parseHTTPHeader(max_size)\n    x += 12") == [
        *("parse", "http", "header", "(", "max", "size", ")", "\n    ", "x", "+=", "12")
    ]
