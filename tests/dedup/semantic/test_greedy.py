"""Candidates by sorting, their components and batches, beside the slow way."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from textbooks.dedup.semantic import greedy
from textbooks.dedup.semantic.greedy import Candidates, FlatSets, candidates_of, decide

keys_of_bands = st.integers(1, 4).flatmap(
    lambda bands: st.lists(st.lists(st.integers(0, 5), min_size=bands, max_size=bands), min_size=1, max_size=14)
)


def flat(sets):
    hashes = np.array([value for one in sets for value in sorted(one)], dtype=np.uint64)
    return FlatSets(hashes, np.cumsum([0, *map(len, sets)]))


def components(rows):
    """Least text reachable by shared keys."""
    least = list(range(len(rows)))
    for _ in rows:
        for i, one in enumerate(rows):
            for j, other in enumerate(rows):
                if any(a == b for a, b in zip(one, other, strict=True)):
                    least[i] = least[j] = min(least[i], least[j])
    return least


@settings(deadline=None)
@given(keys_of_bands)
def test_texts_share_a_bucket_exactly_where_they_share_a_key(rows):
    found = candidates_of(np.array(rows, dtype=np.uint64).T.copy())
    assert found.components.tolist() == components(rows)
    assert set(found.labels.ravel().tolist()) - {-1} == set(range(found.buckets))
    for i, one in enumerate(rows):
        for j, other in enumerate(rows):
            shared = [a == b and i != j for a, b in zip(one, other, strict=True)]
            same = (found.labels[i] == found.labels[j]) & (found.labels[i] >= 0)
            assert i == j or same.tolist() == shared
    alone = [all(one != other for j, other in enumerate(column) if i != j) for column in zip(*rows, strict=True)
             for i, one in enumerate(column)]  # fmt: skip
    assert (found.labels.T.ravel() < 0).tolist() == alone


@settings(deadline=None)
@given(keys_of_bands, st.integers(0, 40), st.data())
def test_batches_hold_whole_components_and_change_nothing(rows, batch, data):
    found = candidates_of(np.array(rows, dtype=np.uint64).T.copy())
    sets = [data.draw(st.sets(st.integers(0, 6), max_size=6)) for _ in rows]
    sizes = np.array([len(one) for one in sets])
    asked = []

    def sets_of(numbers):
        asked.extend(numbers.tolist())
        return flat([sets[number] for number in numbers])

    old, greedy._BATCH = greedy._BATCH, batch
    try:
        partners = decide(found, 0.5, sizes, sets_of)
    finally:
        greedy._BATCH = old
    linked = [i for i, one in enumerate(found.components) if found.components.tolist().count(one) > 1]
    assert sorted(asked) == linked
    assert partners.kept.tolist() == naive(rows, sets)


def naive(rows, sets):
    kept, partner = [], []
    for i, one in enumerate(sets):
        best, at = 0.0, i
        for j in kept:
            union = one | sets[j]
            similar = len(one & sets[j]) / len(union) if union else 1.0
            if any(a == b for a, b in zip(rows[i], rows[j], strict=True)) and similar > best:
                best, at = similar, j
        partner.append(at if best >= 0.5 else i)
        if partner[-1] == i:
            kept.append(i)
    return partner


def test_nothing_is_asked_where_no_text_has_candidates():
    found = Candidates(np.full((3, 2), -1, np.int32), 0, np.arange(3))
    assert decide(found, 0.5, np.ones(3, dtype=np.int64), lambda _: 1 / 0).kept.tolist() == [0, 1, 2]
