"""Licences that the text of a file names itself: SPDX tags, ``__license__`` and sentences of well-known licences."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

__all__ = ["licences_in_text"]

_HEADER_CHARS: Final = 6_000
_TAG: Final = re.compile(r"SPDX-License-Identifier:[ \t]*([^\r\n]{1,200})")
_ATTRIBUTE: Final = re.compile(r"^__licen[cs]e__\s*=\s*(['\"])([^'\"\r\n]{1,120})\1", re.MULTILINE)
_STATEMENT: Final = re.compile(r"^[#\s*]*licen[cs]e\s*:\s*([^\r\n]{2,80}?)[\s.]*$", re.MULTILINE | re.IGNORECASE)
_MARKS: Final = re.compile(r"(?:^|\n)[ \t]*(?:#+|//+|\*+|\"\"\"|'''|;+)?[ \t]*")
_GNU: Final = re.compile(r"GNU (Lesser |Library |Affero )?(?:General Public License|GPL)|\b(A|L)?GPL(?=v?\d)")
_GNU_VERSION: Final = re.compile(r"(?:version|v)\.? ?([123](?:\.[01])?)", re.IGNORECASE)
_LATER: Final = re.compile(r"any later version|or later|or newer", re.IGNORECASE)
_SENTENCES: Final = (
    ("MIT", re.compile(r"Permission is hereby granted, free of charge, to any person obtaining a copy")),
    ("MIT", re.compile(r"(?:under|of) (?:the )?(?:terms of the )?(?:MIT|Expat) [Ll]icen[cs]e", re.IGNORECASE)),
    ("Apache-2.0", re.compile(r"under the Apache Licen[cs]e,? (?:Version )?2\.0", re.IGNORECASE)),
    (
        "BSD-3-Clause",
        re.compile(r"under (?:the terms of )?(?:the|a) (?:\w+ )?BSD(?:-style)? licen[cs]e", re.IGNORECASE),
    ),
    ("BSD-3-Clause", re.compile(r"governed by a BSD-style licen[cs]e", re.IGNORECASE)),
    ("MPL-2.0", re.compile(r"Mozilla Public License,? (?:v\.|version) ?2\.0", re.IGNORECASE)),
    ("ISC", re.compile(r"Permission to use, copy, modify,? and(?:/or)? distribute this software for any purpose with")),
    ("Unlicense", re.compile(r"free and unencumbered software released into the public domain")),
    (
        "LicenseRef-scancode-public-domain",
        re.compile(r"(?<!software )(?:placed|released) (?:in|into|to) the public domain", re.IGNORECASE),
    ),
    ("PSF-2.0", re.compile(r"Licensed to PSF under a Contributor Agreement")),
    ("ZPL-2.1", re.compile(r"Zope Public License,? (?:\(ZPL\)[.,]? ?)?Version 2\.1", re.IGNORECASE)),
    ("CC-BY-NC-4.0", re.compile(r"Creative Commons Attribution-NonCommercial", re.IGNORECASE)),
    ("CC-BY-SA-4.0", re.compile(r"Creative Commons Attribution-ShareAlike", re.IGNORECASE)),
    (
        "LicenseRef-scancode-proprietary-license",
        re.compile(r"proprietary and confidential|confidential and proprietary", re.IGNORECASE),
    ),
)
_BSD: Final = re.compile(r"Redistribution and use in source and binary forms, with or without modification")
_SIGNS: Final = re.compile(
    r"icen[cs]e|LICEN[CS]E|GPL|GNU|public domain|Permission|Redistribution|onfidential|CONFIDENTIAL"
)


def licences_in_text(text: str) -> tuple[list[str], list[str]]:
    """Return the licences that the head of a text names, as it names them.

    Parameters
    ----------
    text : str
        Its first 6,000 characters are read.

    Returns
    -------
    tags : list of str
        What ``SPDX-License-Identifier`` says. When there is one, nothing else is looked for.
    others : list of str
        What ``__license__`` and lines as ``License: MIT`` say, word for word, then SPDX identifiers for sentences of
        well-known licences; without repetitions. A line may say anything: its reader has to know.
    """
    head = text[:_HEADER_CHARS]
    if not _SIGNS.search(head):
        return [], []
    tags = [re.sub(r"\s*(?:\*/|-->)\s*$", "", found.group(1)).strip() for found in _TAG.finditer(head)]
    if tags:
        return list(dict.fromkeys(tags)), []
    stated = [found.group(2) for found in _ATTRIBUTE.finditer(head)]
    stated += [found.group(1).split(".  ")[0] for found in _STATEMENT.finditer(head)]
    return [], list(dict.fromkeys([*stated, *_sentences(_MARKS.sub(" ", head))]))


def _sentences(prose: str) -> Iterator[str]:
    """Yield an identifier for each sentence of a well-known licence; `prose` has no comment marks."""
    prose = re.sub(r"\s+", " ", prose)
    if _BSD.search(prose):
        yield _bsd_variant(prose)
    yield from (spdx for spdx, sentence in _SENTENCES if sentence.search(prose))
    found = _GNU.search(prose)
    if found is not None:
        around = prose[max(0, found.start() - 80) : found.end() + 250]
        yield _gnu_variant(found, around)


def _bsd_variant(prose: str) -> str:
    if "advertising materials mentioning" in prose:
        return "BSD-4-Clause"
    return "BSD-3-Clause" if re.search(r"[Nn]either the name|may not be used to endorse", prose) else "BSD-2-Clause"


def _gnu_variant(found: re.Match[str], around: str) -> str:
    word = (found.group(1) or found.group(2) or "").strip()
    family = {"Affero": "AGPL", "A": "AGPL", "": "GPL"}.get(word, "LGPL")
    version = _GNU_VERSION.search(around)
    if version is None:
        return {"AGPL": "AGPL-1.0-or-later", "GPL": "GPL-1.0-or-later", "LGPL": "LGPL-2.0-or-later"}[family]
    number = version.group(1) if "." in version.group(1) else f"{version.group(1)}.0"
    return f"{family}-{number}-{'or-later' if _LATER.search(around) else 'only'}"
