"""`textbooks decontaminate` from end to end: what it drops, what it reports, and when it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.curation.conftest import digest_of, textbooks
from textbooks.decontaminators import DecontaminationReport

FILES = Path(__file__).resolve().parents[2] / "docs" / "snippets" / "files"


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """The leaks of the documentation in one file, and a row without a text in another."""
    folder = tmp_path_factory.mktemp("leaks")
    (folder / "leaks.jsonl").write_bytes((FILES / "leaks.jsonl").read_bytes())
    (folder / "rows.jsonl").write_text('{"text": null, "id": "empty"}\n{"text": "x = 1", "id": "tiny"}\n')
    return folder


def decontaminate(corpus, out, *more):
    return textbooks("decontaminate", corpus, "--out", out, "--problems", FILES / "exams.jsonl", *more)


@pytest.fixture(scope="module")
def executed(corpus, tmp_path_factory):
    out = tmp_path_factory.mktemp("out") / "out"
    run = decontaminate(corpus, out, "--execute", "--report", "--workers", 1)
    assert run.returncode == 0, run.stderr
    return run, out


def ids(folder):
    return sorted(row for file in folder.glob("*.parquet") for row in pq.read_table(file)["id"].to_pylist())


def test_all_three_methods_find_the_copies_and_behaviour_spares_the_near_miss(executed):
    run, out = executed
    assert ids(out / "dropped") == ["copy", "disguised", "renamed"]
    assert ids(out / "kept") == ["near_miss", "other", "tiny"]
    assert [name.rpartition("/")[2] for name in ids(out / "quarantine")] == ["rows.jsonl#1"]
    assert "the texts of the corpus are RUN" in run.stdout
    assert "exam/2" in run.stdout


def test_the_report_holds_what_was_found_and_what_was_refuted(executed):
    _, out = executed
    report = DecontaminationReport.load(out / "decontamination.json")
    assert (report.texts, report.kept, report.dropped, report.quarantined) == (7, 3, 3, 1)
    assert report.tainted("exams") == ["exam/2"]
    found = {one.document: (one.method, one.details.get("also_by")) for one in report.problems[0].examples}
    assert found == {
        "copy": ("behaviour", ["ngram", "similarity"]),
        "disguised": ("behaviour", None),
        "renamed": ("behaviour", ["similarity"]),
    }
    assert [one.document for one in report.problems[0].refuted_examples[:1]] == ["near_miss"]
    page = (out / "report.html").read_text()
    assert page.count("overflows") >= 1
    assert "Refuted" in page
    stats = json.loads((out / "stats.json").read_text())
    assert stats["read"] == stats["kept"] + stats["dropped"] + stats["quarantined"] == 7
    assert stats["parameters"]["execute"] is True


def test_nothing_is_executed_unless_asked_for(corpus, tmp_path):
    marker = tmp_path / "marker"
    text = f"open({str(marker)!r}, 'w').write('x')\ndef f(x):\n    return x\n"
    (tmp_path / "rows.jsonl").write_text(json.dumps({"text": text, "id": "writer"}) + "\n")
    for more in ((), ("--execute",)):  # the sandbox lets nothing out, either
        run = decontaminate(tmp_path / "rows.jsonl", tmp_path / f"out{len(more)}", *more)
        assert run.returncode == 0, run.stderr
        assert ("are RUN" in run.stdout) == bool(more)
        assert not marker.exists()
    run = decontaminate(corpus, tmp_path / "text_only")
    assert "disguised" in ids(tmp_path / "text_only" / "kept")
    assert "copy" in ids(tmp_path / "text_only" / "dropped")


def test_any_drops_what_the_code_refutes(corpus, tmp_path):
    assert decontaminate(corpus, tmp_path / "out", "--execute", "--any").returncode == 0
    assert "near_miss" in ids(tmp_path / "out" / "dropped")


def test_again_is_a_no_op_and_the_bytes_do_not_depend_on_the_workers(executed, corpus, tmp_path):
    _, out = executed
    before = digest_of(out)
    again = decontaminate(corpus, out, "--execute", "--workers", 2)
    assert "Nothing to do" in again.stdout
    assert digest_of(out) == before
    assert decontaminate(corpus, tmp_path / "two", "--execute", "--workers", 2).returncode == 0
    assert digest_of(tmp_path / "two") == before


def test_a_folder_with_another_run_is_refused_with_what_differs(executed, corpus):
    _, out = executed
    run = decontaminate(corpus, out)
    assert run.returncode == 2
    assert "parameters.execute was True, now False" in run.stderr
    other = textbooks("curate", corpus, "--out", out)
    assert other.returncode == 2
    assert "job was 'decontamination', now 'curation'" in other.stderr


def test_a_wrong_text_column_is_named_and_the_folder_can_be_used_again(corpus, tmp_path):
    run = decontaminate(corpus, tmp_path / "out", "--text-column", "code")
    assert run.returncode == 2
    assert "no row of 7 has the column 'code'" in run.stderr
    assert decontaminate(corpus, tmp_path / "out").returncode == 0


def test_without_a_benchmark_there_is_nothing_to_do(corpus, tmp_path):
    run = textbooks("decontaminate", corpus, "--out", tmp_path / "out")
    assert run.returncode == 2
    assert "no benchmark is at hand" in run.stderr
    assert not (tmp_path / "out").exists()


def test_curate_looks_at_behaviour_when_it_may_execute(corpus, tmp_path):
    out = tmp_path / "out"
    run = textbooks("curate", corpus, "--out", out, "--problems", FILES / "exams.jsonl", "--min-score", 0, "--execute")
    assert run.returncode == 0, run.stderr
    assert "are RUN" in run.stdout
    assert {"copy", "renamed", "disguised"} <= set(ids(out / "dropped"))
    stats = json.loads((out / "stats.json").read_text())
    assert stats["reasons"]["solves_problem"] == 3
    assert "exam/2" in (out / "report.html").read_text()
