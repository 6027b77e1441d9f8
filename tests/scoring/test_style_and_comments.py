"""Spacing, bound names and comments: values of texts that were written to have them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textbooks.scoring import FEATURE_NAMES, comment_features, extract_features, style_features

NEW = (*style_features.NAMES, *comment_features.NAMES)


def measured(text):
    return dict(zip(FEATURE_NAMES, extract_features([text])[0].tolist(), strict=True))


SLOPPY = "a=int(input())\nlist1=[1,2,3]\nfor i in range (a):\n    if(a>2):\n        print(a+1);print ('x')\n"
CAREFUL = (
    "count = int(input())\nitems = [1, 2, 3]\nfor index in range(count):\n    if count > 2:\n        print(count + 1)\n"
)


def test_a_sloppy_script_differs_from_the_same_one_with_care():
    sloppy, careful = measured(SLOPPY), measured(CAREFUL)
    for name in ("tight_assignment", "tight_comparison", "tight_operator", "tight_comma"):
        assert sloppy[f"{name}_share"] == 1
        assert careful[f"{name}_share"] == 0
    assert sloppy["comma_log_count"] == pytest.approx(math.log1p(2))
    assert sloppy["semicolon_log_count"] == pytest.approx(math.log1p(1))
    assert sloppy["space_before_call_share"] == pytest.approx(2 / 5)
    assert (sloppy["parenthesised_condition_share"], careful["parenthesised_condition_share"]) == (1, 0)


def test_what_is_printed():
    text = "print('total', n)\nprint(n)\nprint(1)\nprint()\n"
    found = measured(text)
    assert found["printed_text_share"] == 0.25
    assert found["printed_name_share"] == 0.25
    assert found["printed_constant_share"] == 0.25


def test_names_that_are_bound_and_never_used_again():
    found = measured("import os\nimport sys\n\nlist = 1\nx = sys.argv\nlonger = x\n")
    assert found["bound_name_log_count"] == pytest.approx(math.log1p(3))
    assert found["bound_once_share"] == pytest.approx(2 / 3)
    assert found["bound_short_share"] == pytest.approx(1 / 3)
    assert found["bound_builtin_share"] == pytest.approx(1 / 3)
    assert found["imported_unused_share"] == 0.5


def test_names_of_functions_and_parameters():
    found = measured("def runAll(a, size=1):\n    pass\n\n\ndef f2(self, b):\n    pass\n")
    assert found["function_camel_case_share"] == 0.5
    assert found["function_short_name_share"] == 0.5
    assert found["function_numbered_name_share"] == 0.5
    assert found["function_name_mean_length"] == 4
    assert found["parameter_mean_length"] == 2
    assert found["parameter_short_share"] == pytest.approx(2 / 3)


def test_lines():
    found = measured("x = 1 \n\n\n\ny = 2\n" + "z" * 80 + "\n")
    assert found["long_line_of_80_share"] == pytest.approx(1 / 7)
    assert found["trailing_space_line_share"] == pytest.approx(1 / 7)
    assert found["longest_blank_run"] == 3
    assert (found["ends_with_line_end"], measured("x = 1")["ends_with_line_end"]) == (1, 0)


def test_comments_of_a_converted_notebook():
    text = (
        "# # Title\n# - an item\n# In[1]:\n# 1. first\n# Why is that?\n#tight\n# => 3\n"
        "# This is a whole sentence, you see.\n# Note that we go on.\n"
    )
    found = {name: math.expm1(measured(text)[name]) for name in comment_features.NAMES if "_log_" in name}
    assert {name: round(value) for name, value in found.items()} == {
        "comment_heading_log_count": 1,
        "comment_list_item_log_count": 1,
        "comment_cell_mark_log_count": 1,
        "comment_numbered_step_log_count": 1,
        "comment_question_log_count": 1,
        "comment_sentence_log_count": 1,
        "comment_lower_case_log_count": 1,
        "comment_tight_log_count": 1,
        "comment_output_log_count": 1,
    }
    assert measured(text)["reader_addressed_share"] == pytest.approx(3 / 10)


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="def if(x)=,:#\n\t '\"pri+<;é\ud800", max_size=120))
def test_any_text_gives_finite_numbers_and_shares_within_bounds(text):
    found = measured(text)
    assert all(math.isfinite(found[name]) for name in NEW)
    assert all(0 <= found[name] <= 1 for name in style_features.NAMES if name.endswith("_share"))


def test_a_row_does_not_depend_on_the_batch():
    together = extract_features([SLOPPY, "", CAREFUL, "#"])
    alone = np.concatenate([extract_features([text]) for text in (SLOPPY, "", CAREFUL, "#")])
    assert np.array_equal(together, alone)
