"""Damage of every format in one run of `curate`: read = kept + dropped + quarantined, and every reason as expected."""

from __future__ import annotations

import gzip
import io
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from datatrove.data import Document

from tests.readers.git.conftest import Maker
from tests.readers.test_corpus import KINDS as FILES_AND_ROWS
from textbooks.curation.options import CurationOptions
from textbooks.curation.run import curate
from textbooks.curation.shard_writer import StrictQuarantine
from textbooks.errors import DamagedRecordError
from textbooks.readers import FORMATS, CorpusReader, find_inputs, write_plan

MOST = 1_000  # bytes of a text, as in the kinds of files and rows that are read here, too


def notebook(*sources: Any) -> bytes:
    return json.dumps({"cells": [{"cell_type": "code", "source": source} for source in sources]}).encode()


def parquet(rows: list[dict[str, Any]], **options: Any) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), buffer, **options)
    return buffer.getvalue()


def stack(**columns: Any) -> bytes:
    row = {"max_stars_repo_name": "a/b", "max_stars_repo_licenses": ["MIT"], "content": "x = 1\n", **columns}
    return json.dumps(row).encode() + b"\n"


def pointer(**columns: Any) -> bytes:
    return json.dumps({"blob_id": "0" * 40, "src_encoding": "UTF-8", "repo_name": "a/b", **columns}).encode() + b"\n"


def posts(*lines: bytes) -> bytes:
    return b"<posts>\n" + b"\n".join(lines) + b"\n</posts>\n"


ASKED = b'<row Id="1" PostTypeId="1" Title="How?" Body="&lt;p&gt;How?&lt;/p&gt;" Score="1" />'
TOLD = b'<row Id="2" PostTypeId="2" ParentId="1" Body="&lt;p&gt;So.&lt;/p&gt;" Score="1" />'
FLIPPED = bytearray(parquet([{"text": f"text {n}"} for n in range(200)], write_page_checksum=True, compression="none"))
FLIPPED[200] ^= 0xFF
DEEP = b'{"cells": ' + b"[" * 5_000 + b"]" * 5_000 + b"}"

