"""What was published is held against what was read, task by task."""

from __future__ import annotations

import shutil

import pyarrow.parquet as pq
import pytest

from tests.curation.test_blocks import LONG, pipeline
from textbooks.curation.accounts import account, forget_unfinished
from textbooks.curation.manifest import MANIFEST, read_manifest, write_manifest
from textbooks.curation.markers import markers_folder
from textbooks.schema import KEPT_SCHEMA

TEXTS = [[LONG, "", None, LONG], ["", LONG], []]
STAGES = [("judge", 3)]


@pytest.fixture
def out(tmp_path):
    """Three tasks in blocks of two records."""
    for rank, texts in enumerate(TEXTS):
        pipeline(tmp_path, texts, size=2, rank=rank)
    markers_folder(tmp_path / ".work", "judge").parent.mkdir(parents=True)
    shutil.move(tmp_path / ".notes", markers_folder(tmp_path / ".work", "judge"))
    return tmp_path


def test_totals_reasons_and_tasks(out):
    accounts = account(out, out / ".work", STAGES)
    assert accounts.read == 6
    assert accounts.bytes == 3 * len(LONG)
    assert dict(accounts.rows) == {"kept": 3, "dropped": 2, "quarantine": 1}
    assert dict(accounts.reasons) == {"too_short": 2, "text_missing": 1}
    assert {rank: (task.read, dict(task.rows)) for rank, task in accounts.tasks["judge"].items()} == {
        0: (4, {"kept": 2, "dropped": 1, "quarantine": 1}),
        1: (2, {"kept": 1, "dropped": 1}),
        2: (0, {}),
    }
    assert [(task, part.path, part.rows) for task, part in accounts.parts][:2] == [
        ("judge/00000", "dropped/00000-00000.parquet", 1),
        ("judge/00001", "dropped/00001-00000.parquet", 1),
    ]


def test_a_folder_without_rows_gets_a_file_without_rows(tmp_path):
    pipeline(tmp_path, [""], size=2)
    (tmp_path / ".work" / "blocks").mkdir(parents=True)
    shutil.move(tmp_path / ".notes", tmp_path / ".work" / "blocks" / "judge")
    account(tmp_path, tmp_path / ".work", [("judge", 1)])
    table = pq.read_table(tmp_path / "kept" / "empty.parquet")
    assert (table.num_rows, table.schema.equals(KEPT_SCHEMA)) == (0, True)


def test_a_file_that_no_block_counts_is_removed(out):
    shutil.copy(out / "kept" / "00000-00000.parquet", out / "kept" / "00009-00000.parquet")
    account(out, out / ".work", STAGES)
    assert not (out / "kept" / "00009-00000.parquet").exists()


@pytest.mark.parametrize("lost", ["kept/00000-00001.parquet", ".work/blocks/judge/00002-00000.json"])
def test_a_task_that_is_not_complete_is_an_error_and_is_done_again(out, lost):
    completions = out / ".work" / "logs" / "judge" / "completions"
    completions.mkdir(parents=True)
    for rank in range(3):
        (completions / f"{rank:05d}").touch()
    forget_unfinished(out, out / ".work", "judge")
    assert len(list(completions.iterdir())) == 3
    (out / lost).unlink()
    with pytest.raises(RuntimeError, match="is not complete"):
        account(out, out / ".work", STAGES)
    forget_unfinished(out, out / ".work", "judge")
    gone = "00000" if lost.startswith("kept") else "00002"
    assert sorted(file.name for file in completions.iterdir()) == sorted({"00000", "00001", "00002"} - {gone})


def test_rows_that_differ_from_the_marker_are_an_error(out):
    marker = out / ".work" / "blocks" / "judge" / "00001-00000.json"
    marker.write_text(marker.read_text().replace('"records": 2', '"records": 3'))
    with pytest.raises(RuntimeError, match="3 records were read but 2 written"):
        account(out, out / ".work", STAGES)


def test_rows_that_differ_from_the_file_are_an_error(out):
    file = out / "kept" / "00001-00000.parquet"
    pq.write_table(KEPT_SCHEMA.empty_table(), file)
    marker = out / ".work" / "blocks" / "judge" / "00001-00000.json"
    old = f'"size": {marker.stat().st_size}'
    size = next(word for word in marker.read_text().split("kept/")[1].split("}") if '"size"' in word)
    old = size.partition('"size": ')[2]
    marker.write_text(marker.read_text().replace(f'"size": {old}', f'"size": {file.stat().st_size}'))
    with pytest.raises(RuntimeError, match=r"1 records were read but 0 written.*00001-00000"):
        account(out, out / ".work", STAGES)


def test_the_manifest_names_every_file_and_every_task(out):
    (out / "stats.json").write_text("{}")
    accounts = account(out, out / ".work", STAGES)
    write_manifest(out, accounts, {"job": "test"}, ["stats.json", "report.html"])
    manifest = read_manifest(out)
    assert manifest["key"] == {"job": "test"}
    assert set(manifest["files"]) == {
        "stats.json",
        *(f"{folder}/{file.name}" for folder in ("kept", "dropped", "quarantine") for file in (out / folder).iterdir()),
    }
    assert manifest["files"]["stats.json"] == {
        "bytes": 2,
        "sha256": "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
    }
    assert manifest["tasks"]["judge"]["00001"] == {"read": 2, "rows": {"dropped": 1, "kept": 1}}
    assert {name: manifest["totals"][name] for name in ("read", "kept", "dropped", "quarantined")} == {
        "read": 6,
        "kept": 3,
        "dropped": 2,
        "quarantined": 1,
    }


def test_any_change_of_a_byte_of_the_manifest_is_noticed(out):
    write_manifest(out, account(out, out / ".work", STAGES), {"job": "test"}, [])
    data = (out / MANIFEST).read_bytes()
    for position in range(0, len(data), 7):
        (out / MANIFEST).write_bytes(data[:position] + bytes([data[position] ^ 1]) + data[position + 1 :])
        with pytest.raises(ValueError, match="expected"):
            read_manifest(out)
