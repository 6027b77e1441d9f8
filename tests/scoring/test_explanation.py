"""Explanations: what they add up to, how they read, and that nothing in them is taken for HTML."""

from __future__ import annotations

import math

import pytest

from textbooks.scoring import FEATURE_NAMES, Contribution, EduValueModel, Explanation
from textbooks.scoring.feature_words import describe
from textbooks.scoring.first_level import WORD_FEATURE_NAMES

TEXT = 'def double(x):\n    """Return twice x.\n\n    >>> double(2)\n    4\n    """\n    return 2 * x\n'


@pytest.fixture(scope="module")
def explanation():
    return EduValueModel.bundled().explain(TEXT, top=5)


def test_the_effects_add_up_to_the_score(explanation):
    model = EduValueModel.bundled()
    assert explanation.score == model.score([TEXT])[0]
    assert sum(part.effect for part in explanation.contributions) == pytest.approx(explanation.score)
    assert [part.name for part in explanation.contributions[5:]] == [
        *("other features", "similar texts", "average text", "calibration"),
    ]
    named = [abs(part.effect) for part in explanation.contributions[:5]]
    assert named == sorted(named, reverse=True)


def test_classes_and_marks_are_probabilities(explanation):
    assert sum(explanation.probabilities) == pytest.approx(1)
    assert set(explanation.marks) == {"self_contained", "boilerplate", "algorithmic", "documented"}
    assert all(0 <= value <= 1 for value in explanation.marks.values())
    assert explanation.marks["self_contained"] > 0.8
    assert explanation.marks["boilerplate"] < 0.3


def test_it_prints_as_lines_that_a_person_understands(explanation):
    lines = str(explanation).splitlines()
    assert lines[0].startswith(f"educational value {explanation.score:.2f} of 5: ")
    assert "self contained" in lines[2]
    assert len(lines) == 4 + 9
    assert not any("_log_" in line or "nan" in line for line in lines)


def test_html_escapes_what_it_shows():
    hostile = Explanation(1.0, (0.0, 1.0, 0, 0, 0, 0), {"<b>": 0.5}, (Contribution("<script>", math.nan, 1.0),) * 3)
    html = hostile._repr_html_()
    assert "<script>" not in html
    assert "<b>:" not in html.replace("<b>educational", "")
    assert "&lt;script&gt;" in html


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("function_with_docstring_share", 0.8, "function with docstring: 80%"),
        ("for_statement_log_count", math.log1p(3), "for statement: 3"),
        ("imports_nothing_unknown", 1.0, "imports only well-known modules: yes"),
        ("imported_web_framework_count", 2.0, "imported web framework: 2"),
        ("mean_identifier_length", 6.512, "mean identifier length: 6.51"),
        ("text_log_characters", math.log1p(5200), "text characters: 5,200"),
        ("calibration", math.nan, "calibration"),
    ],
)
def test_a_feature_in_words(name, value, words):
    assert describe(name, value) == words


def test_every_feature_has_words_of_its_own():
    said = [describe(name, 0.5).rsplit(":", 1) for name in (*FEATURE_NAMES, *WORD_FEATURE_NAMES)]
    assert all(words.strip() and "_" not in words for words, _ in said)
    assert len({(words, name.endswith("share")) for (words, _), name in zip(said, FEATURE_NAMES, strict=False)}) == len(
        FEATURE_NAMES
    )


def test_fewer_than_no_features_are_refused():
    with pytest.raises(ValueError, match="at least 0, got -1"):
        EduValueModel.bundled().explain(TEXT, top=-1)
