"""What the runs left, as ``results.json``, ``curves.json`` and plots."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from arms import FINETUNED, PRUNED
from figures import curves, grouped_bars
from plans import EDUCATIONAL, Plan, Run
from summary import EDUCATIONAL_MEAN, by_arm, raw_needs, shares_table, split_bits, with_mean

from textbooks.storage import write_atomically

ARMS: Final = ("raw", "filtered", "textbooks")

RESULTS = Path(__file__).resolve().parent / "results" / "results.json"
"""Where the figures of this repository are kept."""

POINTS = 120
"""Points of a curve of the training loss that are kept."""

SHOWN = (*EDUCATIONAL, "random_code", "kept_code")


def read_run(work: Path, run: Run) -> dict[str, Any] | None:
    """Return the figures of a finished run, or None where it is not finished."""
    folder = work / "runs" / run.name
    if not (folder / "out" / "metrics.json").is_file():
        return None
    metrics = json.loads((folder / "out" / "metrics.json").read_bytes())
    rows = [json.loads(line) for line in (folder / "out" / "evaluations.jsonl").read_text().splitlines()]
    curve = [(row["tokens"], _bits(row["held_out"])) for row in rows]
    solved = folder / "solved.json"
    return {
        **run.about,
        "name": run.name,
        "base": run.base,
        "tokens": metrics["tokens"],
        "parameters": metrics["parameters"],
        "tokens_per_second": metrics["tokens_per_second"],
        "versions": metrics["versions"],
        "device": metrics["device"],
        "before": curve[0][1],
        "held_out": curve[-1][1],
        "curve": curve,
        "loss": _thinned(folder / "out" / "log.jsonl"),
        "solved": json.loads(solved.read_bytes()) if solved.is_file() else {},
    }


def _bits(held_out: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    return {name: found["bits_per_byte"] for name, found in held_out.items()}


def _thinned(log: Path) -> list[tuple[int, float]]:
    """Return the training loss as means of equal stretches."""
    rows = [json.loads(line) for line in log.read_text().splitlines()]
    size = -(-len(rows) // POINTS)
    parts = [rows[start : start + size] for start in range(0, len(rows), size)]
    return [(part[-1]["tokens"], round(sum(row["loss"] for row in part) / len(part), 4)) for part in parts]


def write(work: Path, out: Path, plan: Plan, runs: Sequence[Run], known: Mapping[str, Any]) -> dict[str, Any]:
    """Write the results of what is finished, and return them.

    Parameters
    ----------
    work, out : Path
        Where the runs are, and where the results go.
    plan : Plan
    runs : sequence of Run
    known : mapping
        Of the texts, the sets and the pruning.
    """
    found = [row for run in runs if (row := read_run(work, run)) is not None]
    results = {
        "plan": {name: getattr(plan, name) for name in plan.__dataclass_fields__},
        "setting": _setting(found),
        **known,
        "runs": {row["name"]: {k: v for k, v in row.items() if k not in _LONG} for row in found},
        **_parts(found, known),
    }
    out.mkdir(parents=True, exist_ok=True)
    write_atomically(out / RESULTS.name, json.dumps(results, indent=1).encode())
    lines = {row["name"]: {"held_out": row["curve"], "loss": row["loss"]} for row in found}
    write_atomically(out / "curves.json", json.dumps(lines).encode())
    for name, picture in pictures(results, found).items():
        write_atomically(out / f"{name}.svg", picture.encode())
    return results


_LONG = ("curve", "loss", "versions", "name")


def _setting(found: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    row = found[0] if found else {}
    processor = next(
        (line.split(":")[1].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")),
        platform.processor(),
    )
    return {
        "processor": processor,
        "cores": os.cpu_count(),
        "device": row.get("device", ""),
        "parameters": row.get("parameters", 0),
        "versions": row.get("versions", {}),
    }


def _lines(path: str) -> list[str]:
    return Path(path).read_text().splitlines() if Path(path).is_file() else []


def _parts(found: Sequence[dict[str, Any]], known: Mapping[str, Any]) -> dict[str, Any]:
    parts: dict[str, Any] = {}
    here = {row["part"] for row in found}
    if {"main"} <= here:
        parts["main"] = by_arm(found, "main")
        parts["pass"] = _passed(found)
        parts["raw needs"] = {
            arm: raw_needs(found, arm) for arm in ("filtered", "textbooks") if {arm, "raw"} <= set(parts["main"])
        }
    if "cooldown" in here:
        parts["cooldown"] = by_arm(found, "cooldown")
    if "shares" in here:
        parts["shares"] = shares_table(found)
    if "prune" in here:
        parts["prune"] = _pruned(found, known["pruned"]["ways"])
    return parts


def _passed(found: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return, for each run that was asked, the pass@k at each temperature."""
    return {
        row["name"]: {
            f"pass@{k} at {part['temperature']}": value
            for part in row["solved"]["solved"]
            for k, value in part["pass"].items()
        }
        for row in found
        if row["part"] == "main" and row["solved"].get("solved")
    }


