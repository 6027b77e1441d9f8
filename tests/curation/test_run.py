"""The main job from end to end: what is written, and that nothing is lost."""

from __future__ import annotations

import json
import os

import pyarrow.parquet as pq
import pytest

from tests.conftest import HOSTILE_TEXTS, TEXTBOOK
from tests.curation.conftest import digest_of, textbooks
from textbooks.schema import KEPT_SCHEMA, REJECTED_SCHEMA


@pytest.fixture(scope="module")
def curated(corpus, tmp_path_factory):
    out = tmp_path_factory.mktemp("curated") / "out"
    run = textbooks("curate", corpus, "--out", out)
    assert run.returncode == 0, run.stderr
    return run, out


def rows(folder):
    return [row for file in sorted(folder.glob("*.parquet")) for row in pq.read_table(file).to_pylist()]


def test_the_statistics_add_up(curated):
    _, out = curated
    stats = json.loads((out / "stats.json").read_text())
    assert {name: stats[name] for name in ("read", "kept", "dropped", "quarantined", "reasons")} == {
        "read": 9,
        "kept": 2,
        "dropped": 4,
        "quarantined": 3,
        "reasons": {
            "exact_duplicate": 1,
            "invalid_unicode": 1,
            "low_edu_value": 1,
            "not_text": 1,
            "syntax": 1,
            "text_missing": 1,
            "too_short": 1,
        },
    }
    assert stats["missing_benchmarks"] == ["humaneval", "mbpp"]
    assert stats["benchmarks"] == {}


def test_kept_records(curated, corpus):
    _, out = curated
    assert pq.read_schema(out / "kept" / "00000-00000.parquet").equals(KEPT_SCHEMA)
    first, second = rows(out / "kept")
    assert first["text"] == TEXTBOOK
    assert first["id"] == first["source"] == str(corpus / "b.py")
    assert first["reasons"] == []
    assert 2.5 <= first["score"] <= 5
    assert second["id"] == "wanted"
    assert second["source"] == f"{corpus / 'rows.jsonl.gz'}#2"
    assert json.loads(second["metadata"]) == {"stars": 3}


def test_dropped_records_and_why(curated, corpus):
    _, out = curated
    assert pq.read_schema(out / "dropped" / "00000-00000.parquet").equals(REJECTED_SCHEMA)
    why = {row["source"].removeprefix(f"{corpus}/"): row for row in rows(out / "dropped")}
    assert {source: row["reason"] for source, row in why.items()} == {
        "a/settings.py": "low_edu_value",
        "a/broken.py": "syntax",
        "a/search.py": "exact_duplicate",
        "table.parquet#1": "too_short",
    }
    assert all(row["reasons"] == [row["reason"]] for row in why.values())
    assert why["a/settings.py"]["score"] < 2.5
    assert why["a/broken.py"]["score"] is None
    assert json.loads(why["a/search.py"]["evidence"]) == {"exact_duplicate": {"duplicate_of": str(corpus / "b.py")}}


def test_quarantined_records_and_why(curated, corpus):
    _, out = curated
    assert pq.read_schema(out / "quarantine" / "00000-00000.parquet").equals(REJECTED_SCHEMA)
    why = {row["source"].removeprefix(f"{corpus}/"): row for row in rows(out / "quarantine")}
    assert {source: (row["reason"], row["text"] is None, row["score"]) for source, row in why.items()} == {
        "latin.py": ("invalid_unicode", False, None),
        "rows.jsonl.gz#1": ("not_text", True, None),
        "table.parquet#2": ("text_missing", True, None),
    }
    assert "holds 5" in json.loads(why["rows.jsonl.gz#1"]["evidence"])["reader"]["detail"]


def test_the_terminal_says_what_happened(curated):
    run, out = curated
    assert "WARNING: humaneval was not found" in run.stdout
    assert "judging" in run.stdout
    assert "exact_duplicate" in run.stdout
    assert str(out / "report.html") in run.stdout
    assert run.stderr == ""
    assert (out / "report.html").read_text().startswith("<!DOCTYPE html>")


def test_output_does_not_depend_on_workers_or_hash_seed(curated, corpus, tmp_path):
    _, out = curated
    run = textbooks("curate", corpus, "--out", tmp_path / "out", "--workers", 1, env={"PYTHONHASHSEED": "7"})
    assert run.returncode == 0, run.stderr
    assert digest_of(tmp_path / "out") == digest_of(out)


