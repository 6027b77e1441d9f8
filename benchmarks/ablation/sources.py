"""What the raw corpus is made of: the Python files of installed packages, and the pages of their documentation."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import metadata, resources
from pathlib import Path

from textbooks.readers import find_inputs, find_installed_packages
from textbooks.readers.packages import installed_package_folders

OURS = frozenset({"textbooks"})
"""Left out: its tests and data hold copies of benchmark problems, and it is what is measured."""

PROSE_SUFFIXES = (".md", ".rst", ".txt")
NO_PROSE = re.compile(
    r"licen[sc]e|copying|notice|authors|contributors|vendor|top_level|entry_points|requires|requirements|record"
    r"|sources|dependency_links|cmakelists|\.dist-info/|\.egg-info/|/tests?/|/testdata/|/data/",
    re.IGNORECASE,
)
"""Paths of texts that are no pages to read: licences, lists, notes of installers, data of tests."""

LEAST_PROSE = 600
"""Characters of the shortest page."""

LEAST_LETTERS = 0.72
"""Share of letters and spaces in a page that is prose; tables of characters and word lists have other shares."""

LONGEST_PROSE = 40_000
"""Characters after which a page is cut, so that no list of changes outweighs all others."""


@dataclass(frozen=True, slots=True)
class Page:
    """A text with where it comes from; `id` is unique."""

    id: str
    package: str
    text: str


def labelled_digests() -> frozenset[str]:
    """Return the SHA-256 of the files whose labels the scoring model was fitted on."""
    rows = resources.files("textbooks.scoring").joinpath("data/labels.jsonl").read_text(encoding="utf-8").splitlines()
    return frozenset(json.loads(row)["sha256"] for row in rows)


def code_files(packages: Sequence[Path]) -> Iterator[Page]:
    """Yield the Python files of some folders, or of this Python's packages and standard library when none are named.

    Files that carry a label, that are no UTF-8 and that are part of this library are left out.
    """
    labelled = labelled_digests()
    for path, package, name in _named_files(packages):
        content = Path(path).read_bytes()
        if package.lower() in OURS or hashlib.sha256(content).hexdigest() in labelled:
            continue
        try:
            yield Page(f"{package}/{name}", package, content.decode("utf-8").replace("\r\n", "\n"))
        except UnicodeDecodeError:
            continue


def _named_files(packages: Sequence[Path]) -> Iterator[tuple[str, str, str]]:
    """Yield path, package and name within it."""
    if not packages:
        folders = sorted(installed_package_folders(), key=lambda folder: -len(str(folder)))
        for file in find_installed_packages():
            inside = next(folder for folder in folders if Path(file.path).is_relative_to(folder))
            yield file.path, str(file.metadata["package"]), str(Path(file.path).relative_to(inside))
    for folder in packages:
        for file in find_inputs([str(folder)], formats=["python"]):
            inside = Path(file.path).relative_to(folder)
            yield file.path, inside.parts[0].removesuffix(".py"), str(inside)


def prose_pages(packages: Sequence[Path]) -> Iterator[Page]:
    """Yield the documentation that packages bring: their descriptions, and their ``.md``, ``.rst`` and ``.txt``."""
    folders = list(packages) or installed_package_folders()
    for folder in folders:
        for distribution in metadata.distributions(path=[str(folder)]):
            about = distribution.metadata
            description = about.get_payload() if about is not None else ""  # type: ignore[attr-defined]
            name = str(about["Name"]) if about is not None else "unknown"
            if isinstance(description, str):
                yield from _page(f"{name}/description", name, description)
        for path in sorted(path for path in folder.rglob("*") if path.suffix.lower() in PROSE_SUFFIXES):
            inside = path.relative_to(folder)
            nested = not packages and "site-packages" in inside.parts  # below the standard library: met by itself
            if not (nested or NO_PROSE.search(f"/{inside}")) and path.is_file():
                text = path.read_bytes().decode("utf-8", "replace").replace("\r\n", "\n")
                yield from _page(f"{inside}", inside.parts[0], text)


def _page(name: str, package: str, text: str) -> Iterator[Page]:
    """Yield the text when it is prose, cut to `LONGEST_PROSE`."""
    text = text.strip()[:LONGEST_PROSE]
    letters = sum(character.isalpha() or character in " \n" for character in text)
    if len(text) >= LEAST_PROSE and letters >= LEAST_LETTERS * len(text) and package.lower() not in OURS:
        yield Page(name, package, text + "\n")
