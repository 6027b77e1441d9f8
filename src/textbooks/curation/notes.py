"""What a run was asked to do, kept in its folder: the key that says whether its work may be continued."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import platform
import shutil
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import metadata, resources
from pathlib import Path
from typing import Any

import textbooks
from textbooks import __version__
from textbooks.errors import OutputError, ParametersChangedError
from textbooks.storage import remove_leftovers, write_atomically

__all__ = ["NEW_PLAN", "WORK", "RunNotes", "exclusive", "versions"]

WORK = ".textbooks"
"""Folder of a run's own notes: plan, logs, signatures."""

NEW_PLAN = "plan.new"
"""Where the plan lies until it is known whether the run may begin."""

RESULTS = ("kept", "dropped", "quarantine", "stats.json", "decontamination.json", "report.html", "manifest.json")
LIBRARIES = (
    *("datatrove", "numba", "numpy", "orjson", "pyarrow", "rapidfuzz", "regex", "tree-sitter", "tree-sitter-python"),
    "zstandard",
)
WITHOUT_A_SAY = ("cli", "reports")
MODELS = {"model": ("scoring", "edu_value.npz"), "embedder": ("embedders", "static.npz")}


def versions() -> dict[str, str]:
    """Return the versions of what has a say in the output, and digests of the code and of the bundled models."""
    found = {"textbooks": __version__, "code": _code_digest(), "python": ".".join(platform.python_version_tuple()[:2])}
    found |= {name: metadata.version(name) for name in LIBRARIES}
    for name, (room, file) in MODELS.items():
        content = resources.files(f"textbooks.{room}").joinpath("data", file).read_bytes()
        found[name] = hashlib.sha256(content).hexdigest()[:12]
    return found


@cache
def _code_digest() -> str:
    """Return a digest of the library's own source: a change between two releases is a change, too."""
    digest = hashlib.sha256()
    package = Path(textbooks.__file__).parent
    for file in sorted(package.rglob("*.py")):
        name = file.relative_to(package)
        if name.parts[0] not in WITHOUT_A_SAY:
            digest.update(f"{name.as_posix()}\0".encode() + file.read_bytes())
    return digest.hexdigest()[:12]


class RunNotes:
    """The notes of one output folder.

    Parameters
    ----------
    folder : Path
        The output folder; created if need be.
    key : mapping
        Parameters, versions and the input's fingerprint, as JSON types. What has no influence on the output, such
        as the number of workers, is left out.
    """

    def __init__(self, folder: Path, key: Mapping[str, Any]) -> None:
        self.folder = folder
        self.key = json.loads(json.dumps(key))
        self.path = folder / WORK / "run.json"

    @property
    def finished(self) -> bool:
        """Whether the run in the folder came to its end."""
        return bool(self._noted().get("finished"))

    def begin(self, *, restart: bool) -> None:
        """Make the folder ready for this run, or find that an earlier one may be continued.

        Raises
        ------
        ParametersChangedError
            If the folder holds results of a run with another key, and `restart` is False.
        OutputError
            If the folder holds a finished run of which files are missing, or results of a run that left no notes.
        """
        noted = self._noted()
        changed = _differences(noted["key"], self.key) if noted else []
        if restart or (noted and changed and not self._has_results()):
            self._clear()
            noted = {}
        elif changed:
            msg = f"{self.folder} holds a run with other parameters: {'; '.join(changed)}. Add --restart to replace it"
            raise ParametersChangedError(msg)
        elif not noted and self._has_results():
            msg = f"{self.folder} holds results, but the notes of its run in {self.path} are lost. Add --restart"
            raise OutputError(msg)
        elif missing := [name for name in noted.get("files", {}) if not self._is_whole(name, noted["files"][name])]:
            msg = f"{self.folder / missing[0]} is missing or changed since the run finished. Add --restart to redo it"
            raise OutputError(msg)
        remove_leftovers(self.folder)
        if not noted:
            self._note({"key": self.key})

    def reopen(self) -> None:
        """Note that there is more to do: what is there stays, and may be replaced."""
        self._note({"key": self.key})

    def discard(self) -> None:
        """Throw away what the run left, so that it may begin anew with other parameters."""
        self._clear()

    def finish(self) -> None:
        """Note that the run is done, and the size of every file of its output."""
        files = sorted(file for name in RESULTS for file in self._files(name))
        sizes = {str(file.relative_to(self.folder)): file.stat().st_size for file in files}
        self._note({"key": self.key, "finished": True, "files": sizes})

    def _files(self, name: str) -> list[Path]:
        path = self.folder / name
        return list(path.iterdir()) if path.is_dir() else [path] if path.exists() else []

    def _is_whole(self, name: str, size: int) -> bool:
        file = self.folder / name
        return file.is_file() and file.stat().st_size == size

    def _has_results(self) -> bool:
        return any((self.folder / name).exists() for name in RESULTS)

    def _noted(self) -> dict[str, Any]:
        if not self.path.is_file():
            return {}
        try:
            noted: dict[str, Any] = json.loads(self.path.read_bytes())
            return noted if "key" in noted else {}
        except ValueError:
            return {}

    def _note(self, content: Mapping[str, Any]) -> None:
        write_atomically(self.path, json.dumps(content, indent=1, sort_keys=True).encode())

    def _clear(self) -> None:
        for name in RESULTS:
            path = self.folder / name
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        for entry in (self.folder / WORK).iterdir():
            if entry.is_dir() and entry.name != NEW_PLAN:
                shutil.rmtree(entry)
        self.path.unlink(missing_ok=True)


def _differences(old: Mapping[str, Any], new: Mapping[str, Any], within: str = "") -> list[str]:
    """Name every entry that differs, with both values."""
    named = []
    for name in sorted({*old, *new}):
        before, now = old.get(name), new.get(name)
        if isinstance(before, dict) and isinstance(now, dict):
            named += _differences(before, now, f"{within}{name}.")
        elif before != now:
            named.append(f"{within}{name} was {before!r}, now {now!r}")
    return named


@contextlib.contextmanager
def exclusive(folder: Path) -> Iterator[None]:
    """Hold the output folder for this process.

    Raises
    ------
    OutputError
        If it cannot be created or written, holds other things than a run, or is in use by another process.
    """
    try:
        foreign = [] if (folder / WORK).is_dir() or not folder.exists() else sorted(folder.iterdir())
        if foreign:
            msg = f"{folder} holds {foreign[0].name!r} and is no output of a run: choose another --out, or empty it"
            raise OutputError(msg)
        (folder / WORK).mkdir(parents=True, exist_ok=True)
        lock = (folder / WORK / "lock").open("a+")
    except OutputError:
        raise
    except OSError as error:
        msg = f"cannot write to the output folder {str(folder)!r}: {error.strerror}. Choose another --out"
        raise OutputError(msg) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            lock.seek(0)
            other = lock.read().strip() or "unknown"
            msg = f"another run (process {other}) is writing to {folder}: wait for it, or stop it"
            raise OutputError(msg) from error
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield
