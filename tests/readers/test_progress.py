"""Notes of progress: a courtesy that must neither lie nor end a run."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from textbooks.readers import CorpusReader, find_inputs, write_plan
from textbooks.readers import progress as module
from textbooks.readers.progress import Progress, ProgressFile, read_progress


def test_the_last_note_holds_everything(tmp_path: Path) -> None:
    with ProgressFile(tmp_path, 3) as progress:
        assert read_progress(tmp_path) == {3: (Progress(0, 0), os.getpid())}
        for _ in range(1_000):
            progress.add(records=1)
        progress.add(size=7)
    assert read_progress(tmp_path) == {3: (Progress(1_000, 7), os.getpid())}


def test_a_task_that_fails_leaves_its_last_note(tmp_path: Path) -> None:
    def fail() -> None:
        with ProgressFile(tmp_path, 0) as progress:
            progress.add(records=2)
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert read_progress(tmp_path)[0][0] == Progress(2, 0)


def test_notes_are_written_now_and_then(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    with ProgressFile(tmp_path, 0) as progress:
        progress.add(records=1)
        assert read_progress(tmp_path)[0][0].records == 0
        now[0] += 0.6
        progress.add(records=1)
        assert read_progress(tmp_path)[0][0].records == 2


def test_without_a_folder_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with ProgressFile(None, 0) as progress:
        progress.add(records=1)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_ends_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with ProgressFile(tmp_path / "file" / "below", 0) as progress:
        progress.add(records=1)


@pytest.mark.parametrize("note", ["", "{", "[]", "1", "null", '"x"', "{}", '{"records": 1}', "\0"])
def test_a_note_half_written_is_passed_over(tmp_path: Path, note: str) -> None:
    """Bug: a note that was JSON but no object raised TypeError in the display."""
    (tmp_path / "00000.json").write_text(note)
    (tmp_path / "other.json").write_text(json.dumps({"records": 1, "size": 1, "pid": 1}))
    (tmp_path / "00001.json").write_text(json.dumps({"records": 1, "size": 2, "pid": 3}))
    assert read_progress(tmp_path) == {1: (Progress(1, 2), 3)}


def test_notes_of_nobody_are_none(tmp_path: Path) -> None:
    assert read_progress(tmp_path / "nosuch") == {}


def test_the_reader_notes_records_and_bytes_of_files(tmp_path: Path) -> None:
    rows = '{"text": "a"}\n{"text": 1}\n'
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.jsonl").write_text(rows)
    (tmp_path / "in" / "b.py").write_text("é")
    write_plan(find_inputs([str(tmp_path / "in")]), tmp_path / "plan")
    list(CorpusReader(tmp_path / "plan", progress=tmp_path / "notes").run(rank=0))
    assert read_progress(tmp_path / "notes") == {0: (Progress(3, len(rows) + 2), os.getpid())}
