from __future__ import annotations

import json
import math
import random
import subprocess
import sys

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textbooks.errors import InputError
from textbooks.reports.collect import _floats, collect
from textbooks.reports.ranking import Ranking
from textbooks.reports.summary import Histogram, Stats

KEYS = st.tuples(st.sampled_from([0.0, 0.5, 1.0, 2.0]), st.text("ab", max_size=2), st.text("cd", max_size=1))


@given(st.lists(KEYS, max_size=30), st.integers(1, 8))
def test_a_ranking_is_the_beginning_of_the_sorted_list(keys, size):
    ranking = Ranking(size)
    for key in keys:
        ranking.offer(key, lambda key=key: key)
    assert list(ranking.items) == sorted(keys)[:size]


def test_a_ranking_makes_only_what_it_takes_and_says_which_numbers_could_be():
    ranking = Ranking(1)
    ranking.offer((1.0, "a", ""), lambda: "first")
    ranking.offer((1.0, "b", ""), lambda: pytest.fail("made in vain"))
    numbers = pa.array([0.5, None, 1.0, 1.5]).to_numpy(zero_copy_only=False)
    assert ranking.candidates(numbers).tolist() == [0, 2]
    with pytest.raises(ValueError, match="got 0"):
        Ranking(0)


def test_histogram_bins_hold_their_lower_edge(write_run, record):
    kept = [record(f"k{i}", score=score) for i, score in enumerate([2.5, 2.6, 4.99, 5.0, 5.7])]
    scores = [0.0, -1.0, 0.1, 0.3, 0.29999, 2.4999, None, math.nan]
    dropped = [record(f"d{i}", score=score, reason="low_edu_value") for i, score in enumerate(scores)]
    histogram = collect(write_run(kept, dropped)).histogram
    assert {i: n for i, n in enumerate(histogram.kept) if n} == {25: 1, 26: 1, 49: 3}
    assert {i: n for i, n in enumerate(histogram.dropped) if n} == {0: 2, 1: 1, 2: 1, 3: 1, 24: 1}
    assert histogram.scored == 11


def test_every_tenth_falls_into_the_bin_it_names(write_run, record):
    kept = [record(str(i), score=i / 10) for i in range(50)]
    assert collect(write_run(kept)).histogram.kept == (1,) * 50


def test_median_is_the_middle_of_its_bin():
    empty = (0,) * 50
    assert Histogram(empty, empty).median is None
    assert Histogram((0,) * 30 + (3,) + (0,) * 19, (2,) + (0,) * 49).median == pytest.approx(3.05)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**20), n=st.integers(0, 600))
def test_both_ends_are_those_of_the_sorted_list_whatever_the_order(tmp_path_factory, seed, n):
    from textbooks.schema import KEPT_SCHEMA

    draw = random.Random(seed)
    scores = [draw.choice([None, math.nan, round(draw.uniform(0, 5), 1)]) for _ in range(n)]
    rows = [
        {"id": f"i{i:03d}", "text": "x", "score": s, "reasons": [], "evidence": "{}", "source": "s", "metadata": "{}"}
        for i, s in enumerate(scores)
    ]
    draw.shuffle(rows)
    folder = tmp_path_factory.mktemp("run")
    (folder / "kept").mkdir()
    pq.write_table(pa.Table.from_pylist(rows, schema=KEPT_SCHEMA), folder / "kept" / "00000.parquet")
    (folder / "stats.json").write_text('{"parameters": {"min_score": 2.5}}')
    summary = collect(folder)
    scored = [(r["score"], r["id"]) for r in rows if r["score"] is not None and not math.isnan(r["score"])]
    above = sorted((s - 2.5, i) for s, i in scored if s >= 2.5)[:3]
    below = sorted((2.5 - s, i) for s, i in scored if s < 2.5)[:3]
    assert [(s.score, s.id) for s in summary.lowest] == sorted(scored)[:8]
    assert [s.id for s in summary.highest] == [i for s, i in sorted((-s, i) for s, i in scored)[:8]]
    assert [s.id for s in summary.above] == [i for _, i in above]
    assert [s.id for s in summary.below] == [i for _, i in below]


def test_no_threshold_no_samples_around_it(write_run, record):
    summary = collect(write_run([record("a", score=3.0)], parameters={"min_score": "high"}))
    assert (summary.above, summary.below) == ((), ())
    assert [sample.id for sample in summary.highest] == ["a"]


@pytest.mark.parametrize("value", [math.nan, math.inf, 10**400, True, "2.5", None, [2.5]])
def test_a_threshold_that_is_no_number_is_none(value):
    assert Stats.from_mapping({"parameters": {"min_score": value}}).min_score is None


def test_infinite_scores_stand_at_the_ends(write_run, record):
    kept = [record("top", score=math.inf), record("bottom", score=-math.inf), record("middle", score=3.0)]
    summary = collect(write_run(kept))
    assert [s.id for s in summary.highest] == ["top", "middle", "bottom"]
    assert [s.id for s in summary.above] == ["middle", "top"]
    assert (summary.histogram.kept[0], summary.histogram.kept[-1]) == (1, 1)


def test_examples_are_the_first_two_of_each_reason(write_run, record):
    dropped = [record(f"{reason}{i}", reason=reason) for i in range(3) for reason in ("syntax", "too_short")]
    examples = collect(write_run([], dropped, rows_per_file=2)).examples
    assert {reason: [s.id for s in samples] for reason, samples in examples.items()} == {
        "syntax": ["syntax0", "syntax1"],
        "too_short": ["too_short0", "too_short1"],
    }


