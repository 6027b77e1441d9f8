"""Sources and stages: what they refuse, and how the tokens are shared out when a source does not suffice."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textbooks.mixtures import Mixture, Source, Stage
from textbooks.mixtures.allocation import allocate


def source(name, tokens=100_000, units=1_000, **more):
    return Source(name=name, tokens=tokens, units=units, **more)


def stage(name="pretrain", tokens=100_000, **more):
    return Stage(name=name, tokens=tokens, **more)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"name": ""}, "name must not be empty"),
        ({"tokens": 0}, "tokens of 'code' must be at least 1, got 0"),
        ({"units": 0}, "units of 'code' must be between 1 and 100, got 0"),
        ({"units": 101}, "units of 'code' must be between 1 and 100, got 101"),
        ({"max_epochs": 0}, "max_epochs of 'code' must be above 0, got 0"),
        ({"max_epochs": math.nan}, "max_epochs of 'code' must be above 0, got nan"),
        ({"max_tokens": 0}, "max_tokens of 'code' must be at least 1, got 0"),
    ],
)
def test_a_source_out_of_range_is_refused(values, message):
    with pytest.raises(ValueError, match=message):
        Source(**{"name": "code", "tokens": 100, "units": 10, **values})


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"name": ""}, "name must not be empty"),
        ({"tokens": 0}, "tokens of stage 'pretrain' must be at least 1, got 0"),
        ({"weights": {"code": -1}}, "weight of 'code' in stage 'pretrain' must be at least 0, got -1"),
        ({"weights": {"code": math.inf}}, "weight of 'code' in stage 'pretrain' must be finite, got inf"),
        ({"weights": {"code": math.nan}}, "weight of 'code' in stage 'pretrain' must be at least 0, got nan"),
        ({"weights": {"code": 0}}, "stage 'pretrain' needs a weight above 0, got {'code': 0}"),
        ({"weights": {}}, "stage 'pretrain' needs a weight above 0, got {}"),
    ],
)
def test_a_stage_out_of_range_is_refused(values, message):
    with pytest.raises(ValueError, match=message):
        Stage(**{"name": "pretrain", "tokens": 100, **values})


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"sources": []}, r"a mixture needs at least one source, got \[\]"),
        ({"stages": []}, r"a mixture needs at least one stage, got \[\]"),
        ({"sources": [source("a"), source("a")]}, "two of the sources are called 'a'"),
        ({"stages": [stage(), stage()]}, "two of the stages are called 'pretrain'"),
        ({"stages": [stage(weights={"b": 1})]}, "stage 'pretrain' weighs 'b', but the sources are a"),
        ({"seed": -1}, "seed must be between 0 and"),
        ({"on_shortage": "pray"}, "on_shortage must be one of raise, redistribute, shorten, got 'pray'"),
    ],
)
def test_a_mixture_that_makes_no_sense_is_refused(values, message):
    with pytest.raises(ValueError, match=message):
        Mixture(**{"sources": [source("a")], "stages": [stage()], **values})


def drawn(mixture):
    return {(row.stage, row.source): row.tokens for row in mixture.plan().rows()}


def test_only_the_ratios_of_weights_count():
    for weights in ({"a": 3, "b": 1}, {"a": 0.75, "b": 0.25}, {"a": 300, "b": 100, "c": 0}):
        mixture = Mixture(sources=[source("a"), source("b"), source("c")], stages=[stage(weights=weights)])
        assert drawn(mixture) == {("pretrain", "a"): 75_000, ("pretrain", "b"): 25_000}


def test_without_weights_all_sources_have_the_same_number_of_epochs():
    sources = [source("a", 600_000, 600), source("b", 100_000, 200), source("c", 50_000, 50)]
    rows = Mixture(sources=sources, stages=[stage(tokens=6_000_000)]).plan().rows()
    assert [row.epochs for row in rows] == [8, 8, 8]


def test_a_shortage_is_refused_with_what_is_left():
    mixture = Mixture(sources=[source("a", max_epochs=2)], stages=[stage(tokens=150_000), stage("cooldown", 60_000)])
    with pytest.raises(ValueError, match="stage 'cooldown' wants 60,000 tokens of 'a', of which 50,000 are left"):
        mixture.plan()


def test_the_other_sources_give_what_is_missing():
    sources = [source("a", max_tokens=30_000), source("b"), source("c", max_epochs=0.2)]
    mixture = Mixture(sources=sources, stages=[stage(weights={"a": 2, "b": 1, "c": 1})], on_shortage="redistribute")
    assert drawn(mixture) == {("pretrain", "a"): 30_000, ("pretrain", "b"): 50_000, ("pretrain", "c"): 20_000}


def test_where_all_are_used_up_it_raises():
    mixture = Mixture(
        sources=[source("a", max_epochs=0.5), source("b", max_epochs=0.3)], stages=[stage()], on_shortage="redistribute"
    )
    with pytest.raises(ValueError, match="wants 100,000 tokens, but the caps of a, b leave 80,000"):
        mixture.plan()


def test_a_stage_ends_before_its_first_source_is_used_up():
    sources = [source("a", max_tokens=30_000), source("b")]
    mixture = Mixture(sources=sources, stages=[stage(weights={"a": 3, "b": 1})], on_shortage="shorten")
    assert drawn(mixture) == {("pretrain", "a"): 30_000, ("pretrain", "b"): 10_000}


def test_a_stage_of_nothing_is_refused():
    sources, stages = [source("a", max_epochs=1)], [stage(), stage("cooldown", 1_000)]
    with pytest.raises(ValueError, match="none of it is left"):
        Mixture(sources=sources, stages=stages, on_shortage="shorten").plan()


def test_a_stage_too_short_for_one_unit_is_refused():
    mixture = Mixture(sources=[source("a"), source("b")], stages=[stage(weights={"a": 1, "b": 0.0004})])
    with pytest.raises(ValueError, match="less than half of one of its units \\(100 tokens\\)"):
        mixture.plan()


SHARES = st.lists(st.integers(1, 100), min_size=1, max_size=6)


@given(SHARES, st.integers(1, 10**9), st.data())
def test_water_filling(weights, tokens, data):
    """All tokens are drawn, no cap is passed, and all that are not at their cap have one ratio, the highest."""
    shares = {str(i): weight / sum(weights) for i, weight in enumerate(weights)}
    left = {name: data.draw(st.floats(0, 1e9) | st.just(math.inf)) for name in shares}
    if sum(left.values()) < tokens * (1 + 1e-6):
        return
    found = {name: 0.0 for name in shares} | allocate("s", tokens, shares, left, "redistribute")
    assert math.isclose(sum(found.values()), tokens, rel_tol=1e-6)
    assert all(found[name] <= left[name] * (1 + 1e-6) for name in shares)
    ratios = {name: found[name] / share for name, share in shares.items()}
    open_ones = [ratio for name, ratio in ratios.items() if found[name] < left[name] * (1 - 1e-6)]
    assert all(math.isclose(ratio, max(ratios.values()), rel_tol=1e-5, abs_tol=1e-6) for ratio in open_ones)


@given(SHARES, st.integers(1, 10**9))
def test_without_caps_every_way_gives_the_weights(weights, tokens):
    shares = {str(i): weight / sum(weights) for i, weight in enumerate(weights)}
    left = dict.fromkeys(shares, math.inf)
    for how in ("raise", "redistribute", "shorten"):
        assert allocate("s", tokens, shares, left, how) == {name: tokens * share for name, share in shares.items()}
