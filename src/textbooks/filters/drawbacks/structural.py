"""What the filters of the paper's drawbacks share: one measurement, one probability, evidence."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from textbooks.filters.base import TextFilter
from textbooks.filters.drawbacks.model import load_model
from textbooks.filters.drawbacks.quantities import QUANTITIES
from textbooks.filters.drawbacks.structure import CodeStructure, measure_structure
from textbooks.filters.formats import PYTHON
from textbooks.records import as_records
from textbooks.verdicts import Verdict

__all__ = ["DrawbackMeasurement", "StructuralFilter"]


@dataclass(frozen=True, slots=True)
class DrawbackMeasurement:
    """What was measured of one text.

    Attributes
    ----------
    score : float
        In the unit and range of the filter; NaN for what is not Python.
    is_python : bool
        Whether enough of the text parses to be judged.
    evidence : mapping
        What the score rests on, as plain JSON types.
    """

    score: float
    is_python: bool
    evidence: Mapping[str, Any]


class StructuralFilter(TextFilter[DrawbackMeasurement]):
    """A filter of one of the drawbacks that the paper finds in web code (section 2).

    It reads the first 12,000 bytes of a text, cut at a statement; a text that is longer has ``cut`` in its evidence.
    A text that is not Python (more than a quarter of it does not parse) is kept with the score NaN and its
    ``error_share`` as evidence: that is `SyntaxFilter`'s business. Time and memory are bounded whatever the text.
    """

    _models: ClassVar[tuple[str, ...]]
    """Names of the models whose probabilities are multiplied."""

    @abstractmethod
    def _score_of(self, probability: float) -> float:
        """Turn the probability of the drawback into the filter's score."""

    @abstractmethod
    def _evidence(self, code: CodeStructure) -> dict[str, Any]:
        """Return what a person looks at to agree or disagree."""

    def score(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Score texts without deciding.

        Parameters
        ----------
        texts : sequence of str
            A single string raises `TypeError`.

        Returns
        -------
        ndarray of float64, shape (n,)
            In [0, 1], see the class; NaN for what cannot be judged or is not Python.
        """
        measured = self._measure_all(as_records(texts))
        return np.array([one.score for one in measured], dtype=np.float64)

    def _for_format(self, text_format: str) -> Self | None:
        return self if text_format == PYTHON else None

    def _measure(self, texts: Sequence[str]) -> Sequence[DrawbackMeasurement]:
        return [self._measured(code) for code in measure_structure(texts)]

    def _measured(self, code: CodeStructure) -> DrawbackMeasurement:
        if not code.is_python:
            return DrawbackMeasurement(math.nan, False, {"error_share": round(code.error_share, 4)})
        values = {name: QUANTITIES[name](code) for name in self._models}
        probabilities = {name: load_model(name).probability(values[name]) for name in self._models}
        moved = {name: load_model(name).strongest(values[name]) for name in self._models}
        evidence = {**self._evidence(code), "moved_most": moved}
        if len(self._models) > 1:
            evidence |= {name: round(probability, 4) for name, probability in probabilities.items()}
        if code.cut:
            evidence["cut"] = True
        return DrawbackMeasurement(self._score_of(math.prod(probabilities.values())), True, evidence)

    @abstractmethod
    def _decide(self, measurement: DrawbackMeasurement) -> Verdict:
        """Turn one measurement into a verdict, by this filter's thresholds."""
