"""Exact duplicates, in memory."""

from __future__ import annotations

from collections.abc import Sequence

from textbooks.filters.corpus import CorpusFilter
from textbooks.verdicts import Reason, Verdict

__all__ = ["ExactDeduplicator"]


class ExactDeduplicator(CorpusFilter):
    """Drop every text that equals an earlier one, character by character.

    The first of equals stays; the others are dropped with reason ``exact_duplicate`` and evidence
    ``duplicate_of``, the position of the one that stays. Texts are compared themselves, not by a hash.

    For corpora that do not fit in memory use the stages `ExactDedupSignature`, `ExactDedupBuckets` and
    `ExactDedupFilter` in datatrove pipelines: they keep the same texts.

    Notes
    -----
    Source: phi-1 starts from "the deduplicated version of The Stack" ("Textbooks Are All You Need", section 2.1);
    the rule itself is ours.

    Examples
    --------
    >>> result = ExactDeduplicator().fit_apply(["x = 1", "y = 2", "x = 1"])
    >>> result.kept, result.verdicts[2].evidence
    (['x = 1', 'y = 2'], {'duplicate_of': 0})
    """

    name = "exact_duplicate"

    def _judge_corpus(self, texts: Sequence[str]) -> list[Verdict]:
        first: dict[str, int] = {}
        verdicts = []
        for position, text in enumerate(texts):
            original = first.setdefault(text, position)
            is_first = original == position
            verdicts.append(
                Verdict.kept() if is_first else Verdict.dropped(Reason.EXACT_DUPLICATE, duplicate_of=original)
            )
        return verdicts
