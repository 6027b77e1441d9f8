"""Files of problems: JSON lines with the keys of HumanEval or of MBPP."""

from __future__ import annotations

import ast
import gzip
import zlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson
import zstandard

from textbooks.errors import InputError
from textbooks.problems.problem import Problem, definitions, parse

__all__ = ["read_content", "read_rows", "to_problems"]

_HUMANEVAL_KEYS = ("task_id", "prompt", "canonical_solution", "test", "entry_point")


def to_problems(rows: Iterable[tuple[int, object]], benchmark: str, where: str) -> list[Problem]:
    """Return the problems of numbered rows; `where` names their source in messages.

    Raises
    ------
    InputError
        If a row is damaged, an id occurs twice, or there is no row.
    """
    problems: dict[str, Problem] = {}
    for number, row in rows:
        try:
            problem = _to_problem(row, benchmark)
            if problem.id in problems:
                msg = f"the id {problem.id!r} occurs twice"
                raise ValueError(msg)
        except ValueError as error:
            msg = f"{where}, line {number}: {error}"
            raise InputError(msg) from error
        problems[problem.id] = problem
    if not problems:
        msg = f"{where} holds no problem"
        raise InputError(msg)
    return list(problems.values())


def read_rows(path: Path) -> Iterator[tuple[int, object]]:
    """Yield the line number and value of every line of a JSON Lines file that is not blank.

    Raises
    ------
    InputError
        If the file cannot be read or a line is not JSON; the message names the line.
    """
    for number, line in enumerate(read_content(path).split(b"\n"), 1):
        if line.strip():
            try:
                yield number, orjson.loads(line)
            except orjson.JSONDecodeError as error:
                msg = f"{path}, line {number}: not JSON ({error})"
                raise InputError(msg) from error


def read_content(path: Path) -> bytes:
    """Return a file's bytes, unpacked when its name ends in ``.gz`` or ``.zst``.

    Raises
    ------
    InputError
        If it cannot be read or is no such archive.
    """
    try:
        raw = path.read_bytes()
        if path.suffix == ".gz":
            return gzip.decompress(raw)
        if path.suffix == ".zst":
            with zstandard.ZstdDecompressor().stream_reader(raw, read_across_frames=True) as reader:
                return reader.read()
    except (OSError, EOFError, zlib.error, zstandard.ZstdError) as error:
        msg = f"{path} cannot be read: {error}"
        raise InputError(msg) from error
    return raw


def _to_problem(row: object, benchmark: str) -> Problem:
    if not isinstance(row, Mapping):
        msg = f"expected an object with the keys of HumanEval or MBPP, got {type(row).__name__}"
        raise ValueError(msg)
    if "canonical_solution" in row:
        return Problem(benchmark, *(_string(row, key) for key in _HUMANEVAL_KEYS))
    if "code" in row and "test_list" in row:
        solution = _string(row, "code")
        prompt = _string(row, "text" if "text" in row else "prompt")
        setup = [*_strings(row, "test_imports"), _string(row, "test_setup_code", "")]
        asserts = [*_strings(row, "test_list"), *_strings(row, "challenge_test_list")]
        tests = "\n".join(part for part in [*setup, *asserts] if part)
        return Problem(benchmark, _string(row, "task_id"), prompt, solution, tests, _entry_point(solution, tests))
    msg = f"the keys {sorted(row)} are neither those of HumanEval nor of MBPP"
    raise ValueError(msg)


def _string(row: Mapping[str, Any], key: str, default: str | None = None) -> str:
    value = row.get(key, default)
    if key == "task_id" and isinstance(value, int):
        value = str(value)
    if not isinstance(value, str):
        msg = f"{key!r} must be a string, got {value!r:.80}"
        raise ValueError(msg)
    return _unix(value)


def _strings(row: Mapping[str, Any], key: str) -> list[str]:
    values = row.get(key) or []
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        msg = f"{key!r} must be a list of strings, got {values!r:.80}"
        raise ValueError(msg)
    return [_unix(value) for value in values]


def _unix(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _entry_point(solution: str, tests: str) -> str:
    """Return the function that the first assertion calls and the solution defines, else the last one defined."""
    program, checks = parse(solution), parse(tests)
    defined = definitions(program) if program else []
    asserts = [node for node in checks.body if isinstance(node, ast.Assert)] if checks else []
    calls = [node for check in asserts for node in ast.walk(check) if isinstance(node, ast.Call)]
    for call in sorted(calls, key=lambda node: (node.lineno, node.col_offset)):
        if isinstance(call.func, ast.Name) and call.func.id in defined:
            return call.func.id
    return defined[-1] if defined else ""
