"""The words and number formats that every rendering shares."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

from textbooks.verdicts import Reason

__all__ = [
    "CONTAMINATION_REASONS",
    "DECONTAMINATORS",
    "EXPLANATIONS",
    "QUARANTINE_REASONS",
    "RUBRIC",
    "by_fate",
    "count",
    "megabytes",
    "rubric_class",
    "score_text",
    "share",
]

RUBRIC: Final = ("nothing", "little", "some", "useful", "high", "textbook")
"""One word for each class, 0 to 5, of the educational-value rubric."""

QUARANTINE_REASONS: Final[frozenset[str]] = frozenset(
    {
        Reason.TEXT_MISSING,
        Reason.NOT_TEXT,
        Reason.INVALID_UNICODE,
        Reason.UNREADABLE,
        Reason.TRUNCATED,
        Reason.MALFORMED_ROW,
        Reason.TOO_LARGE,
        Reason.NO_CODE,
        Reason.NO_ANSWER,
        Reason.JUDGING_FAILED,
    }
)
"""The slugs that say a text could not be judged; every other slug says that it was judged and dropped."""

CONTAMINATION_REASONS: Final[frozenset[str]] = frozenset(
    {Reason.NGRAM_OVERLAP, Reason.SIMILAR_PROBLEM, Reason.SOLVES_PROBLEM, Reason.SOLVES_COMMON_PROBLEM}
)
"""The slugs that say a text holds a problem of a benchmark."""

DECONTAMINATORS: Final = ("decontaminator", "ngram", "similarity", "behaviour")
"""Names of the steps whose evidence lists problems."""

EXPLANATIONS: Final[Mapping[str, str]] = {
    Reason.EXACT_DUPLICATE: "the same text stands elsewhere",
    Reason.NEAR_DUPLICATE: "nearly the same text stands elsewhere",
    Reason.SEMANTIC_DUPLICATE: "a text of nearly the same meaning stands elsewhere",
    Reason.TOO_SHORT: "too little text to learn from",
    Reason.TOO_LONG: "more text than the limit",
    Reason.LONG_LINE: "a line longer than the limit: data or minified code",
    Reason.SYNTAX: "does not parse as Python",
    Reason.LOW_EDU_VALUE: "educational value below the threshold",
    Reason.NOT_SELF_CONTAINED: "depends on files of its own project",
    Reason.BOILERPLATE: "sets things up and computes nothing",
    Reason.UNDOCUMENTED_COMPLEXITY: "logic in long or nested code that nothing explains",
    Reason.OVERREPRESENTED_TOPIC: "its topic has more texts than the cap",
    Reason.LICENCE_NOT_ALLOWED: "its licence is not among those allowed",
    Reason.LICENCE_UNKNOWN: "its licence is not stated or not understood",
    Reason.SECRETS: "holds passwords, keys or tokens",
    Reason.PERSONAL_DATA: "holds too many e-mail or IP addresses",
    Reason.NGRAM_OVERLAP: "shares a passage with a benchmark problem",
    Reason.SIMILAR_PROBLEM: "built like the solution of a benchmark problem",
    Reason.SOLVES_PROBLEM: "does what a benchmark problem asks for",
    Reason.SOLVES_COMMON_PROBLEM: "does what a benchmark problem asks for, and many texts do",
    Reason.REFUSED: "the model refused to write it",
    Reason.CUT_OFF: "the answer ends in the middle: longer than the longest allowed",
    Reason.MALFORMED_ANSWER: "the answer holds no text in the form asked for",
    Reason.FOREIGN_IMPORT: "imports what is not in the standard library",
    Reason.WRONG_FUNCTION: "the function asked for is missing, or has no docstring or body",
    Reason.SIGNATURE_MISMATCH: "docstring and signature contradict each other",
    Reason.NO_EXAMPLES: "nothing says what the function should return",
    Reason.FAILS_TO_RUN: "the code raises an error when it is run",
    Reason.FAILS_EXAMPLES: "an example or assertion of its own does not hold",
    Reason.IDLE_EXAMPLES: "its examples hold without the solution, too",
    Reason.WRONG_CLAIM: "a comment states another result than the code gives",
    Reason.TOO_SLOW: "takes too long or too much memory",
    Reason.IGNORES_SEED: "uses nothing of the words it was to be built around",
    Reason.COPIES_SEED: "copies the code that it was to be inspired by",
    Reason.TEXT_MISSING: "the record has no text",
    Reason.NOT_TEXT: "the text field is not a string, or the file is binary",
    Reason.INVALID_UNICODE: "bytes that are not valid Unicode",
    Reason.UNREADABLE: "the file could not be read",
    Reason.TRUNCATED: "the file ends in the middle of a record",
    Reason.MALFORMED_ROW: "the row is not a valid record",
    Reason.TOO_LARGE: "larger than the limit on what is read",
    Reason.NO_CODE: "a lesson without any Python code",
    Reason.NO_ANSWER: "the model gave no answer",
    Reason.JUDGING_FAILED: "a step failed on this text",
}
"""What each slug means, in a few plain words."""


def by_fate(reasons: Mapping[str, int]) -> tuple[dict[str, int], dict[str, int]]:
    """Split counts by reason into those of dropped and those of quarantined records.

    Parameters
    ----------
    reasons : mapping
        Slug to number of records. A slug that is not known counts as dropped; zero counts are left out.

    Returns
    -------
    dropped, quarantined : dict
        Each by falling count, then by slug.
    """
    ordered = sorted(((slug, n) for slug, n in reasons.items() if n), key=lambda item: (-item[1], item[0]))
    dropped = {slug: n for slug, n in ordered if slug not in QUARANTINE_REASONS}
    quarantined = {slug: n for slug, n in ordered if slug in QUARANTINE_REASONS}
    return dropped, quarantined


def rubric_class(score: float | None) -> int | None:
    """Return the class of the rubric nearest to a score, halves upward.

    Parameters
    ----------
    score : float or None
        Educational value, 0 to 5; what lies outside goes to the nearest end.

    Returns
    -------
    int or None
        0 to 5, an index into `RUBRIC`; None where there is no score (None or NaN).
    """
    if score is None or math.isnan(score):
        return None
    return math.floor(min(max(score, 0.0), len(RUBRIC) - 1.0) + 0.5)


def count(n: int) -> str:
    """Return an integer with a comma at every third digit."""
    return f"{n:,}"


def score_text(score: float | None) -> str:
    """Return a score with two decimals, rounded down, so that one below a threshold never looks like it.

    A dash stands where there is no score (None or NaN).
    """
    if score is None or math.isnan(score):
        return "—"
    if math.isinf(score):
        return str(score)
    return f"{math.floor(round(score * 100, 6)) / 100:.2f}"  # 0.29 * 100 is 28.999999999999996


def share(part: int, whole: int) -> str:
    """Return `part` of `whole` in per cent, such that neither "0 %" nor "100 %" ever stands for *almost*."""
    if whole <= 0:
        return "—"
    if 0 < part * 1000 < whole:
        return "< 0.1 %"
    if whole * 999 < part * 1000 < whole * 1000:
        return "> 99.9 %"
    return f"{100 * part / whole:.1f} %"


def megabytes(n: int) -> str:
    """Return a number of bytes in the largest decimal unit that fits (1 MB is 1,000,000 bytes)."""
    if n < 1000:
        return f"{n} bytes"
    for unit, size in (("TB", 10**12), ("GB", 10**9), ("MB", 10**6)):
        if n >= size:
            return f"{n / size:.1f} {unit}"
    return f"{n / 1000:.1f} kB"