KINDS: list[tuple[str, bytes, int, dict[str, int]]] = [
    # name, bytes, documents, quarantined
    ("good.ipynb", notebook("x = 1"), 1, {}),
    ("bom.ipynb", b"\xef\xbb\xbf" + notebook("x = 1"), 1, {}),
    ("cr.ipynb", notebook("x = 1").replace(b'": ', b'":\r'), 1, {}),
    ("nan.ipynb", b'{"cells": [], "metadata": {"n": NaN}}', 1, {}),
    ("zero.ipynb", b"", 0, {"malformed_row": 1}),
    ("null.ipynb", b"null", 0, {"malformed_row": 1}),
    ("list.ipynb", b"[1]", 0, {"malformed_row": 1}),
    ("no-cells.ipynb", b'{"nbformat": 4}', 0, {"malformed_row": 1}),
    ("cells-number.ipynb", b'{"cells": 4}', 0, {"malformed_row": 1}),
    ("cell-string.ipynb", b'{"cells": ["x"]}', 0, {"malformed_row": 1}),
    ("source-number.ipynb", notebook(4), 0, {"malformed_row": 1}),
    ("cut.ipynb", notebook("x = 1")[:-3], 0, {"malformed_row": 1}),
    ("twice.ipynb", notebook("x = 1") * 2, 0, {"malformed_row": 1}),
    ("nul.ipynb", notebook("x = 1") + b"\0", 0, {"malformed_row": 1}),
    ("surrogate.ipynb", notebook("\ud800"), 0, {"invalid_unicode": 1}),
    ("latin.ipynb", b'{"cells": ["\xe9"]}', 0, {"invalid_unicode": 1}),
    ("long.ipynb", notebook("x" * MOST), 0, {"too_large": 1}),
    ("deep.ipynb", DEEP[:MOST], 0, {"malformed_row": 1}),
    ("good.md", b"# Title\n", 1, {}),
    ("cr.md", b"# Title\rtext\r", 1, {}),
    ("nul.md", b"\0" * 9, 1, {}),
    ("zero.md", b"", 1, {}),
    ("utf16.md", "# Title".encode("utf-16"), 0, {"invalid_unicode": 1}),
    ("surrogate.md", b"\xed\xa0\x80", 0, {"invalid_unicode": 1}),
    ("long.md", b"x" * (MOST + 1), 0, {"too_large": 1}),
    ("good-stack.jsonl", stack(), 1, {}),
    ("twice-stack.jsonl", stack()[:-2] + b', "content": "y"}\n', 1, {}),
    ("null-stack.jsonl", stack(content=None), 0, {"text_missing": 1}),
    ("number-stack.jsonl", stack(content=5), 0, {"not_text": 1}),
    ("surrogate-stack.jsonl", stack(content="\udfff"), 0, {"invalid_unicode": 1}),
    ("notebook-stack.jsonl", stack(content="{", max_stars_repo_path="a.ipynb"), 0, {"malformed_row": 1}),
    ("nan-stack.jsonl", stack(max_stars_count=float("nan"), max_stars_repo_licenses=float("inf")), 1, {}),
    ("int-stack.parquet", parquet([{"content": 5, "max_stars_repo_name": "a/b"}]), 0, {"not_text": 1}),
    ("no-blob.jsonl", pointer(), 0, {"text_missing": 1}),
    ("evil-blob.jsonl", pointer(blob_id="../../etc/passwd"), 0, {"malformed_row": 1}),
    ("broken-blob.jsonl", pointer(blob_id="1" * 40), 0, {"unreadable": 1}),
    ("cut-blob.jsonl", pointer(blob_id="2" * 40), 0, {"truncated": 1}),
    ("encoded-blob.jsonl", pointer(blob_id="3" * 40), 0, {"invalid_unicode": 1}),
    ("codec-blob.jsonl", pointer(blob_id="3" * 40, src_encoding="idna"), 0, {"invalid_unicode": 1}),
    ("bomb-blob.jsonl", pointer(blob_id="4" * 40), 0, {"too_large": 1}),
    ("no-files.jsonl", pointer(files=[], revision_id="f").replace(b"blob_id", b"b"), 0, {"text_missing": 1}),
    ("odd-files.jsonl", pointer(files=[1, None], revision_id="f").replace(b"blob_id", b"b"), 0, {"malformed_row": 2}),
    ("encrypted.parquet", parquet([{"text": "a"}])[:-4] + b"PARE", 0, {"unreadable": 1}),
    ("page.parquet", bytes(FLIPPED), 0, {"unreadable": 1}),
    ("good/Posts.xml", posts(ASKED, TOLD), 1, {}),
    (
        "bad/Posts.xml",
        posts(ASKED, b"<row", TOLD, b"<row />", b'<row Id="3" PostTypeId="1" />'),
        1,
        {"malformed_row": 2, "text_missing": 1},
    ),
    ("alone/Posts.xml", posts(TOLD), 0, {"malformed_row": 1}),
    ("latin/Posts.xml", posts(ASKED, TOLD, b'<row Id="3" PostTypeId="1" Body="\xe9" />'), 1, {"invalid_unicode": 1}),
    (
        "entity/Posts.xml",
        b'<!DOCTYPE p [<!ENTITY e SYSTEM "file:///etc/passwd">]>\n' + posts(ASKED, TOLD),
        1,
        {"malformed_row": 1},
    ),
    (
        "bomb/Posts.xml",
        posts(b'<!DOCTYPE p [<!ENTITY e "ee">]>', ASKED.replace(b"How?", b"&e;" * 9)),
        0,
        {"malformed_row": 2},
    ),
    ("cut/Posts.xml", posts(ASKED, TOLD)[:-4], 1, {"malformed_row": 1, "truncated": 1}),
    ("zero/Posts.xml", b"", 0, {"truncated": 1}),
    ("cut/Posts.xml.gz", gzip.compress(posts(ASKED, TOLD))[:-9], 1, {"truncated": 1}),
    ("plain/Posts.xml.gz", posts(ASKED, TOLD), 0, {"unreadable": 1}),
    ("wrong/Posts.xml.xz", gzip.compress(posts(ASKED)), 0, {"unreadable": 1}),
    ("wrong/Posts.xml.bz2", gzip.compress(posts(ASKED)), 0, {"unreadable": 1}),
    ("long/Posts.xml", posts(ASKED, TOLD, b"<row" + b" " * MOST + b"/>"), 1, {"too_large": 1}),
]


