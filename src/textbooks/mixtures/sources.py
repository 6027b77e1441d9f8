"""What a mixture draws from."""

from __future__ import annotations

from dataclasses import dataclass

from textbooks.ranges import check_range

__all__ = ["Source"]


@dataclass(frozen=True, kw_only=True)
class Source:
    """A set of texts that is drawn from as a whole.

    It is drawn unit by unit: a unit is a block of a fixed number of tokens, or a document. All units of a source are
    drawn once, in a shuffled order, before any is drawn again.

    Parameters
    ----------
    name : str
        Unique in a mixture.
    tokens : int
        All its tokens, at least 1.
    units : int
        Its blocks or documents, 1 to ``tokens``.
    max_epochs : float, optional
        How often it may be gone through in the whole mixture, above 0; as often as asked for when None. phi-1 stopped
        after about 8 epochs ("Textbooks Are All You Need", section 2.3); repeating data up to 4 times costs little
        (Muennighoff et al., 2023, section 5).
    max_tokens : int, optional
        How many of its tokens may be drawn in the whole mixture, repetitions included, at least 1.

    Raises
    ------
    ValueError
        If a value is out of range; the message shows it.

    Examples
    --------
    >>> Source(name="web code", tokens=6_000_000, units=2_930, max_epochs=8).tokens_per_unit
    2047.7815699658704
    """

    name: str
    tokens: int
    units: int
    max_epochs: float | None = None
    max_tokens: int | None = None

    def __post_init__(self) -> None:
        if not self.name:
            msg = f"name must not be empty, got {self.name!r}"
            raise ValueError(msg)
        check_range(f"tokens of {self.name!r}", self.tokens, 1)
        check_range(f"units of {self.name!r}", self.units, 1, self.tokens)
        if self.max_epochs is not None and not self.max_epochs > 0:
            msg = f"max_epochs of {self.name!r} must be above 0, got {self.max_epochs!r}"
            raise ValueError(msg)
        if self.max_tokens is not None:
            check_range(f"max_tokens of {self.name!r}", self.max_tokens, 1)

    @property
    def tokens_per_unit(self) -> float:
        """Mean tokens of a unit."""
        return self.tokens / self.units

    @property
    def cap(self) -> float:
        """Tokens that may be drawn of it in all; infinite without a cap."""
        by_epochs = float("inf") if self.max_epochs is None else self.max_epochs * self.tokens
        return min(by_epochs, float("inf") if self.max_tokens is None else self.max_tokens)
