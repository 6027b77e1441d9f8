"""Train an educational-value model on labels: the bundled ones, or your own.

Rebuild the bundled model, byte for byte (the texts: benchmarks/edu_value/rebuild_texts.py):

    python examples/train_edu_value.py --texts texts --out edu_value.npz

Your own: JSON lines with "text" and "score" (0 to 5), and optionally "group" (the repository), "id" and marks.

    python examples/train_edu_value.py --labels mine.jsonl --out mine.npz --cross-validate

Use it: EduValueFilter(model="mine.npz").
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import time
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from textbooks.scoring import EduValueModel, cross_validate

MARKS = ("self_contained", "boilerplate", "algorithmic", "documented")


@dataclass
class Labelled:
    """Labelled texts, as `EduValueModel.fit` takes them."""

    texts: list[str]
    scores: list[float]
    groups: list[str]
    sources: list[str]
    representative: list[bool]
    marks: dict[str, list[bool]] = field(default_factory=dict)

    def arguments(self) -> dict[str, Any]:
        """Return the keyword arguments of `fit` and `cross_validate`."""
        return {"groups": self.groups, "representative": self.representative, "marks": self.marks}


def read_labels(labels: Path | None, texts: Path | None) -> Labelled:
    """Read rows with a text of their own, or whose text stands in the folder as <id>.py."""
    content = (
        labels.read_text("utf-8") if labels else (files("textbooks.scoring") / "data" / "labels.jsonl").read_text()
    )
    rows = [json.loads(line) for line in content.splitlines() if line.strip()]
    if texts is None and any("text" not in row for row in rows):
        raise SystemExit("error: the labels have no texts; give --texts, a folder of <id>.py (see rebuild_texts.py)")
    return Labelled(
        texts=[row["text"] if "text" in row else _read(texts, row["id"]) for row in rows],
        scores=[float(row["score"]) for row in rows],
        groups=[str(row.get("group", row.get("name", number))) for number, row in enumerate(rows)],
        sources=[str(row.get("source", "all")) for row in rows],
        # Ids of the bundled labels that begin with L were picked because an early model rated them high.
        representative=[bool(row.get("representative", not str(row.get("id", "")).startswith("L"))) for row in rows],
        marks={mark: [bool(row[mark]) for row in rows] for mark in MARKS if all(mark in row for row in rows)},
    )


def _read(texts: Path | None, name: str) -> str:
    if texts is None:
        raise SystemExit(f"error: the label {name} has no text; give --texts")
    return (texts / f"{name}.py").read_bytes().decode("utf-8", "replace")


def report(labelled: Labelled, trees: int) -> None:
    """Cross-validate and print the figures, overall and by source."""
    columns = (TextColumn("cross-validating"), BarColumn(), TextColumn("{task.completed:.0f}/5"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("", total=5)
        found = cross_validate(
            labelled.texts,
            labelled.scores,
            **labelled.arguments(),
            trees=trees,
            on_fold=lambda done, _: progress.update(task, completed=done),
        )
    print(found)
    for source, agreement in found.by(labelled.sources).items():
        print(f"\n{source}\n{agreement}")


def main(arguments: list[str] | None = None) -> None:
    """Read labels, cross-validate if asked, train, save."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--labels", type=Path, help="JSON lines; the bundled labels when left out")
    parser.add_argument("--texts", type=Path, help="folder of <id>.py for labels without texts")
    parser.add_argument("--out", type=Path, required=True, help="the model file to write, by convention .npz")
    parser.add_argument("--trees", type=int, default=400, help="boosted trees (default: 400)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--cross-validate", action="store_true", help="print held-out figures first: takes five times as long"
    )
    options = parser.parse_args(arguments)
    labelled = read_labels(options.labels, options.texts)
    print(f"{len(labelled.texts):,} labelled texts of {len(set(labelled.groups)):,} groups", file=sys.stderr)
    if options.cross_validate:
        report(labelled, options.trees)
    started = time.perf_counter()
    with Console(stderr=True).status("training"):
        model = EduValueModel.fit(
            labelled.texts, labelled.scores, **labelled.arguments(), seed=options.seed, trees=options.trees
        )
    model.save(options.out)
    content = options.out.read_bytes()
    print(f"trained in {time.perf_counter() - started:.0f} s: {model.training}")
    print(f"{options.out}: {len(content):,} bytes, sha256 {hashlib.sha256(content).hexdigest()}")


if __name__ == "__main__":
    main()
