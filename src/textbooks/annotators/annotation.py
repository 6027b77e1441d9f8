"""What a language model says of a text's educational value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from textbooks.llm import Usage

__all__ = ["HIGHEST_SCORE", "MARKS", "Annotation"]

HIGHEST_SCORE = 5
"""The highest class of the rubric; the lowest is 0."""

MARKS = ("self_contained", "boilerplate", "algorithmic", "documented")
"""The rubric's yes-or-no marks, in its order: after the paper's four drawbacks of web code (section 2)."""


@dataclass(frozen=True, slots=True)
class Annotation:
    """A language model's rating of one text.

    Attributes
    ----------
    id : str
        The record's id; its position where it has none.
    score : int or None
        Educational value, 0 to 5; None where there is none.
    marks : mapping of str to bool
        Those of `MARKS` that the answer gives.
    reason : str
        What was said before the score.
    problem : str
        Why there is no score; empty where there is one.
    usage : Usage
        Tokens of the answer, also of one that came from a cache.
    model : str
        The model that answered; empty where the client does not know.
    """

    id: str
    score: int | None
    marks: Mapping[str, bool] = field(default_factory=dict)
    reason: str = ""
    problem: str = ""
    usage: Usage = field(default_factory=Usage)
    model: str = ""
