"""Scores of a handful of files, as `textbooks score` shows them."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson

from textbooks.filters import EduValueFilter
from textbooks.readers.decode import UndecodableError, decode_source
from textbooks.verdicts import Reason, Verdict

__all__ = ["ScoredFile", "score_files"]

STANDARD_INPUT = "-"


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
        return "" if self.judged else str(self.verdict.evidence.get("detail", self.verdict.reason))

    def as_json(self) -> str:
        """Return one JSON object: source, score (null when there is none), class, keep, and the problem if any."""
        score = round(self.score, 4) if self.judged else None
        line = {"source": self.source, "score": score, "class": None if score is None else round(score)}
        line |= {"keep": self.keep} | ({} if self.judged else {"problem": self.problem})
        return orjson.dumps(line).decode()


def score_files(files: Sequence[str], *, min_score: float = 2.5) -> list[ScoredFile]:
    """Score files; one that cannot be read is listed with the reason and does not stop the others."""
    judge = EduValueFilter(min_score=min_score)
    return [ScoredFile(file, _judge(judge, file)) for file in files]


def _judge(judge: EduValueFilter, file: str) -> Verdict:
    try:
        data = sys.stdin.buffer.read() if file == STANDARD_INPUT else Path(file).read_bytes()
        return judge.judge(decode_source(data))
    except UndecodableError as error:
        return Verdict.quarantined(Reason.INVALID_UNICODE, detail=str(error))
    except OSError as error:
        return Verdict.quarantined(Reason.UNREADABLE, detail=f"{error.strerror}")
