"""Rows in the columns of The Stack, made up here: texts, licences and origins under our names."""

from __future__ import annotations

import gzip
import io
import json
import math
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from license_expression import get_spdx_licensing

from textbooks.readers import CorpusReader, InputFile
from textbooks.readers.formats.the_stack import join_licences, shape_of
from textbooks.readers.found import Damaged, Found

V1: dict[str, Any] = {
    "hexsha": "0123456789abcdef0123456789abcdef01234567",
    "size": 6,
    "ext": "py",
    "lang": "Python",
    "max_stars_repo_path": "pkg/a.py",
    "max_stars_repo_name": "somebody/things",
    "max_stars_repo_head_hexsha": "fedcba9876543210fedcba9876543210fedcba98",
    "max_stars_repo_licenses": ["MIT"],
    "max_stars_count": 12.0,
    "max_stars_repo_stars_event_min_datetime": None,
    "max_issues_count": None,
    "content": "x = 1\n",
    "avg_line_length": 5.0,
    "alphanum_fraction": 0.5,
}
SMOL = {
    "content": "x = 1\n",
    "repository_name": "a/b",
    "path": "c.py",
    "licenses": ["MIT"],
    "lang": "Python",
    "size": 6,
}
STARCODER = {
    "max_stars_repo_path": "c.py",
    "max_stars_repo_name": "a/b",
    "max_stars_count": 3,
    "id": "77",
    "content": "x = 1\n",
}
BLOB = "00112233445566778899aabbccddeeff00112233"
V2: dict[str, Any] = {
    "blob_id": BLOB,
    "directory_id": "d" * 40,
    "path": "/pkg/a.py",
    "content_id": "c" * 40,
    "detected_licenses": ["Apache-2.0", "MIT"],
    "license_type": "permissive",
    "repo_name": "somebody/things",
    "snapshot_id": "e" * 40,
    "revision_id": "f" * 40,
    "branch_name": "refs/heads/main",
    "star_events_count": 4,
    "gha_license_id": "Apache-2.0",
    "src_encoding": "UTF-8",
    "language": "Python",
    "is_vendor": False,
    "extension": "py",
    "length_bytes": 6,
}
GROUPED = {
    "repo_name": "somebody/things",
    "revision_id": "f" * 40,
    "snapshot_id": "e" * 40,
    "gha_license_id": "BSD-3-Clause",
    "star_events_count": 4,
    "num_files": 2,
    "files": [
        {"blob_id": BLOB, "path": "/a.py", "src_encoding": "UTF-8", "detected_licenses": [], "language": "Python"},
        {"blob_id": "1" * 40, "path": "/b.md", "src_encoding": "ascii", "detected_licenses": ["MIT"]},
    ],
}


def read(tmp_path: Path, *rows: dict[str, Any], **options: Any) -> list[Found]:
    """Read rows from JSON Lines, and hold the same rows in parquet against it."""
    data = b"".join(json.dumps(row).encode() + b"\n" for row in rows)
    (tmp_path / "rows.jsonl").write_bytes(data)
    found = list(CorpusReader("", **options).read_file(InputFile(str(tmp_path / "rows.jsonl"), "jsonl", len(data), "")))
    buffer = io.BytesIO()
    pq.write_table(pa.Table.from_pylist([*rows]), buffer)
    (tmp_path / "rows.parquet").write_bytes(buffer.getvalue())
    file = InputFile(str(tmp_path / "rows.parquet"), "parquet", len(data), "")
    again = list(CorpusReader("", **options).read_file(file))
    assert [one.text for one in again] == [one.text for one in found]
    assert [one.metadata.get("license") for one in again] == [one.metadata.get("license") for one in found]
    return found


def test_version_1_has_its_text_in_content(tmp_path: Path) -> None:
    (found,) = read(tmp_path, V1)
    assert (found.text, found.id) == ("x = 1\n", V1["hexsha"])  # type: ignore[union-attr]
    assert found.metadata == {
        "source": f"{tmp_path}/rows.jsonl#1",
        "repository": "somebody/things",
        "path": "pkg/a.py",
        "revision": V1["max_stars_repo_head_hexsha"],
        "url": f"https://github.com/somebody/things/blob/{V1['max_stars_repo_head_hexsha']}/pkg/a.py",
        "stars": 12,
        "license": "MIT",
        "language": "Python",
        **{name: V1[name] for name in ("hexsha", "size", "ext", "avg_line_length", "alphanum_fraction")},
    }


