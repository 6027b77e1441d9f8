"""Records that passed every filter that looks at one text, read again to be held against each other."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from datatrove.data import Document
from datatrove.pipeline.base import PipelineStep

__all__ = ["CandidateReader"]

_ROWS = 256


class CandidateReader(PipelineStep):  # type: ignore[misc]
    """Read the rows that `ShardWriter` wrote in task `rank`, as the documents that they were.

    Written again they give the same rows: score and evidence of the steps before come back with them. Nothing is
    counted as read, for each was counted when it came from the corpus.

    Parameters
    ----------
    folder : path
        Where the files of `KEPT_SCHEMA` are; a task that left none has no documents.
    score_key : str
        The metadata field that the column ``score`` came from.
    """

    name = "candidates"
    type = "READER"

    def __init__(self, folder: str | Path, *, score_key: str = "edu_value_score") -> None:
        super().__init__()
        self.folder = folder
        self.score_key = score_key

    def run(self, data: Iterable[Document] | None = None, rank: int = 0, world_size: int = 1) -> Iterator[Document]:
        """Yield the documents of task `rank`, after those of any step before."""
        del world_size
        yield from data or ()
        for path in files_of(self.folder, rank):
            with pq.ParquetFile(path) as file:
                for batch in file.iter_batches(batch_size=_ROWS):
                    for row in batch.to_pylist():
                        self.stat_update("total")
                        yield document_of(row, self.score_key)


def files_of(folder: str | Path, rank: int) -> list[Path]:
    """Return the files of one task, in the order in which they were written."""
    return [path for path in sorted(Path(folder).glob("*.parquet")) if path.stem.split("-")[0] == f"{rank:05d}"]


def document_of(row: dict[str, Any], score_key: str) -> Document:
    """Return the document that a row of `KEPT_SCHEMA` was written from."""
    metadata = {**json.loads(row["metadata"]), "source": row["source"]}
    for step, evidence in {score_key.removesuffix("_score"): {}, **json.loads(row["evidence"])}.items():
        metadata |= {f"{step}_score": None, f"{step}_reason": "", f"{step}_evidence": json.dumps(evidence)}
    return Document(text=row["text"], id=row["id"], metadata={**metadata, score_key: row["score"]})
