"""Educational value: what a file of code teaches a student of basic coding concepts."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from datatrove.pipeline.writers.disk_base import DiskWriter
from numpy.typing import NDArray

from textbooks.filters.base import ScoreFilter, check_range
from textbooks.verdicts import Reason, Verdict

if TYPE_CHECKING:
    from textbooks.scoring.model import EduValueModel

__all__ = ["EduValueFilter"]


class EduValueFilter(ScoreFilter):
    r"""Drop code of little educational value, with reason ``low_edu_value``.

    The score is in [0, 5]; ``round(score)`` is the class of the rubric: 0 nothing to learn, 1 little, 2 some,
    3 useful, 4 high, 5 textbook quality. It comes from a forest over features of the syntax tree and the text,
    fitted to 4,100 files that a language model rated; no feature looks at path, repository or licence. It runs
    offline, without a GPU. It reads Python; other text gets a score that means nothing.

    Parameters
    ----------
    min_score : float, default=2.5
        Drops when the score is below this; in [0, 5]. 2.5 keeps the classes 3 to 5, those that the rubric calls
        useful. The paper states no threshold; ours, as FineWeb-Edu keeps class 3 and up.
    model : path, optional
        A file that `EduValueModel.save` wrote; the bundled model when None. It is loaded on first use.
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
        min_score: float = 2.5,
        model: str | os.PathLike[str] | None = None,
        exclusion_writer: DiskWriter | None = None,
        quarantine_writer: DiskWriter | None = None,
        batch_size: int = 64,
    ) -> None:
        super().__init__(exclusion_writer=exclusion_writer, quarantine_writer=quarantine_writer, batch_size=batch_size)
        check_range("min_score", min_score, 0, 5)
        self.min_score = min_score
        self.model = model

    def _score_valid(self, texts: Sequence[str]) -> NDArray[np.float64]:
        return _load(None if self.model is None else os.fspath(self.model)).score(texts)

    def _decide(self, measurement: float) -> Verdict:
        if measurement < self.min_score:
            return Verdict.dropped(Reason.LOW_EDU_VALUE, measurement)
        return Verdict.kept(measurement)


@lru_cache(maxsize=4)
def _load(path: str | None) -> EduValueModel:
    """Load a model once in each process, whatever the number of filters that use it."""
    from textbooks.scoring.model import EduValueModel

    return EduValueModel.bundled() if path is None else EduValueModel.load(path)
