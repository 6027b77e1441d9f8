"""What `Decontaminator` and each of its methods find: rewritten problems, near misses, clean code, mechanical edits.

Run from the checkout, with HumanEval and MBPP where `load_problems` finds them:

    python benchmarks/decontamination/cascade.py [--synthetic FOLDER]

Prints tables and writes results_cascade.json beside this file. ``--synthetic`` names a folder with exercises.jsonl,
exercises_unseeded.jsonl and textbooks.jsonl (rows with a ``text``), to be held against HumanEval like MBPP.
It executes all these texts, confined by the sandbox.
"""

from __future__ import annotations

import argparse
import json
import platform
import random
import re
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from clean_functions import clean_functions
from edits import EDITS
from hosts import stdlib_files

from textbooks.decontaminators import CascadeMatch, DecontaminationReport, Decontaminator
from textbooks.problems import Problem, load_problems
from textbooks.verdicts import FilterResult, Verdict

HERE = Path(__file__).resolve().parent
KINDS = ("renamed", "reworded", "restructured", "disguised", "near_miss")
METHODS = ("ngram", "similarity", "behaviour")
COLUMNS = (*METHODS, "any", "weighed")


def found_by(decontaminator: Decontaminator, match: CascadeMatch | None, wanted: str | None = None) -> dict[str, bool]:
    """Say which methods and combinations find a problem in a text: the one wanted, else any."""
    if match is None:
        return dict.fromkeys(COLUMNS, False)
    parts = {name: getattr(decontaminator, f"{name}_").findings(getattr(match, name)) for name in METHODS}
    parts["weighed"] = decontaminator.findings(match)
    ids = {name: {finding.id for finding in findings} for name, findings in parts.items()}
    hit = {name: bool(found) if wanted is None else wanted in found for name, found in ids.items()}
    return {**hit, "any": any(hit[name] for name in METHODS)}


def shares(rows: Sequence[dict[str, bool]]) -> dict[str, float]:
    return {name: round(sum(row[name] for row in rows) / len(rows), 4) for name in COLUMNS}


def matches(decontaminator: Decontaminator, texts: Sequence[str], batch: int = 64) -> list[CascadeMatch | None]:
    found: list[CascadeMatch | None] = []
    for start in range(0, len(texts), batch):
        found += [
            None if isinstance(one, Verdict) else one
            for one in decontaminator._measure_all(texts[start : start + batch])
        ]
    return found


def truth_set(decontaminator: Decontaminator) -> dict[str, Any]:
    """Recall by kind, and which texts were missed or flagged wrongly."""
    rows = [json.loads(line) for line in (HERE / "truth_set.jsonl").read_text(encoding="utf-8").splitlines()]
    by_kind, wrong = defaultdict(list), []
    for row, match in zip(rows, matches(decontaminator, [row["text"] for row in rows]), strict=True):
        contaminated = row["kind"] != "near_miss"
        hit = found_by(decontaminator, match, row["task_id"] if contaminated else None)
        by_kind[row["kind"]].append(hit)
        if hit["weighed"] != contaminated:
            wrong.append({"task_id": row["task_id"], "kind": row["kind"], **hit})
    return {
        "recall": {kind: shares(by_kind[kind]) for kind in KINDS},
        "texts_of_each_kind": len(by_kind["renamed"]),
        "wrong": wrong,
    }


def edited(decontaminator: Decontaminator, problems: Sequence[Problem]) -> dict[str, Any]:
    """Recall of the reference programs after each mechanical edit."""
    answer = {}
    for name, edit in EDITS.items():
        done = [(problem, edit(problem.program, problem.entry_point)) for problem in problems]
        texts = [(problem, one.text) for problem, one in done if one is not None]
        found = matches(decontaminator, [text for _, text in texts])
        rows = [found_by(decontaminator, match, problem.id) for (problem, _), match in zip(texts, found, strict=True)]
        answer[name] = {"texts": len(rows), **shares(rows)}
    return answer


