"""E-mail and IP addresses: those of people and machines, and what only looks like one."""

from __future__ import annotations

import ipaddress
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textbooks.filters import PersonalDataFilter, PersonalDataRedactor
from textbooks.filters.privacy.addresses import find_ips
from textbooks.filters.privacy.personal_data import find_personal_data
from textbooks.verdicts import Reason, Verdict

REDACT = PersonalDataRedactor().redact
FOUND = {
    "# Author: jane.doe@gmail.com\n": "# Author: user1@example.com\n",
    "__email__ = 'bob@uni-x.ac.uk'": "__email__ = 'user1@example.com'",
    "Jane <jane@corp.com>, Bob <bob@corp.com>, Jane <JANE@corp.com>": (
        "Jane <user1@example.com>, Bob <user2@example.com>, Jane <user1@example.com>"
    ),
    "x = {'email': 'kim.lee@company.co.kr'}": "x = {'email': 'user1@example.com'}",
    "mail a.b+c@sub.firm.de.": "mail user1@example.com.",
    "contact: ian@python.org:": "contact: user1@example.com:",
    "HOST = '93.184.216.34'": "HOST = '192.0.2.1'",
    "'http://52.12.33.101:8080/x'": "'http://192.0.2.1:8080/x'",
    "ping 8.9.10.14": "ping 192.0.2.1",
    "ssh root@93.184.216.34": "ssh root@192.0.2.1",
    "s = '2a00:1450:4001:81b::200e'": "s = '2001:db8::1'",
    "[2607:f8b0:4005:805::200e]:80": "[2001:db8::1]:80",
    "93.184.216.34, 93.184.216.35, 93.184.216.34": "192.0.2.1, 192.0.2.2, 192.0.2.1",
}
LEFT = [
    *(
        "@app.route('/')",
        "y = a@b.T",
        "z = (q@k.to(x))",
        "w = x@y.info",
        "u = m@n.data",
        "m @ n.com",
        "x = [a@b.io]",
        "f = lambda x, m: x@m.to",
        "y@a.mT",
    ),
    *("git@github.com:foo/bar.git", "https://user@host.org/x", "http://user:pw@corp.com/", "user@corp.com:path/to"),
    *(
        "noreply@github.com",
        "1234+me@users.noreply.github.com",
        "you@corp.com",
        "your.name@corp.com",
        "name@domain.com",
    ),
    *("a@example.com", "b@mail.example.org", "c@d.invalid", "root@localhost", "e@f.test"),
    *(
        "version 1.2.3.4",
        "v1.10.20.30",
        "pkg==91.12.33.44",
        "1.3.6.1.4.1.311.60",
        "foo-1.2.3.40.tar.gz",
        "2.3.4.5",
        'sections "8.2.4.44"',
    ),
    *("127.0.0.1", "192.168.1.1", "10.2.3.4", "172.20.1.2", "203.0.113.9", "255.255.255.0", "0.0.0.0", "224.0.0.1"),
    *("8.8.8.8", "20.1.0.0/16", "Chrome/91.0.212.124", "11.22.33.44", "300.1.2.3", "1.2.3", "93.184.216.034"),
    *(
        "x[1::2]",
        "12:34:56:78",
        "a::b",
        "2001:db8::1:2:3",
        "fe80::1:2:3:4",
        "aa:bb:cc:dd:ee:ff",
        "::1",
        "2000::5",
        "std::abc",
    ),
]


@pytest.mark.parametrize(("text", "redacted"), FOUND.items())
def test_addresses_are_replaced_by_reserved_ones(text, redacted):
    assert REDACT(text) == redacted
    assert REDACT(redacted) == redacted


@pytest.mark.parametrize("text", LEFT)
def test_what_belongs_to_nobody_stays(text):
    assert find_personal_data(text) == []


def naive_public(value):
    try:
        return ipaddress.ip_address(value).is_global and not ipaddress.ip_address(value).is_multicast
    except ValueError:
        return False


@given(st.tuples(*[st.integers(31, 255)] * 4).map(lambda parts: ".".join(map(str, parts))))
def test_of_addresses_with_large_numbers_the_public_ones_are_found(value):
    steps = {b - a for a, b in zip(*[list(map(int, value.split(".")))[i:] for i in (0, 1)], strict=False)}
    found = [finding.value for finding in find_ips(f"reach {value} now")]
    assert found == ([value] if naive_public(value) and len(steps) > 1 else [])


@given(st.text(max_size=100))
def test_redaction_replaces_what_is_found_and_no_more(text):
    findings = find_personal_data(text)
    pieces, done = [], 0
    for finding in findings:
        pieces.append(text[done : finding.start])
        done = finding.end
    pieces.append(text[done:])
    assert re.fullmatch(".+?".join(map(re.escape, pieces)), REDACT(text), re.S) or not findings
    assert REDACT(REDACT(text)) == REDACT(text)


def test_a_placeholder_that_the_text_holds_already_is_not_used_again():
    assert REDACT("user1@example.com ada@lovelace.org") == "user1@example.com user2@example.com"


def test_placeholders_are_reserved_and_never_run_out():
    redactor = PersonalDataRedactor()
    addresses = [redactor.placeholder("ipv4", number) for number in range(1, 800)]
    assert len(set(addresses)) == 762
    assert {a.rsplit(".", 1)[0] for a in addresses} == {"192.0.2", "198.51.100", "203.0.113"}
    assert redactor.placeholder("ipv6", 255) == "2001:db8::ff"
    many = " ".join(f"93.{a}.{b}.200" for a in range(31, 41) for b in range(40, 140))
    assert find_personal_data(REDACT(many)) == []


def test_the_filter_drops_lists_and_shows_no_address():
    text = "\n".join(f"ada{n}@lovelace.org" for n in range(3)) + "\nada0@lovelace.org 93.184.216.34\n"
    assert PersonalDataFilter(max_addresses=3).judge(text) == Verdict.dropped(
        Reason.PERSONAL_DATA, 4.0, kinds={"email": 3, "ipv4": 1}, lines=[1, 2, 3, 4]
    )
    assert PersonalDataFilter(max_addresses=4).judge(text).keep
    assert PersonalDataFilter(kinds=["ip"]).judge(text).score == 1.0
    assert PersonalDataRedactor(kinds=["ip"]).redact("a@lovelace.org 93.184.216.34") == "a@lovelace.org 192.0.2.1"


@pytest.mark.parametrize("piece", ["@", "a@", "a.", "1.", "1.1.1.1", "::", "a:", "2001:", "a@a.", "-.@"])
def test_time_is_bounded_on_repetitions(piece):
    assert isinstance(find_personal_data(piece * 50_000), list)


@pytest.mark.parametrize("kinds", ["email", [], ["phone"], None])
def test_bad_kinds_are_refused(kinds):
    for cls in (PersonalDataFilter, PersonalDataRedactor):
        with pytest.raises(ValueError, match="kinds must be some of 'email', 'ip'"):
            cls(kinds=kinds)


def test_a_limit_below_zero_is_refused():
    with pytest.raises(ValueError, match="max_addresses must be at least 0, got -1"):
        PersonalDataFilter(max_addresses=-1)
