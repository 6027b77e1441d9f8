"""The labelled files with their marks, as the drawbacks need them, and the quantities that the filters measure."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from textbooks.filters.drawbacks.quantities import QUANTITIES
from textbooks.filters.drawbacks.structure import CodeStructure, measure_structure

sys.path.append(str(Path(__file__).resolve().parents[1] / "edu_value"))

from labelled import read_labelled_files


@dataclass(frozen=True, slots=True)
class Marked:
    """Labelled files.

    Attributes
    ----------
    rows : list of dict
        The labels.
    texts : list of str
        The texts.
    structures : list of CodeStructure
        What is measured of each.
    marks : dict
        Name of a model to whether each file has what it is the probability of, by its rater.
    quantities : dict
        Name of a model to the quantities of each file, shape (files, quantities).
    names : dict
        Name of a model to the names of its quantities.
    """

    rows: list[dict[str, Any]]
    texts: list[str]
    structures: list[CodeStructure]
    marks: dict[str, NDArray[np.bool_]]
    quantities: dict[str, NDArray[np.float64]]
    names: dict[str, list[str]]

    @property
    def groups(self) -> NDArray[np.str_]:
        """Repository or package of each file."""
        return np.array([row["name"] for row in self.rows])

    @property
    def counted(self) -> NDArray[np.bool_]:
        """Which files count: ids that begin with L were picked because an early model rated them high."""
        return np.array([not row["id"].startswith("L") for row in self.rows])


def read_marked(texts: Path, shown: Callable[[str], str] = str) -> Marked:
    """Read the labels and texts, and measure what is shown of each text: all of it, unless told otherwise."""
    files = read_labelled_files(texts)
    rows = files.rows
    marks = {
        "dependent": [not row["self_contained"] for row in rows],
        "boilerplate": [bool(row["boilerplate"]) for row in rows],
        "algorithmic": [bool(row["algorithmic"]) for row in rows],
        "undocumented": [not row["documented"] for row in rows],
    }
    structures = measure_structure([shown(text) for text in files.texts])
    values = {name: [measure(code) for code in structures] for name, measure in QUANTITIES.items()}
    return Marked(
        rows=rows,
        texts=files.texts,
        structures=structures,
        marks={name: np.array(mark) for name, mark in marks.items()},
        quantities={name: np.array([list(one.values()) for one in each]) for name, each in values.items()},
        names={name: list(each[0]) for name, each in values.items()},
    )
