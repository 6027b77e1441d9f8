"""Which licence a repository states: by its metadata, else by the texts of its licence files."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from textbooks.readers.formats.the_stack import join_licences
from textbooks.readers.git.repository import PygitObject

__all__ = ["licence_of_repository", "licence_of_text"]

_FILE = re.compile(r"(?:un)?licen[cs]e(?:[-_.].*)?|copying(?:[-_.].*)?", re.I)
_MOST_BYTES, _MOST_FILES = 200_000, 8
_WORD = re.compile(r"[a-z0-9]+")
_COPYRIGHT = re.compile(r"^[ \t#*/]*(?:copyright|\(c\)|©|all rights reserved).*$", re.I | re.M)


@dataclass(frozen=True, slots=True)
class _Text:
    """A licence by phrases that stand in its text, phrases that must not, and the words that it may have.

    The number of words keeps out a text to which somebody added conditions, or a file that holds several licences.
    """

    phrases: tuple[str, ...]
    words: tuple[int, int]
    without: tuple[str, ...] = ()


_BSD = "redistribution and use in source and binary forms with or without modification are permitted provided that"
_ENDORSE = "endorse or promote products derived from"
_ADVERTISE = "advertising materials mentioning features"
_ISC = "distribute this software for any purpose with or without fee is hereby granted"
_ISC_NOTICE = "the above copyright notice and this permission notice appear in all copies"
_MIT = "free of charge to any person obtaining a copy of this software and associated documentation files"
_MIT_NOTICE = "the above copyright notice and this permission notice"

_TEXTS: Final[Mapping[str, _Text]] = {
    "MIT": _Text((_MIT, _MIT_NOTICE), (140, 200), ("except as contained in this notice", "commons clause")),
    "MIT-0": _Text((_MIT,), (110, 160), (_MIT_NOTICE,)),
    "BSD-2-Clause": _Text((_BSD,), (150, 220), (_ENDORSE, _ADVERTISE)),
    "BSD-3-Clause": _Text((_BSD, _ENDORSE), (180, 280), (_ADVERTISE,)),
    "BSD-4-Clause": _Text((_BSD, _ENDORSE, _ADVERTISE), (200, 310)),
    "ISC": _Text((_ISC, _ISC_NOTICE), (95, 140)),
    "0BSD": _Text((_ISC,), (75, 120), (_ISC_NOTICE,)),
    "Apache-2.0": _Text(
        ("apache license version 2 0 january 2004", "grant of patent license"), (1_350, 1_680), ("llvm exception",)
    ),
    "MPL-2.0": _Text(("mozilla public license version 2 0", "secondary licenses"), (2_100, 2_700)),
    "GPL-2.0-only": _Text(("gnu general public license version 2 june 1991",), (2_400, 3_060), ("linking exception",)),
    "GPL-3.0-only": _Text(("gnu general public license version 3 29 june 2007",), (4_900, 6_000)),
    "LGPL-2.1-only": _Text(("gnu lesser general public license version 2 1 february 1999",), (3_900, 4_700)),
    "LGPL-3.0-only": _Text(("gnu lesser general public license version 3 29 june 2007",), (1_000, 1_450)),
    "AGPL-3.0-only": _Text(("gnu affero general public license version 3 19 november 2007",), (4_900, 6_000)),
    "CC0-1.0": _Text(("cc0 1 0 universal", "affirmer"), (900, 1_250)),
    "Unlicense": _Text(("this is free and unencumbered software released into the public domain",), (170, 250)),
    "Zlib": _Text(("altered source versions must be plainly marked as such",), (110, 190)),
    "BSL-1.0": _Text(("boost software license version 1 0 august 17th 2003",), (180, 280)),
}
"""Ours, from the texts that SPDX lists. A file of the GPL alone grants no later version: that stands in headers."""

_CLASSIFIERS: Final[Mapping[str, str]] = {
    "MIT License": "MIT",
    "ISC License (ISCL)": "ISC",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "GNU General Public License v3 (GPLv3)": "GPL-3.0-only",
    "GNU General Public License v3 or later (GPLv3+)": "GPL-3.0-or-later",
    "GNU General Public License v2 (GPLv2)": "GPL-2.0-only",
    "GNU General Public License v2 or later (GPLv2+)": "GPL-2.0-or-later",
    "The Unlicense (Unlicense)": "Unlicense",
    "zlib/libpng License": "Zlib",
}
"""Trove classifiers that mean one licence; the one for Apache names no version, the one for BSD no clauses."""


def licence_of_text(text: str) -> str | None:
    """Return the SPDX identifier of a licence by its text, None for any other text.

    Layout, case, punctuation and copyright lines do not matter. A text with additions, or of several licences, is
    unknown.

    Examples
    --------
    >>> licence_of_text("This software may be used by anybody who asks nicely.") is None
    True
    """
    words = _WORD.findall(_COPYRIGHT.sub("", text[:_MOST_BYTES]).lower())
    plain = f" {' '.join(words)} "
    fitting = [
        name
        for name, known in _TEXTS.items()
        if known.words[0] <= len(words) <= known.words[1]
        and all(phrase in plain for phrase in known.phrases)
        and not any(phrase in plain for phrase in known.without)
    ]
    return fitting[0] if len(fitting) == 1 else None


def licence_of_repository(repository: PygitObject, tree: PygitObject) -> str | None:
    """Return the licence of a tree as one SPDX expression, None where it is unknown.

    What ``pyproject.toml`` states as an expression or by a classifier that means one licence comes first. Else the
    files LICENSE, COPYING and the like in the root are told by their texts and joined as `join_licences` does; if
    one of them is unknown, the whole is.
    """
    stated = _stated(_content(repository, tree, "pyproject.toml"))
    if stated is not None:
        return stated
    names = [entry.name for entry in tree if _FILE.fullmatch(entry.name)]
    texts = [text for name in names if (text := _content(repository, tree, name)) is not None]
    found = [licence_of_text(text) for text in texts]
    return join_licences(found) if found and all(found) and len(names) <= _MOST_FILES else None


def _content(repository: PygitObject, tree: PygitObject, name: str) -> str | None:
    try:
        entry = tree[name]
        if entry.type_str != "blob" or repository.odb.read_header(entry.id)[1] > _MOST_BYTES:
            return None if entry.type_str != "blob" else ""  # a folder says nothing, a large file is unknown
        return bytes(entry.data).decode("utf-8", "replace")
    except KeyError:
        return None


def _stated(text: str | None) -> str | None:
    """Return what the metadata of a Python project state."""
    try:
        project = tomllib.loads(text or "").get("project", {})
    except (tomllib.TOMLDecodeError, RecursionError):
        return None
    if not isinstance(project, dict):
        return None
    licence = project.get("license")
    licence = licence.get("text") if isinstance(licence, dict) else licence
    if isinstance(licence, str) and (expression := _expression(licence.strip())):
        return expression
    return _classified(project.get("classifiers"))


def _classified(classifiers: object) -> str | None:
    listed: Sequence[object] = classifiers if isinstance(classifiers, list) else ()
    last = [name.rsplit(" :: ", 1)[-1] for name in listed if isinstance(name, str) and name.startswith("License ::")]
    last = [name for name in last if name != "OSI Approved"]
    known = [_CLASSIFIERS.get(name) for name in last]
    return join_licences(known) if known and all(known) else None


def _expression(text: str) -> str | None:
    """Return an SPDX expression in its usual form, None for any other text."""
    if not text or len(text) > 200 or "\n" in text:
        return None
    try:
        parsed = _licensing().parse(text, validate=True, strict=True)
    except Exception:  # the parser raises errors of many kinds
        return None
    return str(parsed) if parsed is not None else None


@lru_cache(maxsize=1)
def _licensing() -> Any:  # noqa: ANN401
    from license_expression import get_spdx_licensing

    return get_spdx_licensing()
