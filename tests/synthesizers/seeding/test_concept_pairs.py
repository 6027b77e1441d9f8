from __future__ import annotations

from itertools import combinations

import pytest

from textbooks.synthesizers import concept_pair_seeds, topic_tree

SMALL = {"text": ["rhymes", "codes"], "time": ["leap years"], "games": ["dice", "cards"]}


def test_the_pairs_are_those_of_different_branches():
    space = concept_pair_seeds(concepts=SMALL, audiences=["a cook"], styles=["a song"])
    wanted = {(a, b) for one, other in combinations(SMALL.values(), 2) for a in one for b in other}
    assert {tuple(seed.fields["topic"]) for seed in space} == wanted
    assert space.size == len(wanted) == 8
    assert list(space[0].fields) == ["topic", "audience", "style"]
    assert space[0].kind == "textbook"


def test_the_shipped_pairs_join_two_areas():
    areas = {
        f"{subject}: {leaf}": area
        for area, subjects in topic_tree().items()
        for subject, leaves in subjects.items()
        for leaf in leaves
    }
    drawn = [tuple(seed.fields["topic"]) for seed in concept_pair_seeds(seed=2).draw(500)]
    assert len(set(drawn)) == 500
    assert all(areas[one] != areas[other] for one, other in drawn)


@pytest.mark.parametrize(
    ("concepts", "error", "message"),
    [
        ({"text": ["rhymes"]}, ValueError, "at least two branches"),
        ({"text": ["rhymes"], "time": []}, ValueError, "at least two branches"),
        ({"text": ["rhymes"], "time": ["rhymes"]}, ValueError, "concepts: 'rhymes' comes twice"),
        ({"text": ["rhymes"], "time": [7]}, TypeError, "must be strings, got 7"),
        ({}, ValueError, "concepts: no entries"),
    ],
)
def test_what_makes_no_pairs_is_refused(concepts, error, message):
    with pytest.raises(error, match=message):
        concept_pair_seeds(concepts=concepts)
