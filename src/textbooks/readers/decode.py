"""Source files to text: the encoding that Python itself would use, or a reason why not."""

from __future__ import annotations

import codecs
import re

__all__ = ["UndecodableError", "decode_as", "decode_source"]

COOKIE = re.compile(rb"[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")  # PEP 263
COOKIE_WITHIN = 1_000  # bytes; a line longer than that is no comment worth obeying

# A file chooses its codec by a comment, so only plain tables and the common multibyte codecs are let in:
# others (idna, punycode, utf-7, unicode_escape) are slow or turn text into something else.
SAFE_CODECS = ("utf-8", "ascii", "latin", "iso8859", "cp", "koi8", "euc", "gb", "shift_jis", "big5", "mac")


class UndecodableError(ValueError):
    """The bytes are not text in the encoding that they state, or in UTF-8 where they state none."""


def decode_source(data: bytes) -> str:
    """Decode Python source as the interpreter does: byte-order mark, PEP 263 comment, else UTF-8.

    Line endings and NUL characters stay as they are.

    Raises
    ------
    UndecodableError
        If the encoding is unknown, not one for text, or does not fit the bytes.
    """
    encoding = "utf-8-sig" if data.startswith(codecs.BOM_UTF8) else _stated_encoding(data)
    try:
        if not _is_safe(encoding):
            msg = f"the file asks for the codec {encoding!r}, which is not one for source text"
            raise UndecodableError(msg)
        return data.decode(encoding)
    except (UnicodeDecodeError, LookupError) as error:
        raise UndecodableError(str(error)) from error


def decode_as(data: bytes, encoding: str) -> str:
    """Decode bytes in an encoding that somebody else found out; a byte-order mark is left out.

    Raises
    ------
    UndecodableError
        If the encoding is unknown, not one for text, or does not fit the bytes.
    """
    try:
        if not codecs.lookup(encoding).name.startswith((*SAFE_CODECS, "utf-16", "utf-32")):
            msg = f"{encoding!r} is not an encoding of text"
            raise UndecodableError(msg)
        return data.decode(encoding).removeprefix("\ufeff")
    except (UnicodeDecodeError, LookupError, ValueError) as error:
        if isinstance(error, UndecodableError):
            raise
        raise UndecodableError(str(error)) from error


def _is_safe(encoding: str) -> bool:
    return codecs.lookup(encoding).name.startswith(SAFE_CODECS)


def _stated_encoding(data: bytes) -> str:
    """Return what a comment in the first two lines states, else UTF-8."""
    lines = data[:COOKIE_WITHIN].splitlines()
    if len(data) > COOKIE_WITHIN:
        lines.pop()  # cut in the middle, perhaps of the codec's name
    for line in lines[:2]:
        if found := COOKIE.match(line):
            return found[1].decode("ascii", "replace")
        if line.strip() and not line.lstrip().startswith(b"#"):
            break  # a second-line comment counts only after a blank or comment line
    return "utf-8"
