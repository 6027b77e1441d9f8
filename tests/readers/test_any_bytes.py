"""Whatever the bytes of a file are: every reader ends, raises nothing, and gives valid documents or damaged records."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from datatrove.data import Document
from hypothesis import given, settings
from hypothesis import strategies as st

from textbooks.readers import CorpusReader, InputFile
from textbooks.readers.found import Damaged
from textbooks.records import why_unjudgeable


def parquet() -> bytes:
    rows = [
        {"max_stars_repo_name": "a/b", "content": f"x = {n}\n", "max_stars_repo_licenses": ["MIT"]} for n in range(9)
    ]
    buffer = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), buffer)
    return buffer.getvalue()


ROWS = b"".join(b'{"text": "x = %d", "id": "%d"}\n' % (n, n) for n in range(5))
STACK = b'{"repo_name": "a/b", "revision_id": "c", "files": [{"blob_id": "%s", "path": "/a.py"}]}\n' % (b"0" * 40)
NOTEBOOK = json.dumps({"cells": [{"cell_type": "code", "source": ["x = 1\n"], "outputs": [{"text": "1"}]}]}).encode()
POSTS = (
    b'<?xml version="1.0"?>\n<posts>\n<row Id="1" PostTypeId="1" Body="&lt;p&gt;a &lt;b&gt;b" />\n'
    b'<row Id="2" PostTypeId="2" ParentId="1" Score="3" Body="&lt;pre&gt;x" />\n</posts>\n'
)
WHOLE: list[tuple[str, str, bytes]] = [
    ("a.py", "text", b"# coding: latin-1\nx = '\xe9'\n"),
    ("a.md", "markdown", "# é\n\n```python\nx\n```\n".encode()),
    ("a.ipynb", "notebook", NOTEBOOK),
    ("a.jsonl", "jsonl", ROWS + STACK),
    ("a.jsonl.gz", "jsonl", gzip.compress(ROWS)),
    ("a.jsonl.zst", "jsonl", zstandard.compress(ROWS)),
    ("a.parquet", "parquet", parquet()),
    ("Posts.xml", "stack_exchange", POSTS),
    ("Posts.xml.bz2", "stack_exchange", bz2.compress(POSTS)),
    ("Posts.xml.xz", "stack_exchange", lzma.compress(POSTS)),
]


def check(folder: Path, name: str, kind: str, data: bytes) -> None:
    path = folder / name
    path.write_bytes(data)
    for found in CorpusReader("", notebook_outputs=9).read_file(InputFile(str(path), kind, len(data), "")):
        if isinstance(found, Document):
            assert why_unjudgeable(found.text) is None
        else:
            assert isinstance(found, Damaged)
            assert found.source.startswith(str(path))
            assert found.detail
        json.dumps(found.metadata, default=str).encode()


@pytest.mark.parametrize(("name", "kind", "whole"), WHOLE, ids=[name for name, *_ in WHOLE])
@given(data=st.binary(max_size=200))
@settings(deadline=None, max_examples=40)
def test_any_bytes_are_read_or_set_aside(
    tmp_path_factory: pytest.TempPathFactory, name: str, kind: str, whole: bytes, data: bytes
) -> None:
    folder = tmp_path_factory.mktemp("any")
    check(folder, name, kind, data)
    check(folder, name, kind, whole[:20] + data)


EDITS: dict[str, Callable[[bytes, int, int], bytes]] = {
    "one byte is another": lambda data, at, byte: data[:at] + bytes([byte]) + data[at + 1 :],
    "one byte is gone": lambda data, at, byte: data[:at] + data[at + 1 :],
    "one byte is new": lambda data, at, byte: data[:at] + bytes([byte]) + data[at:],
    "the rest is gone": lambda data, at, byte: data[:at],
}


@pytest.mark.parametrize(("name", "kind", "whole"), WHOLE, ids=[name for name, *_ in WHOLE])
@given(edit=st.sampled_from(sorted(EDITS)), place=st.floats(0, 1), byte=st.integers(0, 255))
@settings(deadline=None, max_examples=80)
def test_small_damage_is_read_or_set_aside(
    tmp_path_factory: pytest.TempPathFactory, name: str, kind: str, whole: bytes, edit: str, place: float, byte: int
) -> None:
    at = min(int(place * len(whole)), len(whole) - 1)
    check(tmp_path_factory.mktemp("small"), name, kind, EDITS[edit](whole, at, byte))


FOOTERS = """
import sys
from pathlib import Path
from textbooks.readers import CorpusReader
from textbooks.readers.inputs import InputFile

whole, path = Path(sys.argv[1]).read_bytes(), Path(sys.argv[2])
for at in range(4, len(whole)):
    for byte in (0, 65, 79, 255 - whole[at]):
        data = whole[:at] + bytes([byte]) + whole[at + 1 :]
        path.write_bytes(data)
        list(CorpusReader("").read_file(InputFile(str(path), "parquet", len(data), "")))
print("done")
"""


def test_no_damage_to_a_footer_ends_the_process(tmp_path):
    """A parquet file whose footer says wrong sizes of a column ended the process: nobody catches what Arrow throws."""
    (tmp_path / "whole.parquet").write_bytes(parquet())
    command = [sys.executable, "-c", FOOTERS, str(tmp_path / "whole.parquet"), str(tmp_path / "damaged.parquet")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert (done.returncode, done.stdout) == (0, "done\n"), done.stderr[-500:]
