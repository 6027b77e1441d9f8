"""`textbooks verify`: a whole output is called whole, and nothing else is."""

from __future__ import annotations

import json
import random
import shutil

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.curation.conftest import textbooks
from tests.curation.test_blocks import LONG, pipeline
from textbooks.curation.accounts import account
from textbooks.curation.manifest import MANIFEST, _bytes_of, _digest, read_manifest, write_manifest
from textbooks.curation.verify import verify
from textbooks.errors import InputError
from textbooks.schema import SCHEMAS

TEXTS = [[LONG, "", None, LONG], ["", LONG]]
FLIPS, CUTS = 60, 60


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    out = tmp_path_factory.mktemp("whole")
    for rank, texts in enumerate(TEXTS):
        pipeline(out, texts, size=2, rank=rank)
    (out / ".textbooks" / "blocks").mkdir(parents=True)
    shutil.move(out / ".notes", out / ".textbooks" / "blocks" / "judge")
    accounts = account(out, out / ".textbooks", [("judge", 2)])
    counts = {"read": 6, "kept": 3, "dropped": 2, "quarantined": 1}
    stats = {**counts, "reasons": {"too_short": 2, "text_missing": 1}}
    (out / "stats.json").write_text(json.dumps(stats))
    (out / "report.html").write_text("<!DOCTYPE html>")
    write_manifest(out, accounts, {"job": "test"}, ["stats.json", "report.html"])
    return out


@pytest.fixture
def out(whole, tmp_path):
    shutil.copytree(whole, tmp_path / "out")
    return tmp_path / "out"


def files_of(out):
    return sorted(path for path in out.rglob("*") if path.is_file() and ".textbooks" not in path.parts)


def rewrite(out, change):
    """Change a manifest as somebody would who knows how to seal it."""
    content = read_manifest(out)
    change(content)
    (out / MANIFEST).write_bytes(_bytes_of({**content, "digest": _digest(content)}))


def test_a_whole_output_is_called_whole(out):
    report = verify(out)
    assert report.is_whole
    assert (report.files, report.rows) == (len(files_of(out)) - 1, 6)
    assert str(report).startswith(f"whole: {report.files} files, 0.0 MB, 6 rows")
    assert verify(out, quick=True).is_whole


@pytest.mark.parametrize("seed", range(FLIPS))
def test_any_flipped_bit_is_found(out, seed):
    chance = random.Random(seed)
    file = chance.choice(files_of(out))
    data = bytearray(file.read_bytes())
    data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    file.write_bytes(data)
    report = verify(out)
    assert [fault.file for fault in report.faults] == [file.relative_to(out).as_posix()], report


@pytest.mark.parametrize("seed", range(CUTS))
def test_any_truncation_is_found_also_quickly(out, seed):
    chance = random.Random(seed)
    file = chance.choice(files_of(out))
    data = file.read_bytes()
    file.write_bytes(data[: chance.randrange(len(data))])
    name = file.relative_to(out).as_posix()
    assert [fault.file for fault in verify(out).faults] == [name]
    assert [fault.file for fault in verify(out, quick=True).faults] == [name]


@pytest.mark.parametrize("quick", [True, False])
def test_a_missing_file_is_named(out, quick):
    for file in files_of(out):
        data = file.read_bytes()
        file.unlink()
        (fault,) = verify(out, quick=quick).faults
        assert fault.file == file.relative_to(out).as_posix()
        assert "none" in fault.found or "No such file" in fault.found
        file.write_bytes(data)


@pytest.mark.parametrize("name", ["kept/00009-00000.parquet", "notes.txt", "dropped/.00000.parquet.7.tmp", "more/x"])
@pytest.mark.parametrize("quick", [True, False])
def test_an_additional_file_is_named(out, name, quick):
    (out / name).parent.mkdir(exist_ok=True)
    (out / name).write_bytes(b"x")
    (fault,) = verify(out, quick=quick).faults
    assert str(fault) == f"{name}: expected nothing, for the manifest does not name it, found a file"


def test_swapped_files_are_named(out):
    first, second = sorted((out / "kept").iterdir())[:2]
    first.rename(out / "aside")
    second.rename(first)
    (out / "aside").rename(second)
    assert sorted(fault.file for fault in verify(out).faults) == [f"kept/{first.name}", f"kept/{second.name}"]


def test_a_fault_names_what_was_expected_and_found(out):
    file = next((out / "kept").iterdir())
    size = file.stat().st_size
    file.write_bytes(b"x")
    assert [str(fault) for fault in verify(out).faults] == [f"kept/{file.name}: expected {size:,} bytes, found 1"]


def test_an_unfinished_run_has_no_manifest_and_is_not_whole(out):
    (out / MANIFEST).unlink()
    assert "manifest.json: expected the manifest of a finished run" in str(verify(out))


def test_no_folder_is_an_error(tmp_path):
    with pytest.raises(InputError, match="there is no folder"):
        verify(tmp_path / "nowhere")


def resealed(out, name):
    """Let the manifest have the size and digest that a file has now."""
    from textbooks.storage import file_digest

    def change(content):
        content["files"][name] |= {"bytes": (out / name).stat().st_size, "sha256": file_digest(out / name)}

    rewrite(out, change)


def test_rows_that_a_sealed_manifest_has_wrong_are_found_by_task_and_in_total(out):
    name = "kept/00001-00000.parquet"
    table = pq.read_table(out / name)
    pq.write_table(pa.concat_tables([table, table]), out / name)
    resealed(out, name)
    assert [str(fault) for fault in verify(out).faults] == [f"{name}: expected 1 rows, found 2"]
    rewrite(out, lambda content: content["files"][name].update(rows=2))
    found = str(verify(out))
    assert "manifest.json: expected 2 rows of task judge/00001, as it read, found 3" in found
    assert "manifest.json: expected kept 3, found 4" in found
    assert "stats.json: expected kept 4, found 3" in found


def test_other_columns_are_found(out):
    name = "quarantine/00000-00000.parquet"
    pq.write_table(pq.read_table(out / name).drop_columns(["evidence"]), out / name)
    resealed(out, name)
    (fault,) = verify(out).faults
    assert (fault.file, "evidence" in fault.expected, "evidence" in fault.found) == (name, True, False)
    assert set(SCHEMAS) == {"kept", "dropped", "quarantine"}


@pytest.mark.parametrize(
    ("stats", "fault"),
    [
        ({"reasons": {"too_short": 3}}, "stats.json: expected reasons"),
        ({"read": 7}, "stats.json: expected read 6, found 7"),
        (None, "stats.json: expected the statistics of the run"),
    ],
)
def test_statistics_that_differ_are_found(out, stats, fault):
    old = json.loads((out / "stats.json").read_text())
    (out / "stats.json").write_text(json.dumps(None if stats is None else {**old, **stats}))
    resealed(out, "stats.json")
    assert fault in str(verify(out))


def test_the_command_proves_a_run_and_names_faults_with_exit_code_2(corpus, tmp_path):
    out = tmp_path / "out"
    assert textbooks("curate", corpus, "--out", out).returncode == 0
    run = textbooks("verify", out)
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.startswith("whole: ")
    assert "9 rows" in run.stdout
    file = next((out / "dropped").iterdir())
    file.write_bytes(file.read_bytes() + b"x")
    for option in ([], ["--quick"]):
        run = textbooks("verify", out, *option)
        assert run.returncode == 2
        assert run.stderr.startswith(f"dropped/{file.name}: expected ")
    assert textbooks("verify", tmp_path / "nowhere").returncode == 2
