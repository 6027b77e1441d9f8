"""Learning rates of the stages of a mixture, by tokens."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, Literal

from textbooks.ranges import check_range

__all__ = ["LearningRate"]

Decay = Literal["linear", "cosine", "constant"]
_DECAYS: Final = ("linear", "cosine", "constant")


@dataclass(frozen=True, kw_only=True)
class LearningRate:
    """How the learning rate of one stage rises and falls.

    It rises linearly from 0 to `peak` over the first `warmup` of the stage, and then falls to `end` at its end.

    Parameters
    ----------
    peak : float
        Above 0.
    end : float, default=0.0
        Between 0 and `peak`. With the decay "constant" it must be left at 0, and has no meaning.
    warmup : float, default=0.0
        Share of the stage's tokens, at least 0 and below 1.
    decay : {"linear", "cosine", "constant"}, default="linear"
        The shape of the fall. phi-1 used "linear" ("Textbooks Are All You Need", section 2.3); "To Code, or Not To
        Code?" (section 2) "cosine", and "linear" to 1e-6 in the cooldown.

    Raises
    ------
    ValueError
        If a value is out of range; the message shows it.

    Examples
    --------
    >>> [LearningRate(peak=1e-3, warmup=0.1).at(share) for share in (0, 0.05, 0.1, 0.55, 1)]
    [0.0, 0.0005, 0.001, 0.0005, 0.0]
    """

    peak: float
    end: float = 0.0
    warmup: float = 0.0
    decay: Decay = "linear"

    def __post_init__(self) -> None:
        if not 0 < self.peak < math.inf:
            msg = f"peak must be above 0 and finite, got {self.peak!r}"
            raise ValueError(msg)
        check_range("end", self.end, 0, self.peak)
        if not 0 <= self.warmup < 1:
            msg = f"warmup must be at least 0 and below 1, got {self.warmup!r}"
            raise ValueError(msg)
        if self.decay not in _DECAYS:
            msg = f"decay must be one of {', '.join(_DECAYS)}, got {self.decay!r}"
            raise ValueError(msg)
        if self.decay == "constant" and self.end:
            msg = f"end must be 0 where the learning rate is constant, got {self.end!r}"
            raise ValueError(msg)

    def at(self, share: float) -> float:
        """Return the learning rate when this share of the stage, 0 to 1, is done.

        Raises
        ------
        ValueError
            If the share is out of range.
        """
        check_range("share", share, 0, 1)
        if share < self.warmup:
            return self.peak * share / self.warmup
        if self.decay == "constant":
            return self.peak
        left = (1 - share) / (1 - self.warmup)
        if self.decay == "cosine":
            left = (1 - math.cos(math.pi * left)) / 2
        return self.end + (self.peak - self.end) * left
