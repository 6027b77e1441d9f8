"""Exercises with copies of HumanEval among them, and what each decontaminator leaves of them.

The recorded exercises were written apart from HumanEval, so that pruning them would show little. One copy of each
problem is put among them: for half of the problems one of the four rewritings of the truth set of
``benchmarks/decontamination``, for the other half the reference with new names and statements inserted, which leaves
match rates from below 0.7 to 1. So it is known what pruning should find.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from arms import PRUNED, pruned_folder
from corpora import RECORDED, read_rows
from draws import place

from textbooks.decontaminators import BehaviouralDecontaminator, SimilarityDecontaminator
from textbooks.problems import Problem, load_problems
from textbooks.storage import write_atomically

EDITS = Path(__file__).resolve().parents[1] / "decontamination"
sys.path.append(str(EDITS))

from edits import renamed, statements_inserted  # noqa: E402

TRUTH_SET = EDITS / "truth_set.jsonl"


def planted(rows: Sequence[dict[str, Any]]) -> list[dict[str, str]]:
    """Return one rewriting of each problem, drawn by its name, as rows with ``id`` and ``text``."""
    by_problem: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        if row["contaminated"]:
            by_problem.setdefault(row["task_id"], []).append(row)
    found = []
    for task, ways in by_problem.items():
        row = min(ways, key=lambda row: place(f"{task} {row['kind']}", "planted"))
        found.append({"id": f"{task} {row['kind']}", "text": row["text"]})
    return found


def edited(problems: Sequence[Problem]) -> list[dict[str, str]]:
    """Return the program of each problem with new names and statements that do nothing, as rows; docstrings stay."""
    found = []
    for problem in problems:
        copy = renamed(problem.program, problem.entry_point)
        found.append({"id": f"{problem.id} edited", "text": statements_inserted(copy.text, copy.entry).text + "\n"})
    return found


def build(work: Path, say: Callable[[str], object], *, execute: bool = True) -> dict[str, Any]:
    """Write the exercises with the copies, whole and pruned in every way, once; return what was taken out.

    Without `execute` no text is run, and behaviour is left out.
    """
    notes = work / "pruned.json"
    if notes.is_file():
        return dict(json.loads(notes.read_text()))
    held_out = {row["id"] for row in read_rows(work / "texts" / "held_out_exercises.jsonl")}
    exercises = [row for row in read_rows(RECORDED / "exercises.jsonl") if row["id"] not in held_out]
    problems, copies = load_problems("humaneval"), planted(read_rows(TRUTH_SET))
    copied = {row["id"].split()[0] for row in copies}
    copies += edited([problem for problem in problems if problem.id not in copied])
    rows = [{"id": row["id"], "text": row["text"]} for row in [*exercises, *copies]]
    say("pruning exercises")
    about: dict[str, Any] = {"exercises": len(exercises), "copies": len(copies), "ways": {}}
    names = {row["id"] for row in copies}
    for way, found in _found(rows, problems, execute).items():
        left = [row for row in rows if row["id"] not in found]
        path = work / "texts" / f"{pruned_folder(way)}.jsonl"
        write_atomically(path, "".join(json.dumps(row) + "\n" for row in left).encode())
        about["ways"][way] = {
            "removed": len(found),
            "removed copies": len(names & set(found)),
            "similar problems": sorted({problem for problems in found.values() for problem in problems}),
        }
    write_atomically(notes, json.dumps(about, indent=1).encode())
    return about


def _found(rows: list[dict[str, str]], problems: list[Problem], execute: bool) -> dict[str, dict[str, list[str]]]:
    """Return, for each way of pruning, the ids of what it takes out, with the problems it found in each."""
    texts = [row["text"] for row in rows]
    structure = SimilarityDecontaminator().fit(problems).apply(texts)
    behaviour = BehaviouralDecontaminator().fit(problems).apply(texts) if execute else None
    found: dict[str, dict[str, list[str]]] = {}
    for way in PRUNED:
        if way == "all":
            found[way] = {}
            continue
        tau = way.removeprefix("tau ")
        result = behaviour if way == "behaviour" else structure.rethreshold(min_match_rate=float(tau))
        if result is None:
            continue
        found[way] = {
            row["id"]: [problem["id"] for problem in verdict.evidence.get("problems", [])]
            for row, verdict in zip(rows, result.verdicts, strict=True)
            if verdict.status == "dropped"
        }
    return found