def test_contaminated_and_quarantined_are_capped_and_counted(write_run, record):
    dropped = [record(f"c{i:03d}", reason="ngram_overlap") for i in range(70)]
    dropped.append(record("both", reason="syntax", reasons=["syntax", "ngram_overlap"]))
    quarantine = [record(f"q{i:03d}", None, reason="unreadable") for i in range(61)]
    summary = collect(write_run([], dropped, quarantine))
    assert [s.id for s in summary.contaminated] == [f"c{i:03d}" for i in range(50)]
    assert [s.id for s in summary.quarantined] == [f"q{i:03d}" for i in range(50)]
    assert (summary.contaminated_total, summary.quarantined_total) == (71, 61)
    assert summary.quarantined[0].excerpt is None


@pytest.mark.parametrize(
    ("ngram", "marked"),
    [
        ({"span": [4, 7]}, ["def"]),
        ({"problems": [{"id": "x", "span": [0, 3]}, {"id": "y", "span": [8, 11]}]}, ["abc", "ghi"]),
        ({"span": [7, 4]}, []),
        ({"span": [4, 700]}, []),
        ({"span": ["4", "7"]}, []),
        ({"span": [True, 7]}, []),
        ({"span": [1]}, []),
        ({"span": None, "problems": 3}, []),
        ({"problems": ["HumanEval/1"]}, []),
        ("nothing", []),
        (None, []),
    ],
)
def test_spans_are_taken_where_they_are_sound(write_run, record, ngram, marked):
    row = record("c", "abc def ghi", reason="ngram_overlap", evidence={"ngram": ngram})
    excerpt = collect(write_run([], [row])).contaminated[0].excerpt
    assert [excerpt.text[a:b] for a, b in excerpt.spans] == marked


@pytest.mark.parametrize(
    ("evidence", "expected"),
    [
        ("not json", {"evidence": "not json"}),
        ("[1, 2]", {"evidence": [1, 2]}),
        ("[" * 90_000, None),
        ('"' + "x" * 200_000 + '"', {"evidence": "too long to show: 200,002 characters"}),
    ],
)
def test_evidence_of_any_kind(write_run, record, evidence, expected):
    sample = collect(write_run([], [record("a", reason="syntax", evidence=evidence)])).examples["syntax"][0]
    assert sample.evidence == expected or (expected is None and len(sample.evidence["evidence"]) == 300)


def test_invalid_utf8_in_a_file_is_replaced(tmp_path, write_run, record):
    folder = write_run([record("a", "b?d", score=1.0)])
    path = folder / "kept" / "00000.parquet"
    table = pq.read_table(path)
    raw = pa.StringArray.from_buffers(1, pa.py_buffer(b"\0\0\0\0\3\0\0\0"), pa.py_buffer(b"b\xffd"))
    pq.write_table(table.set_column(1, table.schema.field("text"), raw), path)
    assert collect(folder).highest[0].excerpt.text == "b\ufffdd"


def test_discrepancies_are_said(write_run, record):
    folder = write_run([record("a")], read=9, kept=2, reasons={"syntax": 1})
    assert collect(folder).discrepancies == (
        "stats.json says 9 read, but 2 kept, 0 dropped and 0 quarantined.",
        "stats.json says 2 kept; the files in kept/ hold 1.",
        "stats.json says 1 for syntax; the files hold 0.",
    )
    assert collect(write_run([record("a")], [record("b", reason="syntax")])).discrepancies == ()


def test_what_is_no_run_raises(tmp_path, write_run, record):
    with pytest.raises(InputError, match=r"no stats\.json"):
        collect(tmp_path / "nowhere")
    folder = write_run([record("a")])
    for text, message in {"{": "cannot be read as JSON", "[]": "holds list"}.items():
        (folder / "stats.json").write_text(text)
        with pytest.raises(InputError, match=message):
            collect(folder)


def test_a_damaged_or_foreign_file_raises(write_run, record):
    folder = write_run([record("a")])
    path = folder / "kept" / "00000.parquet"
    pq.write_table(pq.read_table(path).drop_columns(["score"]), path)
    with pytest.raises(InputError, match="score missing or of another type"):
        collect(folder)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(InputError, match=r"00000\.parquet' is damaged"):
        collect(folder)


def test_stats_take_what_is_of_the_right_type():
    stats = Stats.from_mapping({"read": 3, "kept": "2", "dropped": True, "reasons": {"a": 1, "b": None}, "versions": 3})
    assert (stats.read, stats.kept, stats.dropped, stats.reasons, stats.versions) == (3, 0, 0, {"a": 1, "b": 0}, {})
    assert Stats.from_mapping(json.loads('{"missing_benchmarks": ["mbpp"]}')).missing_benchmarks == ("mbpp",)
    assert Stats.from_mapping({"missing_benchmarks": "mbpp"}).missing_benchmarks == ()


@given(st.lists(st.none() | st.floats(), max_size=40), st.integers(0, 9), st.integers(0, 40))
def test_floats_of_a_slice_are_those_of_pyarrow(values, offset, length):
    column = pa.array(values, pa.float64()).slice(min(offset, len(values)), length)
    expected = [math.nan if value is None else value for value in column.to_pylist()]
    np.testing.assert_array_equal(_floats(column), np.array(expected, float))


def test_writing_a_report_imports_no_plotting(demonstration):
    names = ["chart", "collect", "html", "notebook", "terminal"]
    code = f"""
import sys, pathlib, {", ".join(f"textbooks.reports.{name}" for name in names)}
textbooks.reports.html.write_report(pathlib.Path(sys.argv[1]))
print(*sorted(sys.modules))"""
    command = [sys.executable, "-c", code, str(demonstration)]
    loaded = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert not {"matplotlib", "pandas", "torch", "datatrove"} & set(loaded)
