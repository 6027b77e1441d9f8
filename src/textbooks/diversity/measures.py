"""The measures of a set of texts: what each says, and all of them at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from textbooks.diversity.compression import MOST_BYTES, compressed_ratio, joined
from textbooks.diversity.content import USUAL_IMPORTS
from textbooks.diversity.distinct import distinct_share
from textbooks.diversity.entropy import rarefied_entropy
from textbooks.diversity.features import Features
from textbooks.diversity.neighbours import THRESHOLDS, near_duplicate_rates, nearest_of
from textbooks.diversity.self_bleu import mean_self_bleu
from textbooks.diversity.vendi import hill_number, spectrum

__all__ = ["MEASURES", "SOURCES", "Limits", "Measure", "limits_for", "measure"]

SOURCES: Final = ("topics", "function_names", "name_words", "imports", "node_types")
"""What entropies are taken over."""

SELF_BLEU_TEXTS: Final = 200
VENDI_TEXTS: Final = 1000
_REACHED: Final = 0.9


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure of a set of texts.

    Attributes
    ----------
    key : str
        Its name in data.
    title : str
        Its name for people.
    diverse : "higher", "lower" or "neither"
        Which values say that a set is diverse.
    meaning : str
        One sentence on what it says.
    """

    key: str
    title: str
    diverse: Literal["higher", "lower", "neither"]
    meaning: str


_EFFECTIVE = (
    "That many {} of equal share would have the entropy of those found (2 to its bits), at equal numbers of them."
)

MEASURES: Final = (
    Measure("distinct_1", "distinct-1", "higher", "Share of the words and operators that are different."),
    Measure("distinct_2", "distinct-2", "higher", "Share of the pairs of tokens that are different."),
    Measure("distinct_3", "distinct-3", "higher", "Share of the runs of three tokens that are different."),
    Measure("distinct_4", "distinct-4", "higher", "Share of the runs of four tokens that are different."),
    Measure(
        "self_bleu", "self-BLEU", "lower", "How well the others foretell a text, 0 to 100: BLEU against all of them."
    ),
    Measure(
        "zstd", "compression, zstd", "lower", "How many times smaller zstd makes the texts; it sees up to 4 MiB back."
    ),
    Measure(
        "gzip", "compression, gzip", "lower", "The same for gzip, which sees 32 KiB back: repetition among neighbours."
    ),
    Measure("vendi", "Vendi score", "higher", "How many texts of unrelated meaning the embeddings amount to."),
    Measure("vendi_2", "Vendi score, order 2", "higher", "The same with little weight on what is rare."),
    Measure("nearest", "nearest neighbour", "lower", "Mean Jaccard similarity of a text and the one most like it."),
    *(
        Measure(
            f"near_{t:g}",
            f"near-duplicates at {t:g}",
            "lower",
            f"Share of texts with another at Jaccard {t:g} or above.",
        )
        for t in THRESHOLDS
    ),
    Measure("topics", "effective topics", "higher", _EFFECTIVE.format("topics")),
    Measure("function_names", "effective function names", "higher", _EFFECTIVE.format("function names")),
    Measure("name_words", "effective words of names", "higher", _EFFECTIVE.format("words of function names")),
    Measure(
        "imports",
        "effective imports",
        "higher",
        "The same for the packages that a text imports; to import nothing counts as one more.",
    ),
    Measure("node_types", "effective syntax nodes", "higher", _EFFECTIVE.format("kinds of syntax node")),
    Measure("imports_a_text", "imports a text", "neither", "Mean number of packages that a text imports."),
    Measure(
        "usual_imports",
        "usual imports only",
        "neither",
        "Share of texts that import nothing but typing, math, random, collections, datetime and itertools, or nothing.",
    ),
)
"""Every measure, in the order of a report."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a set is read by the measures that depend on its size.

    Attributes
    ----------
    tokens, bytes : int
        For distinct-n and for compression.
    items : mapping of str to int
        For the entropy over each of `SOURCES`.
    bleu_texts, vendi_texts : int
        Texts for self-BLEU and the Vendi score.
    """

    tokens: int
    bytes: int
    items: Mapping[str, int]
    bleu_texts: int
    vendi_texts: int

    def halved(self) -> Limits:
        """Return the limits for half as many texts."""
        return Limits(
            max(self.tokens // 2, 1),
            max(self.bytes // 2, 1),
            {source: n // 2 for source, n in self.items.items()},
            self.bleu_texts,
            self.vendi_texts,
        )


def limits_for(features: Features, sets: Sequence[NDArray[np.int64]], texts: int) -> Limits:
    """Return limits that `texts` texts of any of the sets nearly always reach: 0.9 of what they have on average.

    Sets without a text, or for items without one of them, set no limit.
    """
    lengths = np.array([len(each) for each in features.encoded], dtype=np.int64)

    def least(of_text: NDArray[np.int64]) -> int:
        means = [float(of_text[members].mean()) for members in sets if len(members)]
        return max(int(_REACHED * texts * min(means, default=0.0)), 1)

    items = {
        source: least(np.asarray(features.counts[source].held.sum(axis=1)).ravel().astype(np.int64))
        for source in SOURCES
    }
    return Limits(
        tokens=least(features.tokens.lengths),
        bytes=min(least(lengths), MOST_BYTES),
        items=items,
        bleu_texts=SELF_BLEU_TEXTS,
        vendi_texts=VENDI_TEXTS,
    )


def measure(features: Features, texts: NDArray[np.int64], limits: Limits) -> dict[str, float]:
    """Return all measures of some texts by key, in the order of `MEASURES`; NaN where one says nothing.

    Parameters
    ----------
    features : Features
    texts : ndarray (m,) int64
        Places of the texts in a random order: where a limit is reached, the rest is not read.
    limits : Limits
    """
    distinct = {
        f"distinct_{n}": distinct_share(features.tokens, runs, texts, n, limits.tokens)
        for n, runs in enumerate(features.orders, start=1)
    }
    source = joined((features.encoded[i] for i in texts.tolist()), limits.bytes)
    shares = spectrum(features.vectors[texts[: limits.vendi_texts]])
    nearest = nearest_of(features.near, texts)
    return {
        **distinct,
        "self_bleu": mean_self_bleu(features.orders, texts, limits.bleu_texts),
        "zstd": compressed_ratio(source, "zstd"),
        "gzip": compressed_ratio(source, "gzip"),
        "vendi": hill_number(shares),
        "vendi_2": hill_number(shares, 2),
        "nearest": float(nearest.mean()) if len(nearest) else float("nan"),
        **{f"near_{t:g}": rate for t, rate in near_duplicate_rates(nearest).items()},
        **{source: _effective(features, source, texts, limits) for source in SOURCES},
        **_of_imports(features, texts),
    }


def _effective(features: Features, source: str, texts: NDArray[np.int64], limits: Limits) -> float:
    counts = features.counts[source].total(texts)
    if not counts.sum():
        return 0.0
    return float(2 ** rarefied_entropy(counts.tolist(), limits.items[source]))


def _of_imports(features: Features, texts: NDArray[np.int64]) -> dict[str, float]:
    imports = [features.contents[i].imports for i in texts.tolist()]
    if not imports:
        return {"imports_a_text": float("nan"), "usual_imports": float("nan")}
    return {
        "imports_a_text": float(np.mean([len(each) for each in imports])),
        "usual_imports": float(np.mean([each <= USUAL_IMPORTS for each in imports])),
    }
