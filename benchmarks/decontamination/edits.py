"""Mechanical edits that hide a copy of a program and keep what it does; every decontaminator is measured with them.

    python benchmarks/decontamination/edits.py

runs every edited reference of HumanEval and MBPP on its problem's own tests, in the sandbox, and prints how many
pass. `EDITS` maps a name to a function of a program and the name of its entry point, which returns an `Edited`, or
None where there is nothing to edit (a program without an ``if`` has no ``if`` to negate).
"""

from __future__ import annotations

import ast
import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hosts import embed, host_of_functions
from rewriting import (
    Negate,
    Rename,
    ThroughSelf,
    blanked,
    first_line,
    indent_shifts,
    inner_lines,
    string_lines,
    with_lines,
)

from textbooks.evaluation.helpers import tests_with_helpers
from textbooks.problems import Problem, load_problems
from textbooks.sandbox import CheckJob, Outcome, Sandbox

_COMMENTS = (
    "Note: this follows the usual convention.",
    "See the discussion in the chapter above.",
    "Nothing surprising happens on this line.",
    "The order matters for what comes below.",
    "We could write this in a shorter way too.",
)
_STATEMENTS = ("progress_so_far = 0", "assert progress_so_far == 0")
_FUNCTION = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Edited:
    """An edited program.

    Attributes
    ----------
    text : str
        The whole program.
    entry : str
        The expression that gives the function that was the entry point, such as ``"total"`` or ``"Solution().f"``.
    """

    text: str
    entry: str


Edit = Callable[[str, str], Edited | None]


def verbatim(program: str, entry_point: str) -> Edited:
    return Edited(program, entry_point)


def reindented(program: str, entry_point: str) -> Edited:
    """Indent each level by two columns, and double the line ends outside of strings of several lines."""
    inside = {line for low, high in string_lines(program) for line in range(low + 1, high + 1)}
    shifts = indent_shifts(program, 2)
    lines = []
    for number, line in enumerate(program.split("\n"), start=1):
        if number in inside:
            lines.append(line)
        else:
            width = len(line) - len(line.lstrip())
            if not lines or not lines[-1].endswith("\\"):
                lines.append("")
            lines += [" " * max(0, width + shifts.get(number, 0)) + line.lstrip()]
    return Edited("\n".join(lines), entry_point)


def round_trip(program: str, entry_point: str) -> Edited:
    """Write the program as Python does: comments, needless parentheses and the choice of quotes are gone."""
    return Edited(ast.unparse(ast.parse(program)), entry_point)


def docstring_removed(program: str, entry_point: str) -> Edited | None:
    """Remove every docstring and leave the rest as it stands."""
    found = []
    for node in ast.walk(ast.parse(program)):
        if isinstance(node, _FUNCTION | ast.ClassDef | ast.Module) and ast.get_docstring(node, clean=False) is not None:
            found.append((node.body[0], "" if isinstance(node, ast.Module) or len(node.body) > 1 else "pass"))
    return Edited(blanked(program, found), entry_point) if found else None


def renamed(program: str, entry_point: str) -> Edited:
    """Give new names to all functions, arguments and variables of the program; docstrings stay."""
    tree = ast.parse(program)
    rename = Rename(tree)
    return Edited(ast.unparse(rename.visit(tree)), rename.new.get(entry_point, entry_point))


def renamed_without_docstring(program: str, entry_point: str) -> Edited:
    bare = docstring_removed(program, entry_point)
    return renamed(program if bare is None else bare.text, entry_point)


def comments_inserted(program: str, entry_point: str) -> Edited:
    """Put a line of comment before every statement that begins a line, but those at the top of the program."""
    notes = {line: [f"# {_COMMENTS[number % len(_COMMENTS)]}"] for number, line in enumerate(inner_lines(program))}
    return Edited(with_lines(program, notes), entry_point)


