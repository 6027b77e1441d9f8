"""Licence names as people write them, in metadata and by hand, as SPDX identifiers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

__all__ = ["NO_STATEMENT", "UNSURE", "spdx_of_name"]

NO_STATEMENT: Final = frozenset(
    {"", "unknown", "none", "null", "nan", "n a", "no license", "unlicensed", "tbd", "todo"}
)
"""Normalised names that say nothing of a licence: "UNKNOWN" is what old tools wrote when there was none."""

UNSURE: Final = frozenset({"osi approved", "license osi approved", "license"})
"""Normalised names that say that there is a licence, and not which."""

_ALIASES: Final[Mapping[str, str]] = {
    name: spdx
    for spdx, names in {
        "MIT": "mit|mit x11|x11 mit|expat|mit expat|mit style|permissive mit",
        "MIT-0": "mit 0|mit no attribution|mit no attribution mit 0",
        "Apache-2.0": "apache|apache 2|apache 2.0|asl 2.0|asl 2|apache2|apache2.0|apache software foundation|apl 2.0",
        "BSD-2-Clause": "bsd 2 clause|2 clause bsd|simplified bsd|bsd simplified|freebsd|bsd2|two clause bsd",
        "BSD-3-Clause": "bsd|bsd 3|bsd 3 clause|3 clause bsd|new bsd|bsd new|modified bsd|revised bsd|bsd3|bsd style"
        "|bsd like|three clause bsd|3 clause revised bsd|new bsd 3 clause|bsd 3 clause new or revised",
        "BSD-4-Clause": "bsd 4 clause|4 clause bsd|original bsd",
        "0BSD": "0bsd|bsd zero clause|zero clause bsd 0bsd|zero clause bsd",
        "ISC": "isc|iscl|isc iscl",
        "PSF-2.0": "psf|psfl|python foundation|python psf|psf 2|psf 2.0|python 2",
        "Python-2.0": "python|python 2.0",
        "MPL-1.1": "mpl 1.1|mozilla public 1.1 mpl 1.1|mozilla public 1.1",
        "MPL-2.0": "mpl|mpl 2|mpl 2.0|mozilla public|mozilla public 2.0|mozilla public 2.0 mpl 2.0|mpl2|mpl2.0",
        "ZPL-2.1": "zpl|zpl 2.1|zope public|zope public 2.1",
        "Zlib": "zlib|zlib libpng|libpng zlib",
        "Unlicense": "unlicense|unlicense unlicense",
        "CC0-1.0": "cc0|cc0 1.0|cc0 1.0 universal|cc0 1.0 universal cc0 1.0 public domain dedication",
        "CC-BY-4.0": "cc by|cc by 4.0|creative commons attribution 4.0",
        "CC-BY-SA-4.0": "cc by sa|cc by sa 4.0",
        "CC-BY-NC-4.0": "cc by nc|cc by nc 4.0",
        "LicenseRef-scancode-public-domain": "public domain|pd",
        "LicenseRef-scancode-proprietary-license": "proprietary|other proprietary|commercial|all rights reserved",
        "BSL-1.0": "boost|boost 1.0|boost 1.0 bsl 1.0|bsl 1.0",
        "AFL-3.0": "academic free|afl|academic free afl|afl 3.0",
        "Artistic-2.0": "artistic 2.0|artistic",
        "EPL-2.0": "eclipse public 2.0|eclipse public 2.0 epl 2.0|epl 2.0",
        "EPL-1.0": "eclipse public 1.0|eclipse public 1.0 epl 1.0|epl 1.0|epl",
        "EUPL-1.2": "eupl|eupl 1.2|european union public 1.2 eupl 1.2",
        "NCSA": "ncsa|university illinois ncsa|university illinois ncsa open source|ncsa open source",
        "HPND": "historical permission notice and disclaimer hpnd|historical permission notice and disclaimer",
        "WTFPL": "wtfpl",
        "UPL-1.0": "universal permissive upl|universal permissive",
        "PostgreSQL": "postgresql",
        "BlueOak-1.0.0": "blue oak model blueoak 1.0.0|blue oak model",
        "AAL": "attribution assurance",
        "CECILL-B": "cecill b free agreement cecill b|cecill b",
        "CNRI-Python": "python cnri python|cnri python",
        "ECL-2.0": "educational community 2.0 ecl 2.0|educational community 2.0|ecl 2.0",
        "EFL-2.0": "eiffel forum|eiffel forum efl",
        "LicenseRef-scancode-repoze": "repoze public",
        "MIT-CMU": "cmu mit cmu|cmu|mit cmu",
        "MirOS": "miros",
        "MulanPSL-2.0": "mulan permissive v2 mulanpsl 2.0|mulan permissive 2 mulanpsl 2.0|mulanpsl 2.0",
        "VSL-1.0": "vovida 1.0|vovida",
        "SISSL": "sun industry standards source sissl",
        "W3C": "w3c",
        "Vim": "vim",
    }.items()
    for name in names.split("|")
}
_CLASSIFIER: Final = re.compile(r"^\s*license\s*::\s*", re.IGNORECASE)
_FILLER: Final = re.compile(
    r"\b(?:the|licen[cs]ed?|licen[cs]es|version|ver|software|under|terms|of)\b|(?<![a-z])v(?=\d)"
)
_ADDRESS: Final = re.compile(r"\s*https?://(?:www\.)?(?:opensource|spdx)\.org/licen[cs]es?/([\w.+-]+?)(?:\.html)?/?\s*")
_FAMILY: Final = re.compile(r"affero|agpl|lesser|library|lgpl|gpl|general public")
_OTHERS: Final = re.compile(
    r"\b(?:mit|apache|bsd|mpl|mozilla|psf|zope|isc|lgpl.+\bgpl|gpl.+\blgpl)\b|exception|compatible"
)
_LONGEST_NAME: Final = 120


def normalise(name: str) -> str:
    """Return a name in lower case, without punctuation, filler words and immediate repetitions."""
    words = re.sub(r"[^a-z0-9.+]+", " ", _CLASSIFIER.sub("", name.lower()))
    words = re.sub(r"^osi approved\b(?=.)", "", words.strip())
    tokens = re.sub(r"[^a-z0-9.+]+", " ", _FILLER.sub(" ", words)).split()
    tokens = [token.strip(".") for token in tokens]
    return " ".join(t for i, t in enumerate(tokens) if t and (i == 0 or t != tokens[i - 1]))


def spdx_of_name(name: str) -> str | None:
    """Return the SPDX expression that a free-text name or a trove classifier stands for.

    Parameters
    ----------
    name : str
        Such as ``"The MIT License (MIT)"``, ``"Apache License, Version 2.0"``, ``"GPLv3+"``,
        ``"License :: OSI Approved :: BSD License"`` or ``"https://opensource.org/licenses/MIT"``.

    Returns
    -------
    str or None
        None when it is not understood. A name that leaves the variant open is read as the variant in most use: "BSD"
        as ``BSD-3-Clause`` and "Apache" as ``Apache-2.0``; a GNU licence without a version as any version.
    """
    if len(name) > _LONGEST_NAME:
        return None
    if address := _ADDRESS.fullmatch(name):
        return address[1]
    plain = normalise(name)
    return _ALIASES.get(plain) or _gnu(name.lower())


def _gnu(name: str) -> str | None:
    """Return the identifier of a licence of the GNU family; what names other licences, too, is left to the caller."""
    if not _FAMILY.search(name) or _OTHERS.search(name) or " and " in name:
        return None
    family = "AGPL" if "affero" in name or "agpl" in name else "GPL"
    if family == "GPL" and re.search(r"lesser|library|lgpl", name):
        family = "LGPL"
    if not re.search(r"gpl|general public", name):
        return None
    version = re.search(r"(?<![\d.])([123])(?:\.([01]))?(?![\d.])", name)
    later = bool(re.search(r"later|newer|\d\s*\+|above|higher", name))
    if version is None:
        return {"AGPL": "AGPL-1.0-or-later", "GPL": "GPL-1.0-or-later", "LGPL": "LGPL-2.0-or-later"}[family]
    return f"{family}-{version[1]}.{version[2] or '0'}-{'or-later' if later else 'only'}"
