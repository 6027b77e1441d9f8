"""Secrets that are known by the name beside them: a password, key or token that a quoted text is assigned to."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

from textbooks.filters.privacy.redaction import Finding

__all__ = ["entropy", "find_named", "is_stand_in", "looks_random"]

_WORDS: Final = ("pass", "pwd", "secret", "token", "key", "credential", "bearer ", "authorization")
_NAME_BEFORE: Final = re.compile(r"[A-Za-z0-9_\-.]{0,40}$")
_VALUE: Final = re.compile(
    r"[A-Za-z0-9_\-]{0,30}[\"'\]]{0,2}\s{0,4}(?::\s{0,3}[A-Za-z_.\[\]| ]{1,24}\s{0,3}(?==))?"
    r"(?P<sign>={1,3}|!=|:=?|=>|,|\()\s{0,4}\(?[rRbBuUfF]{0,2}(?P<quote>[\"'])(?P<value>[^\"'\n\\ ]{6,300})(?P=quote)"
)
_BARE: Final = re.compile(
    r"[A-Za-z0-9_\-]{0,30}\s{0,2}[=:]\s{0,2}(?P<value>[A-Za-z0-9+/_\-.~]{16,200}={0,2})(?![\w(\[.])"
)
_BEARER: Final = re.compile(
    r"(?:bearer |authorization\W{1,5}(?:basic|token|bearer)? ?)\s{0,2}(?P<value>[A-Za-z0-9._~+/\-]{20,300}={0,2})", re.I
)
_PASSWORD: Final = re.compile(r"(?:pass(?:w(?:or)?d|phrase|code)?|pwd|passwd)(?:$|[_\-\d.]|word)", re.I)
_STRONG: Final = re.compile(
    r"secret|passw|passphrase|credential|api_?-?key|apikey|access_?-?key|auth_?-?key|(?:private|client|service|account|signing"
    r"|encryption|master|session|consumer|app|application|license|admin|master|shared|hmac|jwt|aes|des|subscription)_?-?key"
    r"|token|bearer|authorization|(?:^|[_\-.])(?:pass|pwd)(?:$|[_\-\d.])|passwd|pwd",
    re.I,
)
_HARMLESS: Final = frozenset(
    """md hash digest checksum fingerprint public etag commit revision uuid guid thumbprint signature page next
    tokenize tokenizer type cache sort primary foreign dict keyword keywords url uri path file filename name label title
    message help prompt placeholder pattern regex format header headers field column param env var prefix suffix error
    id ids hint test expected""".split()
)
"""Words of a name that say that the value beside it is no secret."""
_STAND_IN: Final = re.compile(
    r"example|your|dummy|fake|sample|placeholder|change_?-?me|changeit|x{4,}|test|todo|insert|redacted|hidden|\.\.\.|\*{3,}"
    r"|abcdef|12345|foobar|replace|secret_?key$|password|passw0rd|my_?-?(?:api|secret|token|key)|<|>|\{|\}|^\$|\$[({]|%[sd(]"
    r"|default|some|notreal|invalid|mock|-here|_here|qwert|letmein|deadbeef|cafebabe|0{6,}|f{6,}",
    re.I,
)
_HOST: Final = re.compile(r"[a-z\d\-]{1,40}(?:\.[a-z\d\-]{1,40}){1,6}(?::\d{1,5})?")
_FEWEST_SYMBOLS: Final = 5


def entropy(value: str) -> float:
    """Return Shannon's entropy of a string in bits a character; 0 for an empty one."""
    total = len(value)
    return -sum(n / total * math.log2(n / total) for n in Counter(value).values()) if total else 0.0


