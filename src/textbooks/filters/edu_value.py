"""Educational value: what a file of code teaches a student of basic coding concepts."""

from __future__ import annotations

import copy
import os
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol, Self, cast, runtime_checkable

import numpy as np
from datatrove.pipeline.writers.disk_base import DiskWriter
from numpy.typing import NDArray

from textbooks.filters.base import ScoreFilter
from textbooks.filters.formats import PYTHON
from textbooks.filters.thresholds import ThresholdTable
from textbooks.ranges import check_range
from textbooks.records import why_unjudgeable
from textbooks.verdicts import Reason, Verdict

if TYPE_CHECKING:
    from textbooks.scoring.explanation import Explanation
    from textbooks.scoring.lessons.lesson import TextFormat
    from textbooks.scoring.model import EduValueModel

__all__ = ["EduValueFilter"]

USEFUL = 2.5
"""Scores from here on round to the classes 3 to 5, which the rubric calls useful."""

_TEXT_FORMATS = ("python", "auto", "markdown", "html", "notebook")


@runtime_checkable
class Scorer(Protocol):
    """Anything that scores texts."""

    def score(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return the educational value of each text, in [0, 5]."""
        ...


class EduValueFilter(ScoreFilter):
    r"""Drop code of little educational value, with reason ``low_edu_value``.

    The score is in [0, 5]; ``round(score)`` is the class of the rubric: 0 nothing to learn, 1 little, 2 some,
    3 useful, 4 high, 5 textbook quality. It comes from a forest over features of the syntax tree and the text,
    fitted to 4,100 files that a language model rated; no feature looks at path, repository or licence. It runs
    offline, without a GPU. It reads Python, and by `text_format` lessons with Python in them; other text gets a score
    that means nothing.

    Parameters
    ----------
    min_score : float, default=2.5
        Drops when the score is below this; in [0, 5]. 2.5 keeps the classes 3 to 5, those that the rubric calls
        useful. The paper states no threshold; ours, as FineWeb-Edu keeps class 3 and up.
    model : path or model, optional
        A file that `EduValueModel.save` wrote, loaded on first use; or anything with a method ``score(texts)`` that
        returns one number in [0, 5] a text, such as an `EduValueModel` or `EmbeddingClassifier`. The bundled model
        when None.
    text_format : {"python", "auto", "markdown", "html", "notebook"}, default="python"
        What the texts are; with "python", a record may name another by its own ``text_format``. A lesson (Markdown,
        an HTML post, a notebook) is scored as the Python file that it would be: code as it is, prose as docstring and
        comments; the text itself is not changed. "auto" looks at each text. One without Python code is quarantined as
        ``no_code``, one that is no notebook as ``unreadable``.
    exclusion_writer, quarantine_writer, batch_size
        See `Step`.

    Notes
    -----
    Source: "Textbooks Are All You Need", section 2.1 (a language model's labels, an embedding of the code, a
    random forest). The features are ours.

    Examples
    --------
    >>> EduValueFilter().score(["DEBUG = True\nPORT = 80\n"]).round(0)
    array([0.])
    """

    name = "edu_value"
    thresholds = ("min_score",)

    def __init__(
        self,
        *,
        min_score: float = USEFUL,
        model: str | os.PathLike[str] | Scorer | None = None,
        text_format: TextFormat = "python",
        exclusion_writer: DiskWriter | None = None,
        quarantine_writer: DiskWriter | None = None,
        batch_size: int = 64,
    ) -> None:
        super().__init__(exclusion_writer=exclusion_writer, quarantine_writer=quarantine_writer, batch_size=batch_size)
        check_range("min_score", min_score, 0, 5)
        if model is not None and not isinstance(model, str | os.PathLike | Scorer):
            msg = f"model must be a path or have a method score(texts), got {model!r}"
            raise TypeError(msg)
        if text_format not in _TEXT_FORMATS:
            msg = f"text_format must be one of {', '.join(_TEXT_FORMATS)}, got {text_format!r}"
            raise ValueError(msg)
        self.min_score = min_score
        self.model = model
        self.text_format = text_format

    @classmethod
    def from_fraction(cls, fraction: float, *, sample: Sequence[str], **arguments: Any) -> Self:  # noqa: ANN401
        """Return a filter that keeps about this share of a corpus, by the scores of a sample of it.

        Parameters
        ----------
        fraction : float
            In (0, 1]. Of the sample at least this share is kept, and no more than ties force.
        sample : sequence of str
            Texts drawn at random from the corpus; the error of the share is about ``sqrt(f * (1 - f) / n)``.
        **arguments
            Of the constructor, without `min_score`.

        Raises
        ------
        ValueError
            If the fraction is out of range or no text of the sample can be judged.
        """
        table = cls(**arguments).threshold_table(sample)
        return cls(min_score=table.for_keep_fraction(fraction), **arguments)

    def threshold_table(
        self, texts: Sequence[str], labels: Sequence[float] | None = None, *, sizes: Sequence[float] | None = None
    ) -> ThresholdTable:
        """Show what every threshold would keep of a sample of the corpus.

        Parameters
        ----------
        texts : sequence of str, shape (n,)
            The sample.
        labels : sequence of float, shape (n,), optional
            Their educational value, 0 to 5, by a person or a language model: for precision and recall. At least 2.5,
            the class 3 and up, counts as worth keeping.
        sizes : sequence of float, shape (n,), optional
            The size of each in tokens or bytes, for a budget.

        Returns
        -------
        ThresholdTable
            With `for_keep_fraction`, `for_precision` and `for_size`; a notebook draws it.
        """
        worth = None if labels is None else np.asarray(labels, dtype=np.float64) >= USEFUL
        return ThresholdTable.of(self.score(texts), worth_keeping=worth, sizes=sizes)

    def threshold_for(
        self,
        texts: Sequence[str],
        *,
        keep_fraction: float | None = None,
        precision: float | None = None,
        tokens: float | None = None,
        labels: Sequence[float] | None = None,
        token_counts: Sequence[float] | None = None,
    ) -> float:
        """Return the `min_score` that reaches one aim on a sample of the corpus.

        Parameters
        ----------
        texts : sequence of str, shape (n,)
            The sample.
        keep_fraction : float, optional
            Keep at least this share of the texts, in (0, 1], with the highest threshold that does.
        precision : float, optional
            Of the kept, this share is worth keeping by `labels`, with the lowest threshold that lasts.
        tokens : float, optional
            Keep at most so many tokens of the sample, by `token_counts`, with the lowest threshold that does.
        labels, token_counts : sequence of float, shape (n,), optional
            What `precision` and `tokens` need.

        Raises
        ------
        ValueError
            If not exactly one aim is given, it lacks its labels or counts, or cannot be reached on the sample.
        """
        aims = {"keep_fraction": keep_fraction, "precision": precision, "tokens": tokens}
        given = [name for name, value in aims.items() if value is not None]
        if len(given) != 1:
            msg = f"give exactly one of keep_fraction, precision and tokens, got {', '.join(given) or 'none'}"
            raise ValueError(msg)
        if tokens is not None and token_counts is None:
            msg = "tokens needs token_counts, the tokens of each text of the sample"
            raise ValueError(msg)
        table = self.threshold_table(texts, labels, sizes=token_counts)
        if keep_fraction is not None:
            return table.for_keep_fraction(keep_fraction)
        return table.for_precision(precision) if precision is not None else table.for_size(tokens or 0.0)

    def explain(self, text: str, top: int = 8) -> Explanation:
        """Tell why a text gets its score.

        Parameters
        ----------
        text : str
            Any text.
        top : int, default 8
            Number of features to name, at least 0.

        Returns
        -------
        Explanation
            Score, how likely each class is, the four marks, and what moved the score most; prints as plain text, a
            notebook shows it as tables.

        Raises
        ------
        ValueError
            If ``top`` is negative, or the text is a lesson that gets no score; the message says why.
        TypeError
            If the filter's model is one that cannot explain itself.
        """
        read = self._read(text)
        if isinstance(read, Verdict):
            msg = f"the text gets no score: {read.evidence.get('error', read.reason)}"
            raise ValueError(msg)
        return self._edu_value_model("explain").explain(read, top)

    def calibrate(self, texts: Sequence[str], labels: Sequence[float]) -> Self:
        """Fit the scale of the scores to labels of one's own, in place; the model's forests stay as they are.

        Parameters
        ----------
        texts : sequence of str
            At least 20 texts, drawn at random from the corpus that will be judged.
        labels : sequence of float
            Their educational value, 0 to 5, by a person or a language model. Lessons that get no score are left out.

        Returns
        -------
        EduValueFilter
            This filter. `model_` holds the calibrated model, which `EduValueModel.save` keeps for later.

        Raises
        ------
        ValueError
            If there are fewer than 20 texts, labels outside [0, 5] or all equal, or lengths that differ.
        TypeError
            If the filter's model is one that cannot be calibrated.
        """
        model = self._edu_value_model("calibrate")
        if self.text_format != "python" and len(labels) == len(texts):
            read = [(self._read(text), label) for text, label in zip(texts, labels, strict=True)]
            scored = [(text, label) for text, label in read if not isinstance(text, Verdict)]
            texts, labels = [text for text, _ in scored], [label for _, label in scored]
        self.model_ = model.calibrate(texts, labels)
        return self

    def _for_format(self, text_format: str) -> Self:
        """Read texts as what their records say they are, unless the caller has said what all are."""
        if text_format == PYTHON or self.text_format != PYTHON:
            return self
        other = copy.copy(self)
        other.text_format = cast("TextFormat", text_format)
        return other

    def _measure_all(self, texts: Sequence[object]) -> list[float | Verdict]:
        """Measure texts; lessons as the files that they would be."""
        if self.text_format == "python":
            return super()._measure_all(texts)
        read = [text if why_unjudgeable(text) else self._read(cast(str, text)) for text in texts]
        measured = iter(super()._measure_all([text for text in read if not isinstance(text, Verdict)]))
        return [text if isinstance(text, Verdict) else next(measured) for text in read]

    def _read(self, text: str) -> str | Verdict:
        """Return what is scored of a text, or the verdict on one that gets no score."""
        if self.text_format == "python":
            return text
        from textbooks.scoring.lessons import Lesson

        try:
            lesson = Lesson.read(text, self.text_format)
        except ValueError as error:
            return Verdict.quarantined(Reason.UNREADABLE, error=str(error)[:300])
        if not lesson.has_code:
            return Verdict.quarantined(Reason.NO_CODE, text_format=lesson.text_format)
        return lesson.as_python()

    def _score_valid(self, texts: Sequence[str]) -> NDArray[np.float64]:
        return self._scorer().score(texts)

    def _scorer(self) -> Scorer:
        calibrated: Scorer | None = getattr(self, "model_", None)
        if calibrated is not None:
            return calibrated
        if self.model is None or isinstance(self.model, str | os.PathLike):
            return _load(None if self.model is None else os.fspath(self.model))
        return self.model

    def _edu_value_model(self, method: str) -> EduValueModel:
        model = self._scorer()
        if not hasattr(model, method):
            msg = f"a model of type {type(model).__name__} has no method {method!r}"
            raise TypeError(msg)
        return cast("EduValueModel", model)

    def _decide(self, measurement: float) -> Verdict:
        if measurement < self.min_score:
            return Verdict.dropped(Reason.LOW_EDU_VALUE, measurement)
        return Verdict.kept(measurement)


@lru_cache(maxsize=4)
def _load(path: str | None) -> EduValueModel:
    """Load a model once in each process, whatever the number of filters that use it."""
    from textbooks.scoring.model import EduValueModel

    return EduValueModel.bundled() if path is None else EduValueModel.load(path)
