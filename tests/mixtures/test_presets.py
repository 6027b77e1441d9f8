"""The papers' mixtures: their figures, and that any of them runs at any size."""

from __future__ import annotations

import pytest

from textbooks.mixtures import PRESETS, Source, preset

BILLION = 10**9


def sources_of(name, tokens=10**9):
    return [Source(name=role, tokens=tokens, units=tokens // 2048) for role in PRESETS[name].roles]


@pytest.mark.parametrize(
    ("name", "drawn"),
    [
        ("text-only", {("pretrain", "text"): 400}),
        ("code-only", {("pretrain", "code"): 200}),
        ("balanced", {("pretrain", "text"): 200, ("pretrain", "code"): 200}),
        (
            "balanced-to-text-cooldown",
            {
                ("pretrain", "text"): 100, ("pretrain", "code"): 100, ("continue", "text"): 180,
                ("continue", "code"): 20, ("cooldown", "text"): 32, ("cooldown", "code"): 8,
            },
        ),
        ("cooldown-no-code", {("cooldown", "text"): 40}),
        ("code-share-25", {("pretrain", "text"): 150, ("pretrain", "code"): 50}),
        ("code-share-90", {("pretrain", "text"): 20, ("pretrain", "code"): 180}),
        ("code-share-0", {("pretrain", "text"): 200}),
    ],
)  # fmt: skip
def test_tokens_of_the_second_paper_in_billions(name, drawn):
    rows = preset(name, sources_of(name)).plan().rows()
    assert {(row.stage, row.source): round(row.tokens / BILLION, 3) for row in rows} == drawn


def test_phi_1_goes_through_its_textbooks_about_eight_times():
    code, books = (
        Source(name="filtered code", tokens=6 * BILLION, units=10**6),
        Source(name="textbooks", tokens=BILLION, units=10**5),
    )
    rows = preset("code-textbook", [code, books]).plan().rows()
    assert [round(row.epochs, 1) for row in rows] == [7.2, 7.2]
    assert sum(row.tokens for row in rows) == pytest.approx(50.3 * BILLION, rel=1e-3)
    exercises = Source(name="exercises", tokens=180_000_000, units=879_500)
    (row,) = preset("code-exercises", [exercises]).plan().rows()
    assert row.tokens == pytest.approx(3.15 * BILLION, rel=1e-2)


@pytest.mark.parametrize("name", sorted(PRESETS))
def test_any_preset_at_any_size_keeps_its_proportions(name):
    whole = preset(name, sources_of(name)).plan()
    small = preset(name, sources_of(name, tokens=2048 * 1000), tokens=20_480_000, peak=2e-4).plan()
    assert sum(row.tokens for row in small.rows()) == pytest.approx(20_480_000, rel=1e-3)
    assert [(r.stage, r.source) for r in small.rows()] == [(r.stage, r.source) for r in whole.rows()]
    assert [r.share for r in small.rows()] == pytest.approx([r.share for r in whole.rows()], abs=2e-3)
    assert small.learning_rate(len(small) - 1) < 2e-4
    assert PRESETS[name].source.startswith(("Textbooks Are All You Need", "To Code, or Not To Code?"))


def test_learning_rates_are_those_of_the_papers():
    first = preset("code-textbook", sources_of("code-textbook"), peak=1e-3).stages[0].learning_rate
    assert (first.decay, first.warmup, first.end) == ("linear", 750 / 36_000, 0)
    stages = preset("balanced-to-text-cooldown", sources_of("balanced"), peak=1e-3).stages
    rates = [stage.learning_rate for stage in stages]
    assert [rate.decay for rate in rates] == ["cosine", "cosine", "linear"]
    assert [rate.peak for rate in rates] == pytest.approx([1e-3, 1e-3, 1e-4])
    assert [rate.end for rate in rates] == pytest.approx([1e-4, 1e-4, 1e-6])
    assert preset("cooldown", sources_of("cooldown"), peak=1e-3).stages[0].learning_rate.peak == 1e-3
    assert preset("cooldown", sources_of("cooldown"), peak=1e-7).stages[0].learning_rate.end == 0
    assert preset("cooldown", sources_of("cooldown")).stages[0].learning_rate is None


def test_an_unknown_preset_or_role_is_refused():
    with pytest.raises(ValueError, match="there is no preset 'phi-2'; there are code-textbook, "):
        preset("phi-2", [])
    with pytest.raises(ValueError, match="the sources of 'balanced' must be called text, code, got none"):
        preset("balanced", [])
