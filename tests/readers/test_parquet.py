"""Parquet files with any column, and damaged in any place."""

from __future__ import annotations

import datetime
import decimal
import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from datatrove.data import Document

from textbooks.curation.shard_writer import ShardWriter
from textbooks.schema import KEPT_SCHEMA

ReadFile = Callable[..., tuple[list[Document], list[Document]]]
BROKEN_UTF8 = pa.StringArray.from_buffers(2, pa.py_buffer(b"\0\0\0\0\1\0\0\0\2\0\0\0"), pa.py_buffer(b"\xffb"))


def parquet(columns: dict[str, Any] | pa.Table, **options: Any) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(columns if isinstance(columns, pa.Table) else pa.table(columns), buffer, **options)
    return buffer.getvalue()


def test_columns_of_any_type_become_metadata(tmp_path: Path, read_file: ReadFile) -> None:
    """Bug: one value without a Python form (the year 30,000, invalid bytes) took all rows of the file with it."""
    day, moment = datetime.date(2024, 2, 29), datetime.datetime(2024, 2, 29, 1, 2, 3)
    table = pa.table(
        {
            "text": ["a", "b"],
            "day": [day, None],
            "moment": pa.array([moment, None], pa.timestamp("us", "UTC")),
            "nanos": pa.array([1, None], pa.timestamp("ns")),
            "far": pa.array([10**15, 0], pa.timestamp("ms")),
            "duration": pa.array([1, 2], pa.duration("s")),
            "nested": [{"a": [1, {"b": "x"}][:1], "c": {"d": b"\xff"}}, None],
            "map": pa.array([[("k", 1)], []], pa.map_(pa.string(), pa.int64())),
            "price": [decimal.Decimal("1.50"), None],
            "bytes": [b"\xff\0", None],
            "broken": BROKEN_UTF8,
            "source": ["theirs", None],
        }
    )
    documents, damaged = read_file("a.parquet", parquet(table))
    assert [document.text for document in documents] == ["a", "b"]
    assert damaged == []
    first, second = (document.metadata for document in documents)
    assert first["day"] == day
    assert first["nested"]["a"] == [1]
    assert first["price"] == decimal.Decimal("1.50")
    assert first["map"] == [("k", 1)]
    assert "1000000000000000" in str(first["far"])
    assert first["broken"] == r"\udcff"
    assert second["broken"] == "b"
    assert first["source_input"] == "theirs"
    list(ShardWriter(tmp_path / "out", KEPT_SCHEMA).run(iter(documents), 0))
    assert json.loads(pq.read_table(tmp_path / "out" / "00000.parquet")["metadata"][0].as_py())["price"] == "1.50"


def test_columns_that_share_a_name_are_all_kept(read_file: ReadFile) -> None:
    """Bug: of two columns of one name the first was lost."""
    table = pa.table([["t"], [1], [2], [3], ["u"]], names=["text", "a", "a", "a_2", "text"])
    ((document,), ()) = read_file("a.parquet", parquet(table))
    assert document.text == "t"
    assert {k: v for k, v in document.metadata.items() if k != "source"} == {"a": 1, "a_3": 2, "a_2": 3, "text_2": "u"}


def grouped(groups: int = 4, rows: int = 10) -> tuple[bytes, list[str], list[int]]:
    """Return a file of several row groups, its texts, and where the data of each group begin."""
    texts = [f"text number {number} " * 5 for number in range(groups * rows)]
    data = parquet({"text": texts}, row_group_size=rows, compression="snappy", use_dictionary=False)
    metadata = pq.ParquetFile(io.BytesIO(data)).metadata
    return data, texts, [metadata.row_group(g).column(0).data_page_offset for g in range(groups)]


@pytest.mark.parametrize("group", range(4))
def test_a_damaged_row_group_leaves_the_rows_before_it(read_file: ReadFile, group: int) -> None:
    """Bug: rows of sound row groups that shared a batch with a damaged one were lost."""
    data, texts, starts = grouped()
    damaged = bytearray(data)
    damaged[starts[group] : starts[group] + 60] = b"\xff" * 60
    documents, quarantined = read_file("a.parquet", bytes(damaged))
    assert [document.text for document in documents] == texts[: 10 * group]
    assert [d.metadata["filter_reason"] for d in quarantined] == ["truncated" if group else "unreadable"]


def test_a_flip_is_found_by_its_checksum(read_file: ReadFile) -> None:
    texts = [f"{number:05d}" for number in range(100)]
    options: Any = {"compression": "none", "use_dictionary": False, "write_page_checksum": True, "row_group_size": 50}
    data = bytearray(parquet({"text": texts}, **options))
    data[data.index(b"00077") + 4] ^= 1
    documents, quarantined = read_file("a.parquet", bytes(data))
    assert [document.text for document in documents] == texts[:50]
    assert [d.metadata["filter_reason"] for d in quarantined] == ["truncated"]


FLIPS = """
import random, sys
from textbooks.readers import CorpusReader, InputFile
whole, path = open(sys.argv[1], "rb").read(), sys.argv[2]
draw = random.Random(0)
for _ in range(150):
    data = bytearray(whole)
    for _ in range(draw.choice([1, 1, 2, 8])):
        data[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
    if draw.random() < 0.2:
        del data[draw.randrange(len(data)):]
    open(path, "wb").write(data)
    found = list(CorpusReader(".").read_file(InputFile(path, "parquet", len(data), "")))
    assert len(found) <= 10_000
print("alive")
"""


@pytest.mark.parametrize("compression", ["none", "snappy", "zstd"])
def test_flipped_bits_never_end_the_process(tmp_path: Path, compression: str) -> None:
    table = {
        "text": [f"text {n}" for n in range(40)],
        "n": list(range(40)),
        "l": [[n] for n in range(40)],
        "d": ["x"] * 40,
    }
    (tmp_path / "whole").write_bytes(parquet(table, row_group_size=10, compression=compression))
    arguments = [sys.executable, "-c", FLIPS, str(tmp_path / "whole"), str(tmp_path / "a.parquet")]
    done = subprocess.run(arguments, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "alive\n"), done.stderr[-2_000:]


LIMITED = r"""
import re, resource, sys
from pathlib import Path
from textbooks.readers import CorpusReader, InputFile
found = list(CorpusReader(".", max_bytes=1_000_000).read_file(InputFile(sys.argv[1], "parquet", 1, "")))
if sys.platform == "darwin":
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
else:  # there getrusage counts what the parent held when it forked
    peak = 1024 * int(re.search(r"VmHWM:\s*(\d+)", Path("/proc/self/status").read_text())[1])
print(len(found), {record.reason.value for record in found}, peak < 1_000_000_000)
"""


def test_a_dictionary_of_one_large_value_does_not_unfold_at_once(tmp_path: Path) -> None:
    """Bug: 128 rows of one value of 20 MB, in a file of 1 kB, were all held at once."""
    values = pa.DictionaryArray.from_arrays(pa.array([0] * 40, pa.int32()), pa.array(["x" * 20_000_000]))
    schema = pa.schema([("text", pa.string())])
    (tmp_path / "a.parquet").write_bytes(parquet(pa.table({"text": values}), compression="zstd", store_schema=False))
    assert pq.read_schema(tmp_path / "a.parquet") == schema
    arguments = [sys.executable, "-c", LIMITED, str(tmp_path / "a.parquet")]
    done = subprocess.run(arguments, capture_output=True, text=True, check=False)
    assert done.stdout == "40 {'too_large'} True\n", done.stderr[-2_000:]