@pytest.fixture
def options(tmp_path: Path) -> dict[str, Any]:
    blobs = tmp_path / "blobs"
    blobs.mkdir()
    packed = gzip.compress(b"x = 1\n" * 9)
    contents = (b"\x1f\x8bno gzip", packed[:-9], b"\xff", gzip.compress(bytes(10**6)))
    for number, content in enumerate(contents, 1):
        (blobs / (str(number) * 40)).write_bytes(content)
    return {"max_bytes": MOST, "blobs": str(blobs)}


def write(folder: Path, name: str, data: bytes) -> Path:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(data)
    return folder / name


@pytest.mark.parametrize(("name", "data", "documents", "reasons"), KINDS, ids=[kind[0] for kind in KINDS])
def test_each_kind_gives_its_documents_and_reasons(
    tmp_path: Path, options: dict[str, Any], name: str, data: bytes, documents: int, reasons: dict[str, int]
) -> None:
    (file,) = find_inputs([str(write(tmp_path, name, data))])
    found = list(CorpusReader("", **options).read_file(file))
    assert Counter(one.reason for one in found if not isinstance(one, Document)) == reasons
    assert sum(isinstance(one, Document) for one in found) == documents


@pytest.mark.parametrize(
    ("name", "data", "reasons"), [(k[0], k[1], k[3]) for k in KINDS if k[3]], ids=[k[0] for k in KINDS if k[3]]
)
def test_strict_stops_at_each_with_file_and_reason(
    tmp_path: Path, options: dict[str, Any], name: str, data: bytes, reasons: dict[str, int]
) -> None:
    write_plan(find_inputs([str(write(tmp_path, name, data))]), tmp_path / "plan")
    strict: Any = StrictQuarantine()
    with pytest.raises(DamagedRecordError, match=name) as caught:
        list(CorpusReader(tmp_path / "plan", quarantine_writer=strict, **options).run(rank=0))
    assert any(f": {reason}: " in str(caught.value) for reason in reasons)


def broken_repository(folder: Path) -> tuple[list[str], int, Counter[str]]:
    """Make a repository with damage; return the paths that read it, and what they should give."""
    maker = Maker(folder)
    maker.commit({"gone.py": b"gone = 1\n", "ok.py": b"ok = 1\n"}, "Begin")
    maker.commit({"gone.py": b"gone = 1\n", "ok.py": b"ok = 2\n", "latin.py": b"\xe9\n"}, "Latin")
    maker.commit({"gone.py": b"gone = 1\n", "ok.py": b"ok = 3\n", "latin.py": b"\xe9\n"}, "Go on")
    maker.remove(maker.repository.revparse_single("HEAD").tree["gone.py"].id)
    files, commits = {"unreadable": 1, "invalid_unicode": 1}, {"unreadable": 1, "invalid_unicode": 1}
    return [f"git:{folder}", f"commits:{folder}"], 2, Counter(files) + Counter(commits)


def test_all_of_them_in_one_run_are_accounted_for(tmp_path: Path, options: dict[str, Any]) -> None:
    corpus = tmp_path / "corpus"
    for name, data, *_ in (*FILES_AND_ROWS, *KINDS):
        write(corpus, f"{name.replace('/', '-in/')}" if "/" in name else name, data)
    paths, documents, reasons = broken_repository(tmp_path / "broken.git")
    documents += sum(len(texts) for _, _, texts, _ in FILES_AND_ROWS) + sum(count for _, _, count, _ in KINDS)
    for *_, bad in (*FILES_AND_ROWS, *KINDS):
        reasons += Counter(bad)
    asked = CurationOptions(
        out=tmp_path / "out",
        paths=[str(corpus), *paths],
        problems=[],
        formats=tuple(FORMATS),
        read_with=options,
        workers=1,
    )
    stats = curate(asked).stats
    assert len(FILES_AND_ROWS) + len(KINDS) > 120
    assert stats["read"] == stats["kept"] + stats["dropped"] + stats["quarantined"] == documents + reasons.total()
    quarantined = Counter(pq.read_table(tmp_path / "out" / "quarantine")["reason"].to_pylist())
    assert quarantined["no_code"] + reasons.total() == stats["quarantined"]
    del quarantined["no_code"]  # Markdown without code: it was read
    assert quarantined == reasons
