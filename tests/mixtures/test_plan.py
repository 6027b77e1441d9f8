"""The order of a plan: whole epochs, the same for any reader of any part of it."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textbooks.mixtures import LearningRate, Mixture, Source, Stage

SOURCES = [
    Source(name="code", tokens=50_000, units=500),
    Source(name="books", tokens=9_000, units=60),
    Source(name="prose", tokens=20_000, units=100),
]
STAGES = [
    Stage(name="pretrain", tokens=120_000, weights={"code": 6, "books": 2}, learning_rate=LearningRate(peak=1e-3)),
    Stage(name="continue", tokens=40_000, weights={"prose": 1, "code": 1}),
    Stage(name="cooldown", tokens=8_000, weights={"books": 1}, learning_rate=LearningRate(peak=1e-4, end=1e-6)),
]


@pytest.fixture(scope="module")
def plan():
    return Mixture(sources=SOURCES, stages=STAGES, seed=3).plan()


@pytest.fixture(scope="module")
def everything(plan):
    return plan.draws(0, len(plan))


def triples(draws):
    return list(zip(*(column.tolist() for column in draws), strict=True))


def test_every_stage_draws_what_its_rows_say(plan, everything):
    begin = 0
    for stage in plan.stages:
        sources = everything.sources[begin : begin + stage.size]
        counted = Counter(plan.sources[number].name for number in sources.tolist())
        assert counted == dict(stage.units)
        begin += stage.size
    assert begin == len(plan)


def test_the_rows_before_training(plan):
    assert [(r.stage, r.source, r.units, r.tokens, r.epochs, r.epochs_so_far) for r in plan.rows()] == [
        ("pretrain", "code", 900, 90_000, 1.8, 1.8),
        ("pretrain", "books", 200, 30_000, 200 / 60, 200 / 60),
        ("continue", "prose", 100, 20_000, 1.0, 1.0),
        ("continue", "code", 200, 20_000, 0.4, 2.2),
        ("cooldown", "books", 53, 7_950, 53 / 60, 253 / 60),
    ]
    assert [row.share for row in plan.rows()] == [0.75, 0.25, 0.5, 0.5, 1.0]


def test_every_unit_comes_once_an_epoch_over_all_stages(plan, everything):
    for number, source in enumerate(plan.sources):
        mine = everything.sources == number
        pairs = Counter(zip(everything.epochs[mine].tolist(), everything.units[mine].tolist(), strict=True))
        assert set(pairs.values()) == {1}
        epochs = Counter(epoch for epoch, _ in pairs)
        whole, part = divmod(int(mine.sum()), source.units)
        assert [epochs[e] for e in range(whole)] == [source.units] * whole
        assert epochs[whole] == part
        assert (np.diff(everything.epochs[mine]) >= 0).all()


def test_no_two_epochs_have_the_same_order(plan, everything):
    mine = everything.sources == 1
    orders = {tuple(everything.units[mine & (everything.epochs == epoch)].tolist()) for epoch in range(4)}
    assert len(orders) == 4


@settings(deadline=None, max_examples=40)
@given(st.data())
def test_any_part_is_that_of_the_whole(plan, everything, data):
    start = data.draw(st.integers(0, len(plan)))
    stop = data.draw(st.integers(start, len(plan)))
    assert triples(plan.draws(start, stop)) == triples(everything)[start:stop]


@pytest.mark.parametrize("world_size", [1, 2, 3, 4, 8, 24])
def test_any_number_of_ranks_share_one_order(plan, everything, world_size):
    whole = triples(everything)
    for step in (0, 1, plan.steps(24) - 1):
        parts = [triples(plan.batch(step, 24, rank=rank, world_size=world_size)) for rank in range(world_size)]
        taken = [draw for turn in zip(*parts, strict=True) for draw in turn]
        assert taken == whole[24 * step : 24 * (step + 1)]


def test_the_order_depends_on_the_seed_alone(plan, everything):
    again = Mixture(sources=SOURCES, stages=STAGES, seed=3).plan()
    assert triples(again.draws(0, len(again))) == triples(everything)
    assert again.fingerprint == plan.fingerprint
    other = Mixture(sources=SOURCES, stages=STAGES, seed=4).plan()
    assert triples(other.draws(0, len(other))) != triples(everything)
    assert other.fingerprint != plan.fingerprint


@pytest.mark.parametrize(
    "changed",
    [
        {"sources": [Source(name="code", tokens=50_000, units=501), *SOURCES[1:]]},
        {"sources": [Source(name="other", tokens=50_000, units=500), *SOURCES]},
        {"stages": STAGES[:2]},
        {"stages": [Stage(name="pretrain", tokens=120_100, weights={"code": 6, "books": 2}), *STAGES[1:]]},
        {"stages": [Stage(name="pretrain", tokens=120_000, weights={"books": 2, "code": 6}), *STAGES[1:]]},
    ],
)
def test_the_fingerprint_tells_of_everything_that_bears_on_the_order(plan, changed):
    other = Mixture(**{"sources": SOURCES, "stages": STAGES, "seed": 3, **changed}).plan()
    assert other.fingerprint != plan.fingerprint


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((-1, 3), "start must be between 0 and 3, got -1"),
        ((4, 3), "start must be between 0 and 3, got 4"),
        ((0, 1454), "stop must be between 0 and 1453, got 1454"),
    ],
)
def test_places_out_of_range_are_refused(plan, arguments, message):
    with pytest.raises(ValueError, match=message):
        plan.draws(*arguments)


@pytest.mark.parametrize(
    ("step", "size", "more", "message"),
    [
        (0, 0, {}, "batch_size must be at least 1, got 0"),
        (60, 24, {}, "step must be between 0 and 59, got 60"),
        (0, 24, {"world_size": 5}, "batch_size must be a multiple of world_size, got 24 and 5"),
        (0, 24, {"world_size": 25}, "world_size must be between 1 and 24, got 25"),
        (0, 24, {"world_size": 2, "rank": 2}, "rank must be between 0 and 1, got 2"),
    ],
)
def test_batches_out_of_range_are_refused(plan, step, size, more, message):
    with pytest.raises(ValueError, match=message):
        plan.batch(step, size, **more)


def test_learning_rates_are_those_of_the_stage(plan):
    assert plan.learning_rate(0) == 1e-3
    assert plan.learning_rate(550) == pytest.approx(0.5e-3)
    assert plan.stage_at(1099)[0].name == "pretrain"
    assert plan.stage_at(1100) == (plan.stages[1], 0.0)
    assert plan.learning_rate(1400) == 1e-4
    with pytest.raises(ValueError, match="stage 'continue' has no learning rate"):
        plan.learning_rate(1100)
    with pytest.raises(ValueError, match="place must be between 0 and 1452, got 1453"):
        plan.stage_at(1453)


def test_a_plan_shows_itself(plan):
    lines = str(plan).splitlines()
    assert lines[0].split() == ["stage", "source", "tokens", "share", "epochs", "epochs", "so", "far"]
    assert ["pretrain", "code", "90,000", "75.0%", "1.80", "1.80"] in [line.split() for line in lines]
    assert ["code", "20,000", "50.0%", "0.40", "2.20"] in [line.split() for line in lines]
    hostile = Mixture(sources=[Source(name="<b>", tokens=9, units=9)], stages=[Stage(name="<i>", tokens=9)]).plan()
    assert "<b>" not in hostile._repr_html_()
    assert "&lt;b&gt;" in hostile._repr_html_()
    assert plan.as_dict()["rows"][0] == {
        "stage": "pretrain", "source": "code", "units": 900, "tokens": 90_000, "share": 0.75,
        "epochs": 1.8, "epochs_so_far": 1.8,
    }  # fmt: skip
