"""E-mail and IP addresses in code, told from decorators, matrix products, version numbers and reserved addresses."""

from __future__ import annotations

import functools
import ipaddress
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from textbooks.filters.privacy.redaction import Finding

__all__ = ["find_emails", "find_ips"]

_LOCAL: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_+\-]|\.(?=[A-Za-z0-9_+\-])){0,63}$")
_DOMAIN: Final = re.compile(
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9\-]{0,61}[A-Za-z0-9])?\.){1,6}([A-Za-z]{2,18})(?![\w\-]*@)(?!\w)"
)
_ATTRIBUTES: Final = frozenset("at do dot id in info int is it me mm mv name pro so to tr".split())
_TLDS: Final = frozenset(
    """com org net edu gov mil int info biz name pro aero coop museum mobi travel tel app dev page cloud online site
    tech xyz email store blog wiki science academy group berlin hamburg koeln bayern wien london paris nyc tokyo
    amsterdam foundation systems software solutions studio space work world life live news media company agency digital
    community network engineering institute university international expert energy guru works zone social today center
    ac ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo br bs bt bw by bz ca cc cd cf
    cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec ee eg er es et eu fi fj fk fm fo fr ga gd ge gf gg
    gh gi gl gm gn gp gq gr gs gt gu gw gy hk hm hn hr ht hu id ie il im in io iq ir is it je jm jo jp ke kg kh ki km kn
    kp kr kw ky kz la lb lc li lk lr ls lt lu lv ly ma mc md me mg mh mk ml mm mn mo mp mq mr ms mt mu mv mw mx my mz na
    nc ne nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr ps pt pw py qa re ro rs ru rw sa sb sc sd se sg sh
    si sk sl sm sn so sr ss st su sv sx sy sz tc td tf tg th tj tk tl tm tn to tr tt tv tw tz ua ug uk us uy uz va vc ve
    vg vi vn vu wf ws ye yt za zm zw""".split()
)
"""Ends of domains: all of countries, and the general ones in use for mail; `x@w.shape` has none of them."""
_RESERVED: Final = re.compile(r"(?:^|\.)(?:example\.(?:com|net|org)|example|invalid|localhost|test|local)$")
_NOBODY: Final = re.compile(r"(?:^|[._+\-])(?:no-?_?reply|do-?not-?reply|git|hg|svn)(?:$|[._+\-\d])")
_STAND_IN_LOCAL: Final = re.compile(
    r"(?:your|my|some|the)?[._\-]?(?:name|user|username|email|e-?mail|mail|address|foo|bar|baz|you|someone|somebody|nobody"
    r"|test|dummy|fake|sample|placeholder|login|account|first\.?last|firstname\.?lastname)[._\-]?(?:name|address|id)?\d{0,3}"
)
_STAND_IN_DOMAIN: Final = re.compile(
    r"(?:\w+\.)*(?:(?:your|my|some|a|the)?[_\-]?(?:domain|company|host|server|site|mail|email|e-mail|example|foo|bar|test|xyz"
    r"|dummy|fake|sample|organi[sz]ation|provider|website)\d?|example\w*|abc|x{1,5}|a|b|c)\.(?:com|org|net|edu|de|co\.uk|io)"
)
_IPV4: Final = re.compile(r"\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}")
_IPV6_SIGN: Final = re.compile(r":[0-9A-Fa-f]{1,4}:")
_IPV6: Final = re.compile(r"(?:[0-9A-Fa-f]{1,4}:{1,2}){3,7}[0-9A-Fa-f]{1,4}")
_SAYS_VERSION: Final = re.compile(
    r"(?:(?<![a-z])(?:versions?|releases?|ver|rev|build|sections?|chapters?|v)(?![a-z])|[=<>~!]=)[\s_\"'.:=(\[]*$", re.I
)
_SAYS_ADDRESS: Final = re.compile(
    r"\b(?:ip|ipv4|addr\w*|host\w*|server\w*|dns|gateway|peer|client|remote\w*|ssh|ping)\b|://$", re.I
)
_PUBLIC_RESOLVERS: Final = frozenset(
    "8.8.8.8 8.8.4.4 1.1.1.1 1.0.0.1 9.9.9.9 149.112.112.112 208.67.222.222 208.67.220.220 4.4.4.4 4.2.2.2".split()
)
_LARGEST_VERSION: Final = 30
_SHORT: Final = 2  # letters: names on both sides that are no longer are those of variables


def find_emails(text: str) -> Iterator[Finding]:
    """Yield the e-mail addresses of a text that may belong to somebody.

    Left out are the domains that RFC 2606 and 6761 reserve, addresses that nobody reads (``noreply``) or that are none
    (``git@host:path``, the user of a URL), names that stand for a name (``you@domain.com``), and what is code: a
    decorator, a matrix product ``a@b.T``. An end that no mail domain has ends the matter.

    Parameters
    ----------
    text : str
        Of any length: the time is linear in it.
    """
    at = text.find("@")
    while at >= 0:
        finding = _email_at(text, at)
        if finding is not None:
            yield finding
        at = text.find("@", at + 1)


