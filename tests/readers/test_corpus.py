"""Every kind of bad row and file: judged or quarantined, counted, never fatal."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from datatrove.data import Document
from datatrove.pipeline.writers import JsonlWriter

from textbooks.curation.shard_writer import ShardWriter, StrictQuarantine
from textbooks.errors import DamagedRecordError
from textbooks.filters import SizeFilter
from textbooks.readers import CorpusReader, InputFile, find_inputs, write_plan
from textbooks.schema import KEPT_SCHEMA, REJECTED_SCHEMA

ReadFile = Callable[..., tuple[list[Document], list[Document]]]


def total(reader: CorpusReader, label: str) -> int:
    return int(reader.stats[label].total)


def parquet(columns: dict[str, Any] | pa.Table, **options: Any) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(columns if isinstance(columns, pa.Table) else pa.table(columns), buffer, **options)
    return buffer.getvalue()


GOOD = b'{"text": "good"}\n'
NESTED = b'{"text": "x", "deep": ' + b"[" * 100_000 + b"]" * 100_000 + b"}\n"
NOTEBOOK = json.dumps({"cells": [{"cell_type": "code", "source": ["x = 1\n"]}], "nbformat": 4}).encode()
LONG = b'{"text": "' + b"x" * 2_000 + b'"}\n'
STRINGS = pa.array(["a", "b", None])
FLAT_BYTES = parquet({"text": ["a", "b"]})
BROKEN_UTF8 = pa.StringArray.from_buffers(2, pa.py_buffer(b"\0\0\0\0\1\0\0\0\2\0\0\0"), pa.py_buffer(b"\xffb"))

KINDS: list[tuple[str, bytes, list[str], dict[str, int]]] = [
    # text files: name, bytes, texts, quarantined
    ("empty.py", b"", [""], {}),
    ("nul.py", b"x = 1\0\0", ["x = 1\0\0"], {}),
    ("only-nul.py", b"\0" * 99, ["\0" * 99], {}),
    ("bom.py", b"\xef\xbb\xbfx", ["x"], {}),
    ("crlf.py", b"x\r\ny\r", ["x\r\ny\r"], {}),
    ("latin.py", b"# coding: latin-1\n\xe9", ["# coding: latin-1\n\xe9"], {}),
    ("notebook.py", NOTEBOOK, [NOTEBOOK.decode()], {}),
    ("not-utf8.py", b"x = '\xe9'", [], {"invalid_unicode": 1}),
    ("utf16.py", "x = 1".encode("utf-16"), [], {"invalid_unicode": 1}),
    ("surrogate.py", b"\xed\xa0\x80", [], {"invalid_unicode": 1}),
    ("codec.py", b"# coding: punycode\nx", [], {"invalid_unicode": 1}),
    ("image.py", b"\x89PNG\r\n\x1a\n", [], {"invalid_unicode": 1}),
    ("limit.py", b"x" * 1_000, ["x" * 1_000], {}),
    ("large.py", b"x" * 1_001, [], {"too_large": 1}),
    # JSON lines
    ("empty.jsonl", b"", [], {}),
    ("blank.jsonl", b"\n \n\r\n\t\n" + GOOD + b"\n", ["good"], {}),
    ("no-newline.jsonl", GOOD + GOOD.strip(), ["good", "good"], {}),
    ("crlf.jsonl", GOOD.replace(b"\n", b"\r\n") * 2, ["good", "good"], {}),
    ("bom.jsonl", b"\xef\xbb\xbf" + GOOD + GOOD, ["good", "good"], {}),
    ("bom-only.jsonl", b"\xef\xbb\xbf\n" + GOOD, ["good"], {}),
    ("bom-inside.jsonl", GOOD + b"\xef\xbb\xbf" + GOOD, ["good"], {"malformed_row": 1}),
    ("scalars.jsonl", b'1\n"x"\nnull\ntrue\n[]\n' + GOOD, ["good"], {"malformed_row": 5}),
    ("broken.jsonl", b'{"text": \n{"text": "x"\n{]\ntext\n\0\0\n' + GOOD, ["good"], {"malformed_row": 5}),
    ("two-in-one.jsonl", b'{"text": "a"}{"text": "b"}\n', [], {"malformed_row": 1}),
    ("text-number.jsonl", b'{"text": 1}\n{"text": 1.5}\n{"text": true}\n' + GOOD, ["good"], {"not_text": 3}),
    ("text-list.jsonl", b'{"text": ["x"]}\n{"text": {"a": 1}}\n' + GOOD, ["good"], {"not_text": 2}),
    ("text-deep.jsonl", b'{"text": ' + b"[" * 400 + b"]" * 400 + b"}\n" + GOOD, ["good"], {"malformed_row": 1}),
    ("text-null.jsonl", b'{"text": null}\n' + GOOD, ["good"], {"text_missing": 1}),
    ("text-missing.jsonl", b'{"txt": "x"}\n{}\n' + GOOD, ["good"], {"text_missing": 2}),
    ("text-empty.jsonl", b'{"text": ""}\n{"text": "\\u0000"}\n', ["", "\0"], {}),
    ("text-surrogate.jsonl", b'{"text": "\\ud800"}\n' + GOOD, ["good"], {"invalid_unicode": 1}),
    ("text-pair.jsonl", b'{"text": "\\ud83d\\ude00"}\n', ["😀"], {}),
    ("metadata-surrogate.jsonl", b'{"text": "a", "m\\ud800": "\\udfff"}\n', ["a"], {}),
    ("not-utf8.jsonl", b'{"text": "\xff"}\n' + GOOD, ["good"], {"invalid_unicode": 1}),
    ("utf16.jsonl", '{"text": "x"}\n'.encode("utf-16-le"), [], {"malformed_row": 2}),
    ("nan.jsonl", b'{"text": "a", "score": NaN, "x": -Infinity}\n', ["a"], {}),
    ("text-nan.jsonl", b'{"text": NaN}\n', [], {"not_text": 1}),
    ("huge-int.jsonl", b'{"text": "a", "n": ' + b"9" * 5_0 + b"}\n", ["a"], {}),
    ("thousand-digits.jsonl", b'{"text": "a", "n": -' + b"9" * 900 + b"}\n", ["a"], {}),
    ("huge-float.jsonl", b'{"text": "a", "n": 1e400}\n', ["a"], {}),
    ("duplicate-keys.jsonl", b'{"text": "a", "text": "b"}\n', ["b"], {}),
    ("long-line.jsonl", GOOD + LONG + GOOD, ["good", "good"], {"too_large": 1}),
    ("long-last-line.jsonl", GOOD + LONG.strip(), ["good"], {"too_large": 1}),
    ("no-id.jsonl", b'{"text": "a", "id": null}\n', ["a"], {}),
    (
        "odd-ids.jsonl",
        b'{"text": "a", "id": [1]}\n{"text": "b", "id": {"a": 1}}\n{"text": "c", "id": false}\n',
        ["a", "b", "c"],
        {},
    ),
    ("control.jsonl", b'{"text": "a\tb"}\n', [], {"malformed_row": 1}),
    # compressed
    ("whole.jsonl.gz", gzip.compress(GOOD * 3), ["good"] * 3, {}),
    ("whole.jsonl.zst", zstandard.compress(GOOD * 3), ["good"] * 3, {}),
    ("cut.jsonl.gz", gzip.compress(GOOD * 3)[:-1], ["good"] * 3, {"truncated": 1}),
    ("cut.jsonl.zst", zstandard.compress(GOOD * 3)[:-1], [], {"truncated": 1}),
    ("empty.jsonl.gz", b"", [], {"truncated": 1}),
    ("zeros.jsonl.gz", b"\0" * 999, [], {"unreadable": 1}),
    ("plain.jsonl.gz", GOOD, [], {"unreadable": 1}),
    ("plain.jsonl.zst", GOOD, [], {"unreadable": 1}),
    ("bomb.jsonl.gz", gzip.compress(bytes(5_000_000) + b"\n" + GOOD), ["good"], {"too_large": 1}),
    ("bomb.jsonl.zst", zstandard.compress(bytes(5_000_000) + b"\n" + GOOD), ["good"], {"too_large": 1}),
    # parquet
    ("strings.parquet", parquet({"text": STRINGS}), ["a", "b"], {"text_missing": 1}),
    ("large-strings.parquet", parquet({"text": STRINGS.cast(pa.large_string())}), ["a", "b"], {"text_missing": 1}),
    ("dictionary.parquet", parquet({"text": STRINGS.dictionary_encode()}), ["a", "b"], {"text_missing": 1}),
    ("view.parquet", parquet({"text": STRINGS.cast(pa.string_view())}), ["a", "b"], {"text_missing": 1}),
    ("ints.parquet", parquet({"text": [1, 2]}), [], {"not_text": 2}),
    ("binary.parquet", parquet({"text": [b"x", None]}), [], {"not_text": 1, "text_missing": 1}),
    ("lists.parquet", parquet({"text": [["x"], []]}), [], {"not_text": 2}),
    ("nulls.parquet", parquet({"text": pa.nulls(2)}), [], {"text_missing": 2}),
    ("missing.parquet", parquet({"txt": ["x", "y"]}), [], {"text_missing": 2}),
    ("no-rows.parquet", parquet({"text": pa.array([], pa.string())}), [], {}),
    ("broken-utf8.parquet", parquet({"text": BROKEN_UTF8}), ["b"], {"invalid_unicode": 1}),
    ("broken-utf8-beside.parquet", parquet({"text": ["a", "b"], "m": BROKEN_UTF8}), ["a", "b"], {}),
    ("long.parquet", parquet({"text": ["x" * 1_001, "é" * 501, "x" * 1_000]}), ["x" * 1_000], {"too_large": 2}),
    ("empty.parquet", b"", [], {"unreadable": 1}),
    ("text.parquet", b"no parquet at all", [], {"unreadable": 1}),
    ("no-footer.parquet", FLAT_BYTES[:-8], [], {"unreadable": 1}),
    ("half.parquet", FLAT_BYTES[: len(FLAT_BYTES) // 2], [], {"unreadable": 1}),
    ("footer-zeroed.parquet", FLAT_BYTES[:-50] + bytes(42) + FLAT_BYTES[-8:], [], {"unreadable": 1}),
]


@pytest.mark.parametrize(("name", "data", "texts", "quarantined"), KINDS, ids=[kind[0] for kind in KINDS])
def test_every_kind_of_damage(
    read_file: ReadFile, name: str, data: bytes, texts: list[str], quarantined: dict[str, int]
) -> None:
    documents, damaged = read_file(name, data, max_bytes=1_000)
    assert [document.text for document in documents] == texts
    assert Counter(document.metadata["filter_reason"] for document in damaged) == quarantined
    assert all(document.metadata["reader_reason"] == document.metadata["filter_reason"] for document in damaged)


def test_all_kinds_at_once_go_through_the_pipeline_and_are_counted(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for name, data, _, _ in KINDS:
        (folder / name).write_bytes(data)
    plan = write_plan(find_inputs([str(folder)]), tmp_path / "plan")
    assert plan.shards == 1
    rejected = ShardWriter(tmp_path / "quarantine", REJECTED_SCHEMA)
    reader = CorpusReader(tmp_path / "plan", max_bytes=1_000, quarantine_writer=rejected)
    to: Any = {"exclusion_writer": ShardWriter(tmp_path / "dropped", REJECTED_SCHEMA), "quarantine_writer": rejected}
    steps = [reader, SizeFilter(**to), ShardWriter(tmp_path / "kept", KEPT_SCHEMA)]
    documents: Any = None
    for step in steps:
        documents = step.run(documents, 0, 1)
    list(documents)
    rows = Counter(
        {
            name: pq.read_metadata(tmp_path / name / "00000.parquet").num_rows
            for name in ("kept", "dropped", "quarantine")
            if (tmp_path / name).exists()
        }
    )
    assert rows.total() == total(reader, "read") == sum(len(texts) + sum(bad.values()) for _, _, texts, bad in KINDS)
    assert rows["quarantine"] == sum(sum(bad.values()) for _, _, _, bad in KINDS)


@pytest.mark.parametrize(
    ("name", "data", "bad"),
    [(kind[0], kind[1], kind[3]) for kind in KINDS if kind[3]],
    ids=[k[0] for k in KINDS if k[3]],
)
def test_strict_stops_at_the_first_and_names_it(tmp_path: Path, name: str, data: bytes, bad: dict[str, int]) -> None:
    (tmp_path / name).write_bytes(data)
    write_plan(find_inputs([str(tmp_path / name)]), tmp_path / "plan")
    reader = CorpusReader(tmp_path / "plan", max_bytes=1_000, quarantine_writer=StrictQuarantine())  # type: ignore[arg-type]
    with pytest.raises(DamagedRecordError, match=name) as caught:
        list(reader.run(rank=0))
    assert any(reason in str(caught.value) for reason in bad)


def test_sources_name_file_and_row(tmp_path: Path, read_file: ReadFile) -> None:
    documents, damaged = read_file("a.jsonl", b"\n" + GOOD + b"[]\n" + GOOD)
    file = tmp_path / "in" / "a.jsonl"
    assert [document.id for document in documents] == [f"{file}#2", f"{file}#4"]
    assert [document.metadata["source"] for document in damaged] == [f"{file}#3"]
    assert damaged[0].text == "[]"


def test_files_keep_their_own_metadata_in_quarantine(tmp_path: Path) -> None:
    """Bug: of a line that was too long the package and licence were lost."""
    (tmp_path / "a.jsonl").write_bytes(LONG + b"[]\n")
    file = InputFile(str(tmp_path / "a.jsonl"), "jsonl", 1, "", {"license": "MIT"})
    found: list[Any] = list(CorpusReader(tmp_path, max_bytes=1_000).read_file(file))
    assert [record.metadata for record in found] == [{"license": "MIT"}] * 2


def test_what_a_reader_yields_any_writer_of_datatrove_can_write(tmp_path: Path, read_file: ReadFile) -> None:
    for name, data, _, _ in KINDS:
        if name.endswith(".jsonl"):
            documents, _ = read_file(name, data)
    list(JsonlWriter(str(tmp_path / "out"), compression=None).run(iter(documents)))
    lines = (tmp_path / "out" / "00000.jsonl").read_bytes().splitlines()
    assert [json.loads(line).get("text", "") for line in lines] == [document.text for document in documents]


def test_a_file_whose_size_is_unknown_or_wrong_is_read_whole(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_bytes(b"x" * 1_000)
    for size in (0, 1, 999, 1_000, 1_001, 10**12):
        (found,) = CorpusReader(tmp_path).read_file(InputFile(str(tmp_path / "a.py"), "text", size, ""))
        assert isinstance(found, Document)
        assert len(found.text) == 1_000


def test_a_file_that_vanished_is_one_unreadable_record(tmp_path: Path) -> None:
    for kind in ("text", "jsonl", "parquet"):
        (found,) = CorpusReader(tmp_path).read_file(InputFile(str(tmp_path / "gone"), kind, 5, ""))
        assert not isinstance(found, Document)
        assert found.reason == "unreadable"


@pytest.mark.parametrize("name", ["a.jsonl.gz", "a.jsonl.zst", "a.jsonl.bz2", "a.jsonl.xz"])
def test_a_cut_at_any_byte_gives_its_rows_and_one_more(tmp_path: Path, name: str) -> None:
    rows = b"".join(b'{"text": "%d"}\n' % number for number in range(20))
    pack = {"gz": gzip.compress, "zst": zstandard.compress, "bz2": bz2.compress, "xz": lzma.compress}
    whole = pack[name.rsplit(".", 1)[1]](rows)
    path = tmp_path / name
    for cut in range(len(whole)):
        path.write_bytes(whole[:cut])
        *texts, last = CorpusReader(tmp_path).read_file(InputFile(str(path), "jsonl", cut, ""))
        assert [found.text for found in texts] == [str(number) for number in range(len(texts))]
        assert not isinstance(last, Document)
        assert last.reason == "truncated"


def test_the_counters_hold_when_the_reading_is_broken_off(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(GOOD * 10)
    write_plan(find_inputs([str(tmp_path / "a.jsonl")]), tmp_path / "plan")
    reader = CorpusReader(tmp_path / "plan")
    documents = reader.run(rank=0)
    next(documents), next(documents)
    documents.close()
    assert total(reader, "read") == 2


def test_documents_of_a_step_before_pass_through(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(GOOD)
    write_plan(find_inputs([str(tmp_path / "a.jsonl")]), tmp_path / "plan")
    earlier = Document(text="earlier", id="0")
    assert [d.text for d in CorpusReader(tmp_path / "plan").run(iter([earlier]), rank=0)] == ["earlier", "good"]


@pytest.mark.parametrize("max_bytes", [0, -1])
def test_bad_arguments_are_refused(max_bytes: int) -> None:
    with pytest.raises(ValueError, match=f"max_bytes must be at least 1, got {max_bytes}"):
        CorpusReader("plan", max_bytes=max_bytes)