@pytest.mark.parametrize(("row", "given_id"), [(SMOL, None), (STARCODER, "77")])
def test_samples_and_starcoder_data_are_known(tmp_path: Path, row: dict[str, Any], given_id: str | None) -> None:
    (found,) = read(tmp_path, row)
    assert found.text == "x = 1\n"
    assert (found.metadata["repository"], found.metadata["path"]) == ("a/b", "c.py")
    assert found.id == (given_id or found.metadata["source"])  # type: ignore[union-attr]


@pytest.mark.parametrize(("stars", "said"), [(None, None), (0, 0), (math.nan, None), (3.0, 3)])
def test_stars_are_a_whole_number_or_absent(tmp_path: Path, stars: float | None, said: int | None) -> None:
    (found,) = read(tmp_path, {**V1, "max_stars_count": stars})
    assert found.metadata.get("stars") == said


@pytest.mark.parametrize("zipped", [False, True])
@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_version_2_points_to_its_contents(tmp_path: Path, suffix: str, zipped: bool) -> None:
    (tmp_path / "blobs").mkdir()
    data = "# é\n".encode("latin-1")
    (tmp_path / "blobs" / (BLOB + suffix)).write_bytes(gzip.compress(data) if zipped else data)
    row = {**V2, "src_encoding": "ISO-8859-1"}
    for blobs in (str(tmp_path / "blobs"), f"file://{tmp_path}/blobs/"):
        (found,) = read(tmp_path, row, blobs=blobs)
        assert (found.text, found.id) == ("# é\n", BLOB)  # type: ignore[union-attr]
        assert found.metadata["license"] == "Apache-2.0 AND MIT"
        assert found.metadata["stars"] == 4
        assert found.metadata["path"] == "pkg/a.py"
        assert found.metadata["revision"] == "f" * 40


def test_joined_contents_are_taken_as_they_are(tmp_path: Path) -> None:
    (found,) = read(tmp_path, {**V2, "content": "y = 2\n"})
    assert (found.text, found.metadata["repository"]) == ("y = 2\n", "somebody/things")


@pytest.mark.parametrize(
    ("row", "data", "reason"),
    [
        (V2, None, "text_missing"),
        (V2, b"\xff", "invalid_unicode"),
        (V2, b"x" * 1_001, "too_large"),
        (V2, b"\x1f\x8bbroken", "unreadable"),
        ({**V2, "src_encoding": "punycode"}, b"x", "invalid_unicode"),
        ({**V2, "src_encoding": "nosuch"}, b"x", "invalid_unicode"),
        ({**V2, "src_encoding": "utf-16"}, b"\xff\xfex", "invalid_unicode"),
        ({**V2, "blob_id": "../../../etc/passwd"}, b"x", "malformed_row"),
        ({**V2, "blob_id": None}, b"x", "malformed_row"),
    ],
)
def test_a_content_that_cannot_be_had_is_set_aside(
    tmp_path: Path, row: dict[str, Any], data: bytes | None, reason: str
) -> None:
    (tmp_path / "blobs").mkdir()
    if data is not None:
        (tmp_path / "blobs" / BLOB).write_bytes(data)
    (found,) = read(tmp_path, row, blobs=str(tmp_path / "blobs"), max_bytes=1_000)
    assert isinstance(found, Damaged)
    assert found.reason == reason
    assert found.metadata["repository"] == "somebody/things"


def test_zipped_contents_are_bounded_when_unfolded_and_must_end(tmp_path: Path) -> None:
    (tmp_path / "blobs").mkdir()
    for data, reason in ((gzip.compress(bytes(10**6)), "too_large"), (gzip.compress(b"x" * 99)[:-9], "truncated")):
        (tmp_path / "blobs" / BLOB).write_bytes(data)
        (found,) = read(tmp_path, V2, blobs=str(tmp_path / "blobs"), max_bytes=10_000)
        assert isinstance(found, Damaged)
        assert found.reason == reason


def test_without_a_folder_of_blobs_the_row_says_what_is_missing(tmp_path: Path) -> None:
    (found,) = read(tmp_path, V2)
    assert isinstance(found, Damaged)
    assert "blobs=" in found.detail