def _pruned(found: Sequence[dict[str, Any]], ways: Mapping[str, Any]) -> dict[str, Any]:
    """Return, for each way of pruning and for nothing pruned, what the model does on the similar problems."""
    rows = {row["arm"]: row for row in found if row["part"] == "prune" and row["solved"]}
    table = {}
    for way in PRUNED[1:]:
        if way not in rows or "all" not in rows:
            continue
        similar = ways[way]["similar problems"]
        for name, row in (("whole", rows["all"]), ("pruned", rows[way])):
            bits = split_bits(row["solved"]["bits"], similar)
            table[f"{way}, {name}"] = {
                "removed": 0 if name == "whole" else ways[way]["removed"],
                "similar problems": len(similar),
                **{f"bits per byte, {part}": value for part, value in bits.items()},
                **_accuracy(row, similar),
            }
    return table


def _accuracy(row: Mapping[str, Any], similar: Sequence[str]) -> dict[str, float]:
    asked = row["solved"].get("solved")
    if not asked:
        return {}
    problems, passed = asked[0]["problems"], set(asked[0]["passed"])
    hits = len(passed & set(similar))
    others = problems - len(similar)
    return {
        "solved, similar": hits / len(similar) if similar else 0.0,
        "solved, other": (len(passed) - hits) / others if others else 0.0,
    }


def pictures(results: Mapping[str, Any], found: Sequence[dict[str, Any]]) -> dict[str, str]:
    """Return the plots that the results allow, by name."""
    drawn = {}
    if "main" in results:
        drawn["figure_2_1"] = _figure_2_1(results["main"])
        drawn["sets"] = _bars_of_sets(results["main"])
        drawn["curves"] = _held_out_curves(found)
        drawn["training_loss"] = _training_loss(found)
    if "shares" in results:
        sets = ("prose", "kept_code", "random_code", EDUCATIONAL_MEAN)
        lines = {
            name: [(float(share.split()[0]), row[name]) for share, row in results["shares"].items()] for name in sets
        }
        drawn["shares"] = curves("Shares of code", "per cent of code in the mixture", "bits per byte", lines)
    return drawn


def _triple(value: Mapping[str, float]) -> tuple[float, float, float]:
    return value["mean"], value["low"], value["high"]


def _figure_2_1(main: Mapping[str, Any]) -> str:
    groups = {
        "pretrained": {arm: _triple(main[arm][EDUCATIONAL_MEAN]) for arm in ARMS if arm in main},
        **{
            f"+ {way}": {
                arm: _triple(main[f"{arm} + {way}"][EDUCATIONAL_MEAN]) for arm in ARMS if f"{arm} + {way}" in main
            }
            for way in FINETUNED
        },
    }
    groups = {name: bars for name, bars in groups.items() if bars}
    return grouped_bars("Held-out educational code: less is better", "bits per byte", groups)


def _bars_of_sets(main: Mapping[str, Any]) -> str:
    groups = {name.replace("_", " "): {a: _triple(main[a][name]) for a in ARMS if a in main} for name in SHOWN}
    return grouped_bars("Each held-out set, before finetuning: less is better", "bits per byte", groups)


def _held_out_curves(found: Sequence[dict[str, Any]]) -> str:
    lines = {}
    for row in found:
        if row["part"] == "main" and not row.get("finetuned") and row["seed"] == 0:
            points = [(float(tokens), with_mean(bits)[EDUCATIONAL_MEAN]) for tokens, bits in row["curve"] if tokens]
            lines[row["arm"]] = points
    lines = dict(sorted(lines.items(), key=_arms_first))
    return curves("Held-out educational code while training", "tokens", "bits per byte", lines)


def _arms_first(line: tuple[str, object]) -> tuple[bool, int]:
    """Return the place of a line: the arms in their order, with the same colours in every plot, then the others."""
    return (line[0] not in ARMS, ARMS.index(line[0]) if line[0] in ARMS else 0)


def _training_loss(found: Sequence[dict[str, Any]]) -> str:
    lines = {
        row["arm"]: [(float(tokens), loss) for tokens, loss in row["loss"]][2:]
        for row in found
        if row["part"] == "main" and not row.get("finetuned") and row["seed"] == 0
    }
    lines = dict(sorted(lines.items(), key=_arms_first))
    return curves("Training loss, each arm on its own texts", "tokens", "nats a token", lines)
