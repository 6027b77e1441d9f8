"""Passwords, keys and tokens in code: files with any are dropped, or the secrets replaced."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final, Self

from datatrove.pipeline.writers.disk_base import DiskWriter

from textbooks.filters.base import TextFilter
from textbooks.filters.privacy.redaction import Finding, Redactor, describe, without_overlaps
from textbooks.filters.privacy.secret_formats import find_formats, lowered
from textbooks.filters.privacy.secret_names import find_named, is_stand_in, looks_random
from textbooks.ranges import check_range
from textbooks.verdicts import Reason, Verdict

__all__ = ["SecretsFilter", "SecretsRedactor", "find_secrets"]

_PEM_END: Final = re.compile(r"-----END[A-Z0-9 ]{0,30}PRIVATE KEY|Private-MAC")
_PEM_BODY: Final = re.compile(r"[A-Za-z0-9+/]{16,}={0,2}")
_LONGEST_PEM: Final = 12_000
_SHORTEST_PEM: Final = 64
_LOCAL_HOST: Final = re.compile(
    r"(?:localhost|127\.|0\.0\.0\.0|\[::1|example\.|[\w.\-]*\.?example\b|host\b|hostname|server\b|\{|%|\$|<)"
)
_PLAIN_PASSWORD: Final = re.compile(
    r"(?:user|admin|root|pass|passwd|password|pw|pwd|secret|token|guest|postgres|\w{1,4}|\*+|.*[{}$%<>].*)", re.I
)


def find_secrets(text: str, *, names: bool = True) -> list[Finding]:
    """Return the secrets of a text.

    Parameters
    ----------
    text : str
        Python, Markdown or anything else.
    names : bool, default=True
        Whether to look also for values whose name says that they are secret; see `find_named`.

    Returns
    -------
    list of Finding
        By position, without overlaps. A private key has a finding for each of its lines, all of one value.
    """
    lower = lowered(text)
    found = [one for finding in find_formats(text, lower) for one in _judged(text, finding)]
    if names:
        found += find_named(text, lower)
    return without_overlaps(found)


def _judged(text: str, finding: Finding) -> Iterator[Finding]:
    if finding.kind == "private_key":
        yield from _private_key(text, finding)
    elif finding.kind == "url_password":
        if _is_url_password(text, finding):
            yield finding
    elif finding.kind == "jwt":
        if _is_jwt(finding.value):
            yield finding
    elif not _is_part(text, finding) and not is_stand_in(finding.value) and _has_both(finding):
        yield finding


def _is_part(text: str, finding: Finding) -> bool:
    """Whether a token goes on to either side: then it is a piece of something else, such as an image."""
    before, after = text[max(0, finding.start - 1) : finding.start], text[finding.end : finding.end + 1]
    return before.isalnum() or after.isalnum()


def _has_both(finding: Finding) -> bool:
    """Whether there are digits and letters, and more than a word in it."""
    if finding.kind in ("aws", "slack", "huggingface"):
        return True
    return bool(re.search(r"\d", finding.value)) and bool(re.search(r"[A-Za-z]", finding.value))


def _is_jwt(token: str) -> bool:
    """Whether the first two parts are JSON, as detect-secrets asks, and there is a signature."""
    from detect_secrets.plugins.jwt import JwtTokenDetector

    parts = token.split(".")
    return len(parts) >= 3 and bool(parts[2]) and JwtTokenDetector.is_formally_valid(".".join(parts[:2]))


def _private_key(text: str, finding: Finding) -> Iterator[Finding]:
    """Yield the lines of the key after its first line; a first line alone is the name of a format."""
    following = text.find("BEGIN ", finding.end, finding.end + _LONGEST_PEM)
    last = min(len(text), finding.end + _LONGEST_PEM) if following < 0 else following
    end = _PEM_END.search(text, finding.end, last)
    last = last if end is None else end.start()
    lines = list(_PEM_BODY.finditer(text, finding.end, last))
    value = "".join(line.group() for line in lines)
    if len(value) >= _SHORTEST_PEM and not is_stand_in(value[:_SHORTEST_PEM]) and looks_random(value[:256]):
        yield from (Finding(*line.span(), "private_key", value) for line in lines)


def _is_url_password(text: str, finding: Finding) -> bool:
    if _PLAIN_PASSWORD.fullmatch(finding.value) or is_stand_in(finding.value):
        return False
    before = text[max(0, finding.start - 100) : finding.start - 1]
    user = re.split(r"[/:]", before)[-1]
    return user.lower() != finding.value.lower() and not _LOCAL_HOST.match(text, finding.end + 1)


class SecretsRedactor(Redactor):
    """Put ``<SECRET_1>``, ``<SECRET_2>``, ... in the place of secrets: the same for the same secret within a text.

    What is replaced stands in a string or a comment, so that code goes on to parse. Of a private key every line of its
    body is replaced, and its first and last line stay. What counts as a secret is the same as for `SecretsFilter`.

    Parameters
    ----------
    names : bool, default=True
        Whether values count whose name says that they are secret.
    exclusion_writer, quarantine_writer, batch_size
        See `Step`.
    """

    name = "secrets_redactor"

    def __init__(
        self,
        *,
        names: bool = True,
        exclusion_writer: DiskWriter | None = None,
        quarantine_writer: DiskWriter | None = None,
        batch_size: int = 64,
    ) -> None:
        super().__init__(exclusion_writer=exclusion_writer, quarantine_writer=quarantine_writer, batch_size=batch_size)
        self.names = names

    def find(self, text: str) -> list[Finding]:
        """Return the secrets; see `find_secrets`. Their kinds are not told apart, for placeholders count them all."""
        return [Finding(one.start, one.end, "secret", one.value) for one in find_secrets(text, names=self.names)]

    def placeholder(self, kind: str, number: int) -> str:
        """Return ``<SECRET_number>``."""
        return f"<{kind.upper()}_{number}>"


class SecretsFilter(TextFilter[tuple[int, dict[str, Any]]]):
    """Drop texts that hold passwords, keys or tokens, with reason ``secrets``.

    A secret is known by its format: the plugins of detect-secrets (Yelp), which see only the lines that can hold one,
    and a dozen formats more that their vendors document; nothing is verified over a network. Or it is known by the name
    beside it (``names``): a quoted value that is assigned to a password, key or token, and that looks drawn, or for a
    password at least like no word. Stand-ins as ``your-api-key-here`` are none. The score is the number of different
    secrets. The evidence: ``kinds`` (how many of each) and ``lines``, never a secret.

    Parameters
    ----------
    max_secrets : int, default=0
        Drops when there are more.
    names : bool, default=True
        Whether values count whose name says that they are secret; in place of detect-secrets' keyword and entropy
        plugins, which mark hashes, checksums and images (benchmarks/privacy).
    exclusion_writer, quarantine_writer, batch_size
        See `Step`.
    """

    name = "secrets"
    thresholds = ("max_secrets",)

    def __init__(
        self,
        *,
        max_secrets: int = 0,
        names: bool = True,
        exclusion_writer: DiskWriter | None = None,
        quarantine_writer: DiskWriter | None = None,
        batch_size: int = 64,
    ) -> None:
        super().__init__(exclusion_writer=exclusion_writer, quarantine_writer=quarantine_writer, batch_size=batch_size)
        check_range("max_secrets", max_secrets, 0)
        self.max_secrets = max_secrets
        self.names = names

    def _for_format(self, text_format: str) -> Self:
        return self

    def _measure(self, texts: Sequence[str]) -> Sequence[tuple[int, dict[str, Any]]]:
        measured = []
        for text in texts:
            found = find_secrets(text, names=self.names)
            measured.append((len({one.value for one in found}), describe(text, found)))
        return measured

    def _decide(self, measurement: tuple[int, dict[str, Any]]) -> Verdict:
        count, evidence = measurement
        if count > self.max_secrets:
            return Verdict.dropped(Reason.SECRETS, float(count), **evidence)
        return Verdict.kept(float(count), **evidence)
