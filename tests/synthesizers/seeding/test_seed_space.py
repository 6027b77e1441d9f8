from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textbooks.synthesizers import Combinations, CrossPairs, SeedSpace

SIZES = st.lists(st.integers(1, 6), min_size=1, max_size=4)


def space_of(sizes, primary=0, seed=0):
    fields = {f"field{i}": [f"{i}.{j}" for j in range(size)] for i, size in enumerate(sizes)}
    return SeedSpace("exercise", fields, primary=f"field{primary % len(sizes)}", seed=seed)


@given(SIZES, st.integers(0, 3), st.integers())
@settings(max_examples=50, deadline=None)
def test_every_combination_comes_once_and_primary_values_equally_often(sizes, primary, seed):
    space = space_of(sizes, primary, seed)
    drawn = list(space)
    assert sorted(tuple(one.fields.values()) for one in drawn) == sorted(product(*space.fields.values()))
    counts = Counter({value: 0 for value in space.fields[space.primary]})
    for number, one in enumerate(drawn):
        assert one.number == number
        counts[one.fields[space.primary]] += 1
        assert max(counts.values()) - min(counts.values()) <= 1


@given(SIZES, st.data())
@settings(max_examples=50, deadline=None)
def test_any_part_of_a_drawing_can_be_drawn_alone(sizes, data):
    space = space_of(sizes)
    start = data.draw(st.integers(0, space.size))
    n = data.draw(st.integers(0, space.size - start))
    assert list(space.draw(n, start)) == list(space.draw(space.size))[start : start + n]
    assert list(space_of(sizes).draw(n, start)) == list(space.draw(n, start))


def test_the_fields_that_are_not_primary_are_even_but_for_chance():
    space = space_of([40, 5, 60], seed=3)
    drawn = list(space.draw(3000))
    levels = Counter(one.fields["field1"] for one in drawn)
    assert sum((count - 600) ** 2 / 600 for count in levels.values()) < 18.5  # 4 degrees of freedom, p = 0.001
    pairs = Counter((one.fields["field0"], one.fields["field1"]) for one in drawn)
    assert len(pairs) == 200
    assert max(pairs.values()) < 40


def test_rounds_differ_in_their_order():
    space = space_of([50, 9])
    rounds = [[one.fields["field0"] for one in space.draw(50, start)] for start in range(0, 450, 50)]
    assert len(set(map(tuple, rounds))) == 9


def test_another_seed_or_kind_is_another_order():
    fields = {"topic": [str(i) for i in range(100)], "audience": ["a", "b"]}
    orders = [
        [one.fields["topic"] for one in SeedSpace(kind, fields, primary="topic", seed=seed).draw(100)]
        for kind, seed in (("exercise", 0), ("exercise", 1), ("textbook", 0), ("exercise", -1))
    ]
    assert all(a != b for i, a in enumerate(orders) for b in orders[:i])


def test_a_fingerprint_changes_with_everything_that_changes_the_seeds():
    base = {"topic": ["a", "b"], "words": Combinations("xyz", 2)}
    spaces = [
        SeedSpace("textbook", base, primary="topic"),
        SeedSpace("exercise", base, primary="topic"),
        SeedSpace("textbook", base, primary="words"),
        SeedSpace("textbook", base, primary="topic", seed=1),
        SeedSpace("textbook", {**base, "topic": ["b", "a"]}, primary="topic"),
        SeedSpace("textbook", {**base, "words": Combinations("xyz", 1)}, primary="topic"),
        SeedSpace("textbook", {**base, "words": list(Combinations("xyz", 2))}, primary="topic"),
        SeedSpace("textbook", {**base, "words": CrossPairs(["x", "y", "z"])}, primary="topic"),
        SeedSpace("textbook", {**base, "level": range(3)}, primary="topic"),
        SeedSpace("textbook", {**base, "level": range(4)}, primary="topic"),
    ]
    assert len({space.fingerprint for space in spaces}) == len(spaces)
    assert SeedSpace("textbook", dict(base), primary="topic").fingerprint == spaces[0].fingerprint


def test_the_order_is_the_same_in_every_process():
    program = (
        "from textbooks.synthesizers import Combinations, SeedSpace\n"
        "import json\n"
        "fields = {'topic': [f't{i}' for i in range(50)], 'words': Combinations([f'w{i}' for i in range(90)], 3)}\n"
        "space = SeedSpace('textbook', fields, primary='topic', seed=5)\n"
        "print(json.dumps([space.fingerprint, [one.to_json() for one in space.draw(20, 10**6)]]))\n"
    )
    outputs = set()
    for hash_seed in ("0", "1", "random"):
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        done = subprocess.run(
            [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
        )
        outputs.add(done.stdout)
    assert len(outputs) == 1
    fingerprint, seeds = json.loads(outputs.pop())
    assert fingerprint == "526cf4166975ab8d741a2ee24c38fee7"
    assert seeds[0] == {
        "kind": "textbook",
        "number": 1000000,
        "fields": {"topic": "t22", "words": ["w1", "w32", "w37"]},
    }


def test_past_the_end_there_is_nothing():
    space = space_of([3, 2])
    assert space[5].number == 5
    for place in (6, -1):
        with pytest.raises(IndexError, match="this space has 6: 0 to 5"):
            space[place]
    with pytest.raises(IndexError, match="seeds 4 to 6 were asked for"):
        space.draw(3, 4)
    with pytest.raises(ValueError, match="n must be at least 0, got -1"):
        space.draw(-1)
    assert list(space.draw(0, 6)) == []


def test_a_space_may_be_larger_than_len_can_say():
    fields = {"topic": ["a", "b"], "words": Combinations(range(1000), 40)}
    space = SeedSpace("textbook", fields, primary="topic")
    assert space.size == 2 * fields["words"].size
    assert len(space[space.size - 1].fields["words"]) == 40
    with pytest.raises(OverflowError):
        len(space)


@pytest.mark.parametrize(
    ("kind", "fields", "primary", "seed", "error", "message"),
    [
        ("poem", {"a": [1]}, "a", 0, ValueError, "kind must be one of exercise, textbook, got 'poem'"),
        ("exercise", {"a": [1]}, "b", 0, ValueError, "primary must be one of the fields a, got 'b'"),
        ("exercise", {"a": [1], "b": []}, "a", 0, ValueError, "field 'b' is empty"),
        ("exercise", {"a": [1], "b": "xy"}, "a", 0, TypeError, "field 'b' must be a sequence of values, got 'xy'"),
        ("exercise", {"a": {1, 2}}, "a", 0, TypeError, "field 'a' must be a sequence"),
        ("exercise", {"a": [[1], (1,)]}, "a", 0, ValueError, r"field 'a' holds \[1\] twice"),
        ("exercise", {"a": [object()]}, "a", 0, TypeError, "what JSON holds"),
        ("exercise", {"a": [1]}, "a", "0", TypeError, "seed must be an int, got '0'"),
        ("exercise", {"a": [1], "b": Combinations(range(9999), 200)}, "a", 0, ValueError, r"more than 2\*\*880"),
    ],
)
def test_what_is_no_space_is_refused(kind, fields, primary, seed, error, message):
    with pytest.raises(error, match=message):
        SeedSpace(kind, fields, primary=primary, seed=seed)


def test_a_place_must_be_a_number():
    with pytest.raises(TypeError, match="a place must be an int, got slice"):
        space_of([2])[0:1]