def _email_at(text: str, at: int) -> Finding | None:
    if at == 0 or not (text[at - 1].isalnum() or text[at - 1] in "_+-"):
        return None
    local, domain = _LOCAL.search(text[max(0, at - 64) : at]), _DOMAIN.match(text, at + 1)
    if local is None or domain is None or domain.group(1).lower() not in _TLDS:
        return None
    if not (domain.group(1).islower() or domain.group().isupper()):
        return None
    start, end = at - len(local.group()), domain.end()
    address = text[start:end].lower()
    if _is_nobody(local.group().lower(), domain.group().lower()):
        return None
    if _is_code(text, start, end, domain) or _is_login(text, start, end):
        return None
    return Finding(start, end, "email", address)


def _is_nobody(local: str, domain: str) -> bool:
    """Whether an address is reserved, read by nobody, or stands for one that the reader is to fill in."""
    if _RESERVED.search(domain) or _NOBODY.search(local) or _NOBODY.search(domain):
        return True
    return bool(_STAND_IN_LOCAL.fullmatch(local) or _STAND_IN_DOMAIN.fullmatch(domain))


def _is_code(text: str, start: int, end: int, domain: re.Match[str]) -> bool:
    """Whether it is an operator between names: it is called, indexed, or its end is a usual attribute."""
    after = text[end : end + 1]
    local, label = domain.start() - 1 - start, domain.group().find(".")
    if max(local, label) <= _SHORT and after != ">":
        return True
    if (
        after in {"(", "["}
        or (start and text[start - 1] in ".]")
        or (after == "." and text[end + 1 : end + 2].isalnum())
    ):
        return True
    before = text[text.rfind("\n", 0, start) + 1 : start]
    quoted = any(sign in before for sign in "#\"'<`:")
    return not quoted and (domain.group(1) in _ATTRIBUTES or bool(re.search(r"[=(,+*]\s*$", before)))


def _is_login(text: str, start: int, end: int) -> bool:
    """Whether it is the user and host of a URL or of a path for ssh."""
    before = text[max(0, start - 80) : start]
    path = text[end : end + 2]
    return bool(re.search(r"://[^\s\"'<>]*$", before)) or (path[:1] == ":" and path[1:].strip(" \"'0123456789\n") != "")


def find_ips(text: str) -> Iterator[Finding]:
    """Yield the IPv4 and IPv6 addresses of a text that belong to a machine on the internet.

    Left out is what is not globally reachable: private (RFC 1918, 4193), loopback, documentation (RFC 5737, 3849) and
    the like; well-known public name servers; parts of longer numbers (OIDs); networks (``20.0.0.0/8``); and version
    numbers: four numbers up to 30, or after a word such as ``version`` or ``==``, where nothing says that it is an
    address.
    """
    for found in _IPV4.finditer(text):
        if _is_ipv4(text, found.start(), found.end()):
            yield Finding(found.start(), found.end(), "ipv4", found.group())
    done = 0
    for sign in _IPV6_SIGN.finditer(text):
        if sign.start() < done:
            continue
        start = max(done, sign.start() - 4)
        while start < sign.start() and text[start] not in "0123456789abcdefABCDEF":
            start += 1
        whole = _IPV6.match(text, start)
        if whole is not None:
            done = whole.end()
            if _is_ipv6(text, whole.start(), whole.end()):
                yield Finding(whole.start(), whole.end(), "ipv6", whole.group().lower())


def _is_ipv4(text: str, start: int, end: int) -> bool:
    value = text[start:end]
    if value in _PUBLIC_RESOLVERS or not _is_global(value):
        return False
    before, after = text[max(0, start - 40) : start].split("\n")[-1], text[end : end + 4]
    if re.search(r"[\w.\-+]$|\w/$", before) or re.match(r"\.?\w|[-+]\w|\.\d", after):
        return False
    if value.endswith(".0") and after.startswith("/"):
        return False
    numbers = [int(part) for part in value.split(".")]
    if _is_sequence(numbers):
        return False
    if _SAYS_ADDRESS.search(before):
        return True
    return max(numbers) > _LARGEST_VERSION and not _SAYS_VERSION.search(before)


def _is_sequence(numbers: list[int]) -> bool:
    """Whether an address is one that people make up: 11.22.33.44, 1.2.3.4."""
    return len({b - a for a, b in pairwise(numbers)}) == 1


def _is_ipv6(text: str, start: int, end: int) -> bool:
    value = text[start:end]
    if value.count("::") > 1 or re.search(r"[\w.:]$", text[max(0, start - 1) : start]):
        return False
    if re.match(r"[\w:]", text[end : end + 1]) or sum(map(bool, value.split(":"))) < 4:
        return False
    return value[0] in "23" and len(value.split(":")[0]) == 4 and _is_global(value)


@functools.lru_cache(maxsize=10_000)
def _is_global(value: str) -> bool:
    try:
        address = ipaddress.ip_address(value)
    except ValueError:
        return False
    return address.is_global and not address.is_multicast
