"""What the command `textbooks evaluate` does and prints."""

from __future__ import annotations

import json
import math
from pathlib import Path

from rich.console import Console
from rich.table import Table

from textbooks.errors import InputError
from textbooks.evaluation.evaluate import evaluate
from textbooks.evaluation.evaluation import Evaluation
from textbooks.evaluation.intervals import Estimate
from textbooks.evaluation.results import check_rows, read_completions, results_path
from textbooks.evaluation.similarity_split import SimilaritySplit, similarity_split
from textbooks.problems import load_problems

__all__ = ["as_json", "estimates_table", "evaluate_file", "notes_of", "parse_ks", "split_by_report", "split_table"]

_MOST_NAMED = 5


def parse_ks(text: str) -> list[int]:
    """Return the ks of a list such as ``1,10,100``.

    Raises
    ------
    ValueError
        If an entry is no integer of at least 1.
    """
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isascii() and part.isdigit() and int(part) for part in parts):
        msg = f"--ks must be integers of at least 1 with commas between them, such as 1,10, got {text!r}"
        raise ValueError(msg)
    return [int(part) for part in parts]


def evaluate_file(
    problems: str,
    completions: Path,
    *,
    ks: str,
    workers: int,
    timeout: float,
    restart: bool,
    console: Console | None,
) -> Evaluation:
    """Evaluate a file of completions; writes the results beside it.

    Raises
    ------
    ValueError, TextbooksError
        As `evaluate` and `load_problems`; an unknown ``task_id`` is named with file and line.
    """
    wanted = parse_ks(ks)
    if not completions.is_file():
        msg = f"{str(completions)!r} is no file"
        raise InputError(msg)
    rows = read_completions(completions)
    known = load_problems(problems)
    check_rows(rows, [problem.id for problem in known], str(completions))
    results = results_path(completions)
    return evaluate(known, rows, wanted, workers, timeout=timeout, results=results, restart=restart, console=console)


def as_json(evaluation: Evaluation, results: Path, split: SimilaritySplit | None = None) -> str:
    """Return the numbers of an evaluation as one line of JSON."""
    apart = {}
    if split is not None:
        parts = {"in_training_data": split.similar, "not_in_it": split.not_similar}
        apart = {"pass@1_apart": {name: _numbers(part) for name, part in parts.items()}}
    return json.dumps({**evaluation.as_dict(), **apart, "results": str(results)})


def _numbers(part: Estimate) -> dict[str, float | int | None]:
    """Return an estimate as JSON; the mean of no problem is null."""
    none = math.isnan(part.value)
    return {"value": None if none else part.value, "problems": part.size}


def estimates_table(evaluation: Evaluation) -> Table:
    """Return pass@k with intervals, and what became of the samples, for a terminal."""
    table = Table(box=None, show_header=False, pad_edge=True)
    for column in ("name", "value", "more"):
        table.add_column(column, justify="right" if column == "value" else "left")
    for k, estimate in evaluation.pass_at.items():
        interval = f"95 % interval {100 * estimate.low:.1f} to {100 * estimate.high:.1f}"
        table.add_row(f"pass@{k}", f"{100 * estimate.value:.1f} %", interval)
    table.add_row()
    table.add_row("problems", f"{len(evaluation.problems):,}")
    table.add_row("samples", f"{len(evaluation.rows):,}")
    for name, number in evaluation.counts.items():
        table.add_row(f"  {name}", f"{number:,}")
    return table


def split_by_report(evaluation: Evaluation, report: Path) -> SimilaritySplit:
    """Return pass@1 apart on the problems that a decontamination report found in the training data.

    Parameters
    ----------
    evaluation : Evaluation
        Of problems of any benchmarks; those of the report with the same ids are meant.
    report : Path
        ``decontamination.json`` of `textbooks decontaminate`, run on the training data.

    Raises
    ------
    InputError
        If it is no such report.
    """
    from textbooks.decontaminators.report import DecontaminationReport

    found = DecontaminationReport.load(report)
    mine = {problem.id for problem in evaluation.problems}
    tainted = [name for benchmark in found.benchmarks for name in found.tainted(benchmark) if name in mine]
    return similarity_split(evaluation, tainted)


def split_table(split: SimilaritySplit) -> Table:
    """Return the rows of the paper's Table 3 for a terminal."""
    table = Table(box=None, show_header=False, pad_edge=True)
    for column in ("name", "value", "more"):
        table.add_column(column, justify="right" if column == "value" else "left")
    parts = (("in the training data", split.similar), ("not in it", split.not_similar), ("all", split.total))
    for name, part in parts:
        value = "—" if math.isnan(part.value) else f"{100 * part.value:.1f} %"
        table.add_row(f"pass@1 {name}", value, f"{part.size:,} problems")
    return table


def notes_of(evaluation: Evaluation) -> list[str]:
    """Return what a reader of the numbers must know: problems not attempted, and ks left out."""
    notes = []
    if missing := evaluation.missing:
        total = len(missing) + len(evaluation.problems)
        named = ", ".join(missing[:_MOST_NAMED]) + (", ..." if len(missing) > _MOST_NAMED else "")
        notes.append(f"WARNING: {len(missing)} of {total} problems have no completion and are not in pass@k: {named}")
    if evaluation.left_out:
        fewest = min(problem.samples for problem in evaluation.problems)
        names = ", ".join(f"pass@{k}" for k in evaluation.left_out)
        notes.append(f"{names} left out: a problem has only {fewest} sample{'s' * (fewest > 1)}")
    return notes
