"""Personal data in code: e-mail and IP addresses, to be replaced, or to be dropped where a file is full of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, Self

from datatrove.pipeline.writers.disk_base import DiskWriter

from textbooks.filters.base import TextFilter
from textbooks.filters.privacy.addresses import find_emails, find_ips
from textbooks.filters.privacy.redaction import Finding, Redactor, describe, without_overlaps
from textbooks.ranges import check_range
from textbooks.verdicts import Reason, Verdict

__all__ = ["PersonalDataFilter", "PersonalDataRedactor", "find_personal_data"]

Kind = Literal["email", "ip"]
_KINDS: tuple[Kind, ...] = ("email", "ip")
_IPV4_BLOCKS = ("192.0.2", "198.51.100", "203.0.113")


def find_personal_data(text: str, kinds: Sequence[Kind] = _KINDS) -> list[Finding]:
    """Return the e-mail and IP addresses of a text that may belong to somebody.

    Parameters
    ----------
    text : str
        Python, Markdown or anything else.
    kinds : sequence of {"email", "ip"}
        What to look for; `find_emails` and `find_ips` in `textbooks.filters.privacy.addresses` say what is left out.

    Returns
    -------
    list of Finding
        By position, without overlaps; the kinds are ``email``, ``ipv4`` and ``ipv6``.
    """
    found: list[Finding] = []
    if "email" in kinds:
        found += find_emails(text)
    if "ip" in kinds:
        found += find_ips(text)
    return without_overlaps(found)


class PersonalDataRedactor(Redactor):
    """Put addresses that are reserved for documentation in the place of e-mail and IP addresses.

    ``user1@example.com``, ``192.0.2.1`` and ``2001:db8::1`` (RFC 2606, 5737, 3849): valid, so that code goes on to
    parse and its tests to make sense, and the same for the same address within a text. Names, telephone numbers and
    postal addresses stay.

    Parameters
    ----------
    kinds : sequence of {"email", "ip"}, default=("email", "ip")
        What to replace.
    exclusion_writer, quarantine_writer, batch_size
        See `Step`.

    Examples
    --------
    >>> PersonalDataRedactor().redact("# by ada@lovelace.org, on 93.184.216.34, version 1.2.0.4")
    '# by user1@example.com, on 192.0.2.1, version 1.2.0.4'
    """

    name = "personal_data_redactor"

    def __init__(
        self,
        *,
        kinds: Sequence[Kind] = _KINDS,
        exclusion_writer: DiskWriter | None = None,
        quarantine_writer: DiskWriter | None = None,
        batch_size: int = 64,
    ) -> None:
        super().__init__(exclusion_writer=exclusion_writer, quarantine_writer=quarantine_writer, batch_size=batch_size)
        _check_kinds(kinds)
        self.kinds = kinds

    def find(self, text: str) -> list[Finding]:
        """Return the addresses; see `find_personal_data`."""
        return find_personal_data(text, self.kinds)

    def placeholder(self, kind: str, number: int) -> str:
        """Return a reserved address; there are 762 of IPv4, then they begin again."""
        if kind == "email":
            return f"user{number}@example.com"
        if kind == "ipv6":
            return f"2001:db8::{number:x}"
        block, host = divmod((number - 1) % (254 * 3), 254)
        return f"{_IPV4_BLOCKS[block]}.{host + 1}"


class PersonalDataFilter(TextFilter[tuple[int, dict[str, Any]]]):
    """Drop texts with more e-mail and IP addresses than a limit: lists of people or machines, with ``personal_data``.

    The score is the number of different addresses. The evidence: ``kinds`` (how many of each) and ``lines``, never an
    address. To replace them instead, see `PersonalDataRedactor`.

    Parameters
    ----------
    max_addresses : int, default=10
        Drops when there are more. Ours: such files are lists; among 14,411 of an ordinary environment there is none.
    kinds : sequence of {"email", "ip"}, default=("email", "ip")
        What is counted.
    exclusion_writer, quarantine_writer, batch_size
        See `Step`.
    """

    name = "personal_data"
    thresholds = ("max_addresses",)

    def __init__(
        self,
        *,
        max_addresses: int = 10,
        kinds: Sequence[Kind] = _KINDS,
        exclusion_writer: DiskWriter | None = None,
        quarantine_writer: DiskWriter | None = None,
        batch_size: int = 64,
    ) -> None:
        super().__init__(exclusion_writer=exclusion_writer, quarantine_writer=quarantine_writer, batch_size=batch_size)
        check_range("max_addresses", max_addresses, 0)
        _check_kinds(kinds)
        self.max_addresses = max_addresses
        self.kinds = kinds

    def _for_format(self, text_format: str) -> Self:
        return self

    def _measure(self, texts: Sequence[str]) -> Sequence[tuple[int, dict[str, Any]]]:
        measured = []
        for text in texts:
            found = find_personal_data(text, self.kinds)
            measured.append((len({(one.kind, one.value) for one in found}), describe(text, found)))
        return measured

    def _decide(self, measurement: tuple[int, dict[str, Any]]) -> Verdict:
        count, evidence = measurement
        if count > self.max_addresses:
            return Verdict.dropped(Reason.PERSONAL_DATA, float(count), **evidence)
        return Verdict.kept(float(count), **evidence)


def _check_kinds(kinds: object) -> None:
    if not isinstance(kinds, Sequence) or isinstance(kinds, str) or not kinds or set(kinds) - set(_KINDS):
        msg = f"kinds must be some of {', '.join(map(repr, _KINDS))}, got {kinds!r}"
        raise ValueError(msg)
