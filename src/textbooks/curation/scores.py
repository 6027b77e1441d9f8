"""Scores of a handful of files, as `textbooks score` shows them."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import orjson

from textbooks.filters import EduValueFilter
from textbooks.readers.decode import UndecodableError, decode_source
from textbooks.verdicts import Reason, Verdict

if TYPE_CHECKING:
    from textbooks.scoring.lessons.lesson import TextFormat

__all__ = ["ScoredFile", "score_files"]

STANDARD_INPUT = "-"

TEXT_FORMATS: Final[Mapping[str, TextFormat]] = {
    ".md": "markdown",
    ".markdown": "markdown",
    ".html": "html",
    ".htm": "html",
    ".ipynb": "notebook",
}
"""What files of other suffixes than Python's are read as."""


@dataclass(frozen=True, slots=True)
class ScoredFile:
    """One file and what the filter says of it.

    Attributes
    ----------
    source : str
        The path, or ``-`` for standard input.
    verdict : Verdict
        Quarantined when the file cannot be read as text.
    """

    source: str
    verdict: Verdict

    @property
    def score(self) -> float:
        """Educational value, 0 to 5; NaN when the file could not be judged."""
        return self.verdict.score

    @property
    def keep(self) -> bool:
        """Whether the score reaches the threshold."""
        return self.verdict.keep

    @property
    def judged(self) -> bool:
        """Whether there is a score."""
        return not math.isnan(self.score)

    @property
    def problem(self) -> str:
        """Why there is no score; empty when there is one."""
        if self.judged:
            return ""
        if self.verdict.reason is Reason.NO_CODE:
            return "no Python code in it"
        evidence = self.verdict.evidence
        return str(evidence.get("detail", evidence.get("error", self.verdict.reason)))

    def as_json(self) -> str:
        """Return one JSON object: source, score (null when there is none), class, keep, and the problem if any."""
        score = round(self.score, 4) if self.judged else None
        line = {"source": self.source, "score": score, "class": None if score is None else round(score)}
        line |= {"keep": self.keep} | ({} if self.judged else {"problem": self.problem})
        return orjson.dumps(line).decode()


def score_files(files: Sequence[str], *, min_score: float = 2.5) -> list[ScoredFile]:
    """Score files; one that cannot be read is listed with the reason and does not stop the others.

    Markdown, HTML and notebooks are known by their suffix (`TEXT_FORMATS`); everything else is read as Python.
    """
    formats: set[TextFormat] = {_format_of(file) for file in files}
    judges = {name: EduValueFilter(min_score=min_score, text_format=name) for name in formats}
    return [ScoredFile(file, _judge(judges[_format_of(file)], file)) for file in files]


def _format_of(file: str) -> TextFormat:
    return TEXT_FORMATS.get(Path(file).suffix.lower(), "python")


def _judge(judge: EduValueFilter, file: str) -> Verdict:
    try:
        data = sys.stdin.buffer.read() if file == STANDARD_INPUT else Path(file).read_bytes()
        return judge.judge(decode_source(data) if judge.text_format == "python" else data.decode("utf-8-sig"))
    except (UndecodableError, UnicodeDecodeError) as error:
        return Verdict.quarantined(Reason.INVALID_UNICODE, detail=str(error))
    except OSError as error:
        return Verdict.quarantined(Reason.UNREADABLE, detail=f"{error.strerror}")
