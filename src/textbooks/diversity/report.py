"""How diverse one or two sets of texts are, as data that a page or a program can read."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from textbooks.diversity.entropy import Entropy
from textbooks.diversity.estimates import Estimate, clearly_differ
from textbooks.diversity.measures import MEASURES
from textbooks.errors import InputError
from textbooks.storage import write_atomically

__all__ = ["DiversityReport", "DiversitySet", "LeftOut", "Overlap"]

FORMAT = "textbooks diversity report"
FORMAT_VERSION = 1
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A record that has no text to measure: its id (its place, from 0, where it has none) and why."""

    id: str
    reason: str


@dataclass(frozen=True, slots=True)
class DiversitySet:
    """One set of texts.

    Attributes
    ----------
    name : str
    texts : int
        Records with a text.
    left_out : tuple of LeftOut
        The others.
    measures : dict of str to Estimate
        By the keys of `MEASURES`, of so many texts as the report's `texts_compared`.
    entropies : dict of str to Entropy
        Over topics, function names, their words, imports (none is a type, too) and syntax nodes, of that many texts;
        not rarefied.
    nearest : tuple of int
        Of that many texts: how many have their nearest neighbour's Jaccard similarity in each of 20 bins from 0 to 1;
        the last bin holds 1 itself.
    imports : dict of str to float
        Share of all texts that import each package, by falling share.
    without_imports : float
        Share of all texts that import nothing.
    names, words : dict of str to int
        How often each function name, and each word of them, occurs in that many texts, by falling number.
    """

    name: str
    texts: int
    left_out: tuple[LeftOut, ...]
    measures: dict[str, Estimate]
    entropies: dict[str, Entropy]
    nearest: tuple[int, ...]
    imports: dict[str, float]
    without_imports: float
    names: dict[str, int]
    words: dict[str, int]


@dataclass(frozen=True, slots=True)
class Overlap:
    """What two sets have in common, of all their texts.

    Attributes
    ----------
    first_in_second, second_in_first : dict of str to float
        Share of the texts of one set that have a neighbour in the other, by Jaccard threshold.
    names : tuple of str
        Function names that both have, sorted.
    first_names_shared, second_names_shared : float
        Share of the different function names of one set that the other has, too.
    """

    first_in_second: dict[str, float]
    second_in_first: dict[str, float]
    names: tuple[str, ...]
    first_names_shared: float
    second_names_shared: float


@dataclass(frozen=True, slots=True)
class DiversityReport:
    """How diverse one or two sets of texts are.

    Attributes
    ----------
    sets : tuple of DiversitySet
        One or two.
    overlap : Overlap or None
        Where there are two.
    texts_compared : int
        Texts that each value is measured on: the same for both sets.
    tokens_compared, bytes_compared : int
        How much of them distinct-n and the compression ratios read.
    subsamples : int
        Behind each standard error.
    seed : int
    embedder : str
        Identity of the embedder behind topics and Vendi scores.
    topics : str
        ``"labels"`` where the caller named them, else ``"clusters"``.
    """

    sets: tuple[DiversitySet, ...]
    overlap: Overlap | None
    texts_compared: int
    tokens_compared: int
    bytes_compared: int
    subsamples: int
    seed: int
    embedder: str
    topics: str

    def differences(self) -> dict[str, str]:
        """Say of every measure which set it finds more diverse.

        Returns
        -------
        dict of str to str
            By key of the measure: the name of a set; ``"equal"``; ``"within noise"`` where the values differ by no more
            than 1.96 standard errors of their difference, or have none; ``"no direction"``. Empty for one set.
        """
        if len(self.sets) < 2:
            return {}
        return {each.key: self._difference(each.key, each.diverse) for each in MEASURES}

    def _difference(self, key: str, diverse: str) -> str:
        first, second = (one.measures[key] for one in self.sets)
        if first.value is None or second.value is None or math.isclose(first.value, second.value, rel_tol=_ROUNDING):
            return "equal"
        if diverse == "neither":
            return "no direction"
        if not clearly_differ(first, second):
            return "within noise"
        return self.sets[int((second.value > first.value) == (diverse == "higher"))].name

    def to_json(self) -> str:
        """Return the report as JSON."""
        header = {"format": FORMAT, "version": FORMAT_VERSION}
        return json.dumps({**header, **asdict(self)}, indent=1, ensure_ascii=True, allow_nan=False)

    def save(self, path: str | Path) -> None:
        """Write the report as JSON, whole or not at all."""
        write_atomically(Path(path), self.to_json().encode())

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read a file of `save`.

        Raises
        ------
        InputError
            If it is missing, damaged, or of another format or version.
        """
        try:
            values = json.loads(Path(path).read_bytes())
            found = values.pop("format"), values.pop("version")
            if found != (FORMAT, FORMAT_VERSION):
                msg = f"{path} holds {found[0]} {found[1]}, not {FORMAT} {FORMAT_VERSION}"
                raise InputError(msg)
            values["sets"] = tuple(_set(one) for one in values["sets"])
            values["overlap"] = _overlap(values["overlap"])
            return cls(**values)
        except InputError:
            raise
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            msg = f"{path} cannot be read as a diversity report: {type(error).__name__}: {error}"
            raise InputError(msg) from error

    def table(self) -> Any:  # noqa: ANN401
        """Return the measures as a table of rich, for a terminal."""
        from textbooks.reports.diversity import diversity_table

        return diversity_table(self)

    def to_html(self, path: str | Path) -> None:
        """Write the report as one page with its plots, which loads nothing; whole or not at all."""
        from textbooks.reports.diversity import render_diversity

        write_atomically(Path(path), render_diversity(self).encode("utf-8", "replace"))

    def _repr_html_(self) -> str:
        from textbooks.reports.diversity import diversity_fragment

        return diversity_fragment(self)


def _set(values: Mapping[str, Any]) -> DiversitySet:
    read = {
        "left_out": tuple(LeftOut(**one) for one in values["left_out"]),
        "measures": {each.key: Estimate(**values["measures"][each.key]) for each in MEASURES},
        "entropies": {source: Entropy(**one) for source, one in values["entropies"].items()},
        "nearest": tuple(values["nearest"]),
    }
    return DiversitySet(**{**values, **read})


def _overlap(values: Mapping[str, Any] | None) -> Overlap | None:
    return None if values is None else Overlap(**{**values, "names": tuple(values["names"])})
