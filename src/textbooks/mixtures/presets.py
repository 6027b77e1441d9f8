"""The mixtures of the papers, by name, at any size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, NamedTuple

from textbooks.mixtures.learning_rate import Decay, LearningRate
from textbooks.mixtures.sources import Source
from textbooks.mixtures.stages import Mixture, Shortage, Stage

__all__ = ["PRESETS", "Preset", "PresetStage", "preset"]

_PHI = "Textbooks Are All You Need (arXiv 2306.11644)"
_CODE = "To Code, or Not To Code? (arXiv 2408.10914)"
_BILLION = 10**9


class PresetStage(NamedTuple):
    """A stage of a paper.

    Attributes
    ----------
    name : str
    tokens : int
        As in the paper.
    weights : mapping or None
        By role; None: by the tokens of the sources.
    decay : {"linear", "cosine", "constant"}
        Of the learning rate.
    warmup : float
        Share of the stage.
    end : float
        The last learning rate, as a share of the peak; that of a cooldown is `COOLDOWN_END`.
    """

    name: str
    tokens: int
    weights: Mapping[str, float] | None
    decay: Decay = "linear"
    warmup: float = 0.0
    end: float = 0.0


@dataclass(frozen=True)
class Preset:
    """A mixture of a paper.

    Attributes
    ----------
    name : str
    roles : tuple of str
        What the sources must be called.
    stages : tuple of PresetStage
    source : str
        Paper, section, table or figure.
    note : str
        What the paper leaves open, and what is ours.
    """

    name: str
    roles: tuple[str, ...]
    stages: tuple[PresetStage, ...]
    source: str
    note: str = ""

    @property
    def tokens(self) -> int:
        """Tokens of all stages in the paper."""
        return sum(stage.tokens for stage in self.stages)


def _text_and_code(name: str, tokens: int, code: float) -> PresetStage:
    weights = {role: share for role, share in (("text", 1 - code), ("code", code)) if share}
    return PresetStage(name, tokens, weights, "cosine", end=0.1)


def _of_text_and_code(name: str, stages: Sequence[PresetStage], where: str, note: str = "") -> Preset:
    roles = tuple(role for role in ("text", "code") if any(role in (stage.weights or {}) for stage in stages))
    return Preset(name, roles, tuple(stages), f"{_CODE}, {where}", note)


_COOLDOWN = PresetStage("cooldown", 40 * _BILLION, {"text": 0.8, "code": 0.2}, "linear")
_BALANCED_THEN_TEXT = (
    _text_and_code("pretrain", 200 * _BILLION, 0.5),
    _text_and_code("continue", 200 * _BILLION, 0.1),
)
_SWEEP = (0.0, 0.25, 0.5, 0.75, 0.9, 1.0)

_ALL = (
    Preset(
        "code-textbook",
        ("filtered code", "textbooks"),
        (PresetStage("pretrain", 24_000 * 1_024 * 2_048, None, "linear", 750 / 36_000),),
        f"{_PHI}, sections 2.2 and 2.3: filtered code of about 6B tokens and less than 1B of synthetic textbooks, "
        "36,000 steps of 1,024 sequences of 2,048 tokens, of which 24,000 gave phi-1-base",
        "The paper does not say how the two parts are weighted: by their tokens is ours. Its decay runs over 36,000 "
        "steps; here over the 24,000 that count.",
    ),
    Preset(
        "code-exercises",
        ("exercises",),
        (PresetStage("finetune", 6_000 * 256 * 2_048, {"exercises": 1.0}, "linear", 50 / 6_000),),
        f"{_PHI}, section 2.3, finetuning: 6,000 steps of 256 sequences of 2,048 tokens on less than 180M tokens",
    ),
    _of_text_and_code("text-only", [_text_and_code("pretrain", 400 * _BILLION, 0.0)], "Table 2, text-only"),
    _of_text_and_code("code-only", [_text_and_code("pretrain", 200 * _BILLION, 1.0)], "section 3.3, 100% code"),
    _of_text_and_code("balanced", [_text_and_code("pretrain", 400 * _BILLION, 0.5)], "Table 2, balanced-only"),
    _of_text_and_code("balanced-to-text", _BALANCED_THEN_TEXT, "Table 2, balanced to text, without cooldown"),
    _of_text_and_code(
        "balanced-to-text-cooldown",
        [*_BALANCED_THEN_TEXT, _COOLDOWN],
        "Table 2, balanced to text with a cooldown of 20% code (section 3.5)",
    ),
    _of_text_and_code("cooldown", [_COOLDOWN], "section 3.5: 40B tokens, a tenth of the budget, with 20% code"),
    _of_text_and_code(
        "cooldown-no-code",
        [_COOLDOWN._replace(weights={"text": 1.0})],
        "section 3.5, the comparison without code",
    ),
    *(
        _of_text_and_code(
            f"code-share-{round(100 * share)}",
            [_text_and_code("pretrain", 200 * _BILLION, share)],
            f"section 3.3, six models of 200B tokens: {share:.0%} code",
        )
        for share in _SWEEP
    ),
)

PRESETS: Final[Mapping[str, Preset]] = MappingProxyType({each.name: each for each in _ALL})
"""The mixtures of the papers by name, with the section or table that each comes from."""

COOLDOWN_END: Final = 1e-6
"""The last learning rate of a cooldown ("To Code, or Not To Code?", section 2)."""


def preset(
    name: str,
    sources: Sequence[Source],
    *,
    tokens: int | None = None,
    peak: float | None = None,
    seed: int = 0,
    on_shortage: Shortage = "raise",
) -> Mixture:
    """Return a mixture of a paper over your own sources.

    Parameters
    ----------
    name : str
        One of `PRESETS`.
    sources : sequence of Source
        One for each role of the preset, called like it.
    tokens : int, optional
        Of all stages; the stages keep their proportions. As in the paper when None.
    peak : float, optional
        The highest learning rate; stages then have learning rates, of the papers' shapes. Cosines begin at the peak
        and end at a tenth of it (ours). A cooldown begins where the stage before has ended, or at the peak when it is
        the first, and ends at `COOLDOWN_END`, or at 0 where it begins no higher.
    seed, on_shortage
        See `Mixture`.

    Raises
    ------
    ValueError
        If there is no such preset, or the sources are not its roles; the message names what would be right.

    Examples
    --------
    >>> text, code = (Source(name=name, tokens=10**6, units=500) for name in ("text", "code"))
    >>> [(row.stage, row.source, row.tokens) for row in preset("cooldown", [text, code], tokens=10**5).plan().rows()]
    [('cooldown', 'text', 80000), ('cooldown', 'code', 20000)]
    """
    if name not in PRESETS:
        msg = f"there is no preset {name!r}; there are {', '.join(PRESETS)}"
        raise ValueError(msg)
    chosen, names = PRESETS[name], sorted(source.name for source in sources)
    if names != sorted(chosen.roles):
        msg = f"the sources of {name!r} must be called {', '.join(chosen.roles)}, got {', '.join(names) or 'none'}"
        raise ValueError(msg)
    stages = [
        Stage(
            name=stage.name,
            tokens=stage.tokens if tokens is None else max(1, round(tokens * stage.tokens / chosen.tokens)),
            weights=stage.weights,
            learning_rate=None if peak is None else _learning_rate(chosen, number, peak),
        )
        for number, stage in enumerate(chosen.stages)
    ]
    return Mixture(sources=list(sources), stages=stages, seed=seed, on_shortage=on_shortage)


def _learning_rate(chosen: Preset, number: int, peak: float) -> LearningRate:
    stage = chosen.stages[number]
    if stage.name != "cooldown":
        return LearningRate(peak=peak, end=stage.end * peak, warmup=stage.warmup, decay=stage.decay)
    begin = chosen.stages[number - 1].end * peak if number else peak
    return LearningRate(peak=begin, end=COOLDOWN_END if begin > COOLDOWN_END else 0.0, decay=stage.decay)
