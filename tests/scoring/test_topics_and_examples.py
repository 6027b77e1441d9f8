"""Features of topics and worked examples: values on texts small enough to count by hand."""

from __future__ import annotations

import numpy as np
import pytest

from textbooks.scoring import FEATURE_NAMES, extract_features


def features_of(text: str) -> dict[str, float]:
    return dict(zip(FEATURE_NAMES, extract_features([text])[0].tolist(), strict=True))


def test_terms_are_counted_once_in_names_and_header() -> None:
    found = features_of('"""Binary search, a binary search."""\ndef binary_search(items):\n    return items\n')
    assert found["topic_algorithm_in_header"] == pytest.approx(np.log1p(2))  # search, binary search
    assert found["topic_algorithm_in_definitions"] == pytest.approx(np.log1p(2))
    assert found["topic_plumbing_log_count"] == 0


def test_leading_comments_are_a_header() -> None:
    assert features_of("# Find the prime numbers.\nx = 1\n")["header_log_words"] == pytest.approx(np.log1p(4))


def test_asserts_that_need_another_module_are_not_independent() -> None:
    found = features_of("from project import run\ndef test_a():\n    x = 1\n    assert x == 1\n    assert run() == 2\n")
    assert found["assert_log_count"] == pytest.approx(np.log1p(2))
    assert found["assert_independent_share"] == pytest.approx(0.5)
    assert found["test_function_independent_share"] == 0


def test_branches_that_give_answers_away_are_counted() -> None:
    found = features_of("n = input()\nif n == '1':\n    print(5)\nelif n == '2':\n    print(7)\nelse:\n    print(n)\n")
    assert found["literal_answer_branch_log_count"] == pytest.approx(np.log1p(2))


def test_functions_that_only_document_are_stubs() -> None:
    found = features_of('def f():\n    """Say what."""\n    pass\n\ndef g(a):\n    return a + 1\n')
    assert found["stub_function_share"] == pytest.approx(0.5)
    assert found["stub_function_documented_log_count"] == pytest.approx(np.log1p(1))
