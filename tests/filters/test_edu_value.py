"""Educational value: the filter around the model."""

from __future__ import annotations

import json

import dill
import numpy as np
import pytest

from tests.conftest import CONFIGURATION, TEXTBOOK
from textbooks.errors import ModelFormatError
from textbooks.filters import EduValueFilter
from textbooks.scoring import EduValueModel
from textbooks.verdicts import Reason


def test_scores_are_float64_in_range():
    scores = EduValueFilter().score([TEXTBOOK, CONFIGURATION, "x = 1"])
    assert scores.shape == (3,)
    assert scores.dtype == np.float64
    assert ((scores >= 0) & (scores <= 5)).all()


def test_a_textbook_is_kept_and_a_configuration_dropped():
    textbook, configuration = EduValueFilter().judge_batch([TEXTBOOK, CONFIGURATION])
    assert textbook.keep
    assert configuration.reason is Reason.LOW_EDU_VALUE
    assert textbook.score - configuration.score > 2


def test_a_score_at_the_threshold_is_kept():
    score = EduValueFilter().score([TEXTBOOK])[0]
    assert EduValueFilter(min_score=score).judge(TEXTBOOK).keep
    assert not EduValueFilter(min_score=np.nextafter(score, 6)).judge(TEXTBOOK).keep


@pytest.mark.parametrize("value", [-0.1, 7, float("nan")])
def test_a_threshold_out_of_range_is_refused(value):
    with pytest.raises(ValueError, match="min_score must be between 0 and 5"):
        EduValueFilter(min_score=value)


@pytest.mark.parametrize("value", ["3", None, True])
def test_a_threshold_that_is_no_number_is_refused(value):
    with pytest.raises(TypeError, match="min_score must be a number"):
        EduValueFilter(min_score=value)


def test_a_model_of_ones_own_is_used(tmp_path):
    texts = [TEXTBOOK + f"# {i}\n" for i in range(20)] + [CONFIGURATION + f"# {i}\n" for i in range(20)]
    EduValueModel.fit(texts, [0] * 20 + [5] * 20).save(tmp_path / "model.npz")
    textbook, configuration = EduValueFilter(model=tmp_path / "model.npz").score([TEXTBOOK, CONFIGURATION])
    assert textbook < 1
    assert configuration > 4


def test_a_file_that_is_no_model_is_the_fault_of_no_text(tmp_path):
    """It must raise, not quarantine the whole corpus."""
    (tmp_path / "model.npz").write_bytes(b"PK nonsense")
    with pytest.raises(ModelFormatError, match=r"model\.npz"):
        EduValueFilter(model=tmp_path / "model.npz").judge(TEXTBOOK)


def test_explain_is_the_models(tmp_path):
    told = EduValueFilter().explain("x = 1\n", top=2)
    assert told.score == EduValueFilter().score(["x = 1\n"])[0]
    assert len(told.contributions) == 6


def test_any_object_that_scores_can_be_the_model():
    class Length:
        def score(self, texts):
            return np.array([min(len(text) / 10, 5.0) for text in texts])

    edu_value = EduValueFilter(model=Length())
    assert edu_value.score(["a" * 20, "a" * 40]).tolist() == [2.0, 4.0]
    assert [verdict.keep for verdict in edu_value.judge_batch(["a" * 20, "a" * 40])] == [False, True]
    with pytest.raises(TypeError, match="Length has no method 'explain'"):
        edu_value.explain("a")
    with pytest.raises(TypeError, match="Length has no method 'calibrate'"):
        edu_value.calibrate(["a"] * 20, [1, 2] * 10)


def test_a_model_that_cannot_score_is_refused():
    with pytest.raises(TypeError, match="method score"):
        EduValueFilter(model=3.5)


def test_calibration_survives_being_sent_to_a_worker():
    texts = [f"def f{n}(x):\n    return x + {n}\n" if n % 2 else f"PORT_{n} = {n}\n" for n in range(40)]
    labels = [5 if n % 2 else 1 for n in range(40)]
    plain = EduValueFilter()
    calibrated = EduValueFilter().calibrate(texts, labels)
    before, after = plain.score(texts), calibrated.score(texts)
    assert np.abs(after - labels).mean() < np.abs(before - labels).mean()
    assert np.array_equal(dill.loads(dill.dumps(calibrated)).score(texts), after)
    assert calibrated.get_params() == plain.get_params()


