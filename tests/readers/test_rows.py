"""What a row holds comes through: odd values, and names that are also ours."""

from __future__ import annotations

import importlib
import json
import pkgutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from datatrove.data import Document
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

import textbooks
from textbooks.curation.shard_writer import ShardWriter
from textbooks.filters.base import ScoreFilter, Step
from textbooks.readers.rows import STEPS, set_aside_reserved
from textbooks.schema import KEPT_SCHEMA
from textbooks.verdicts import Verdict

ReadFile = Callable[..., tuple[list[Document], list[Document]]]
GOOD = b'{"text": "good"}\n'
NESTED = b'{"text": "x", "deep": ' + b"[" * 100_000 + b"]" * 100_000 + b"}\n"


def test_values_survive(read_file: ReadFile) -> None:
    """Bug: an integer beyond 64 bits lost its digits, even as an id, and NaN lost the whole row."""
    row = (
        b'{"text": "a", "id": 340282366920938463463374607431768211456, "n": [18446744073709551616,'
        b' -9223372036854775809, 18446744073709551615, 1.5, NaN], "s\\ud800": "\\udfff"}\n'
    )
    ((document,), ()) = read_file("a.jsonl", row)
    assert document.id == "340282366920938463463374607431768211456"
    *numbers, nan = document.metadata["n"]
    assert numbers == ["18446744073709551616", "-9223372036854775809", 18446744073709551615, 1.5]
    assert nan != nan
    assert document.metadata[r"s\ud800"] == r"\udfff"


def test_a_deep_row_does_not_end_its_file(tmp_path: Path, read_file: ReadFile) -> None:
    """Bug: metadata nested 1,000 levels deep crashed the writer, such a text ended the file."""
    deep = [b'{"text": "a", "m": ' + b"[" * depth + b"]" * depth + b"}\n" for depth in (99, 100, 254, 1_000, 1_023)]
    documents, damaged = read_file("a.jsonl", b"".join(deep) + NESTED + GOOD)
    assert [document.text for document in documents] == ["a", "good"]
    assert [document.metadata["filter_reason"] for document in damaged] == ["malformed_row"] * 5
    assert all("nested deeper than 100 levels" in document.metadata["reader_evidence"] for document in damaged)
    for number, document in enumerate(documents):
        ShardWriter(tmp_path / str(number), KEPT_SCHEMA).write(document)


OURS = {
    "source": "s",
    "filter_reason": "f",
    "edu_value_score": "high",
    "edu_value_reason": 1,
    "edu_value_evidence": "no JSON",
}
CLAIMS = {
    **OURS,
    "size_evidence": [1],
    "reader_score": 2,
    "x_score": 3,
    "x_reason": "r",
    "x_evidence": "{",
    "token_count": "many",
}


class Scorer(ScoreFilter):
    """Stands for the filter that measures the educational value."""

    name = "edu_value"

    def _score_valid(self, texts: Sequence[str]) -> NDArray[np.float64]:
        return np.full(len(texts), 4.5)

    def _decide(self, measurement: float) -> Verdict:
        return Verdict.kept(measurement)


def test_columns_named_like_ours_are_set_aside(tmp_path: Path, read_file: ReadFile) -> None:
    """Bug: ``source`` was lost, ``edu_value_score`` became the score, ``x_evidence`` or ``token_count`` crashed."""
    rows = [{"text": "x = 1\n" * 50, "lang": "py", **CLAIMS}, {"text": 5, **CLAIMS}]
    data = b"".join(json.dumps(row).encode() + b"\n" for row in rows)
    ((document,), (damaged,)) = read_file("a.jsonl", data)
    assert document.metadata["source"] == f"{tmp_path}/in/a.jsonl#1"
    kept = {"x_score": 3, "x_reason": "r", "lang": "py"}
    set_aside = {f"{name}_input": value for name, value in CLAIMS.items() if name not in kept}
    assert document.metadata == {**kept, **set_aside, "source": document.metadata["source"]}
    assert damaged.metadata["filter_reason"] == "not_text"
    assert set_aside.items() <= damaged.metadata.items()
    writer = ShardWriter(tmp_path / "out", KEPT_SCHEMA)
    list(writer.run(Scorer().run([document]), 0))
    (row,) = pq.read_table(tmp_path / "out" / "00000.parquet").to_pylist()
    assert row["score"] == 4.5
    assert row["source"] == document.metadata["source"]
    assert set_aside.items() <= json.loads(row["metadata"]).items()


@given(
    st.dictionaries(
        st.sampled_from(
            [
                "source",
                "source_input",
                "source_input_input",
                "a",
                "a_evidence",
                "a_evidence_input",
                "size_score",
                "token_count",
            ]
        ),
        st.integers() | st.text(max_size=3),
    )
)
def test_set_aside_loses_no_value_and_leaves_no_reserved_name(columns: dict[str, Any]) -> None:
    renamed = set_aside_reserved(columns)
    assert sorted(map(repr, renamed.values())) == sorted(map(repr, columns.values()))
    assert not {"source", "a_evidence", "size_score"} & set(renamed)
    assert all(renamed[name] == value for name, value in columns.items() if name in ("a", "source_input"))


def test_the_names_of_all_filters_are_reserved() -> None:
    """A filter that is not listed in `STEPS` would overwrite columns of the user's that are named like its own."""
    for module in pkgutil.walk_packages(textbooks.__path__, "textbooks."):
        if module.name.split(".")[1] in ("filters", "dedup", "decontaminators"):
            importlib.import_module(module.name)

    def names(base: type) -> Iterator[str]:
        for kind in base.__subclasses__():
            if kind.__module__.startswith("textbooks."):
                yield getattr(kind, "name")  # noqa: B009
                yield from names(kind)

    assert set(names(Step)) - {"step"} <= set(STEPS)


def test_a_quarantined_row_keeps_its_id_and_columns(read_file: ReadFile) -> None:
    """Bug: the id of a row without text was thrown away."""
    _, (damaged,) = read_file("a.jsonl", b'{"id": "seven", "lang": "py", "text": 1}\n')
    assert damaged.metadata["id"] == "seven"
    assert damaged.metadata["lang"] == "py"
