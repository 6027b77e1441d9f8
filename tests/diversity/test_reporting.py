"""`diversity_report`: one set and two, hostile records, the way to JSON and back."""

from __future__ import annotations

import json

import numpy as np
import pytest
from datatrove.data import Document
from hypothesis import given, settings
from hypothesis import strategies as st

from textbooks.diversity import MEASURES, DiversityReport, LeftOut, diversity_report
from textbooks.errors import InputError


@pytest.fixture(scope="module")
def pair(exercises, alike):
    return diversity_report(exercises, against=alike, names=("mixed", "alike"), subsamples=6)


def test_two_sets_are_measured_at_the_size_of_the_smaller(pair):
    mixed, alike = pair.sets
    assert (mixed.name, mixed.texts, alike.name, alike.texts) == ("mixed", 40, "alike", 16)
    assert pair.texts_compared == 16
    assert sum(mixed.nearest) == sum(alike.nearest) == 16
    assert mixed.entropies["topics"].items == alike.entropies["topics"].items == 16
    assert mixed.imports == {"math": pytest.approx(0.2, abs=0.15), "collections": pytest.approx(0.2, abs=0.15)}
    assert (alike.imports, alike.without_imports) == ({}, 1.0)
    assert alike.names == {f"add_{i}": 1 for i in range(16)}
    assert alike.words["add"] == 16


def test_the_set_that_is_more_diverse_is_named(pair):
    found = pair.differences()
    assert list(found) == [each.key for each in MEASURES]
    for key in ("vendi", "zstd", "nearest", "near_0.5", "node_types", "imports", "distinct_4"):
        assert found[key] == "mixed", key
    assert found["usual_imports"] == "equal"
    assert found["imports_a_text"] == "no direction"
    assert found["function_names"] == "equal"


def test_swapped_sets_swap(exercises, alike):
    back = diversity_report(alike, against=exercises, names=("alike", "mixed"), subsamples=6).differences()
    assert back["vendi"] == back["nearest"] == "mixed"


def test_overlap_says_what_both_hold(exercises):
    other = [exercises[0], exercises[1].replace("def ", "def other_"), "x = 1\n"]
    found = diversity_report(other, against=exercises[:4], subsamples=0).overlap
    assert found.first_in_second["0.9"] == pytest.approx(1 / 3)
    assert found.second_in_first["0.9"] == pytest.approx(1 / 4)
    assert found.first_in_second["0.5"] == pytest.approx(2 / 3)
    assert (len(found.names), found.first_names_shared, found.second_names_shared) == (1, 0.5, 0.25)


def test_what_has_no_text_is_listed_and_left_out(exercises):
    records = [exercises[0], None, 7, {"id": "row", "code": "x"}, "\ud800", Document(text=exercises[1], id="two"), ""]
    found = diversity_report(records, subsamples=0)
    [only] = found.sets
    assert only.texts == found.texts_compared == 3
    assert only.left_out == (
        LeftOut("1", "text_missing"),
        LeftOut("2", "not_text"),
        LeftOut("row", "text_missing"),
        LeftOut("4", "invalid_unicode"),
    )
    assert found.overlap is None
    assert found.differences() == {}


@pytest.mark.parametrize("texts", [[], [None], [""], ["x"], ["", ""], ["x = 1\n"] * 5])
def test_small_and_empty_sets_have_a_report(texts, exercises, tmp_path):
    alone = diversity_report(texts, subsamples=3)
    assert set(alone.sets[0].measures) == {each.key for each in MEASURES}
    beside = diversity_report(texts, against=exercises[:5], subsamples=3)
    assert beside.texts_compared == min(5, sum(isinstance(text, str) for text in texts))
    for found in (alone, beside):
        found.save(tmp_path / "report.json")
        assert DiversityReport.load(tmp_path / "report.json") == found
        found.to_html(tmp_path / "report.html")


def test_copies_are_near_duplicates_of_each_other():
    found = diversity_report(["def f(x):\n    return x\n"] * 6, subsamples=0).sets[0].measures
    assert [found[f"near_{t}"].value for t in (0.5, 0.9)] == [1, 1]
    assert found["self_bleu"].value == pytest.approx(100)
    assert found["vendi"].value == pytest.approx(1, abs=1e-6)


def test_labels_are_the_topics_and_follow_their_records(exercises):
    labels = ["a", "b", "skipped", *"aab"]
    records = [*exercises[:2], None, *exercises[2:5]]
    found = diversity_report(records, labels=labels, subsamples=0)
    assert found.topics == "labels"
    assert found.sets[0].entropies["topics"].types == 2
    assert diversity_report(records, against=records, labels=labels, subsamples=0).topics == "clusters"


def test_a_large_set_is_sampled_by_the_seed(exercises):
    some = [diversity_report(exercises, max_texts=8, subsamples=0, seed=seed) for seed in (0, 0, 1)]
    assert some[0] == some[1] != some[2]
    assert some[0].texts_compared == 8
    assert some[0].sets[0].texts == 40


def test_any_embedder_serves(exercises):
    class Lengths:
        dimensions, identity = 2, "lengths"

        def embed(self, texts):
            rows = np.array([[len(text) % 7 + 1, 1] for text in texts], np.float32).reshape(len(texts), 2)
            return rows / np.linalg.norm(rows, axis=1, keepdims=True)

    found = diversity_report(exercises, embedder=Lengths(), subsamples=0)
    assert found.embedder == "lengths"
    assert 1 < found.sets[0].measures["vendi"].value < 2


@pytest.mark.parametrize(
    ("texts", "options", "error", "said"),
    [
        ("x = 1", {}, TypeError, "single str"),
        ([], {"against": {"text": "x"}}, TypeError, "single dict"),
        ([], {"against": [], "names": ("a", "a")}, ValueError, "two different ones"),
        (["x"], {"labels": []}, ValueError, "labels must be one a record, got 0 for 1 records"),
        (["x"], {"subsamples": -1}, ValueError, "subsamples must be at least 0, got -1"),
        (["x"], {"max_texts": 1}, ValueError, "max_texts must be at least 2, got 1"),
        (["x"], {"seed": 0.5}, TypeError, "seed must be a whole number, got 0.5"),
    ],
)
def test_refuses(texts, options, error, said):
    with pytest.raises(error, match=said):
        diversity_report(texts, **options)


@given(st.lists(st.text() | st.none() | st.integers(), max_size=5))
@settings(deadline=None, max_examples=25)
def test_any_records_give_a_report_that_json_can_hold(records):
    found = diversity_report(records, subsamples=2)
    assert json.loads(found.to_json())["texts_compared"] == found.texts_compared
    assert found.texts_compared + len(found.sets[0].left_out) == len(records)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"format": "other", "version": 1}', "[" * 100_000, '"x"'])
def test_a_file_that_is_no_report_is_an_error_of_input(content, tmp_path):
    (tmp_path / "bad.json").write_text(content)
    with pytest.raises(InputError, match=r"bad\.json"):
        DiversityReport.load(tmp_path / "bad.json")


def test_a_report_with_a_measure_missing_is_damaged(pair, tmp_path):
    values = json.loads(pair.to_json())
    del values["sets"][1]["measures"]["vendi"]
    (tmp_path / "bad.json").write_text(json.dumps(values))
    with pytest.raises(InputError, match="vendi"):
        DiversityReport.load(tmp_path / "bad.json")
