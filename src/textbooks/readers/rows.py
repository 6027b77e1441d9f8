"""One line of JSON to a row, and the names that a row may not use for itself."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any

import orjson

from textbooks.verdicts import Reason

__all__ = ["MalformedRowError", "parse_row", "set_aside_reserved", "without_surrogates"]

MAX_DEPTH = 100
"""Levels of nesting; what nests deeper cannot be written again by every step behind."""

LEAST_INTEGER, GREATEST_INTEGER = -(2**63), 2**64 - 1
"""What fits into the integers of JSON and parquet writers."""

STEPS = (
    *("reader", "exact_duplicate", "near_duplicate", "semantic_duplicate", "size", "syntax", "edu_value", "ngram"),
    *("self_contained", "boilerplate", "undocumented_complexity", "topic_balance"),
    *("licence", "secrets", "secrets_redactor", "personal_data", "personal_data_redactor"),
    *("similarity", "behaviour", "decontaminator"),
)
RESERVED = frozenset(
    {"source", "filter_reason", *(f"{step}_{field}" for step in STEPS for field in ("score", "reason", "evidence"))}
)
"""Metadata that the reader and the filters write; a column of the same name is set aside."""

SUFFIX = "_input"  # not a prefix: what ends in _score, _reason and _evidence is taken for the fields of a step


class MalformedRowError(ValueError):
    """A line is no JSON object; `reason` says which kind of damage it is."""

    def __init__(self, detail: str, reason: Reason = Reason.MALFORMED_ROW) -> None:
        super().__init__(detail)
        self.reason = reason


def parse_row(line: bytes, *, text_key: str = "text", keep: Collection[str] = ()) -> dict[str, Any]:
    r"""Parse one JSON object, without loss.

    NaN and infinities pass, as Python's own `json` writes them. An integer beyond 64 bits becomes a string of its
    digits. A lone surrogate becomes the text of its escape (``\ud800``), except in the column `text_key`, where it
    stays for the reader to find. Of a key that occurs twice the last value counts.

    Parameters
    ----------
    line : bytes
        UTF-8.
    text_key : str
        The column that is left as it is.
    keep : collection of str
        Further columns that are left as they are.

    Raises
    ------
    MalformedRowError
        If the line is not UTF-8, no JSON, no object, or nested deeper than `MAX_DEPTH` levels.
    """
    try:
        row = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        row = _parse_patiently(line, str(error))
        is_exact = False
    else:
        is_exact = _is_exact(row)
        row = row if is_exact else _parse_patiently(line, "")
    if not isinstance(row, dict):
        msg = f"a JSON {type(row).__name__}, not an object"
        raise MalformedRowError(msg)
    if is_exact:
        return row
    _is_exact(row)  # for the depth
    return {without_surrogates(k): v if k == text_key or k in keep else without_surrogates(v) for k, v in row.items()}


def _is_exact(value: object, depth: int = 1) -> bool:
    """Whether no number may have been rounded; raises for what is nested too deep."""
    if depth > MAX_DEPTH:
        msg = f"nested deeper than {MAX_DEPTH} levels"
        raise MalformedRowError(msg)
    exact = True
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        kind = type(item)
        if kind is float:
            exact = exact and LEAST_INTEGER < item < -LEAST_INTEGER
        elif kind is dict or kind is list:
            exact = _is_exact(item, depth + 1) and exact
    return exact


def _parse_patiently(line: bytes, complaint: str) -> Any:  # noqa: ANN401
    try:
        return json.loads(line.decode("utf-8"), parse_int=_integer)
    except UnicodeDecodeError as error:
        raise MalformedRowError(str(error), Reason.INVALID_UNICODE) from error
    except RecursionError as error:
        msg = f"nested deeper than {MAX_DEPTH} levels"
        raise MalformedRowError(msg) from error
    except ValueError as error:
        raise MalformedRowError(complaint or str(error)) from error


def _integer(digits: str) -> int | str:
    if len(digits) > 20:  # before int(), which refuses thousands of digits
        return digits
    value = int(digits)
    return value if LEAST_INTEGER <= value <= GREATEST_INTEGER else digits


def without_surrogates(value: Any) -> Any:  # noqa: ANN401
    """Return a JSON value with lone surrogates, which have no UTF-8 form, replaced by the text of their escapes."""
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, dict):
        return {without_surrogates(key): without_surrogates(item) for key, item in value.items()}
    return [without_surrogates(item) for item in value] if isinstance(value, list) else value


def set_aside_reserved(columns: Mapping[str, Any]) -> dict[str, Any]:
    """Rename the columns whose names mean something else in metadata, so that neither value is lost.

    Reserved are ``source``, ``filter_reason``, what the filters of this library write (``edu_value_score``),
    every ``*_evidence``, and a ``token_count`` that is no integer, which datatrove would add up.

    Returns
    -------
    dict
        The same values; a reserved name gets the ending ``_input``, as often as it takes to be unique.
    """
    taken = [name for name, value in columns.items() if _is_reserved(name, value)]
    if not taken:
        return dict(columns)
    renamed = {name: value for name, value in columns.items() if name not in taken}
    for name in taken:
        new = name + SUFFIX
        while new in columns or new in renamed:
            new += SUFFIX
        renamed[new] = columns[name]
    return renamed


def _is_reserved(name: str, value: object) -> bool:
    return (
        name in RESERVED
        or name.endswith("_evidence")
        or (name == "token_count" and (isinstance(value, bool) or not isinstance(value, int)))
    )