def clean(decontaminator: Decontaminator, texts: dict[str, str]) -> dict[str, Any]:
    """Share of clean texts that are flagged, with those flagged."""
    found = matches(decontaminator, list(texts.values()))
    rows = [found_by(decontaminator, match) for match in found]
    flagged = [
        {
            "text": name,
            "found": [f"{one.benchmark} {one.id} {one.method}" for one in decontaminator.findings(match)][:4],
        }
        for name, match, row in zip(texts, found, rows, strict=True)
        if row["weighed"]
    ]
    reasons = Counter(one.reason.value for match in found for one in decontaminator.findings(match)[:1])
    return {"texts": len(rows), "flagged": shares(rows), "reasons": dict(reasons), "which": flagged}


def held_against(decontaminator: Decontaminator, texts: dict[str, str], problems: Sequence[Problem]) -> dict[str, Any]:
    """Count the texts that are a problem of the benchmark: by match rate, and by every method."""
    found = matches(decontaminator, list(texts.values()))
    rows = [found_by(decontaminator, match) for match in found]
    records = [{"id": name, "text": text} for name, text in texts.items()]
    verdicts = [decontaminator._decide(match) for match in found]
    report = DecontaminationReport.of(FilterResult(records, verdicts), problems)
    pairs = [
        {
            "problem": problem.id,
            "text": example.document,
            "method": example.method,
            "strength": round(example.strength, 3),
        }
        for problem in report.problems
        for example in problem.examples
    ]
    return {
        "texts": len(texts),
        "flagged": {name: sum(row[name] for row in rows) for name in COLUMNS},
        "at_match_rate": dict(report.at_threshold.get("similarity", [])),
        "refuted": report.refuted,
        "undecided": report.undecided,
        "reasons": report.reasons,
        "problems": sorted(problem.id for problem in report.problems if problem.texts),
        "pairs": pairs,
    }


def _title(text: str, number: int) -> str:
    """Return a name for a function: its own, and a number."""
    named = re.search(r"^(?:async )?(?:def|class) (\w+)", text, re.MULTILINE)
    return f"{named[1] if named else 'unnamed'} ({number})"


def show(title: str, rows: dict[str, dict[str, Any]]) -> None:
    print(f"\n{title}\n{'':<44}" + "".join(f"{name:>12}" for name in COLUMNS))
    for name, values in rows.items():
        print(f"{name:<44}" + "".join(f"{values[column]:>12}" for column in COLUMNS))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--synthetic", type=Path, help="folder of recorded exercises and textbooks")
    parser.add_argument("--clean", type=int, default=5_000, help="clean functions of the standard library")
    options = parser.parse_args()
    humaneval = load_problems("humaneval")
    begin = time.perf_counter()
    decontaminator = Decontaminator().fit(humaneval)
    results: dict[str, Any] = {
        "setting": {"python": platform.python_version(), "fit_seconds": round(time.perf_counter() - begin, 1)},
        "truth_set": truth_set(decontaminator),
        "edits": edited(decontaminator, humaneval),
    }
    show(
        "truth set: share in which the right problem is found (near_miss: any problem; should be 0)",
        results["truth_set"]["recall"],
    )
    for row in results["truth_set"]["wrong"]:
        print(f"  wrong: {row}")
    show("HumanEval after mechanical edits: recall", results["edits"])
    functions = {_title(text, n): text for n, text in enumerate(clean_functions(options.clean))}
    files = dict(random.Random(0).sample(sorted(stdlib_files().items()), k=300))
    results["clean_functions"], results["clean_files"] = clean(decontaminator, functions), clean(decontaminator, files)
    show("clean code: share flagged", {name: results[name]["flagged"] for name in ("clean_functions", "clean_files")})
    for row in [*results["clean_functions"]["which"], *results["clean_files"]["which"]]:
        print(f"  flagged: {row}")
    sets = {"mbpp": {problem.id: problem.program for problem in load_problems("mbpp")}}
    for path in sorted(options.synthetic.glob("*.jsonl")) if options.synthetic else ():
        rows = map(json.loads, path.read_text(encoding="utf-8").splitlines())
        sets[path.stem] = {str(row["id"]): row["text"] for row in rows}
    results["against_humaneval"] = {
        name: held_against(decontaminator, texts, humaneval) for name, texts in sets.items()
    }
    show("texts that hold a HumanEval problem", {k: v["flagged"] for k, v in results["against_humaneval"].items()})
    (HERE / "results_cascade.json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
