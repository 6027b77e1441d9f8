"""The Python code that is already on the machine: the standard library and the installed packages."""

from __future__ import annotations

import contextlib
import sys
import sysconfig
from collections.abc import Iterator
from dataclasses import replace
from email.message import Message
from importlib import metadata
from pathlib import Path
from typing import cast

from textbooks.readers.inputs import InputFile, find_inputs

__all__ = ["find_installed_packages", "installed_package_folders"]

PACKAGE_FOLDERS = ("site-packages", "dist-packages")


def installed_package_folders() -> list[Path]:
    """Return this interpreter's standard library and its site-packages, in that order, without repeats."""
    paths = sysconfig.get_paths()
    folders = {Path(paths[key]).resolve(): Path(paths[key]) for key in ("platlib", "purelib", "stdlib")}  # lib64 -> lib
    return [folder for folder in reversed(folders.values()) if folder.is_dir()]


def find_installed_packages() -> Iterator[InputFile]:
    """Yield the Python files of the interpreter that runs this, each with package, version and licence.

    Yields
    ------
    InputFile
        Its metadata holds ``package``, ``version`` and ``license``, as the package's own metadata state them
        (licence ``"unknown"`` where it states none).
    """
    standard_library, *others = installed_package_folders()
    python = {"package": "cpython", "version": ".".join(map(str, sys.version_info[:3])), "license": "PSF-2.0"}
    for file in find_inputs([str(standard_library)]):
        if not set(PACKAGE_FOLDERS) & set(Path(file.path).relative_to(standard_library).parts) and _is_code(file):
            yield replace(file, metadata=python)
    for folder in others:
        owners = _owners(folder)
        for file in find_inputs([str(folder)]):
            if _is_code(file):
                top = Path(file.path).relative_to(folder).parts[0]
                unknown = {"package": top.removesuffix(".py"), "version": "unknown", "license": "unknown"}
                yield replace(file, metadata=owners.get(file.path, unknown))


def _is_code(file: InputFile) -> bool:
    return file.path.endswith(".py")


def _owners(folder: Path) -> dict[str, dict[str, str]]:
    """Map each file below `folder` to the distribution that installed it."""
    owners: dict[str, dict[str, str]] = {}
    for distribution in metadata.distributions(path=[str(folder)]):
        with contextlib.suppress(Exception):  # a half removed package; its files stay, without an owner
            stated = cast(Message, distribution.metadata)
            about = {
                "package": str(stated["Name"] or "unknown"),
                "version": str(stated["Version"] or "unknown"),
                "license": _licence(stated),
            }
            owners.update(dict.fromkeys((str(folder / str(file)) for file in distribution.files or ()), about))
    return owners


def _licence(about: Message) -> str:
    """Return the SPDX expression, else the first line of the licence field, else the classifier, else unknown."""
    expression = about.get("License-Expression")
    if expression:
        return str(expression)
    stated = (about.get("License") or "").strip().splitlines()
    if stated and len(stated[0]) <= 80 and stated[0].lower() != "unknown":
        return stated[0]
    classifiers = [c.rsplit(" :: ", 1)[-1] for c in about.get_all("Classifier") or () if c.startswith("License ::")]
    return classifiers[0] if classifiers else "unknown"
