"""Strengthened cases on the disk, a file a problem."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import sys
from pathlib import Path
from typing import Any

from textbooks.problems import Problem
from textbooks.sandbox.inside.codec import DataError, dump, load
from textbooks.storage import write_atomically

__all__ = ["CaseStore", "default_folder"]

_LOG = logging.getLogger(__name__)
VERSION = 4
"""Raised whenever the same problem may get other cases."""


def default_folder() -> Path:
    """Return where results are kept unless told otherwise.

    The folder ``strong_problems`` in ``$TEXTBOOKS_CACHE``, else in ``textbooks`` in ``$XDG_CACHE_HOME`` or in
    ``~/.cache``.
    """
    if named := os.environ.get("TEXTBOOKS_CACHE"):
        return Path(named) / "strong_problems"
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path("~/.cache").expanduser()) / "textbooks" / "strong_problems"


class CaseStore:
    """Keeps plain data under the hash of what it was made from.

    A file that is missing, damaged, or of another version counts as not there. What cannot be written is noted in the
    log, once, and done without.

    Parameters
    ----------
    folder : Path or None
        Made when it is missing; None keeps nothing.
    """

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        self._warned = False

    @staticmethod
    def key(*problems: Problem, **parameters: object) -> str:
        """Return the hash of problems and of all else that the result depends on."""
        names = ("benchmark", "id", "prompt", "solution", "tests", "entry_point")
        parts = [[getattr(problem, name) for name in names] for problem in problems]
        content = repr((VERSION, sys.version_info[:2], parts, sorted(parameters.items())))
        return hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()

    def get(self, key: str) -> Any | None:  # noqa: ANN401
        """Return what is kept under a key, or None."""
        if self.folder is None:
            return None
        try:
            held = json.loads((self.folder / f"{key}.json").read_bytes())
            content = json.dumps(held["content"], separators=(",", ":")).encode("ascii")
            if held["sha256"] != hashlib.sha256(content).hexdigest():
                return None
            return load(content)
        except (OSError, DataError, ValueError, TypeError, KeyError, RecursionError):
            return None

    def put(self, key: str, value: object) -> None:
        """Keep plain data, whole or not at all."""
        if self.folder is None:
            return
        content = dump(value)
        text = b'{"sha256":"' + hashlib.sha256(content).hexdigest().encode() + b'","content":' + content + b"}\n"
        try:
            write_atomically(self.folder / f"{key}.json", text)
        except OSError as problem:
            if not self._warned:
                self._warned = True
                _LOG.warning("strengthened cases cannot be kept in %s, going on without: %s", self.folder, problem)
