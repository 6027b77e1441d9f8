"""A model's answer to a rating: understood where it says one thing, and never made up."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from textbooks.annotators.annotation import HIGHEST_SCORE, MARKS
from textbooks.llm import Completion

__all__ = ["ANNOTATION_SCHEMA", "ParsedAnnotation", "parse_annotation"]

ANNOTATION_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "reason": {"type": "string"},
        **{name: {"type": "boolean"} for name in MARKS},
        "score": {"type": "integer", "minimum": 0, "maximum": HIGHEST_SCORE},
    },
    "required": ["reason", *MARKS, "score"],
    "additionalProperties": False,
}
"""What an annotator answers: the reason and the marks before the score, so that the score follows from them."""

_VALUE = r"(-?\d++(?:\.\d++)?+)"  # possessive: "13 to 15" must not pass as 1
_SCORE = re.compile(
    r"\b(?:score|rating|educational value)\b[\"'*_]*\s*(?:\([^)\n]{0,20}\)\s*)?(?:is|of|[:=])[\s\"'*_]*"
    rf"{_VALUE}(?!\s*(?:to|-|\u2013)\s*\d)(?!\s*(?:/|out of)\s*(?!{HIGHEST_SCORE}\b)\d)"  # no range, no other scale
    rf"|(?<![\d.]){_VALUE}\s?(?:/|out of)\s?{HIGHEST_SCORE}\b",
    re.IGNORECASE,
)
_NUMBER = re.compile(rf"\s*(-?\d+)(?:\.0+)?\s*(?:(?:/|out of)\s*{HIGHEST_SCORE}\s*)?")
_WORDS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_THOUGHTS = "</think>"
_LONGEST_READ = 20_000  # characters, from the end: the regular expressions stay quick on any answer
_MOST_OBJECTS = 100  # a text full of braces must not take quadratic time
_SAID = 100


@dataclass(frozen=True, slots=True)
class ParsedAnnotation:
    """What an answer says.

    Attributes
    ----------
    score : int or None
        0 to 5; None where the answer has no score, one out of range or between classes, or several that differ.
    marks : mapping of str to bool
        The marks that it gives.
    reason : str
        What it says before the score.
    problem : str
        Why there is no score; empty where there is one.
    """

    score: int | None
    marks: Mapping[str, bool] = field(default_factory=dict)
    reason: str = ""
    problem: str = ""


def parse_annotation(answer: str | Completion) -> ParsedAnnotation:
    """Return the rating in an answer.

    Understood are the JSON of `ANNOTATION_SCHEMA`, alone, in fences or among words; numbers and marks as strings; and
    in plain text phrases such as ``Score: 3``, ``3/5`` and ``3 out of 5``. What stands before ``</think>`` is no
    answer.
    Several scores that differ are none.

    Parameters
    ----------
    answer : str or Completion
        What the model said.

    Examples
    --------
    >>> parse_annotation("A clear loop, hardly explained. Score: 3").score
    3
    >>> parse_annotation("Score: 7").problem
    'the score 7 is no class from 0 to 5'
    """
    text = answer if isinstance(answer, str) else answer.text
    said = text.rpartition(_THOUGHTS)[2][-_LONGEST_READ:]
    found = list(_ratings(said))
    if not found and isinstance(answer, Completion) and isinstance(answer.parsed, Mapping):
        found = [answer.parsed] if "score" in answer.parsed else []
    if not found:
        return _from_prose(said)
    ratings = [_from_mapping(one) for one in found]
    scores = list(dict.fromkeys(repr(one["score"]) for one in found))
    if len({rating.score for rating in ratings}) > 1:
        return ParsedAnnotation(None, problem=f"several scores in the answer: {', '.join(scores)[:_SAID]}")
    return ratings[-1]


def _ratings(text: str) -> Iterator[Mapping[str, Any]]:
    """Yield the JSON objects in a text that hold a score, from left to right."""
    decoder, position = json.JSONDecoder(), text.find("{")
    for _ in range(_MOST_OBJECTS):
        if position < 0:
            return
        try:
            value, end = decoder.raw_decode(text, position)
        except (ValueError, RecursionError):
            end = position + 1
        else:
            if "score" in value:
                yield value
        position = text.find("{", end)


def _from_mapping(found: Mapping[str, Any]) -> ParsedAnnotation:
    score = _class_of(found["score"])
    known = ((name, _truth_of(found.get(name))) for name in MARKS)
    marks = {name: value for name, value in known if value is not None}
    given = found.get("reason")
    problem = "" if score is not None else _no_class(found["score"])
    return ParsedAnnotation(score, marks, given.strip() if isinstance(given, str) else "", problem)


def _from_prose(text: str) -> ParsedAnnotation:
    phrases = list(_SCORE.finditer(text))
    named = list(dict.fromkeys(match[1] or match[2] for match in phrases))
    if not named:
        return ParsedAnnotation(None, problem=f"no score in the answer {text.strip()!r:.{_SAID}}")
    if len(named) > 1:
        return ParsedAnnotation(None, problem=f"several scores in the answer: {', '.join(named)[:_SAID]}")
    score = _class_of(named[0])
    problem = "" if score is not None else _no_class(named[0])
    said = text[: phrases[0].start()].strip(" \n*_#-")
    return ParsedAnnotation(score, {}, "" if said.startswith("{") else said, problem)


def _class_of(value: object) -> int | None:
    """Return a class of the rubric; None for what is none, such as 3.5, True or 6."""
    if isinstance(value, str):
        match = _NUMBER.fullmatch(value[:_SAID])
        value = int(match[1]) if match else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if value in range(HIGHEST_SCORE + 1) else None


def _truth_of(value: object) -> bool | None:
    if isinstance(value, str):
        return _WORDS.get(value.strip().lower())
    return bool(value) if isinstance(value, int) and value in (0, 1) else None


def _no_class(value: object) -> str:
    shown = value if isinstance(value, str) else repr(value)
    return f"the score {shown[:_SAID]} is no class from 0 to {HIGHEST_SCORE}"
