"""How the tests of the reader read."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from datatrove.data import Document

from textbooks.readers import CorpusReader, find_inputs, write_plan


class Quarantine:
    """Takes what cannot become a document, as a writer would."""

    def __init__(self) -> None:
        self.documents: list[Document] = []

    def __enter__(self) -> Quarantine:
        return self

    def __exit__(self, *_: object) -> None:
        return

    def write(self, document: Document, rank: int = 0) -> None:
        del rank
        self.documents.append(document)


def total(reader: CorpusReader, label: str) -> int:
    return int(reader.stats[label].total)


def read(folder: Path, **options: Any) -> tuple[list[Document], list[Document]]:
    """Return documents and quarantined records of all files below `folder`, and hold the counters against them."""
    plan = folder.parent / f"plan-{folder.name}"
    write_plan(find_inputs([str(folder)]), plan)
    quarantine = Quarantine()
    reader = CorpusReader(plan, quarantine_writer=quarantine, **options)  # type: ignore[arg-type]
    documents = list(reader.run(rank=0))
    assert total(reader, "read") == len(documents) + len(quarantine.documents)
    assert total(reader, "quarantined") == len(quarantine.documents)
    assert total(reader, "bytes") == sum(len(document.text.encode()) for document in documents)
    for document in [*documents, *quarantine.documents]:
        assert str(document.metadata["source"]).encode()
        json.dumps(document.metadata, default=str)
    return documents, quarantine.documents


ReadFile: TypeAlias = Callable[..., tuple[list[Document], list[Document]]]


@pytest.fixture
def read_file(tmp_path: Path) -> ReadFile:
    """Return a function that reads one file of the given name and bytes."""

    def read_bytes(name: str, data: bytes, **options: Any) -> tuple[list[Document], list[Document]]:
        (tmp_path / "in").mkdir(exist_ok=True)
        (tmp_path / "in" / name).write_bytes(data)
        return read(tmp_path / "in", **options)

    return read_bytes
