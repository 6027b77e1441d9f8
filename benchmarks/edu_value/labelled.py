"""The labelled files: labels from the package, texts from a folder that ``rebuild_texts.py`` filled."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LABELS = Path(__file__).resolve().parents[2] / "src" / "textbooks" / "scoring" / "data" / "labels.jsonl"

MARKS = ("self_contained", "boilerplate", "algorithmic", "documented")


@dataclass(frozen=True, slots=True)
class LabelledFiles:
    """Rows of ``labels.jsonl`` with their texts.

    Attributes
    ----------
    rows : list of dict
        The labels.
    texts : list of str
        The texts, decoded as UTF-8 with replacement.
    """

    rows: list[dict[str, Any]]
    texts: list[str]

    @property
    def scores(self) -> list[float]:
        """Educational value of each file, 0 to 5."""
        return [float(row["score"]) for row in self.rows]

    @property
    def groups(self) -> list[str]:
        """Repository or package of each file."""
        return [row["name"] for row in self.rows]

    @property
    def representative(self) -> list[bool]:
        """Whether each file was drawn at random: those whose id begins with L were picked by an early model."""
        return [not row["id"].startswith("L") for row in self.rows]

    @property
    def marks(self) -> dict[str, list[bool]]:
        """The four yes-or-no marks of each file."""
        return {name: [bool(row[name]) for row in self.rows] for name in MARKS}


def read_labels(path: Path = LABELS) -> list[dict[str, Any]]:
    """Return the rows of a labels file."""
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def read_labelled_files(texts: Path) -> LabelledFiles:
    """Read the labels and the texts ``texts/<id>.py``; raise FileNotFoundError where one is missing."""
    rows = read_labels()
    contents = [(texts / f"{row['id']}.py").read_bytes().decode("utf-8", "replace") for row in rows]
    return LabelledFiles(rows=rows, texts=contents)
