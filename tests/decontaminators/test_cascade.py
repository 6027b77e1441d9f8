"""The decontaminators together: who finds what, what the code refutes, and thresholds of the parts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from textbooks.decontaminators import (
    BehaviouralDecontaminator,
    Decontaminator,
    NGramDecontaminator,
    SimilarityDecontaminator,
)
from textbooks.errors import NotFittedError
from textbooks.problems import load_problems
from textbooks.verdicts import Reason, Status

FILES = Path(__file__).resolve().parents[2] / "docs" / "snippets" / "files"
TEXTS = {row["id"]: row["text"] for row in map(json.loads, (FILES / "leaks.jsonl").read_text().splitlines())}
PROMPT_AND_WRONG = load_problems(FILES / "exams.jsonl")[0].prompt + "    return capacity - len(amounts)\n"


@pytest.fixture(scope="module")
def problems():
    return load_problems(FILES / "exams.jsonl")


@pytest.fixture(scope="module")
def fitted(problems):
    return Decontaminator().fit(problems)


@pytest.fixture(scope="module")
def result(fitted):
    return fitted.apply(list(TEXTS.values()))


def fates(result):
    return {name: verdict.keep for name, verdict in zip(TEXTS, result.verdicts, strict=True)}


def methods(verdict, where="problems"):
    return {found["method"] for found in verdict.evidence.get(where, [])}


def test_each_method_finds_what_it_is_made_for(result):
    found = dict(zip(TEXTS, map(methods, result.verdicts), strict=True))
    assert found["copy"] == {"ngram", "similarity", "behaviour"}
    assert found["renamed"] == {"similarity", "behaviour"}
    assert found["disguised"] == {"behaviour"}
    assert found["near_miss"] == found["other"] == set()
    assert fates(result) == {"copy": False, "renamed": False, "disguised": False, "near_miss": True, "other": True}


def test_behaviour_decides_first_and_gives_the_reason(result):
    copy = result.verdicts[0]
    assert copy.reason is Reason.SOLVES_PROBLEM
    assert copy.evidence["problems"][0]["method"] == "behaviour"
    assert copy.evidence["strengths"]["behaviour"] == 1.0
    assert 0.5 <= copy.evidence["strengths"]["ngram"] < 1.0  # its examples are gone


def test_a_near_miss_is_refuted_and_says_so(fitted, result):
    verdict = result.verdicts[3]
    assert methods(verdict, "refuted")
    assert {found["id"] for found in verdict.evidence["refuted"]} == {"exam/2"}
    match = fitted.match(TEXTS["near_miss"])
    assert fitted.findings(match) == []
    assert {one.method for one in fitted.refuted(match)} == methods(verdict, "refuted")


def test_any_keeps_nothing_that_a_method_finds(result):
    assert fates(result.rethreshold(combine="any"))["near_miss"] is False
    assert fates(result.rethreshold(combine="weighed")) == fates(result)


def test_without_running_anything_the_near_miss_cannot_be_refuted(problems):
    text_only = Decontaminator(execute=False).fit(problems)
    assert text_only.behaviour_ is None
    found = fates(text_only.apply(list(TEXTS.values())))
    assert found == {"copy": False, "renamed": False, "disguised": True, "near_miss": False, "other": True}


def test_a_whole_prompt_with_another_solution_is_still_a_leak(fitted):
    assert fitted.judge(PROMPT_AND_WRONG).reason is Reason.NGRAM_OVERLAP
    lenient = fitted.apply([PROMPT_AND_WRONG]).rethreshold(max_refutable=1.0)
    assert methods(lenient.verdicts[0]) == {"ngram"}  # all of the prompt stands there: 1.0 or more is never refuted


def test_thresholds_of_the_parts_are_named_by_method(fitted, result):
    tau = result.rethreshold(similarity__min_match_rate=1.0, combine="any")
    assert methods(tau.verdicts[0]) == {"ngram", "similarity", "behaviour"}
    strict = result.rethreshold(behaviour__min_bits=10_000)
    assert fates(strict)["disguised"] is True
    assert fitted.behaviour_.min_bits < 10_000
    with pytest.raises(ValueError, match="min_match_rate"):
        result.rethreshold(similarity__min_match_rate=2)


@pytest.mark.parametrize("name", ["similarity__colour", "colour__n", "ngram__", "__"])
def test_an_unknown_threshold_of_a_part_is_refused(result, name):
    with pytest.raises(TypeError, match=r"has no threshold .*it has combine, max_refutable, ngram__min_overlap"):
        result.rethreshold(**{name: 1})


def test_parts_of_ones_own_are_copied_and_not_changed(problems):
    own = SimilarityDecontaminator(min_match_rate=0.8)
    fitted = Decontaminator(execute=False, similarity=own).fit(problems)
    assert fitted.similarity_.min_match_rate == 0.8
    with pytest.raises(NotFittedError):
        own.match("x")


def test_arguments_that_contradict_each_other_are_refused():
    with pytest.raises(ValueError, match="behaviour is given but execute is False"):
        Decontaminator(execute=False, behaviour=BehaviouralDecontaminator())
    with pytest.raises(ValueError, match="combine must be one of weighed, any, got 'all'"):
        Decontaminator(combine="all")
    with pytest.raises(ValueError, match="max_refutable"):
        Decontaminator(max_refutable=1.5)


def test_it_must_be_fitted():
    with pytest.raises(NotFittedError, match="Decontaminator knows no problems yet"):
        Decontaminator().judge("x = 1")


def test_it_agrees_with_its_parts_on_everything_when_any_counts(problems, fitted):
    parts = [NGramDecontaminator(), SimilarityDecontaminator(), BehaviouralDecontaminator()]
    alone = [part.fit(problems).keep_batch(list(TEXTS.values())) for part in parts]
    union = fitted.apply(list(TEXTS.values())).rethreshold(combine="any")
    assert [verdict.keep for verdict in union.verdicts] == [all(keeps) for keeps in zip(*alone, strict=True)]


def test_a_text_that_runs_for_ever_is_judged_by_its_wording(fitted):
    endless = TEXTS["copy"].replace("    total = 0", "    while True: pass\n    total = 0")
    verdict = fitted.judge(endless)
    assert verdict.status is Status.DROPPED
    assert "behaviour" not in methods(verdict)