def looks_random(value: str) -> bool:
    """Whether a string is drawn rather than written.

    Hexadecimal: 24 or more digits, some of them letters, of more than 3 bits. Else 16 or more characters, with a digit
    and a letter, an entropy of at least 3.3 bits (3.6 from 24 characters on), at most two fifths of it in words (four
    small or five capital letters, a quarter of them vowels), and a change between small letters, capitals and digits at
    every sixth character. The name of a host is not drawn. The limits are ours, chosen on one half of the planted set
    of benchmarks/privacy.
    """
    if not re.search(r"\d", value) or not re.search(r"[A-Za-z]", value) or _HOST.fullmatch(value):
        return False
    if re.fullmatch(r"[0-9a-f]+|[0-9A-F]+", value):
        return len(value) >= 24 and entropy(value) > 3.0
    if len(value) < 16 or entropy(value) < (3.6 if len(value) >= 24 else 3.3):
        return False
    words = sum(len(run) for run in re.findall(r"[A-Z]?[a-z]{4,}|[A-Z]{5,}", value) if _is_wordlike(run))
    changes = len(re.findall(r"[a-z]+|[A-Z]+|\d+", value))
    return words <= 0.4 * len(value) and changes * 6 >= len(value)


def _is_wordlike(run: str) -> bool:
    """Whether at least a quarter of a run of letters are vowels."""
    return len(re.findall(r"[aeiouAEIOU]", run)) * 4 >= len(run)


def is_stand_in(value: str) -> bool:
    """Whether a string stands for a secret that the reader is to fill in, or repeats or counts: no secret at all."""
    return bool(_STAND_IN.search(value)) or len(set(value)) < min(_FEWEST_SYMBOLS, len(value) - 1)


def find_named(text: str, lower: str) -> Iterator[Finding]:
    """Yield quoted values whose name says that they are secret and that look it, and what follows ``Bearer``.

    Parameters
    ----------
    text, lower : str
        A text, and what `lowered` makes of it.
    """
    for word in _WORDS:
        at = lower.find(word)
        while at >= 0:
            finding = _bearer(text, at) if word[0] in "ba" else _named(text, at, len(word))
            if finding is not None:
                yield finding
            at = lower.find(word, at + len(word))


def _bearer(text: str, at: int) -> Finding | None:
    match = _BEARER.match(text, at)
    if match is None or is_stand_in(match["value"]) or not looks_random(match["value"]):
        return None
    return Finding(*match.span("value"), "named", match["value"])


def _named(text: str, at: int, length: int) -> Finding | None:
    match = _VALUE.match(text, at + length) or _BARE.match(text, at + length)
    if match is None:
        return None
    before = _NAME_BEFORE.search(text, max(0, at - 40), at)
    left = before.group() if before is not None else ""
    tail = re.match(r"[A-Za-z0-9_\-]*", text[at : at + length + 30])
    name = left + (tail.group() if tail is not None else "")
    value = match["value"]
    assigned = "sign" in match.re.groupindex and match["sign"] != ","
    if not _STRONG.search(name) or _is_harmless(name) or is_stand_in(value):
        return None
    if looks_random(value) or (assigned and bool(_PASSWORD.search(name)) and _is_password(value, name)):
        return Finding(*match.span("value"), "named", value)
    return None


def _is_harmless(name: str) -> bool:
    """Whether the last part of a dotted name has a word such as ``hash`` or ``path``."""
    words = re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name.rstrip(".").split(".")[-1])
    return not _HARMLESS.isdisjoint(word.lower() for word in words) or bool(re.search(r"sha\d", name, re.I))


def _is_password(value: str, name: str) -> bool:
    """Whether a value beside the name of a password is one: a word alone is none, nor is a name or a path."""
    if value.lower() in name.lower() or re.search(r"[/\\:]|^[a-z_.\-]+$|^[A-Z_.\-]+$|^[\d.]+$|\w\.\w+\.\w", value):
        return False
    letters, others = re.search(r"[A-Za-z]", value), re.search(r"[\d!@#$%^&*?+=~]", value)
    return bool(letters and others) and not re.fullmatch(r"[a-z]+[_\-]?\d{0,2}", value)
