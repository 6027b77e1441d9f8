"""Grouped cross-validation of the educational-value model."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from textbooks.scoring.agreement import Agreement
from textbooks.scoring.labelled_corpus import check_groups, check_labels, check_representative
from textbooks.scoring.model import EduValueModel

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping, Sequence

    from numpy.typing import NDArray

FOLDS = 5
"""Parts that are held out one after the other."""


@dataclass(frozen=True, slots=True)
class CrossValidation:
    """What every text got from a model that has not seen its group.

    Attributes
    ----------
    labels : ndarray (n,) float64
        As given.
    scores : ndarray (n,) float64
        Held-out scores.
    probabilities : ndarray (n, 6) float64
        Held-out probabilities of the classes.
    counted : ndarray (n,) bool
        Texts that count for the figures: the representative ones.
    marks : mapping of str to ndarray (n,) float64
        Held-out probabilities of the marks.
    agreement : Agreement
        The figures over the texts that count.
    """

    labels: NDArray[np.float64]
    scores: NDArray[np.float64]
    probabilities: NDArray[np.float64]
    counted: NDArray[np.bool_]
    marks: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)

    @property
    def agreement(self) -> Agreement:
        """The figures over the texts that count."""
        rows = self.counted
        return Agreement.of(self.labels[rows], self.scores[rows], self.probabilities[rows])

    def by(self, sources: Sequence[Hashable]) -> dict[Hashable, Agreement]:
        """Return the figures of each source, in the order in which they first occur."""
        names = list(sources)
        found = {}
        for name in dict.fromkeys(names):
            rows = self.counted & np.array([other == name for other in names])
            if rows.any():
                found[name] = Agreement.of(self.labels[rows], self.scores[rows], self.probabilities[rows])
        return found

    def __str__(self) -> str:
        return str(self.agreement)


def cross_validate(
    texts: Sequence[str],
    labels: Sequence[float],
    *,
    groups: Sequence[Hashable] | None = None,
    representative: Sequence[bool] | None = None,
    marks: Mapping[str, Sequence[bool]] | None = None,
    repeat: int = 0,
    seed: int = 0,
    trees: int = 400,
    on_fold: Callable[[int, int], None] | None = None,
) -> CrossValidation:
    """Fit five models, each without one fifth of the groups, and score what it has not seen. Needs scikit-learn.

    Parameters
    ----------
    texts, labels, groups, representative, marks, seed, trees
        As for `EduValueModel.fit`. Texts that are not representative train, but do not count.
    repeat : int, default 0
        0 balances the folds by size; other numbers shuffle the groups into other folds.
    on_fold : callable, optional
        Told after each fold how many are done and how many there are.

    Returns
    -------
    CrossValidation
        Held-out scores, and how well they agree with the labels.

    Raises
    ------
    ValueError
        As `EduValueModel.fit`, or with fewer than five groups.
    """
    from sklearn.model_selection import GroupKFold

    values, names = check_labels(labels, len(texts)), check_groups(groups, len(texts))
    counted = check_representative(representative, len(texts))
    code = {name: number for number, name in enumerate(dict.fromkeys(names))}
    group = np.array([code[name] for name in names])
    if len(code) < FOLDS:
        msg = f"cross-validation needs at least {FOLDS} different groups, got {len(code)}"
        raise ValueError(msg)
    splitter = GroupKFold(FOLDS, shuffle=True, random_state=repeat) if repeat else GroupKFold(FOLDS)
    scores, probabilities = np.empty(len(texts)), np.empty((len(texts), 6))
    told = {name: np.empty(len(texts)) for name in marks or {}}
    for done, (training, testing) in enumerate(splitter.split(group, groups=group), start=1):
        rows = training.tolist()
        model = EduValueModel.fit(
            [texts[row] for row in rows],
            values[rows].tolist(),
            groups=group[rows].tolist(),
            representative=counted[rows].tolist(),
            marks={name: [flags[row] for row in rows] for name, flags in (marks or {}).items()},
            seed=seed,
            trees=trees,
        )
        held_out = [texts[row] for row in testing.tolist()]
        scores[testing] = model.score(held_out)
        probabilities[testing] = model.class_probabilities(scores[testing])
        for name, likely in model.marks(held_out).items():
            told[name][testing] = likely
        if on_fold is not None:
            on_fold(done, FOLDS)
    return CrossValidation(values, scores, probabilities, counted, told)
