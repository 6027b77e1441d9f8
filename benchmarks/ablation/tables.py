"""Renew the tables of README.md from what `report.py` wrote; with ``--check`` only say whether they are fresh.

python benchmarks/ablation/tables.py [--check]
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from arms import FINETUNED
from plans import HELD_OUT
from report import RESULTS
from summary import EDUCATIONAL_MEAN

HERE = Path(__file__).resolve().parent
README = HERE / "README.md"
TABLE = re.compile(r"(?<=<!-- (\w{4}) -->\n).*?(?=<!-- end \1 -->)", re.DOTALL)
SETS = (EDUCATIONAL_MEAN, *HELD_OUT)


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return a table in Markdown."""
    lines = [f"| {' | '.join(head)} |", f"|{' --- |' * len(head)}"]
    return "\n".join([*lines, *(f"| {' | '.join(map(str, row))} |" for row in rows)]) + "\n"


def main_table(results: Mapping[str, Any]) -> str:
    """Return mean and range over the seeds, by arm and held-out set: the arms, then each way of finetuning."""
    ways = ["", *FINETUNED]
    arms = sorted(results["main"].items(), key=lambda item: ways.index(item[0].partition(" + ")[2]))
    rows = [[arm, *(_range(sets[name]) for name in SETS)] for arm, sets in arms]
    return table(["bits per byte", *(name.replace("_", " ") for name in SETS)], rows)


def _range(value: Mapping[str, float]) -> str:
    if value["low"] == value["high"]:
        return f"{value['mean']:.3f}"
    return f"{value['mean']:.3f} ({value['low']:.3f} to {value['high']:.3f})"


def need_table(results: Mapping[str, Any]) -> str:
    """Return after how many tokens raw code is where the other arms are."""
    tokens = results["plan"]["tokens"]
    rows = []
    for arm, sets in results["raw needs"].items():
        for name in SETS:
            found = sets[name]
            needs = found["needs"]
            times = f"{needs:,.0f}" if needs else f"> {found['at most']:,}"
            factor = f"{needs / tokens:.2f}" if needs else f"> {found['at most'] / tokens:.2f}"
            rows.append([arm, name.replace("_", " "), f"{found['target']:.3f}", times, factor])
    return table(["arm", "held out", "bits per byte", "raw needs tokens", "times as many"], rows)


def pass_table(results: Mapping[str, Any]) -> str:
    """Return pass@k of every model that was asked."""
    columns = list(next(iter(results["pass"].values())))
    rows = [[name, *(f"{found[column]:.3f}" for column in columns)] for name, found in results["pass"].items()]
    return table(["model", *columns], rows)


def cooldown_table(results: Mapping[str, Any]) -> str:
    """Return mean and range of the cooldown and of the constant mixture."""
    rows = [[arm, *(_range(sets[name]) for name in SETS)] for arm, sets in results["cooldown"].items()]
    return table(["bits per byte", *(name.replace("_", " ") for name in SETS)], rows)


def share_table(results: Mapping[str, Any]) -> str:
    """Return bits per byte by the share of code."""
    rows = [[share, *(f"{row[name]:.3f}" for name in SETS)] for share, row in results["shares"].items()]
    return table(["code", *(name.replace("_", " ") for name in SETS)], rows)


def prune_table(results: Mapping[str, Any]) -> str:
    """Return what is left of the advantage on similar problems when the exercises are pruned."""
    columns = list(next(iter(results["prune"].values())))
    rows = [
        [name, *(f"{row[column]:.3f}" if isinstance(row[column], float) else row[column] for column in columns)]
        for name, row in results["prune"].items()
    ]
    return table(["pruned by, exercises", *columns], rows)


def setting_table(results: Mapping[str, Any]) -> str:
    """Return what was trained on what."""
    return table(["", ""], list(_facts(results)))


def _facts(results: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    plan, setting, filtered = results["plan"], results["setting"], results["threshold"]
    speeds = [run["tokens_per_second"] for run in results["runs"].values() if run["part"] == "main"]
    versions = ", ".join(f"{name} {value}" for name, value in setting["versions"].items())
    kept, read = filtered["kept"], filtered["texts"]
    yield (
        "model",
        f"{plan['size']}, {setting['parameters']:,} parameters; small parts: {plan['small_size'] or 'the same'}",
    )
    yield "tokens of a run", f"{plan['tokens']:,}; cooldown and shares {round(plan['tokens'] * plan['fraction']):,}"
    yield "seeds", str(plan["seeds"])
    yield "context, batch, peak learning rate", f"{plan['context']}, {plan['batch_size']}, {plan['peak']:g}"
    yield "precision", plan["precision"]
    yield "finetuning", f"{plan['finetune_epochs']:g} epochs, peak {plan['finetune_peak']:g}"
    yield (
        "Python files",
        f"{read:,} of {filtered['bytes'] / 1e6:.0f} MB, of which the filter keeps {kept:,} ({kept / read:.1%})",
    )
    yield "threshold", f"{filtered['min score']:g}"
    yield "machine", f"{setting['processor']}, {setting['cores']} cores; {setting['device']} a run"
    yield "tokens a second", f"{min(speeds):,.0f} to {max(speeds):,.0f}"
    yield "versions", versions


TABLES = {
    "what": setting_table,
    "main": main_table,
    "need": need_table,
    "pass": pass_table,
    "cool": cooldown_table,
    "code": share_table,
    "prun": prune_table,
}


def renewed(text: str, results: Mapping[str, Any]) -> str:
    """Return a page with the tables of the results."""
    return TABLE.sub(lambda found: TABLES[found[1]](results), text)


def main() -> int:
    """Renew the tables, or say whether they are stale."""
    before = README.read_text(encoding="utf-8")
    after = renewed(before, json.loads(RESULTS.read_bytes()))
    if sys.argv[1:] == ["--check"]:
        print("stale: benchmarks/ablation/README.md" if after != before else "fresh")
        return int(after != before)
    README.write_text(after, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