def statements_inserted(program: str, entry_point: str) -> Edited:
    """Put two statements without effect into each top-level function: before the first and the middle statement."""
    new: dict[int, list[str]] = {}
    for function in ast.parse(program).body:
        if isinstance(function, _FUNCTION):
            body = function.body[ast.get_docstring(function) is not None :] or function.body
            for statement, line in zip((body[0], body[len(body) // 2]), _STATEMENTS, strict=True):
                new.setdefault(first_line(statement), []).append(line)
    if not set(new) <= set(inner_lines(program)):  # a body on the line of its `def`
        return statements_inserted(ast.unparse(ast.parse(program)), entry_point)
    return Edited(with_lines(program, new), entry_point)


def ifs_negated(program: str, entry_point: str) -> Edited | None:
    """Negate every ``if`` and conditional expression and swap its branches.

    An ``if`` without ``else`` whose branch always leaves the block (returns, raises, breaks, continues) gets what
    follows it as the other branch; any other gets ``pass``.
    """
    tree = ast.parse(program)
    if not any(isinstance(node, ast.If | ast.IfExp) for node in ast.walk(tree)):
        return None
    return Edited(ast.unparse(ast.fix_missing_locations(Negate().visit(tree))), entry_point)


def in_a_class(program: str, entry_point: str) -> Edited:
    """Make the top-level functions methods of a class that call each other through ``self``."""
    tree = ast.parse(program)
    functions = [node for node in tree.body if isinstance(node, _FUNCTION)]
    names = {function.name for function in functions}
    for function in functions:
        function.args.args.insert(0, ast.arg("self"))
        own = {node.id for node in ast.walk(function) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
        through_self = ThroughSelf(names - own)
        function.body = [through_self.visit(statement) for statement in function.body]
    holder = ast.parse("class Solution:\n    pass").body[0]
    assert isinstance(holder, ast.ClassDef)
    holder.body = list(functions)
    tree.body = [*(node for node in tree.body if not isinstance(node, _FUNCTION)), holder]
    return Edited(ast.unparse(ast.fix_missing_locations(tree)), f"Solution().{entry_point}")


def in_a_long_file(program: str, entry_point: str) -> Edited:
    """Put the program into the middle of a file of 500 lines, made of functions of the standard library."""
    names = {node.id for node in ast.walk(ast.parse(program)) if isinstance(node, ast.Name)} | {entry_point}
    return Edited(embed(program, host_of_functions(500, avoid=names, seed=len(program))), entry_point)


EDITS: dict[str, Edit] = {
    "verbatim": verbatim,
    "re-indented, blank lines": reindented,
    "ast round trip": round_trip,
    "docstring removed": docstring_removed,
    "identifiers renamed": renamed,
    "renamed, docstring removed": renamed_without_docstring,
    "comments inserted": comments_inserted,
    "two statements inserted": statements_inserted,
    "ifs negated": ifs_negated,
    "wrapped in a class": in_a_class,
    "in a 500-line file": in_a_long_file,
}


def check_job(problem: Problem, edited: Edited) -> CheckJob:
    """Return the job that runs an edited reference on its problem's own tests."""
    alias = "" if edited.entry == problem.entry_point else f"\n{problem.entry_point} = {edited.entry}\n"
    return CheckJob(edited.text + alias, tests_with_helpers(problem), problem.entry_point, call_check=problem.has_check)


def check_edits(problems: Sequence[Problem], edit: Edit, sandbox: Sandbox) -> list[tuple[Problem, Outcome]]:
    """Return what became of each edited reference on its problem's tests; without those that have nothing to edit."""
    edited = [(problem, edit(problem.program, problem.entry_point)) for problem in problems]
    jobs = [(problem, check_job(problem, one)) for problem, one in edited if one is not None]
    outcomes = sandbox.map([job for _, job in jobs])
    return [(problem, outcome) for (problem, _), outcome in zip(jobs, outcomes, strict=True)]


def main() -> None:
    warnings.simplefilter("ignore")  # published programs hold escapes that Python warns of
    with Sandbox() as sandbox:
        for benchmark in ("humaneval", "mbpp"):
            for name, edit in EDITS.items():
                checked = check_edits(load_problems(benchmark), edit, sandbox)
                wrong = {problem.id: outcome.status.value for problem, outcome in checked if not outcome.passed}
                statuses = dict(Counter(wrong.values()))
                passed = len(checked) - len(wrong)
                print(f"{benchmark:<10} {name:<28} edited {len(checked):>4}, pass {passed:>4} {statuses}")
                if wrong:
                    print("           ", ", ".join(list(wrong)[:20]))


if __name__ == "__main__":
    main()
