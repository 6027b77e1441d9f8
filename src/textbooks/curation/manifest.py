"""``manifest.json``: every file of a finished run with rows, bytes and digest, and what each task read and wrote."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from textbooks.curation.accounts import Accounts
from textbooks.storage import file_digest, write_atomically

__all__ = ["MANIFEST", "read_manifest", "write_manifest"]

MANIFEST: Final = "manifest.json"
FORMAT: Final = 1


def write_manifest(out: Path, accounts: Accounts, key: Mapping[str, Any], others: Iterable[str]) -> None:
    """Write the manifest of a run that has come to its end.

    Parameters
    ----------
    out : Path
        The output folder.
    accounts : Accounts
        Its parquet files and tasks.
    key : mapping
        The run's key.
    others : iterable of str
        Names of its other files, such as ``stats.json``; those that are not there are left out.
    """
    files: dict[str, dict[str, Any]] = {
        part.path: {"rows": part.rows, "bytes": part.size, "sha256": part.sha256} | ({"task": task} if task else {})
        for task, part in accounts.parts
    }
    for path in (out / name for name in others if (out / name).is_file()):
        files[path.name] = {"bytes": path.stat().st_size, "sha256": file_digest(path)}
    rows = accounts.rows
    content = {
        "format": FORMAT,
        "key": key,
        "totals": {
            "read": accounts.read,
            "kept": rows["kept"],
            "dropped": rows["dropped"],
            "quarantined": rows["quarantine"],
            "files": len(files),
            "bytes": sum(entry["bytes"] for entry in files.values()),
        },
        "tasks": {
            stage: {f"{rank:05d}": {"read": task.read, "rows": dict(task.rows)} for rank, task in tasks.items()}
            for stage, tasks in accounts.tasks.items()
        },
        "files": files,
    }
    write_atomically(out / MANIFEST, _bytes_of({**content, "digest": _digest(content)}))


def read_manifest(out: Path) -> dict[str, Any]:
    """Return the manifest of an output folder.

    Raises
    ------
    OSError
        If it cannot be read.
    ValueError
        If it is not, byte for byte, what was written; the message says what was expected and what was found.
    """
    data = (out / MANIFEST).read_bytes()
    try:
        content: dict[str, Any] = json.loads(data)
        digest = content.pop("digest")
    except (ValueError, KeyError, AttributeError, TypeError, RecursionError) as error:
        msg = f"expected a manifest with a digest of itself, found {type(error).__name__}: {error}"
        raise ValueError(msg) from error
    if (found := _digest(content)) != digest or _bytes_of({**content, "digest": digest}) != data:
        msg = f"expected content with the digest {digest}, found {found}, or other bytes"
        raise ValueError(msg)
    if content.get("format") != FORMAT:
        msg = f"expected format {FORMAT}, found {content.get('format')!r}: it is of another version"
        raise ValueError(msg)
    return content


def _bytes_of(content: Mapping[str, Any]) -> bytes:
    return json.dumps(content, indent=1, sort_keys=True).encode()


def _digest(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(_bytes_of(content)).hexdigest()