def test_a_repository_gives_a_document_a_file(tmp_path: Path) -> None:
    (tmp_path / "blobs").mkdir()
    (tmp_path / "blobs" / BLOB).write_bytes(b"x = 1\n")
    (tmp_path / "blobs" / ("1" * 40)).write_bytes(b"# Title\n")
    first, second = read(tmp_path, GROUPED, blobs=str(tmp_path / "blobs"))
    assert (first.text, second.text) == ("x = 1\n", "# Title\n")
    assert [one.metadata["source"] for one in (first, second)] == [f"{tmp_path}/rows.jsonl#1:{n}" for n in (1, 2)]
    assert [one.metadata["license"] for one in (first, second)] == ["BSD-3-Clause", "MIT"]
    assert [one.metadata["path"] for one in (first, second)] == ["a.py", "b.md"]
    assert [one.metadata.get("text_format") for one in (first, second)] == [None, "markdown"]
    assert "files" not in first.metadata


@pytest.mark.parametrize(
    ("files", "reasons"),
    [([], ["text_missing"]), (None, ["text_missing"]), (["x"], ["malformed_row"]), ("ab", ["malformed_row"])],
)
def test_a_repository_without_files_is_one_damaged_record(tmp_path: Path, files: Any, reasons: list[str]) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps({**GROUPED, "files": files}))
    found = list(CorpusReader("").read_file(InputFile(str(path), "jsonl", 0, "")))
    assert [one.reason for one in found] == reasons  # type: ignore[union-attr]


def test_notebooks_become_lessons_unless_somebody_made_scripts_of_them(tmp_path: Path) -> None:
    notebook = json.dumps({"cells": [{"cell_type": "code", "source": "x = 1"}]})
    as_notebook = {**V1, "ext": "ipynb", "max_stars_repo_path": "a.ipynb"}
    one, script, broken = read(
        tmp_path, *({**as_notebook, "content": content} for content in (notebook, "x = 1\n", "{"))
    )
    assert (one.text, one.metadata["text_format"]) == ("```python\nx = 1\n```\n", "markdown")
    assert (script.text, script.metadata.get("text_format")) == ("x = 1\n", None)
    assert broken.reason == "malformed_row"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("content", "reason"), [(None, "text_missing"), (5, "not_text"), ("\ud800", "invalid_unicode")]
)
def test_contents_that_are_no_text_are_set_aside(tmp_path: Path, content: Any, reason: str) -> None:
    (tmp_path / "a.jsonl").write_text(json.dumps({**V1, "content": content}))
    (found,) = CorpusReader("").read_file(InputFile(str(tmp_path / "a.jsonl"), "jsonl", 0, ""))
    assert found.reason == reason  # type: ignore[union-attr]
    assert found.metadata["license"] == "MIT"


def test_contents_that_are_too_large_are_set_aside(tmp_path: Path) -> None:
    pq.write_table(pa.Table.from_pylist([{**V1, "content": "x" * 2_001}]), tmp_path / "long.parquet")
    file = InputFile(str(tmp_path / "long.parquet"), "parquet", 0, "")
    (found,) = CorpusReader("", max_bytes=2_000).read_file(file)
    assert found.reason == "too_large"  # type: ignore[union-attr]


def test_other_rows_stay_as_they_were(tmp_path: Path) -> None:
    rows = [{"text": "a", "content": "b", "hexsha": "1"}, {"text": "a", **V1}, {"text": "a", "content": "\udfff"}]
    path = tmp_path / "a.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    found = list(CorpusReader("").read_file(InputFile(str(path), "jsonl", 0, "")))
    assert [one.text for one in found] == ["a", "a", "a"]
    assert found[0].metadata["content"] == "b"
    assert found[2].metadata["content"] == "\\udfff"
    assert shape_of({"content": "b", "size": 3}, "text") is None


LICENCES = st.sampled_from(["MIT", "Apache-2.0", "BSD-3-Clause", "GPL-3.0-only", "MIT OR Apache-2.0"])


@settings(deadline=None)
@given(st.lists(LICENCES, max_size=5))
def test_licences_are_joined_so_that_each_of_them_holds(found: list[str]) -> None:
    spdx = get_spdx_licensing()
    joined = join_licences(found)
    if not found:
        assert joined is None
    else:
        assert joined is not None
        every = " AND ".join(f"({name})" for name in found)
        assert spdx.parse(joined).simplify() == spdx.parse(every).simplify()
        assert joined == join_licences(found[::-1])


@pytest.mark.parametrize(("found", "joined"), [(None, None), ("MIT", "MIT"), ([None, " ", 3], None), (5, None)])
def test_what_is_no_list_of_licences_is_taken_for_what_it_is(found: Any, joined: str | None) -> None:
    assert join_licences(found) == joined