def test_again_it_is_a_no_op_that_says_so(curated, corpus):
    _, out = curated
    before = digest_of(out), [f.stat().st_mtime_ns for f in sorted(out.rglob("*.parquet"))]
    run = textbooks("curate", corpus, "--out", out)
    assert run.returncode == 0
    assert "Nothing to do" in run.stdout
    assert (digest_of(out), [f.stat().st_mtime_ns for f in sorted(out.rglob("*.parquet"))]) == before


def test_leaked_problems_are_dropped(tmp_path):
    prompt = 'def count_vowels(text):\n    """Return how many of the letters of the text are vowels, of any case."""\n'
    solution = "    return sum(letter in 'aeiou' for letter in text.lower() if letter.isalpha())\n"
    problem = {"task_id": "X/0", "prompt": prompt, "canonical_solution": solution, "test": "", "entry_point": "f"}
    (tmp_path / "problems.jsonl").write_text(json.dumps(problem) + "\n")
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "leaked.py").write_text(TEXTBOOK + "\n\n" + prompt + solution)
    (corpus / "clean.py").write_text(TEXTBOOK)
    out = tmp_path / "out"
    run = textbooks("curate", corpus, "--out", out, "--problems", tmp_path / "problems.jsonl", "--min-score", 0)
    assert run.returncode == 0, run.stderr
    assert json.loads((out / "stats.json").read_text())["reasons"] == {"ngram_overlap": 1}
    (dropped,) = rows(out / "dropped")
    assert dropped["source"] == str(corpus / "leaked.py")
    assert json.loads(dropped["evidence"])["ngram"]["problems"][0]["id"] == "X/0"


def test_a_zoo_of_hostile_files_is_counted_to_the_last(tmp_path):
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    for name, text in HOSTILE_TEXTS.items():
        (corpus / f"{name}.py").write_text(text, encoding="utf-8", newline="")
    (corpus / "utf16.py").write_text("x = 1\n", encoding="utf-16")
    (corpus / "bytes.py").write_bytes(bytes(range(256)) * 50)
    (corpus / "huge.py").write_bytes(b"x = '" + b"a" * 50_000_000 + b"'\n")
    (corpus / "dangling.py").symlink_to(corpus / "nowhere")
    (corpus / "garbage.parquet").write_bytes(b"PAR1 garbage")
    (corpus / "garbage.jsonl.gz").write_bytes(b"garbage")
    (corpus / "rows.jsonl").write_text('{"text": 1}\n{"text": null}\n{}\n[]\n{"text": "\\ud800"}\n{"text":\n')
    os.mkfifo(corpus / "pipe.py")
    run = textbooks("curate", corpus, "--out", tmp_path / "out", "--min-score", 0)
    assert run.returncode == 0, run.stderr
    stats = json.loads((tmp_path / "out" / "stats.json").read_text())
    assert stats["read"] == len(HOSTILE_TEXTS) + 6 + 6
    assert stats["read"] == stats["kept"] + stats["dropped"] + stats["quarantined"]
    assert stats["quarantined"] == 11
    assert (stats["reasons"]["long_line"], stats["reasons"]["too_long"]) == (2, 2)


def test_rows_of_another_text_column(tmp_path):
    (tmp_path / "rows.jsonl").write_text(json.dumps({"content": TEXTBOOK, "text": 3}) + "\n")
    run = textbooks("curate", tmp_path / "rows.jsonl", "--out", tmp_path / "out", "--text-column", "content")
    assert run.returncode == 0, run.stderr
    (kept,) = rows(tmp_path / "out" / "kept")
    assert (kept["text"], json.loads(kept["metadata"])) == (TEXTBOOK, {"text": 3})


def test_an_url_of_any_file_system(tmp_path):
    (tmp_path / "search.py").write_text(TEXTBOOK)
    run = textbooks("curate", f"file://{tmp_path}/search.py", "--out", tmp_path / "out")
    assert run.returncode == 0, run.stderr
    (kept,) = rows(tmp_path / "out" / "kept")
    assert kept["source"].endswith(f"{tmp_path}/search.py")
