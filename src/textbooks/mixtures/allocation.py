"""How many tokens a stage takes of each source, within what the caps leave."""

from __future__ import annotations

import math
from collections.abc import Mapping

__all__ = ["allocate"]

_ROUNDING = 1e-9


def allocate(
    stage: str, tokens: int, shares: Mapping[str, float], left: Mapping[str, float], on_shortage: str
) -> dict[str, float]:
    """Return the tokens of each source.

    Parameters
    ----------
    stage : str
        Its name, for the messages.
    tokens : int
        That are wanted in all.
    shares : mapping
        Of the sources, above 0; they add up to 1.
    left : mapping
        Tokens that may still be drawn of each source; infinite where there is no cap.
    on_shortage : {"raise", "redistribute", "shorten"}
        See `textbooks.mixtures.Mixture`.

    Raises
    ------
    ValueError
        If they do not suffice.
    """
    wanted = {name: tokens * share for name, share in shares.items()}
    short = [name for name, amount in wanted.items() if amount > left[name] * (1 + _ROUNDING)]
    if not short:
        return wanted
    if on_shortage == "shorten":
        possible = min(left[name] / share for name, share in shares.items())
        if possible < 1:
            raise ValueError(_shortage(stage, short[0], wanted, left, "none of it is left"))
        return {name: possible * share for name, share in shares.items()}
    if on_shortage == "redistribute":
        return _redistributed(stage, tokens, shares, left)
    advice = "lower its weight or raise its cap, or say on_shortage='redistribute' or 'shorten'"
    raise ValueError(_shortage(stage, short[0], wanted, left, advice))


def _redistributed(stage: str, tokens: int, shares: Mapping[str, float], left: Mapping[str, float]) -> dict[str, float]:
    """Fill up the sources that have too little, and share out the rest, until it fits (water-filling)."""
    full: dict[str, float] = {}
    open_shares = dict(shares)
    while open_shares:
        rest = tokens - math.fsum(full.values())
        total = math.fsum(open_shares.values())
        wanted = {name: rest * share / total for name, share in open_shares.items()}
        short = [name for name, amount in wanted.items() if amount > left[name]]
        if not short:
            return {name: amount for name in shares if (amount := {**full, **wanted}[name]) > 0}
        for name in short:
            full[name] = max(0.0, left[name])
            del open_shares[name]
    have = math.fsum(full.values())
    msg = (
        f"stage {stage!r} wants {tokens:,} tokens, but the caps of {', '.join(shares)} leave {have:,.0f}: "
        "shorten the stage or raise a cap"
    )
    raise ValueError(msg)


def _shortage(stage: str, name: str, wanted: Mapping[str, float], left: Mapping[str, float], advice: str) -> str:
    return (
        f"stage {stage!r} wants {wanted[name]:,.0f} tokens of {name!r}, of which {left[name]:,.0f} are left: {advice}"
    )
