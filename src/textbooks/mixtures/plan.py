"""A mixture worked out: what every stage draws, and in which order."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from textbooks.mixtures.interleave import Interleaving
from textbooks.mixtures.learning_rate import LearningRate
from textbooks.mixtures.shuffle import key_of, shuffled
from textbooks.mixtures.sources import Source
from textbooks.ranges import check_range

__all__ = ["Draws", "MixturePlan", "PlanRow", "PlannedStage"]


class Draws(NamedTuple):
    """What is read at some places of a plan.

    Attributes
    ----------
    sources : ndarray of int64, shape (n,)
        Numbers of the sources, in the order of `MixturePlan.sources`.
    units : ndarray of int64, shape (n,)
        Which unit of the source.
    epochs : ndarray of int64, shape (n,)
        How often the source has been gone through before.
    """

    sources: NDArray[np.int64]
    units: NDArray[np.int64]
    epochs: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class PlannedStage:
    """A stage worked out.

    Attributes
    ----------
    name : str
    learning_rate : LearningRate or None
    units : mapping
        Units that it draws of each source, at least 1.
    before : mapping
        Units of each source that the stages before draw.
    """

    name: str
    learning_rate: LearningRate | None
    units: Mapping[str, int]
    before: Mapping[str, int]

    @property
    def size(self) -> int:
        """Units that it draws in all."""
        return sum(self.units.values())


class PlanRow(NamedTuple):
    """What one stage draws of one source.

    Attributes
    ----------
    stage, source : str
    units, tokens : int
        Tokens are the mean of the source's units times their number.
    share : float
        Of the stage's tokens.
    epochs, epochs_so_far : float
        How often the stage goes through the source, and how often the stages up to it do together.
    """

    stage: str
    source: str
    units: int
    tokens: int
    share: float
    epochs: float
    epochs_so_far: float


@dataclass(frozen=True)
class MixturePlan:
    """What is drawn, and in which order: one order, whoever reads which part of it.

    The order depends on the sources' units, the stages and the seed alone. ``plan.draws(start, stop)`` finds any part
    of it without what is before; so training goes on at any step, and any number of ranks share one order.

    Parameters
    ----------
    sources : tuple of Source
    stages : tuple of PlannedStage
    seed : int
        `Mixture.plan` makes them.
    """

    sources: tuple[Source, ...]
    stages: tuple[PlannedStage, ...]
    seed: int

    def __len__(self) -> int:
        """Return the number of units in all stages."""
        return self._ends[-1]

    @cached_property
    def _ends(self) -> list[int]:
        return list(accumulate(stage.size for stage in self.stages))

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {source.name: number for number, source in enumerate(self.sources)}

    @cached_property
    def _interleavings(self) -> list[Interleaving]:
        return [
            Interleaving(list(stage.units.values()), (self.seed, number)) for number, stage in enumerate(self.stages)
        ]

    @property
    def fingerprint(self) -> str:
        """A digest of everything that bears on the order: a training that resumes must find the same."""
        stages = [[stage.name, list(stage.units.items()), list(stage.before.items())] for stage in self.stages]
        content = [[source.name, source.units] for source in self.sources], stages, self.seed
        return hashlib.blake2b(json.dumps(content).encode(), digest_size=16).hexdigest()

    def draws(self, start: int, stop: int) -> Draws:
        """Return what is read at the places from `start` to `stop`.

        Parameters
        ----------
        start, stop : int
            ``0 <= start <= stop <= len(plan)``.

        Raises
        ------
        ValueError
            If they are out of range.
        """
        check_range("stop", stop, 0, len(self))
        check_range("start", start, 0, stop)
        parts = []
        for number, end in enumerate(self._ends):
            begin = end - self.stages[number].size
            if start < end and stop > begin:
                parts.append(self._stage_draws(number, max(start, begin) - begin, min(stop, end) - begin))
        empty = np.empty(0, dtype=np.int64)
        return Draws(
            *(np.concatenate([empty, *columns]) for columns in (zip(*parts, strict=True) if parts else [[]] * 3))
        )

    def _stage_draws(self, number: int, start: int, stop: int) -> Draws:
        stage = self.stages[number]
        places, counts = self._interleavings[number].sources(start, stop)
        sources, units, epochs = (np.empty_like(places) for _ in range(3))
        for place, name in enumerate(stage.units):
            mine = places == place
            source = self.sources[self._numbers[name]]
            sources[mine] = self._numbers[name]
            epochs[mine], units[mine] = self._units_of(source, counts[mine] + stage.before[name])
        return Draws(sources, units, epochs)

    def _units_of(self, source: Source, counts: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return epoch and unit of the draws of one source, by how many of it came before."""
        epochs, places = np.divmod(counts, source.units)
        units = np.empty_like(places)
        for epoch in np.unique(epochs).tolist():
            mine = epochs == epoch
            units[mine] = shuffled(places[mine], source.units, key_of(self.seed, source.name, epoch))
        return epochs, units

    def steps(self, batch_size: int) -> int:
        """Return the number of whole batches."""
        check_range("batch_size", batch_size, 1)
        return len(self) // batch_size

    def batch(self, step: int, batch_size: int, *, rank: int = 0, world_size: int = 1) -> Draws:
        """Return the part of a rank of one batch; the ranks' parts, taken in turn, are the batch.

        Parameters
        ----------
        step : int
            From 0 to below ``steps(batch_size)``. A training that resumes begins with the step it had reached.
        batch_size : int
            Units of all ranks together; a multiple of `world_size`.
        rank, world_size : int
            ``0 <= rank < world_size``.

        Raises
        ------
        ValueError
            If a value is out of range, or the batch cannot be shared evenly.
        """
        check_range("step", step, 0, self.steps(batch_size) - 1)
        check_range("world_size", world_size, 1, batch_size)
        check_range("rank", rank, 0, world_size - 1)
        if batch_size % world_size:
            msg = f"batch_size must be a multiple of world_size, got {batch_size} and {world_size}"
            raise ValueError(msg)
        return Draws(*(column[rank::world_size] for column in self.draws(step * batch_size, (step + 1) * batch_size)))

    def stage_at(self, place: int) -> tuple[PlannedStage, float]:
        """Return the stage of a place, and the share of it that is done before the place.

        Raises
        ------
        ValueError
            If the place is not in ``range(len(plan))``.
        """
        check_range("place", place, 0, len(self) - 1)
        number = int(np.searchsorted(self._ends, place, side="right"))
        stage = self.stages[number]
        return stage, (place - (self._ends[number] - stage.size)) / stage.size

    def learning_rate(self, place: int) -> float:
        """Return the learning rate at a place.

        Raises
        ------
        ValueError
            If its stage has none, or the place is out of range.
        """
        stage, share = self.stage_at(place)
        if stage.learning_rate is None:
            msg = f"stage {stage.name!r} has no learning rate: give it one (Stage(learning_rate=...))"
            raise ValueError(msg)
        return stage.learning_rate.at(share)

    def rows(self) -> list[PlanRow]:
        """Return what every stage draws of every source, to be looked at before training."""
        return [row for stage in self.stages for row in self._rows_of(stage)]

    def _rows_of(self, stage: PlannedStage) -> Sequence[PlanRow]:
        sources = {name: self.sources[self._numbers[name]] for name in stage.units}
        tokens = {name: round(count * sources[name].tokens_per_unit) for name, count in stage.units.items()}
        total = sum(tokens.values())
        return [
            PlanRow(
                stage.name, name, count, tokens[name], tokens[name] / total,
                count / sources[name].units, (stage.before[name] + count) / sources[name].units,
            )
            for name, count in stage.units.items()
        ]  # fmt: skip

    def __str__(self) -> str:
        from textbooks.reports.mixture import mixture_text

        return mixture_text(self)

    def _repr_html_(self) -> str:
        from textbooks.reports.mixture import mixture_fragment

        return mixture_fragment(self)

    def as_dict(self) -> dict[str, Any]:
        """Return the rows and the fingerprint, as plain JSON types."""
        return {"seed": self.seed, "fingerprint": self.fingerprint, "rows": [row._asdict() for row in self.rows()]}
