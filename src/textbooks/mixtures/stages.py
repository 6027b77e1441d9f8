"""A mixture: which sources, in which shares, in which stages."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from textbooks.mixtures.allocation import allocate
from textbooks.mixtures.learning_rate import LearningRate
from textbooks.mixtures.plan import MixturePlan, PlannedStage
from textbooks.mixtures.sources import Source
from textbooks.ranges import check_range

__all__ = ["Mixture", "Stage"]

Shortage = Literal["raise", "redistribute", "shorten"]
_SHORTAGES: Final = ("raise", "redistribute", "shorten")


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A part of the training with shares of its own.

    Parameters
    ----------
    name : str
        Unique in a mixture: ``"pretrain"``, ``"continue"``, ``"cooldown"``, ``"finetune"``.
    tokens : int
        Tokens that are drawn, at least 1.
    weights : mapping, optional
        Share of the tokens by source; any numbers of at least 0, only their ratios count. A source that is not named is
        not drawn. None: every source of the mixture by its tokens, so that all have the same number of epochs.
    learning_rate : LearningRate, optional
        For the trainer.

    Raises
    ------
    ValueError
        If a value is out of range; the message shows it.
    """

    name: str
    tokens: int
    weights: Mapping[str, float] | None = None
    learning_rate: LearningRate | None = None

    def __post_init__(self) -> None:
        if not self.name:
            msg = f"name must not be empty, got {self.name!r}"
            raise ValueError(msg)
        check_range(f"tokens of stage {self.name!r}", self.tokens, 1)
        for source, weight in (self.weights or {}).items():
            check_range(f"weight of {source!r} in stage {self.name!r}", weight, 0)
            if math.isinf(weight):
                msg = f"weight of {source!r} in stage {self.name!r} must be finite, got {weight!r}"
                raise ValueError(msg)
        if self.weights is not None and not any(self.weights.values()):
            msg = f"stage {self.name!r} needs a weight above 0, got {dict(self.weights)!r}"
            raise ValueError(msg)

    def shares(self, sources: Sequence[Source]) -> dict[str, float]:
        """Return the share of each source that has one; they add up to 1."""
        weights = {s.name: float(s.tokens) for s in sources} if self.weights is None else self.weights
        total = math.fsum(weights.values())
        return {name: weight / total for name, weight in weights.items() if weight}


@dataclass(frozen=True, kw_only=True)
class Mixture:
    """Sources, and the stages that draw from them.

    Parameters
    ----------
    sources : sequence of Source
        With different names.
    stages : sequence of Stage
        In their order, with different names. A source goes on in a stage where it stopped in the one before.
    seed : int, default=0
        Of the shuffles, 0 to 2 ** 63 - 1.
    on_shortage : {"raise", "redistribute", "shorten"}, default="raise"
        What happens when a stage asks for more of a source than its caps leave. "redistribute": the other sources of
        the stage give what is missing, in proportion to their weights, and where all are used up it raises. "shorten":
        the stage ends before the first source is used up, with its weights kept.

    Raises
    ------
    ValueError
        If names are not unique, a weight names no source, or a value is out of range.

    Examples
    --------
    >>> mixture = Mixture(
    ...     sources=[Source(name="code", tokens=8_000, units=8), Source(name="books", tokens=2_000, units=2)],
    ...     stages=[Stage(name="pretrain", tokens=12_000, weights={"code": 2, "books": 1})],
    ... )
    >>> [(row.source, row.tokens, row.epochs) for row in mixture.plan().rows()]
    [('code', 8000, 1.0), ('books', 4000, 2.0)]
    """

    sources: Sequence[Source]
    stages: Sequence[Stage]
    seed: int = 0
    on_shortage: Shortage = "raise"
    _by_name: dict[str, Source] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        for kind, things in (("source", self.sources), ("stage", self.stages)):
            names = [thing.name for thing in things]
            if not names:
                msg = f"a mixture needs at least one {kind}, got {names!r}"
                raise ValueError(msg)
            if twice := sorted({name for name in names if names.count(name) > 1}):
                msg = f"two of the {kind}s are called {twice[0]!r}: give each a name of its own"
                raise ValueError(msg)
        check_range("seed", self.seed, 0, 2**63 - 1)
        if self.on_shortage not in _SHORTAGES:
            msg = f"on_shortage must be one of {', '.join(_SHORTAGES)}, got {self.on_shortage!r}"
            raise ValueError(msg)
        object.__setattr__(self, "_by_name", {source.name: source for source in self.sources})
        for stage in self.stages:
            if unknown := [name for name in stage.weights or {} if name not in self._by_name]:
                msg = f"stage {stage.name!r} weighs {unknown[0]!r}, but the sources are {', '.join(self._by_name)}"
                raise ValueError(msg)

    def plan(self) -> MixturePlan:
        """Work out how much each stage draws of each source, and the order of all draws.

        Returns
        -------
        MixturePlan
            Says the epochs of every source before anything is trained.

        Raises
        ------
        ValueError
            If a source does not suffice, by `on_shortage`; the message names stage and source, what is asked for and
            what is left. Or if a stage is so short that a source with a weight gets no unit.
        """
        left = {source.name: source.cap for source in self.sources}
        drawn = dict.fromkeys(self._by_name, 0)
        planned = []
        for stage in self.stages:
            tokens = allocate(stage.name, stage.tokens, stage.shares(self.sources), left, self.on_shortage)
            units = {name: self._units(stage.name, name, amount) for name, amount in tokens.items()}
            planned.append(PlannedStage(stage.name, stage.learning_rate, units, dict(drawn)))
            for name, count in units.items():
                drawn[name] += count
                left[name] -= count * self._by_name[name].tokens_per_unit
        return MixturePlan(tuple(self.sources), tuple(planned), self.seed)

    def _units(self, stage: str, name: str, tokens: float) -> int:
        source = self._by_name[name]
        units = round(tokens / source.tokens_per_unit)
        if not units:
            msg = (
                f"stage {stage!r} is to draw {tokens:,.0f} tokens of {name!r}, less than half of one of its units "
                f"({source.tokens_per_unit:,.0f} tokens): lengthen the stage, or leave the source out"
            )
            raise ValueError(msg)
        return units
