"""The report of a decontaminator: a page, tables for the terminal, and what a notebook shows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from html import escape
from typing import TYPE_CHECKING, Any, Final

from rich import box
from rich.table import Table
from rich.text import Text

from textbooks.reports.environment import environment
from textbooks.reports.excerpts import Excerpt, cut, printable, shorten
from textbooks.reports.words import count, share

if TYPE_CHECKING:
    from textbooks.decontaminators.report import DecontaminationReport, TaintedProblem

__all__ = [
    "problem_table",
    "render_decontamination",
    "report_fragment",
    "summary_table",
]

DATA_NAME: Final = "decontamination.json"
METHODS: Final = {
    "ngram": "wording: runs of tokens in common",
    "similarity": "structure: syntax trees a few edits apart",
    "behaviour": "behaviour: the same results on the same inputs",
}
"""What each method compares, in words."""

_ON_A_PAGE = 200  # problems shown with their texts; the others are in the data
_IN_A_TABLE = 40


def render_decontamination(report: DecontaminationReport) -> str:
    """Return the page of a report: each problem beside the texts that hold it, and what was refuted."""
    held = [problem for problem in report.problems if problem.texts]
    refuted = [problem for problem in report.problems if problem.refuted]
    template = environment().get_template("decontamination.html.j2")
    return template.render(
        report=report,
        methods=METHODS,
        taus=_taus(report),
        benchmarks=[(name, n, len(report.tainted(name))) for name, n in report.benchmarks.items()],
        held=[_shown(problem, problem.examples) for problem in held[:_ON_A_PAGE]],
        held_total=len(held),
        refuted=[_shown(problem, problem.refuted_examples) for problem in refuted[:_ON_A_PAGE]],
        refuted_total=len(refuted),
    )


def _taus(report: DecontaminationReport) -> list[float]:
    return sorted({tau for steps in report.at_threshold.values() for tau, _ in steps}, reverse=True)


def _shown(problem: TaintedProblem, examples: Iterable[Any]) -> dict[str, Any]:
    """Return a problem as the page shows it, with excerpts made."""
    shown = [{"example": one, "passage": _excerpt(one.passage), "facts": _facts(one.details)} for one in examples]
    return {"problem": problem, "title": _title(problem), "program": _excerpt(problem.program), "examples": shown}


def _excerpt(text: str) -> Excerpt:
    return cut(text, max_lines=60, max_characters=4000)


def _facts(details: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return names and values of what is not empty, as a person reads them."""
    return [
        (name.replace("_", " "), shorten(_fact(value), 120)) for name, value in details.items() if value not in ("", [])
    ]


def _fact(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.3g}"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value)


def _title(problem: TaintedProblem) -> str:
    named = problem.id.lower().startswith(problem.benchmark.lower())
    return problem.id if named else f"{problem.benchmark} {problem.id}"


def summary_table(report: DecontaminationReport) -> Table:
    """Return how many texts each method found, and how many come as near as each match rate to any problem."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, caption_justify="left")
    table.add_column("method")
    table.add_column("texts", justify="right")
    taus = _taus(report)
    for tau in taus:
        table.add_column(f">= {tau:g}", justify="right", style="dim")
    for method in [name for name in METHODS if name in report.by_method or name in report.at_threshold]:
        near = dict(report.at_threshold.get(method, []))
        table.add_row(method, count(report.by_method.get(method, 0)), *(count(near.get(tau, 0)) for tau in taus))
    notes = [f"texts with a match that their code refutes: {count(report.refuted)}"] if report.refuted else []
    notes += [f"texts that could not be decided in part: {count(report.undecided)}"] if report.undecided else []
    if notes:
        table.caption = Text("; ".join(notes))
    return table


def problem_table(report: DecontaminationReport, *, most: int = _IN_A_TABLE) -> Table:
    """Return the problems that texts hold, those with most texts first, with the strongest text of each."""
    held = [problem for problem in report.problems if problem.texts]
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, caption_justify="left")
    for name, how in (("problem", "left"), ("texts", "right"), ("by", "left"), ("strongest", "right"), ("in", "left")):
        table.add_column(name, justify=how, overflow="fold")  # type: ignore[arg-type]
    for problem in held[:most]:
        by = ", ".join(f"{method} {n}" for method, n in problem.by_method.items())
        first = problem.examples[0] if problem.examples else None
        cells = (_title(problem), count(problem.texts), by, f"{problem.strongest:.2f}", first.document if first else "")
        table.add_row(*(Text(_safe(cell)) for cell in cells))
    if len(held) > most:
        table.caption = Text(f"and {count(len(held) - most)} more in {DATA_NAME}")
    return table


def side_by_side(report: DecontaminationReport, *, most: int = 5, lines: int = 20) -> Iterator[Table]:
    """Yield the problems with most texts, each beside the text that holds it most strongly, for a terminal.

    Parameters
    ----------
    report : DecontaminationReport
    most : int, default=5
        Problems shown.
    lines : int, default=20
        Lines shown of each side.
    """
    for problem in [one for one in report.problems if one.examples][:most]:
        example = problem.examples[0]
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, expand=True)
        heading = f"{example.document}: {example.method} {example.strength:.2f}"
        for title in (_title(problem), heading):
            table.add_column(Text(_safe(title)), ratio=1, overflow="fold")
        table.add_row(*(Text(cut(text, max_lines=lines).text) for text in (problem.program, example.passage)))
        yield table


def report_fragment(report: DecontaminationReport) -> str:
    """Return a short summary as an HTML fragment with its styles inline, for a notebook."""
    tainted = sum(1 for problem in report.problems if problem.texts)
    heading = (
        f"{count(report.texts)} texts, {count(report.dropped)} dropped ({share(report.dropped, report.texts)}); "
        f"{count(tainted)} of {count(sum(report.benchmarks.values()))} problems found"
    )
    rows = "".join(_fragment_row(problem) for problem in report.problems[:10] if problem.texts)
    style = "font:13px/1.45 system-ui,sans-serif"
    return f'<div class="textbooks-decontamination" style="{style}"><p><b>{heading}</b></p><table>{rows}</table></div>'


def _fragment_row(problem: TaintedProblem) -> str:
    by = ", ".join(f"{method} {n}" for method, n in problem.by_method.items())
    cells = (_title(problem), count(problem.texts), by, f"{problem.strongest:.2f}")
    return "<tr>" + "".join(f"<td>{escape(_safe(cell))}</td>" for cell in cells) + "</tr>"


def _safe(text: str) -> str:
    return printable(shorten(text, 200)).replace("\n", "␊").replace("\t", " ")
