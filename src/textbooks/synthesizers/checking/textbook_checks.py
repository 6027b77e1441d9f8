"""Whether a section holds: its blocks run one after the other, and its comments tell the truth."""

from __future__ import annotations

from collections.abc import Sequence

from textbooks.sandbox import CallJob, Outcome, Sandbox
from textbooks.synthesizers.checking.claims import claims_of, contradicts
from textbooks.synthesizers.checking.exercise_checks import ended_badly, runner
from textbooks.synthesizers.checking.textbook_shape import TextbookShape
from textbooks.synthesizers.syntheses import Flaw
from textbooks.verdicts import Reason

__all__ = ["check_textbooks"]

_SHOWN = 200


def check_textbooks(shapes: Sequence[TextbookShape], sandbox: Sandbox, *, workers: int) -> list[Flaw | None]:
    """Run the blocks of sections and return what is wrong with each; None where nothing is.

    A section holds when its blocks run in order in one namespace, assertions among them, and no comment behind an
    expression states another value than the one that comes of it (see `claims.contradicts`).

    Parameters
    ----------
    shapes : sequence of TextbookShape
        What `read_textbook` found.
    sandbox : Sandbox
        Where they run.
    workers : int
        Processes at a time.
    """
    jobs = (CallJob(runner(), "run_blocks", [((shape.sources,), {})]) for shape in shapes)
    return [_weigh(shape, outcome) for shape, outcome in zip(shapes, sandbox.map(jobs, workers), strict=True)]


def _weigh(shape: TextbookShape, outcome: Outcome) -> Flaw | None:
    statements = ended_badly(outcome)
    if isinstance(statements, Flaw):
        return statements
    if statements and statements[-1][5]:
        number, first, *_, error = statements[-1]
        line = shape.line_of(int(number)) + int(first) - 1
        reason = Reason.FAILS_EXAMPLES if error.startswith("AssertionError") else Reason.FAILS_TO_RUN
        return Flaw(reason, f"The code of line {line} fails: {error[:_SHOWN]}", {"line": line})
    return _false_claim(shape, statements)


def _false_claim(shape: TextbookShape, statements: Sequence[Sequence[str]]) -> Flaw | None:
    given = {(int(number), int(last)): (output, value) for number, _, last, output, value, _ in statements}
    for number, block in enumerate(shape.blocks):
        for claim in claims_of(block.content):
            output, value = given.get((number, claim.line), ("", None))
            if contradicts(claim, output, value):
                line = shape.line_of(number) + claim.line - 1
                got = (output.strip() or value or "")[:_SHOWN]
                detail = f"The comment of line {line} says {claim.said[:_SHOWN]}, and the code gives {got}"
                return Flaw(Reason.WRONG_CLAIM, detail, {"line": line, "said": claim.said[:_SHOWN], "got": got})
    return None
