"""The runs of each part: pure functions of the plan and of how many tokens the sets have."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from plans import MAX_EPOCHS, Plan, Run, config_of

from textbooks.mixtures import Source, preset

SHARES = (0, 25, 50, 75, 90, 100)
"""Per cent of code ("To Code, or Not To Code?", section 3.3)."""

WARMUP = 0.05
"""Share of the tokens over which the learning rate rises."""


class Way(NamedTuple):
    """A way of finetuning on the exercises.

    Attributes
    ----------
    rate : float
        Share of the peak learning rate of finetuning.
    times : float
        Tokens, in multiples of those of a finetuning on the exercises alone.
    exercises : float
        Share of the exercises in them; the rest is drawn from what the model was pretrained on.
    """

    rate: float
    times: float = 1.0
    exercises: float = 1.0


FINETUNED = {
    "exercises": Way(1.0),
    "exercises, gently": Way(0.3),
    "exercises, gently, with replay": Way(0.3, times=2.0, exercises=0.5),
    "no exercises, gently": Way(0.3, times=2.0, exercises=0.0),
}
"""Ways of finetuning; the last tells what the tokens do without the exercises."""

PRUNED = ("all", "tau 0.95", "tau 0.9", "tau 0.85", "tau 0.8", "behaviour")
"""What is taken out of the exercises: nothing, what is built like a problem at each tau, what solves one."""


def main_runs(plan: Plan, sets: Mapping[str, int]) -> list[Run]:
    """Return the three arms with their finetunings, for each seed; and raw code at half and twice the tokens.

    Parameters
    ----------
    plan : Plan
    sets : mapping of str to int
        Tokens of each set.
    """
    runs = []
    for seed in range(plan.seeds):
        for arm, weights in _arms(plan, sets).items():
            run = _pretrained(plan, f"main-{arm}-{seed}", weights, plan.tokens, seed, part="main", arm=arm)
            runs.append(run)
            for way, how in FINETUNED.items():
                gentler = replace(plan, finetune_peak=how.rate * plan.finetune_peak)
                name = f"{run.name}-{way.replace(',', '').replace(' ', '-')}"
                about = {"part": "main", "arm": arm, "way": way}
                runs.append(_finetuned(gentler, name, run, "exercises", sets, how=how, **about))
    for times, name in ((2.0, "double"), (0.5, "half")):
        tokens = round(times * plan.tokens)
        runs.append(_pretrained(plan, f"main-raw-{name}", {"raw": 1.0}, tokens, 0, part="main", arm=f"raw {name}"))
    return runs


def _arms(plan: Plan, sets: Mapping[str, int]) -> dict[str, dict[str, float]]:
    share = min(plan.textbooks, MAX_EPOCHS * sets["textbooks"] / plan.tokens)
    return {"raw": {"raw": 1.0}, "filtered": {"kept": 1.0}, "textbooks": {"kept": 1 - share, "textbooks": share}}


def _pretrained(plan: Plan, name: str, weights: dict[str, float], tokens: int, seed: int, **about: str) -> Run:
    stage = {
        "name": "pretrain",
        "tokens": tokens,
        "weights": weights,
        "learning_rate": {"peak": plan.peak, "end": 0.0, "warmup": WARMUP, "decay": "linear"},
    }
    sources = {source: source for source in weights}
    config = config_of(plan, sources=sources, stages=[stage], seed=seed, evaluations=plan.evaluations)
    return Run(name=name, config=config, about={**about, "seed": seed, "weights": weights}, needs=frozenset(sources))


def _finetuned(
    plan: Plan,
    name: str,
    base: Run,
    folder: str,
    sets: Mapping[str, int],
    *,
    how: Way = FINETUNED["exercises"],
    **about: str,
) -> Run:
    epochs = min(plan.finetune_epochs, MAX_EPOCHS)
    drawn = {"exercises": how.exercises}
    drawn |= {source: (1 - how.exercises) * weight for source, weight in base.about["weights"].items()}
    weights = {source: weight for source, weight in drawn.items() if weight}
    stage = {
        "name": "finetune",
        "tokens": max(1, round(how.times * epochs * sets[folder])),
        "weights": weights,
        "learning_rate": {"peak": plan.finetune_peak, "end": 0.0, "warmup": WARMUP, "decay": "linear"},
    }
    seed = base.about["seed"]
    sources = {source: folder if source == "exercises" else source for source in weights}
    config = config_of(plan, sources=sources, stages=[stage], seed=seed)
    notes = {**about, "seed": seed, "finetuned": folder}
    return Run(name=name, config=config, about=notes, base=base.name, needs=frozenset(sources.values()))


def cooldown_runs(plan: Plan, sets: Mapping[str, int]) -> list[Run]:
    """Return a constant mixture, and the same one with the textbooks saved up for the cooldown, for each seed.

    Both have the same learning rate (flat, then linear to 0 over the cooldown) and, over both stages, the same share of
    each source.
    """
    plan = plan.small
    first, last = _split(plan.smaller, plan.cooldown)
    best = min(plan.best, MAX_EPOCHS * sets["textbooks"] / plan.smaller)
    early = early_share(best, last / plan.smaller, plan.cooldown_best)
    runs = []
    for seed in range(plan.seeds):
        for arm, shares in (("constant", (best, best)), ("cooldown", (early, plan.cooldown_best))):
            stages = [
                _stage("pretrain", first, shares[0], plan.peak, "constant", WARMUP),
                _stage("cooldown", last, shares[1], plan.peak, "linear", 0.0),
            ]
            sources = {"kept": "kept", "textbooks": "textbooks"}
            config = config_of(plan, sources=sources, stages=stages, seed=seed, evaluations=plan.evaluations)
            about = {"part": "cooldown", "arm": arm, "seed": seed, "shares": list(shares)}
            runs.append(Run(name=f"{arm}-{seed}", config=config, about=about, needs=frozenset(sources)))
    return runs


def _split(tokens: int, share: float) -> tuple[int, int]:
    last = max(1, round(tokens * share))
    return tokens - last, last


def early_share(overall: float, last: float, in_last: float) -> float:
    """Return the share of a source in the first stage that makes up its overall share.

    Parameters
    ----------
    overall : float
        Of the source in both stages together.
    last : float
        Of the second stage in the tokens.
    in_last : float
        Of the source in the second stage.

    Raises
    ------
    ValueError
        If the second stage alone takes more than the overall share.
    """
    early = (overall - last * in_last) / (1 - last)
    if early < 0:
        msg = f"a cooldown of {last:.2f} with {in_last:.2f} of the source takes more than {overall:.3f} of all tokens"
        raise ValueError(msg)
    return early


def _stage(name: str, tokens: int, best: float, peak: float, decay: str, warmup: float) -> dict[str, Any]:
    weights = {"kept": 1 - best, "textbooks": best}
    rate = {"peak": peak, "warmup": warmup, "decay": decay}
    return {"name": name, "tokens": tokens, "weights": weights, "learning_rate": rate}


def share_runs(plan: Plan, sets: Mapping[str, int]) -> list[Run]:
    """Return one run for each share of code, by the presets of "To Code, or Not To Code?"."""
    plan = plan.small
    tokens, runs = plan.smaller, []
    sources = {"text": "prose", "code": "kept"}
    for share in SHARES:
        roles = [role for role in sources if (role == "code" and share) or (role == "text" and share < 100)]
        known = [Source(name=r, tokens=max(1, sets[sources[r]]), units=1, max_epochs=MAX_EPOCHS) for r in roles]
        mixture = preset(f"code-share-{share}", known, tokens=tokens, peak=plan.peak)
        stages = []
        for stage in mixture.stages:
            assert stage.learning_rate is not None
            rate = {name: getattr(stage.learning_rate, name) for name in ("peak", "end", "decay")}
            rate["warmup"] = WARMUP  # the paper's own is not known to us
            stages.append(
                {
                    "name": stage.name,
                    "tokens": stage.tokens,
                    "weights": dict(stage.weights or {}),
                    "learning_rate": rate,
                }
            )
        config = config_of(plan, sources={r: sources[r] for r in roles}, stages=stages, seed=0)
        about = {"part": "shares", "arm": f"{share} % code", "seed": 0, "share": share}
        runs.append(Run(name=f"share-{share}", config=config, about=about, needs=frozenset(sources[r] for r in roles)))
    return runs


def prune_runs(plan: Plan, sets: Mapping[str, int], base: Run) -> list[Run]:
    """Return a finetuning on each pruned set, from the model of one run."""
    plan = replace(plan, finetune_epochs=plan.prune_epochs)
    return [
        _finetuned(plan, f"prune-{folder}", base, folder, sets, part="prune", arm=way)
        for way in PRUNED
        if (folder := pruned_folder(way)) in sets
    ]


def pruned_folder(way: str) -> str:
    """Return the name of the set that a way of pruning leaves."""
    return f"pruned_{way.replace(' ', '_')}"


def all_runs(plan: Plan, sets: Mapping[str, int]) -> list[Run]:
    """Return the runs of the parts that are asked for, those of the main part that others need included."""
    main = main_runs(plan, sets)
    chosen: list[Run] = list(main) if "main" in plan.parts else []
    if "cooldown" in plan.parts:
        chosen += cooldown_runs(plan, sets)
    if "shares" in plan.parts:
        chosen += share_runs(plan, sets)
    if "prune" in plan.parts:
        base = next(run for run in main if run.about["arm"] == "textbooks" and run.base is None)
        chosen += [base] if base not in chosen else []
        chosen += prune_runs(plan, sets, base)
    return chosen


def needed(runs: Iterable[Run], source: str) -> int:
    """Return the most tokens that a run draws of a set."""
    most = 0
    for run in runs:
        total = 0.0
        for stage in run.config["stages"]:
            folders = {name: table["tokens"].rsplit("/", 1)[-1] for name, table in run.config["sources"].items()}
            whole = sum(stage["weights"].values())
            total += sum(stage["tokens"] * w / whole for name, w in stage["weights"].items() if folders[name] == source)
        most = max(most, -(-int(total) // 1))
    return most
