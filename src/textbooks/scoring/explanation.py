"""Why a text got its score, in numbers and in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textbooks.scoring.feature_words import describe

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Contribution", "Explanation"]


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one quantity did to a score.

    Attributes
    ----------
    name : str
        The feature, or where the rest of the score comes from.
    value : float
        What was measured; NaN where there is no single measurement.
    effect : float
        By how much it moved the score, in classes of the rubric; positive raises it.
    """

    name: str
    value: float
    effect: float

    @property
    def words(self) -> str:
        """The feature and its value as a person would say it."""
        return describe(self.name, self.value)


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a text got its score; a notebook shows it as a table.

    Attributes
    ----------
    score : float
        Educational value in [0, 5].
    probabilities : tuple of float
        Of the classes 0 to 5; their sum is 1.
    marks : mapping of str to float
        How likely each yes-or-no mark is, in [0, 1]: self_contained, boilerplate, algorithmic, documented in the
        bundled model.
    contributions : tuple of Contribution
        What moved the score most, largest first, then "other features", "similar texts", "average text" and
        "calibration". Their effects add up to the score.

    Notes
    -----
    Effects follow the paths through the trees (Saabas, 2014): they say what the model did, not why the text is good.
    """

    score: float
    probabilities: tuple[float, ...]
    marks: Mapping[str, float]
    contributions: tuple[Contribution, ...]

    def __str__(self) -> str:
        from textbooks.reports.explanation import explanation_text

        return explanation_text(self)

    def _repr_html_(self) -> str:
        """Return the explanation as HTML, for notebooks."""
        from textbooks.reports.explanation import explanation_html

        return explanation_html(self)
