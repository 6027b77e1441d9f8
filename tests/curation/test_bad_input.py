"""Bad input: exit code 2, one clear line that says what and how to mend it, nothing under a final name."""

from __future__ import annotations

import json
import resource
import subprocess
import sys

import pytest

from tests.conftest import TEXTBOOK
from tests.curation.conftest import textbooks


@pytest.fixture
def source(tmp_path):
    file = tmp_path / "search.py"
    file.write_text(TEXTBOOK)
    return file


def refused(run, *words, out=None):
    assert run.returncode == 2, (run.stdout, run.stderr)
    message = " ".join(run.stderr.replace("│", " ").split())
    for word in words:
        assert word in message
    assert "Traceback" not in run.stderr
    if out is not None:
        assert not [f for f in out.rglob("*") if f.is_file() and ".textbooks" not in f.parts]


def test_a_missing_path(tmp_path):
    refused(textbooks("curate", "nowhere", "--out", tmp_path / "out"), "no file or folder 'nowhere'", out=tmp_path)


def test_a_missing_url(tmp_path):
    run = textbooks("curate", f"file://{tmp_path}/nowhere", "--out", tmp_path / "out")
    refused(run, "there is no file or folder", "nowhere")


def test_an_unknown_protocol(tmp_path):
    refused(textbooks("curate", "nosuch://x", "--out", tmp_path / "out"), "nosuch://x", "Protocol not known")


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("--min-score", "7", "min_score must be between 0 and 5, got 7"),
        ("--min-score", "nan", "min_score must be between 0 and 5, got nan"),
        ("--min-score", "high", "--min-score"),
        ("--workers", "0", "workers must be at least 1, got 0"),
        ("--colour", "red", "No such option"),
        ("--problems", "nosuch", "nosuch"),
    ],
)
def test_a_bad_option(source, tmp_path, option, value, message):
    refused(textbooks("curate", source, "--out", tmp_path / "out", option, value), message, out=tmp_path / "out")


def test_no_output_folder(source):
    refused(textbooks("curate", source), "Missing option '--out'")


def test_an_output_folder_that_cannot_be_made(source):
    refused(textbooks("curate", source, "--out", source / "out"), "cannot write to the output folder", "Choose another")


def test_an_output_folder_that_holds_other_things(source, tmp_path):
    out = tmp_path / "precious"
    out.mkdir()
    (out / "thesis.txt").write_text("years of work")
    for extra in ([], ["--restart"]):
        refused(textbooks("curate", source, "--out", out, *extra), "holds 'thesis.txt'", "choose another --out")
    assert [f.name for f in out.iterdir()] == ["thesis.txt"]


def test_nothing_that_could_be_read(tmp_path):
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "notes.txt").write_text("x")
    run = textbooks("curate", tmp_path / "corpus", "--out", tmp_path / "out")
    refused(run, "nothing to read below", ".parquet", out=tmp_path / "out")


def test_nothing_readable(tmp_path):
    (tmp_path / "a.parquet").write_bytes(b"garbage")
    (tmp_path / "b.py").write_bytes(b"\xff\xfe\xff")
    run = textbooks("curate", tmp_path / "a.parquet", tmp_path / "b.py", "--out", tmp_path / "out")
    refused(run, "nothing readable among 2 records", "invalid_unicode 1, unreadable 1", out=tmp_path / "out")


def test_a_text_column_that_is_in_no_row(tmp_path):
    rows = [{"content": TEXTBOOK, "stars": 1}] * 3
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    run = textbooks("curate", tmp_path / "rows.jsonl", "--out", tmp_path / "out")
    refused(run, "no row of 3 has the column 'text'", "content, stars", "--text-column", out=tmp_path / "out")


def test_after_a_refusal_the_mended_command_runs(tmp_path):
    """The folder of a refused run must not stand in the way of the right one."""
    (tmp_path / "rows.jsonl").write_text(json.dumps({"content": TEXTBOOK}) + "\n")
    command = ("curate", tmp_path / "rows.jsonl", "--out", tmp_path / "out")
    refused(textbooks(*command), "Name the right one with --text-column")
    run = textbooks(*command, "--text-column", "content")
    assert run.returncode == 0, run.stderr


def test_strict_stops_at_the_first_damaged_record_with_file_and_row(tmp_path):
    rows = [{"text": TEXTBOOK}, {"text": 5}, {"text": None}]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    run = textbooks("curate", tmp_path / "rows.jsonl", "--out", tmp_path / "out", "--strict")
    refused(run, f"{tmp_path / 'rows.jsonl'}#2: not_text", "holds 5", out=tmp_path / "out")


def test_strict_runs_through_a_clean_corpus(source, tmp_path):
    run = textbooks("curate", source, "--out", tmp_path / "out", "--strict")
    assert run.returncode == 0, run.stderr


@pytest.mark.parametrize("workers", [1, 2])
def test_a_full_disk(tmp_path, workers):
    """A limit on the size of files stands in for a full disk: both fail the write; afterwards the run resumes."""
    corpus, out = tmp_path / "corpus", tmp_path / "out"
    corpus.mkdir()
    for i in range(40):
        noise = "".join(f"\n# {i} {j * 7919 % 1009} {hash((i, j))}" for j in range(100))
        (corpus / f"{i}.py").write_text(TEXTBOOK + noise)
    command = ("curate", corpus, "--out", out, "--workers", workers, "--min-score", 0)
    limit = 20_000
    run = textbooks(*command, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))
    refused(run, str(out), "File too large", "Make room", out=out)
    run = textbooks(*command)
    assert run.returncode == 0, run.stderr
    assert json.loads((out / "stats.json").read_text())["kept"] == 40


def test_two_runs_in_one_folder(source, tmp_path):
    out = tmp_path / "out"
    holder = (
        "import sys, time; from pathlib import Path; from textbooks.curation.notes import exclusive\n"
        "with exclusive(Path(sys.argv[1])): print('held', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", holder, str(out)], stdout=subprocess.PIPE) as other:
        assert other.stdout.readline() == b"held\n"
        refused(textbooks("curate", source, "--out", out), f"another run (process {other.pid})", "wait for it")
        other.kill()
    assert textbooks("curate", source, "--out", out).returncode == 0
