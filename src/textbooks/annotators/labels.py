"""Labelled texts as files: what an annotation leaves, and what a model is trained on."""

from __future__ import annotations

import json
import os
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from datatrove.data import Document

from textbooks.annotators.annotation import HIGHEST_SCORE, MARKS, Annotation
from textbooks.errors import InputError, OutputError
from textbooks.storage import publish

__all__ = ["LabelledTexts", "label_rows", "read_labels", "write_labels"]

_OURS = ("id", "text", "score", *MARKS, "reason", "model")
_GROUPS = ("group", "name", "repo_name", "repo", "package")
_SET_ASIDE = "_input"


def label_rows(documents: Sequence[Document], annotations: Sequence[Annotation]) -> list[dict[str, Any]]:
    """Return one row a text that got a score.

    Parameters
    ----------
    documents, annotations : sequences of the same length
        What was rated, and how.

    Returns
    -------
    list of dict
        ``id``, ``text`` (whole), ``score``, the marks that are known, ``reason``, ``model``, and the document's
        metadata. An entry of the metadata under one of these names is kept under ``<name>_input``.
    """
    return [
        _row(document, annotation)
        for document, annotation in zip(documents, annotations, strict=True)
        if annotation.score is not None
    ]


def _row(document: Document, annotation: Annotation) -> dict[str, Any]:
    rated = {"id": annotation.id, "text": document.text, "score": annotation.score, **annotation.marks}
    told = {"reason": annotation.reason, "model": annotation.model}
    given = {}
    for name, value in document.metadata.items():
        kept = str(name)
        while kept in _OURS or kept in given:
            kept += _SET_ASIDE
        given[kept] = value
    return {**rated, **told, **given}


def write_labels(
    path: str | os.PathLike[str], documents: Sequence[Document], annotations: Sequence[Annotation]
) -> None:
    """Write the texts that got a score, whole or not at all: parquet where the name ends so, else JSON Lines.

    The rows are those of `label_rows`; `read_labels` and ``examples/train_edu_value.py --labels`` read them.

    Raises
    ------
    OutputError
        If the file cannot be written, or parquet has no type for a column.
    """
    path, rows = Path(path), label_rows(documents, annotations)
    try:
        with publish(path) as temporary:
            if path.suffix == ".parquet":
                _write_parquet(temporary, rows)
            else:
                lines = (json.dumps(row, default=repr) + "\n" for row in rows)
                with temporary.open("w", encoding="utf-8") as file:
                    file.writelines(lines)
    except (OSError, TypeError, ValueError) as error:  # pyarrow's own errors are of these kinds
        msg = f"cannot write {str(path)!r}: {error}"
        raise OutputError(msg) from error


def _write_parquet(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    fixed = {"id": pa.string(), "text": pa.string(), "score": pa.int64()}
    fixed |= dict.fromkeys(MARKS, pa.bool_()) | {"reason": pa.string(), "model": pa.string()}
    others = dict.fromkeys(name for row in rows for name in row if name not in fixed)
    columns = {name: pa.array([row.get(name) for row in rows], type=kind) for name, kind in fixed.items()}
    columns |= {name: pa.array([row.get(name) for row in rows]) for name in others}
    pq.write_table(pa.table(columns), path)


@dataclass(frozen=True, slots=True)
class LabelledTexts:
    """Texts with scores, as `EduValueModel.fit` takes them.

    Attributes
    ----------
    ids : tuple of str
        One a text.
    texts : tuple of str
        The texts.
    scores : tuple of float
        Their educational value, 0 to 5.
    groups : tuple of hashable or None
        The repository or package of each text; None where a row names none.
    representative : tuple of bool
        Whether each is part of a fair sample; True where a row does not say.
    marks : mapping of str to tuple of bool
        Those marks that every row gives.
    """

    ids: tuple[str, ...]
    texts: tuple[str, ...]
    scores: tuple[float, ...]
    groups: tuple[Hashable, ...] | None
    representative: tuple[bool, ...]
    marks: Mapping[str, tuple[bool, ...]]

    def arguments(self) -> dict[str, Any]:
        """Return the arguments of `EduValueModel.fit` and of `cross_validate`.

        A mark that is the same of all texts is left out: there is nothing in it to learn.
        """
        told = {mark: values for mark, values in self.marks.items() if len(set(values)) > 1}
        labels = {"texts": self.texts, "labels": self.scores, "groups": self.groups}
        return labels | {"representative": self.representative, "marks": told}

    def rows(self) -> list[dict[str, Any]]:
        """Return ``id``, ``score`` and marks of each text, as `agreement_with` takes them."""
        return [
            {"id": name, "score": score, **{mark: values[place] for mark, values in self.marks.items()}}
            for place, (name, score) in enumerate(zip(self.ids, self.scores, strict=True))
        ]

    @classmethod
    def of(cls, rows: Iterable[Mapping[str, Any]]) -> LabelledTexts:
        """Return the rows as columns.

        Raises
        ------
        InputError
            If a row has no string ``text``, or no ``score`` from 0 to 5; the message counts it from 1.
        """
        listed = [_checked(row, number) for number, row in enumerate(rows, 1)]
        groups = tuple(next((row[key] for key in _GROUPS if row.get(key) is not None), None) for row in listed)
        return cls(
            ids=tuple(str(row.get("id", number)) for number, row in enumerate(listed)),
            texts=tuple(row["text"] for row in listed),
            scores=tuple(float(row["score"]) for row in listed),
            groups=None if None in groups else groups,
            representative=tuple(row.get("representative") is not False for row in listed),
            marks={
                name: tuple(bool(row[name]) for row in listed)
                for name in MARKS
                if listed and all(row.get(name) is not None for row in listed)
            },
        )


def _checked(row: Mapping[str, Any], number: int) -> Mapping[str, Any]:
    score = row.get("score")
    is_number = isinstance(score, int | float) and not isinstance(score, bool)
    if not is_number or not 0 <= score <= HIGHEST_SCORE:  # type: ignore[operator]
        msg = f"row {number}: 'score' must be a number from 0 to {HIGHEST_SCORE}, got {score!r:.80}"
        raise InputError(msg)
    if not isinstance(row.get("text"), str):
        msg = f"row {number}: 'text' must be a string, got {row.get('text')!r:.80}"
        raise InputError(msg)
    return row


def read_labels(path: str | os.PathLike[str]) -> LabelledTexts:
    """Return the labelled texts of a file, as `write_labels` wrote it, or of one's own.

    Parameters
    ----------
    path : path
        JSON Lines, plain, ``.gz`` or ``.zst``, or parquet: rows with ``text`` and ``score``, and optionally ``id``,
        ``group`` (or ``name``, ``repo_name``, ``repo``, ``package``), ``representative`` and the marks.

    Raises
    ------
    InputError
        If the file cannot be read, or a row is none; the message names file and row.
    """
    from textbooks.readers import CorpusReader, find_inputs

    rows = []
    for file in find_inputs([os.fspath(path)]):
        for number, found in enumerate(CorpusReader("").read_file(file), 1):
            if not isinstance(found, Document):
                msg = f"{os.fspath(path)}, row {number}: {found.detail}"
                raise InputError(msg)
            rows.append({**found.metadata, "id": found.id, "text": found.text})
    try:
        return LabelledTexts.of(rows)
    except InputError as error:
        msg = f"{os.fspath(path)}, {error}"
        raise InputError(msg) from error