MARKDOWN = f"# Search\n\nHow to find a number in a sorted list.\n\n```python\n{TEXTBOOK}```\n"
POST = "<p>How do I search?</p><pre><code>for x in items:\n    print(x == 3)\n</code></pre><p>It's slow</p>"
NOTEBOOK = json.dumps({"cells": [{"cell_type": "code", "source": TEXTBOOK.splitlines(keepends=True)}]})


def test_a_lesson_is_scored_as_the_file_that_it_would_be():
    as_file = '"""Search\n\nHow to find a number in a sorted list.\n"""\n\n' + TEXTBOOK
    assert EduValueFilter(text_format="markdown").score([MARKDOWN]) == EduValueFilter().score([as_file])
    assert EduValueFilter(text_format="notebook").score([NOTEBOOK]) == EduValueFilter().score([TEXTBOOK])


def test_records_may_name_their_format():
    result = EduValueFilter().apply([{"text": MARKDOWN, "text_format": "markdown"}, TEXTBOOK, MARKDOWN])
    lesson, plain = EduValueFilter(text_format="markdown").judge(MARKDOWN), EduValueFilter()
    assert result.verdicts == [lesson, plain.judge(TEXTBOOK), plain.judge(MARKDOWN)]
    assert lesson != plain.judge(MARKDOWN)
    as_told = EduValueFilter(text_format="html")
    assert as_told.apply([{"text": MARKDOWN, "text_format": "markdown"}]).verdicts == [as_told.judge(MARKDOWN)]


def test_auto_reads_each_text_as_what_it_is():
    texts = [TEXTBOOK, MARKDOWN, CONFIGURATION, NOTEBOOK, POST]
    told = ["python", "markdown", "python", "notebook", "html"]
    apart = [EduValueFilter(text_format=name).score([text])[0] for name, text in zip(told, texts, strict=True)]
    assert EduValueFilter(text_format="auto").score(texts).tolist() == apart


def test_by_default_everything_is_read_as_python():
    assert EduValueFilter().get_params()["text_format"] == "python"
    texts = [MARKDOWN, NOTEBOOK, POST]
    assert EduValueFilter().score(texts).tolist() == EduValueModel.bundled().score(texts).tolist()


def test_a_lesson_without_code_and_a_broken_notebook_are_quarantined():
    lessons = EduValueFilter(text_format="auto")
    prose, broken, missing, kept = lessons.judge_batch(["Once upon a time.\n" * 9, NOTEBOOK[:-9], None, MARKDOWN])
    assert (prose.reason, prose.evidence) == (Reason.NO_CODE, {"text_format": "markdown"})
    assert broken.reason is Reason.UNREADABLE
    assert broken.evidence["error"].startswith("not a notebook: JSONDecodeError")
    assert missing.reason is Reason.TEXT_MISSING
    assert kept.keep
    assert np.isnan(lessons.score(["Words.", NOTEBOOK[:-9]])[1])


def test_explain_reads_lessons_too():
    lessons = EduValueFilter(text_format="markdown")
    assert lessons.explain(MARKDOWN).score == lessons.score([MARKDOWN])[0]
    with pytest.raises(ValueError, match="the text gets no score: no_code"):
        lessons.explain("Words.")
    with pytest.raises(ValueError, match="the text gets no score: not a notebook"):
        EduValueFilter(text_format="notebook").explain("Words.")


def test_calibration_leaves_out_lessons_that_get_no_score():
    parts = [f"{TEXTBOOK}# {n}" if n % 2 else f"PORT_{n} = {n}" for n in range(40)]
    texts = [f"```python\n{part}\n```\n" for part in parts]
    labels = [3.0 if n % 2 else 0.0 for n in range(40)]
    with_prose = EduValueFilter(text_format="markdown").calibrate([*texts, "Words."], [*labels, 5.0])
    without = EduValueFilter(text_format="markdown").calibrate(texts, labels)
    assert with_prose.score(texts).tolist() == without.score(texts).tolist()
    with pytest.raises(ValueError, match="labels must be one number a text"):
        without.calibrate(texts, labels[:-1])


def test_an_unknown_format_is_refused():
    with pytest.raises(
        ValueError, match="text_format must be one of python, auto, markdown, html, notebook, got 'rst'"
    ):
        EduValueFilter(text_format="rst")


def test_thresholds_decide_again_on_lessons():
    result = EduValueFilter(text_format="markdown").apply([MARKDOWN, "Words."])
    assert [verdict.reason for verdict in result.verdicts] == [None, Reason.NO_CODE]
    assert [v.reason for v in result.rethreshold(min_score=4.99).verdicts] == [Reason.LOW_EDU_VALUE, Reason.NO_CODE]
