"""Tables that the stages of a deduplication leave for each other, each with a header that says what it was made by."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.parquet as pq

from textbooks.errors import InputError, ParametersChangedError
from textbooks.storage import publish

__all__ = ["Described", "read_header", "read_table", "same_scheme", "write_table"]

_HEADER = b"textbooks_minhash"


class Described(Protocol):
    """What files are made by."""

    def as_dict(self) -> dict[str, Any]:
        """Return everything that bears on them by name, as plain JSON types."""
        ...


def write_table(path: Path, columns: Mapping[str, Any], scheme: Described, **more: Any) -> None:  # noqa: ANN401
    """Publish columns with a header: the scheme, and further facts of plain JSON types."""
    header = json.dumps({"scheme": scheme.as_dict(), **more}, sort_keys=True).encode()
    table = pa.table(dict(columns)).replace_schema_metadata({_HEADER: header})
    with publish(path) as temporary:
        pq.write_table(table, temporary, compression="zstd")


def read_header(path: Path) -> dict[str, Any]:
    """Return the header of a file.

    Raises
    ------
    InputError
        If the file is not there, is damaged, or is none of ours.
    """
    try:
        header: dict[str, Any] = json.loads(pq.read_schema(path).metadata[_HEADER])
    except (OSError, pa.ArrowInvalid, TypeError, KeyError, ValueError) as error:
        msg = f"{path} is no file of near-deduplication, or an earlier stage did not finish: {error}"
        raise InputError(msg) from error
    return header


def read_table(path: Path, columns: Iterable[str] | None = None) -> pa.Table:
    """Return some or all columns of a file."""
    return pq.read_table(path, columns=None if columns is None else list(columns))


def same_scheme(schemes: Mapping[Path, Mapping[str, Any]]) -> Mapping[str, Any]:
    """Return the scheme of files.

    Raises
    ------
    ParametersChangedError
        If two files were made by different ones; the message names each difference.
    """
    [(first, expected), *others] = schemes.items()
    for path, other in others:
        names = sorted({*expected, *other})
        differences = [
            f"{n} {expected.get(n)!r} and {other.get(n)!r}" for n in names if expected.get(n) != other.get(n)
        ]
        if differences:
            msg = f"{first} and {path} were made by different schemes and cannot be mixed: {', '.join(differences)}"
            raise ParametersChangedError(msg)
    return expected
