"""What a decontaminator found in a corpus: counts, examples, the way to JSON and back."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textbooks.decontaminators import DecontaminationReport, NGramDecontaminator
from textbooks.decontaminators.report_builder import TAUS, ReportBuilder
from textbooks.errors import InputError
from textbooks.problems import Problem
from textbooks.reports.decontamination import (
    problem_table,
    render_decontamination,
    report_fragment,
    side_by_side,
    summary_table,
)
from textbooks.verdicts import FilterResult, Reason, Verdict

PROBLEMS = [
    Problem("one", f"one/{n}", f"def f{n}(x):\n    'Return {n} times x.'\n", f"    return {n} * x\n", "", f"f{n}")
    for n in range(4)
] + [Problem("two", "7", "Write it.", "def g():\n    return 7\n", "", "g")]


def entry(problem=0, *, method="ngram", strength=1.0, span=(0, 4), **details):
    found = PROBLEMS[problem]
    named = {"benchmark": found.benchmark, "id": found.id, "method": method}
    return {**named, "strength": strength, "span": list(span), **details}


def dropped(*entries, reason=Reason.NGRAM_OVERLAP, **evidence):
    return Verdict.dropped(reason, 1.0, problems=list(entries), **evidence)


def report(*verdicts, texts=None):
    builder = ReportBuilder(PROBLEMS)
    for place, verdict in enumerate(verdicts):
        builder.add(f"doc{place}", texts[place] if texts else f"text of {place}", verdict)
    return DecontaminationReport(**builder.totals())


def test_texts_are_counted_once_a_problem_and_once_a_method():
    both = dropped(entry(0), entry(0, part="prompt"), entry(0, method="behaviour"), entry(1))
    found = report(both, dropped(entry(0)), Verdict.kept(0.1), Verdict.quarantined(Reason.NOT_TEXT))
    assert (found.texts, found.kept, found.dropped, found.quarantined) == (4, 1, 2, 1)
    assert found.reasons == {"ngram_overlap": 2, "not_text": 1}
    first, second = found.problems
    assert (first.id, first.texts, first.by_method) == ("one/0", 2, {"behaviour": 1, "ngram": 2})
    assert (second.id, second.texts, second.by_method) == ("one/1", 1, {"ngram": 1})
    assert found.by_method == {"behaviour": 1, "ngram": 2}
    assert found.benchmarks == {"one": 4, "two": 1}


def test_refuted_matches_are_counted_apart():
    found = report(Verdict.kept(0.8, refuted=[entry(2, strength=0.8)]), dropped(entry(1), refuted=[entry(2)]))
    assert found.refuted == 2
    assert {one.id: (one.texts, one.refuted) for one in found.problems} == {"one/1": (1, 0), "one/2": (0, 2)}
    assert found.tainted("one") == ["one/1"]


def test_examples_are_the_strongest_and_hold_their_passage():
    strengths = [0.5, 0.9, 0.7, 1.0, 0.6, 0.8, 0.9]
    found = report(
        *(dropped(entry(0, strength=s, span=(2, 6), part="prompt")) for s in strengths), texts=["abcdefgh"] * 7
    )
    examples = found.problems[0].examples
    assert [(one.document, one.strength) for one in examples] == [
        ("doc3", 1.0), ("doc1", 0.9), ("doc6", 0.9), ("doc5", 0.8), ("doc2", 0.7)
    ]  # fmt: skip
    assert {one.passage for one in examples} == {"cdef"}
    assert examples[0].details == {"part": "prompt"}
    assert found.problems[0].strongest == 1.0


def test_how_near_texts_come_is_counted_at_every_threshold():
    kept = [Verdict.kept(s, strengths={"similarity": s, "ngram": 0.2}) for s in (0.79, 0.8, 0.9, 0.95, 1.0)]
    found = report(*kept)
    assert found.at_threshold == {
        "ngram": [(tau, 0) for tau in TAUS],
        "similarity": [(1.0, 1), (0.95, 2), (0.9, 3), (0.85, 3), (0.8, 4)],
    }


@pytest.mark.parametrize("where", [{"undecided": ["f"]}, {"behaviour": {"undecided": 2}}])
def test_undecided_texts_are_counted_wherever_a_part_says_so(where):
    assert report(Verdict.kept(0.0, **where), Verdict.kept(0.0), Verdict.kept(0.0, undecided=[])).undecided == 1


def test_tainted_problems_are_what_the_split_of_the_evaluation_takes():
    found = report(dropped(entry(3, method="behaviour")), dropped(entry(4)))
    assert (found.tainted("one"), found.tainted("two")) == (["one/3"], ["7"])
    assert found.tainted("one", method="ngram") == []
    with pytest.raises(ValueError, match="benchmark must be one of one, two, got 'three'"):
        found.tainted("three")


def test_of_a_result_of_apply():
    problems = [Problem("mine", "1", "Sum the even numbers of a list that may be nested to any depth.", "", "", "")]
    rows = [{"text": problems[0].prompt, "id": "leak"}, {"text": "x = 1"}, {"text": None}]
    found = DecontaminationReport.of(NGramDecontaminator().fit(problems).apply(rows), problems)
    assert (found.kept, found.dropped, found.quarantined) == (1, 1, 1)
    assert found.tainted("mine") == ["1"]
    assert found.problems[0].examples[0].passage.startswith("Sum the even numbers")


def test_foreign_evidence_counts_as_none():
    odd = [{"problems": "x"}, {"problems": [1, {"id": 3}]}, {"refuted": None}, {"strengths": [1]}]
    found = report(*(Verdict.dropped(Reason.SYNTAX, 0.0, **evidence) for evidence in odd))
    assert (found.dropped, found.problems, found.at_threshold) == (4, (), {})


values = st.dictionaries(st.text(max_size=3), st.integers() | st.text(max_size=5) | st.none(), max_size=2)


@given(st.lists(st.tuples(st.integers(0, 4), st.floats(0, 1), values, st.text(max_size=10)), max_size=20))
def test_the_way_to_json_and_back(rows):
    import tempfile
    from pathlib import Path

    verdicts = [dropped({**details, **entry(n, strength=s)}, strengths={"ngram": s}) for n, s, details, _ in rows]
    found = report(*verdicts, texts=[text for *_, text in rows])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "report.json")
        found.save(path)
        assert DecontaminationReport.load(path) == found


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{}",
        '{"format": "other", "version": 1}',
        '{"format": "textbooks decontamination report", "version": 99}',
    ],
)
def test_a_foreign_or_damaged_file_is_refused(tmp_path, content):
    path = tmp_path / "report.json"
    path.write_text(content)
    with pytest.raises(InputError, match=r"report\.json"):
        DecontaminationReport.load(path)
    with pytest.raises(InputError, match=r"none\.json"):
        DecontaminationReport.load(tmp_path / "none.json")


def test_a_cut_file_is_refused(tmp_path):
    path = tmp_path / "report.json"
    report(dropped(entry(0))).save(path)
    whole = json.loads(path.read_text())
    for key in list(whole):
        path.write_text(json.dumps({name: value for name, value in whole.items() if name != key}))
        with pytest.raises(InputError):
            DecontaminationReport.load(path)


class TestRendering:
    def test_the_page_shows_problem_and_text_side_by_side_and_escapes_them(self):
        found = report(dropped(entry(0, span=(0, 60), part="<b>")), texts=["<script>alert(1)</script> def f(): pass"])
        page = render_decontamination(found)
        assert "&lt;script&gt;" in page
        assert "<script>" not in page
        assert "&lt;b&gt;" in page
        assert "one/0" in page
        assert "times x." in page

    def test_a_page_of_nothing(self):
        page = render_decontamination(report())
        assert "No text holds a problem." in page
        assert "Nothing was refuted." in page

    def test_refuted_texts_have_their_own_part(self):
        page = render_decontamination(report(Verdict.kept(0.8, refuted=[entry(2, strength=0.8)])))
        assert page.index("No text holds a problem.") < page.index("1 text reads like a problem") < page.index("one/2")

    def test_tables_and_fragment_name_the_problems(self):
        found = report(dropped(entry(1), strengths={"ngram": 1.0}), Verdict.kept(0.0))
        assert [list(column.cells) for column in summary_table(found).columns][:2] == [["ngram"], ["1"]]
        assert [str(cell) for cell in problem_table(found).columns[0].cells] == ["one/1"]
        (pair,) = side_by_side(found)
        assert [str(column.header) for column in pair.columns] == ["one/1", "doc0: ngram 1.00"]
        assert [str(next(iter(column.cells))) for column in pair.columns] == [PROBLEMS[1].program, "text"]
        assert "one/1" in report_fragment(found)
        assert "2 texts, 1 dropped (50.0 %); 1 of 5 problems found" in report_fragment(found)


def test_verdicts_of_another_filter_count_by_reason():
    result = FilterResult(["a"], [Verdict.dropped(Reason.TOO_SHORT, 1.0)])
    found = DecontaminationReport.of(result, PROBLEMS)
    assert (found.reasons, found.problems) == ({"too_short": 1}, ())
