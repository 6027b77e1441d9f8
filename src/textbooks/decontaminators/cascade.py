"""The decontaminators together: what is found by wording, by structure and by behaviour, weighed against each other."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self, TypeVar

from datatrove.pipeline.writers.disk_base import DiskWriter

from textbooks.decontaminators.base import ProblemFilter, check_problems
from textbooks.decontaminators.behaviour.decontaminator import BehaviouralDecontaminator
from textbooks.decontaminators.behaviour.matches import BehaviourMatch
from textbooks.decontaminators.findings import SHOWN, Finding
from textbooks.decontaminators.ngram.decontaminator import NGramDecontaminator
from textbooks.decontaminators.ngram.matches import Match
from textbooks.decontaminators.similarity.decontaminator import SimilarityDecontaminator
from textbooks.decontaminators.similarity.match import SimilarityMatch
from textbooks.decontaminators.weighing import Combine, OnTrial, check_combine, suspects, weigh
from textbooks.problems import Problem
from textbooks.ranges import check_range

__all__ = ["MAX_DISTANCE", "METHODS", "CascadeMatch", "Decontaminator"]

P = TypeVar("P", bound=ProblemFilter[Any])

METHODS: Final = ("ngram", "similarity", "behaviour")
"""The methods, in the order in which they run."""

MAX_DISTANCE: Final = 1.08
"""L2 distance up to which structure counts here, where behaviour finds renamed copies anyway (ours).

