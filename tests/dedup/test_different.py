"""The different ones of some texts: by the texts themselves and by their digests the same."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from textbooks.dedup.different import distinct_by_rank, join_equal
from textbooks.dedup.exact_stages import DIGEST, digest
from textbooks.dedup.minhash.scheme import best_first

RANKED = st.lists(st.tuples(st.sampled_from(["", "a", "b", "ab", "long"]), st.sampled_from([0.0, 1.0, -np.inf])))


@given(RANKED)
def test_digests_tell_what_the_texts_tell(pairs):
    texts, ranks = [text for text, _ in pairs], np.array([rank for _, rank in pairs], dtype=np.float64)
    digests = np.frombuffer(b"".join(map(digest, texts)), dtype=DIGEST)
    sizes = np.array([len(text) for text in texts], dtype=np.int64)
    order = best_first(ranks, sizes, digests)
    by_text = join_equal(texts, order)
    by_digest = distinct_by_rank(ranks, sizes, digests["high"], digests["low"])
    assert by_digest.order.tolist() == order.tolist()
    assert by_digest.different.tolist() == by_text.positions.tolist()
    assert by_digest.number_of.tolist() == by_text.number_of[order].tolist()


@given(RANKED)
def test_the_best_of_equal_texts_comes_first(pairs):
    texts, ranks = [text for text, _ in pairs], np.array([rank for _, rank in pairs], dtype=np.float64)
    digests = np.frombuffer(b"".join(map(digest, texts)), dtype=DIGEST)
    sizes = np.array([len(text) for text in texts], dtype=np.int64)
    found = join_equal(texts, best_first(ranks, sizes, digests))
    assert sorted(found.texts) == sorted(set(texts))
    for text, position in zip(found.texts, found.positions.tolist(), strict=True):
        same = [number for number, other in enumerate(texts) if other == text]
        assert position == max(same, key=lambda number: (ranks[number], -number))
    assert [found.texts[number] for number in found.number_of.tolist()] == texts
