"""What a decontaminator found in a corpus, problem by problem, as data that a page or a program can read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

from textbooks.errors import InputError
from textbooks.problems import Problem
from textbooks.storage import write_atomically
from textbooks.verdicts import FilterResult

__all__ = ["DecontaminationReport", "Example", "TaintedProblem"]

FORMAT = "textbooks decontamination report"
FORMAT_VERSION = 1


@dataclass(frozen=True, slots=True)
class Example:
    """One text that holds a problem, or seemed to.

    Attributes
    ----------
    document : str
        Id of the record; its place in the corpus, from 0, where it has none.
    method : str
        ``"ngram"``, ``"similarity"`` or ``"behaviour"``.
    strength : float
        See `textbooks.decontaminators.Finding`.
    passage : str
        The passage that it rests on, at most 2,000 characters.
    details : mapping
        The method's own numbers and names, and ``also_by``: the other methods that found it in this text.
    """

    document: str
    method: str
    strength: float
    passage: str
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TaintedProblem:
    """One problem that texts of the corpus hold.

    Attributes
    ----------
    benchmark, id : str
        The problem.
    program : str
        Its reference program, at most 4,000 characters.
    texts : int
        How many texts hold it; 0 where all matches were refuted.
    by_method : dict of str to int
        How many texts each method found.
    refuted : int
        Texts that read like it or are built like it, whose code does something else.
    strongest : float
        The largest strength, 0 to 1.
    examples, refuted_examples : tuple of Example
        The strongest finding of each text, at most five texts of each; ties by document.
    """

    benchmark: str
    id: str
    program: str
    texts: int
    by_method: dict[str, int]
    refuted: int
    strongest: float
    examples: tuple[Example, ...]
    refuted_examples: tuple[Example, ...]


@dataclass(frozen=True, slots=True)
class DecontaminationReport:
    """All that a run of a decontaminator found.

    Attributes
    ----------
    texts, kept, dropped, quarantined : int
        ``texts = kept + dropped + quarantined``.
    reasons : dict of str to int
        Texts that were not kept, by reason.
    benchmarks : dict of str to int
        Number of problems looked for, by benchmark.
    problems : tuple of TaintedProblem
        Every problem with a match, refuted ones too: by falling number of texts, then in the order of the benchmark.
    by_method : dict of str to int
        Texts that each method found, by its thresholds.
    at_threshold : dict of str to list of (float, int)
        For each method: how many texts come as near as 1.0, 0.95, 0.9, 0.85, 0.8 to any problem, whatever the
        thresholds and before anything is refuted; what a threshold there would remove.
    refuted : int
        Texts with a match that was refuted.
    undecided : int
        Texts of which a part could not be judged by a method, such as code that runs too long.
    """

    texts: int
    kept: int
    dropped: int
    quarantined: int
    reasons: dict[str, int]
    benchmarks: dict[str, int]
    problems: tuple[TaintedProblem, ...]
    by_method: dict[str, int]
    at_threshold: dict[str, list[tuple[float, int]]]
    refuted: int
    undecided: int

    @classmethod
    def of(cls, result: FilterResult[Any], problems: Iterable[Problem], *, text_key: str = "text") -> Self:
        """Return the report on what `apply` of any decontaminator returned.

        Parameters
        ----------
        result : FilterResult
            Of a `Decontaminator`, or of one of its parts.
        problems : iterable of Problem
            Those that the decontaminator was fitted to.
        text_key : str, default="text"
            Where mappings keep their text.
        """
        from textbooks.decontaminators.report_builder import ReportBuilder
        from textbooks.records import to_document

        builder = ReportBuilder(problems)
        for place, (record, verdict) in enumerate(result):
            document = to_document(record, text_key=text_key)
            text = document.text if isinstance(document.text, str) else ""
            builder.add(str(document.id or place), text, verdict)
        return cls(**builder.totals())

    def tainted(self, benchmark: str, *, method: str | None = None) -> list[str]:
        """Return the ids of a benchmark's problems that the corpus holds, in order of the report.

        They are what `textbooks.evaluation.similarity_split` takes as `similar_ids`, to tell the accuracy on problems
        that the training data gave away from that on the others (paper, Table 3).

        Parameters
        ----------
        benchmark : str
            One of `benchmarks`.
        method : str, optional
            Only those that this method found.

        Raises
        ------
        ValueError
            If the report has no such benchmark.
        """
        if benchmark not in self.benchmarks:
            msg = f"benchmark must be one of {', '.join(self.benchmarks) or 'none'}, got {benchmark!r}"
            raise ValueError(msg)
        mine = [one for one in self.problems if one.benchmark == benchmark and one.texts]
        return [one.id for one in mine if method is None or one.by_method.get(method)]

    def save(self, path: str | Path) -> None:
        """Write the report as JSON, whole or not at all."""
        header = {"format": FORMAT, "version": FORMAT_VERSION}
        content = json.dumps({**header, **asdict(self)}, indent=1, ensure_ascii=True)
        write_atomically(Path(path), content.encode())

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
            values["problems"] = tuple(_problem(one) for one in values["problems"])
            steps = values["at_threshold"].items()
            values["at_threshold"] = {method: [(tau, n) for tau, n in pairs] for method, pairs in steps}
            return cls(**values)
        except InputError:
            raise
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            msg = f"{path} cannot be read as a decontamination report: {type(error).__name__}: {error}"
            raise InputError(msg) from error

    def _repr_html_(self) -> str:
        from textbooks.reports.decontamination import report_fragment

        return report_fragment(self)


def _problem(values: Mapping[str, Any]) -> TaintedProblem:
    examples = {name: tuple(Example(**one) for one in values[name]) for name in ("examples", "refuted_examples")}
    return TaintedProblem(**{**values, **examples})
