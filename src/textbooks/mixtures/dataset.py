"""The units of a plan in its order, for a trainer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from textbooks.mixtures.plan import MixturePlan

__all__ = ["MixtureDataset"]


class MixtureDataset:
    """What a plan draws, place by place: a map-style dataset, which PyTorch's `DataLoader` takes as it is.

    Read it in its order (no shuffling sampler: the plan has shuffled). To resume, begin at another place.

    Parameters
    ----------
    plan : MixturePlan
    data : mapping
        By source: anything that returns the tokens of a unit by its number and has the length that the plan expects,
        such as a `TokenFile`.

    Raises
    ------
    ValueError
        If a source of the plan is missing, or has another number of units.

    Examples
    --------
    >>> from textbooks.mixtures import Mixture, Source, Stage
    >>> mixture = Mixture(sources=[Source(name="code", tokens=6, units=3)], stages=[Stage(name="pretrain", tokens=6)])
    >>> dataset = MixtureDataset(mixture.plan(), {"code": [[1, 2], [3, 4], [5, 6]]})
    >>> sorted(dataset[place].tolist() for place in range(3))
    [[1, 2], [3, 4], [5, 6]]
    """

    def __init__(self, plan: MixturePlan, data: Mapping[str, Sequence[Sequence[int] | NDArray[np.integer]]]) -> None:
        self.plan = plan
        self.data = dict(data)
        for source in plan.sources:
            have = len(self.data[source.name]) if source.name in self.data else None
            if have != source.units:
                found = "is missing" if have is None else f"has {have} units"
                msg = f"the data of source {source.name!r} {found}, but the plan was made for {source.units} units"
                raise ValueError(msg)
        self._data = [self.data[source.name] for source in plan.sources]

    def __len__(self) -> int:
        """Return the number of places."""
        return len(self.plan)

    def __getitem__(self, place: int) -> NDArray[np.int64]:
        """Return the tokens at a place; shape (tokens of the unit,).

        Raises
        ------
        IndexError
            If it is not in ``range(len(self))``.
        """
        if not 0 <= place < len(self):
            msg = f"{place} is not in range({len(self)})"
            raise IndexError(msg)
        return self.take(place, place + 1)[0]

    def take(self, start: int, stop: int) -> list[NDArray[np.int64]]:
        """Return the tokens at the places from `start` to `stop`, which is faster than one by one."""
        draws = self.plan.draws(start, stop)
        pairs = zip(draws.sources.tolist(), draws.units.tolist(), strict=True)
        return [np.asarray(self._data[source][unit], dtype=np.int64) for source, unit in pairs]

    def batch(self, step: int, batch_size: int, *, rank: int = 0, world_size: int = 1) -> list[NDArray[np.int64]]:
        """Return the tokens of a rank's part of a batch; see `MixturePlan.batch`."""
        draws = self.plan.batch(step, batch_size, rank=rank, world_size=world_size)
        pairs = zip(draws.sources.tolist(), draws.units.tolist(), strict=True)
        return [np.asarray(self._data[source][unit], dtype=np.int64) for source, unit in pairs]