At 1.1, the default of `SimilarityDecontaminator`, 2 more of 5,000 clean functions are flagged, and no more renamed
copies of HumanEval's programs are found.
"""


@dataclass(frozen=True, slots=True)
class CascadeMatch:
    """What each method measured of a text; None where it found nothing, or did not run.

    Attributes
    ----------
    ngram : Match or None
    similarity : SimilarityMatch or None
    behaviour : BehaviourMatch or None
    """

    ngram: Match | None
    similarity: SimilarityMatch | None
    behaviour: BehaviourMatch | None


class Decontaminator(ProblemFilter[CascadeMatch]):
    """Drop texts that hold problems of a benchmark, however they are worded: three methods and a judge between them.

    **It executes texts**, confined by the sandbox, unless ``execute=False``.

    `NGramDecontaminator` finds copies of the wording, `SimilarityDecontaminator` copies of the structure,
    `BehaviouralDecontaminator` whatever does the same. Behaviour has the last word: where a function stands in the
    passage that wording or structure point at, was run on the problem's inputs and gave clearly different results,
    the match is *refuted*: noted in the evidence, and no reason to drop. The paper's own four matches by 13-grams were
    all of this kind (arXiv 2306.11644, section 5.1).

    Parameters
    ----------
    execute : bool, default=True
        Whether behaviour has a say. False runs no text, and nothing is refuted.
    combine : {"weighed", "any"}, default="weighed"
        ``"weighed"`` as above; ``"any"`` drops what any method finds, refuted or not.
    max_refutable : float, default=0.9
        A passage with at least this share of a part's n-grams, 0 to 1, is a copy of the problem whatever the code
        beside it computes, and is not refuted (ours: a prompt with a wrong solution still tells the prompt).
    ngram, similarity, behaviour : decontaminator, optional
        With parameters of your own; those with the defaults if None, but ``max_distance=1.08`` for `similarity`. They
        are copied and fitted by `fit`.
    exclusion_writer, quarantine_writer, batch_size
        See `textbooks.filters.base.Step`.

    Attributes
    ----------
    ngram_, similarity_, behaviour_
        The fitted parts; None for `behaviour_` with ``execute=False``, and for a part in `left_out_`.
    left_out_ : dict of str to str
        Methods that cannot look for any of these problems, and why: programs too small, or prompts too short.
    problems_ : tuple of Problem
        What `fit` was given.

    Notes
    -----
    The score of a verdict is the strength of the finding that decides, or of the nearest that does not, 0 to 1. The
    thresholds of a part can be changed on a result: ``rethreshold(similarity__min_match_rate=0.8)``.
    """

    name = "decontaminator"
    thresholds = ("combine", "max_refutable")

    def __init__(
        self,
        *,
        execute: bool = True,
        combine: Combine = "weighed",
        max_refutable: float = 0.9,
        ngram: NGramDecontaminator | None = None,
        similarity: SimilarityDecontaminator | None = None,
        behaviour: BehaviouralDecontaminator | None = None,
        exclusion_writer: DiskWriter | None = None,
        quarantine_writer: DiskWriter | None = None,
        batch_size: int = 64,
    ) -> None:
        super().__init__(exclusion_writer=exclusion_writer, quarantine_writer=quarantine_writer, batch_size=batch_size)
        check_combine(combine)
        check_range("max_refutable", max_refutable, 0, 1)
        if behaviour is not None and not execute:
            msg = "behaviour is given but execute is False: leave out the one or the other"
            raise ValueError(msg)
        self.execute = execute
        self.combine = combine
        self.max_refutable = max_refutable
        self.ngram = ngram
        self.similarity = similarity
        self.behaviour = behaviour

    def fit(self, problems: Iterable[Problem]) -> Self:
        """Learn benchmark problems by every method; what was learned before is forgotten.

        Parameters
        ----------
        problems : iterable of Problem
            Of any number of benchmarks; each problem once. With ``execute=True`` their references are run and their
            tests strengthened, which takes about a minute for HumanEval the first time: see
            `textbooks.decontaminators.strengthen`.

        Raises
        ------
        ValueError
            If there is no problem, one is given twice, or no method can look for any of them.
        TypeError
            If something is not a `Problem`.
        """
        listed = check_problems(problems)
        self.left_out_: dict[str, str] = {}
        self.ngram_ = self._fit_part(self.ngram or NGramDecontaminator(), listed)
        self.similarity_ = self._fit_part(
            self.similarity or SimilarityDecontaminator(max_distance=MAX_DISTANCE), listed
        )
        self.behaviour_ = (
            self._fit_part(self.behaviour or BehaviouralDecontaminator(), listed) if self.execute else None
        )
        if not any((self.ngram_, self.similarity_, self.behaviour_)):
            raise ValueError("; ".join(self.left_out_.values()))
        self.problems_ = tuple(listed)
        return self._fitted(listed)

    def _fit_part(self, part: P, problems: list[Problem]) -> P | None:
        """Return a fitted copy of a part; None, and a note, where it can look for none of the problems."""
        try:
            return copy.copy(part).fit(problems)
        except ValueError as error:  # the problems themselves were checked
            self.left_out_[part.name] = str(error)
            return None

    def _measure(self, texts: Sequence[str]) -> list[CascadeMatch | None]:
        self._check_fitted()
        nothing: list[Any] = [None] * len(texts)
        worded = self.ngram_._measure(texts) if self.ngram_ else nothing
        built = self.similarity_._measure(texts) if self.similarity_ else nothing
        behaved: Sequence[Any] = nothing
        if self.behaviour_ is not None:
            suspected = [suspects(*found) for found in zip(worded, built, strict=True)]
            behaved = self.behaviour_._measure_suspects(texts, suspected)
        found = zip(worded, built, behaved, strict=True)
        return [CascadeMatch(*parts) if any(part is not None for part in parts) else None for parts in found]

    def findings(self, measurement: CascadeMatch | None) -> list[Finding]:
        """Return what counts: what behaves like a problem first, then what reads or is built like one and stands."""
        return self._weighed(measurement).standing if measurement else []

    def refuted(self, measurement: CascadeMatch | None) -> list[Finding]:
        """Return the matches by wording or structure whose code does something else."""
        return self._weighed(measurement).refuted if measurement else []

    def _weighed(self, measurement: CascadeMatch) -> OnTrial:
        found = {part.name: part.findings(measured) for part, measured in self._parts(measurement)}
        textual, behaved = found.get("ngram", []) + found.get("similarity", []), found.get("behaviour", [])
        hits = measurement.behaviour.hits if measurement.behaviour and self.combine == "weighed" else ()
        return weigh(textual, behaved, hits, max_refutable=self.max_refutable)

    def _score(self, measurement: CascadeMatch) -> float:
        return max((part._score(found) for part, found in self._parts(measurement) if found is not None), default=0.0)

    def _parts(self, measurement: CascadeMatch) -> Iterator[tuple[ProblemFilter[Any], Any]]:
        """Yield each part that runs, with what it measured."""
        for method in METHODS:
            part = getattr(self, f"{method}_")
            if part is not None:
                yield part, getattr(measurement, method)

    def _notes(self, measurement: CascadeMatch) -> dict[str, Any]:
        """Return what each part notes beside its findings, and what was refuted; nothing of what is empty."""
        parts = [(part, found) for part, found in self._parts(measurement) if found is not None]
        notes: dict[str, Any] = {part.name: part._notes(found) for part, found in parts}
        notes["refuted"] = [finding.as_evidence() for finding in self.refuted(measurement)[:SHOWN]]
        notes["strengths"] = {part.name: round(part._score(found), 4) for part, found in parts}
        return {name: content for name, content in notes.items() if content}

    def _with_thresholds(self, **thresholds: Any) -> Self:  # noqa: ANN401
        """Return a copy that decides by other thresholds; ``<method>__<threshold>`` is a threshold of a part."""
        own = {name: value for name, value in thresholds.items() if "__" not in name}
        other = super()._with_thresholds(**own)
        for name in thresholds.keys() - own.keys():
            method, threshold = name.split("__", 1)
            part = getattr(self, f"{method}_", None) if method in METHODS else None
            if part is None or threshold not in part.thresholds:
                msg = f"{type(self).__name__} has no threshold {name!r}; it has {', '.join(self._all_thresholds())}"
                raise TypeError(msg)
            setattr(other, f"{method}_", part._with_thresholds(**{threshold: thresholds[name]}))
        return other

    def _all_thresholds(self) -> list[str]:
        fitted = [(method, getattr(self, f"{method}_", None)) for method in METHODS]
        return [*self.thresholds, *(f"{method}__{name}" for method, part in fitted if part for name in part.thresholds)]
