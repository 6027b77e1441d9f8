"""Secrets that are known by their format: detect-secrets' plugins, run on the few lines that can hold one, and ours."""

from __future__ import annotations

import functools
import importlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from textbooks.filters.privacy.redaction import Finding

__all__ = ["FORMATS", "Format", "candidate_lines", "find_formats", "lowered"]

_LONGEST_LINE: Final = 2_000
_AROUND: Final = 600
_OPEN_ENDED: Final = frozenset("anthropic discord github gitlab jwt openai pypi slack stripe".split())
_REST: Final = re.compile(r"[A-Za-z0-9_\-]*(?:\.[A-Za-z0-9_\-]+)*")
_SHORTEST_GROUP: Final = 16  # a group that holds less is the prefix of the token alone


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of secret, and what a line must hold to be worth a look.

    Attributes
    ----------
    kind : str
        The slug in the evidence.
    plugin : str
        Module and class below ``detect_secrets.plugins``; empty where `pattern` is ours.
    needs : tuple of str
        A text has one of these or no such secret.
    anchor : str
        A regular expression that matches somewhere in every line that holds one.
    lower : bool
        Whether `needs` and `anchor` are for the text in lower case.
    pattern : str
        Ours, where no plugin of detect-secrets knows the format.
    """

    kind: str
    plugin: str = ""
    needs: tuple[str, ...] = ()
    anchor: str = ""
    lower: bool = False
    pattern: str = ""

    def patterns(self) -> tuple[re.Pattern[str], ...]:
        """Return the regular expressions of this format."""
        return _patterns(self)


_TOKEN: Final = r"[A-Za-z0-9_\-]"
FORMATS: Final[tuple[Format, ...]] = (
    Format(
        "artifactory", "artifactory.ArtifactoryDetector", ("AKC", "AP"), r"AKC[a-zA-Z0-9]{10}|AP[\dA-F][a-zA-Z0-9]{8}"
    ),
    Format("aws", "aws.AWSKeyDetector", ("A3T", "ABIA", "ACCA", "AKIA", "ASIA"), r"A3T|ABIA|ACCA|AKIA|ASIA"),
    Format("aws", "aws.AWSKeyDetector", ("aws",), r"aws.{0,48}['\"][0-9a-z/+]{40}['\"]", lower=True),
    Format("azure", "azure_storage_key.AzureStorageKeyDetector", ("AccountKey=",), r"AccountKey="),
    Format("url_password", "basic_auth.BasicAuthDetector", ("://",), r"://[^\s@]{0,1000}@"),
    Format(
        "cloudant",
        "cloudant.CloudantDetector",
        ("cl",),
        r"cl(?:oudant|ou)?[_-]?(?:api)?(?:key|pwd?|pass|token)",
        lower=True,
    ),
    Format("cloudant", "cloudant.CloudantDetector", ("cloudant.com",), r"cloudant\.com", lower=True),
    Format(
        "discord",
        "discord.DiscordBotTokenDetector",
        (".",),
        r"[MNO][a-zA-Z\d_-]{23,25}\.[a-zA-Z\d_-]{6}\.[a-zA-Z\d_-]{27}",
    ),
    Format("github", "github_token.GitHubTokenDetector", ("ghp_", "gho_", "ghu_", "ghs_", "ghr_"), r"gh[pousr]_"),
    Format(
        "gitlab", "gitlab_token.GitLabTokenDetector", ("gl", "GR1348941"), r"gl(?:[a-z]+)-[A-Za-z0-9_\-]{20}|GR1348941"
    ),
    Format(
        "ibm_cloud",
        "ibm_cloud_iam.IbmCloudIamDetector",
        ("key", "pwd", "pass", "token"),
        r"(?:key|pwd|password|pass|token)[\"']?\]? *(?:=|:|:=|=>| +|::) *[\"']?[a-z0-9_\-]{44}",
        lower=True,
    ),
    Format(
        "ibm_cos",
        "ibm_cos_hmac.IbmCosHmacDetector",
        ("secret",),
        r"secret[-_]?(?:access)?[-_]?key[^\n]*[a-f0-9]{48}",
        lower=True,
    ),
    Format("jwt", "jwt.JwtTokenDetector", ("eyJ",), r"eyJ"),
    Format("mailchimp", "mailchimp.MailchimpDetector", ("-us",), r"[0-9a-z]-us[0-9]"),
    Format("npm", "npm.NpmDetector", (":_authToken=",), r":_authToken="),
    Format("openai", "openai.OpenAIDetector", ("T3BlbkFJ",), r"T3BlbkFJ"),
    Format(
        "private_key", "private_key.PrivateKeyDetector", ("BEGIN ", "PuTTY-User"), r"PRIVATE KEY|PuTTY-User-Key-File-2"
    ),
    Format("pypi", "pypi_token.PypiTokenDetector", ("pypi-AgE",), r"pypi-AgE"),
    Format("sendgrid", "sendgrid.SendGridDetector", ("SG.",), r"SG\."),
    Format("slack", "slack.SlackDetector", ("xox", "hooks.slack"), r"xox|hooks\.slack", lower=True),
    Format(
        "softlayer",
        "softlayer.SoftlayerDetector",
        ("sl", "softlayer"),
        r"(?:sl|softlayer)[_-]?(?:api)?[_-]?(?:key|pwd|pass|token)|api.softlayer",
        lower=True,
    ),
    Format("square", "square_oauth.SquareOAuthDetector", ("sq0csp-",), r"sq0csp-"),
    Format("stripe", "stripe.StripeDetector", ("k_live_",), r"[rs]k_live_"),
    Format("telegram", "telegram_token.TelegramBotTokenDetector", (":",), rf"\d:{_TOKEN}{{35}}"),
    Format("twilio", "twilio.TwilioKeyDetector", ("AC", "SK"), r"(?:AC|SK)[a-z0-9]{32}"),
    Format("private_key", "", ("PRIVATE KEY-----",), "", pattern=r"BEGIN (?:ENCRYPTED|[A-Z0-9]{2,10}) ?PRIVATE KEY"),
    Format("url_password", "", ("://",), pattern=r"://[^\s:/@'\"<>]{1,64}:([^\s:/@'\"<>]{3,64})@"),
    Format("google", "", ("AIza",), pattern=r"AIza[0-9A-Za-z_\-]{35}"),
    Format("github", "", ("github_pat_",), pattern=r"github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}"),
    Format("huggingface", "", ("hf_",), pattern=r"hf_[A-Za-z]{34}"),
    Format("anthropic", "", ("sk-ant-",), pattern=r"sk-ant-[A-Za-z0-9_\-]{40,120}"),
    Format("openai", "", ("sk-proj-",), pattern=r"sk-proj-[A-Za-z0-9_\-]{40,180}"),
    Format("npm", "", ("npm_",), pattern=r"npm_[A-Za-z0-9]{36}"),
    Format("slack", "", ("xapp-",), pattern=r"xapp-\d-[A-Z0-9]{8,14}-\d{10,16}-[a-f0-9]{40,70}"),
    Format("stripe", "", ("whsec_",), pattern=r"whsec_[A-Za-z0-9+/]{32,64}"),
    Format("digitalocean", "", ("do",), pattern=r"do[opr]_v1_[a-f0-9]{64}"),
    Format("databricks", "", ("dapi",), pattern=r"dapi[0-9a-f]{32}"),
    Format("shopify", "", ("shp",), pattern=r"shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}"),
    Format("age", "", ("AGE-SECRET-KEY-1",), pattern=r"AGE-SECRET-KEY-1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}"),
)
"""Formats: detect-secrets' by its plugins, then those that vendors document and it has no plugin for."""


@functools.cache
def _patterns(form: Format) -> tuple[re.Pattern[str], ...]:
    if not form.plugin:
        return (re.compile(form.pattern),)
    module, name = form.plugin.split(".")
    plugin: Any = getattr(importlib.import_module(f"detect_secrets.plugins.{module}"), name)
    return tuple(plugin.denylist)


@functools.cache
def _anchor(form: Format) -> re.Pattern[str]:
    return re.compile(form.anchor or form.pattern)


def lowered(text: str) -> str:
    """Return a text in lower case, of the same length; what `re.IGNORECASE` takes for an ASCII letter becomes it."""
    if text.isascii():
        return text.lower()
    return text.replace("\u0130", "i").lower().replace("\u0131", "i").replace("\u017f", "s")


def candidate_lines(form: Format, text: str, lower: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of each line that can hold a secret of this format; of a long line, what is near the anchor.

    Parameters
    ----------
    form : Format
        The format.
    text, lower : str
        A text, and what `lowered` makes of it.
    """
    where = lower if form.lower else text
    if not any(need in where for need in form.needs):
        return
    done = -1
    for anchor in _anchor(form).finditer(where):
        if anchor.start() < done:
            continue
        start, end = text.rfind("\n", 0, anchor.start()) + 1, text.find("\n", anchor.start())
        end = len(text) if end < 0 else end
        if end - start > _LONGEST_LINE:
            start, end = max(start, anchor.start() - _AROUND), min(end, anchor.end() + _AROUND)
        yield start, end
        done = end


def find_formats(text: str, lower: str) -> Iterator[Finding]:
    """Yield whatever has the format of a secret; private keys by their first line alone."""
    for form in FORMATS:
        for start, end in candidate_lines(form, text, lower):
            line = text[start:end]
            for pattern in form.patterns():
                for match in pattern.finditer(line):
                    first, last = _span(form, match)
                    if last > first:
                        yield Finding(start + first, start + last, form.kind, line[first:last])


def _span(form: Format, match: re.Match[str]) -> tuple[int, int]:
    """Return where the secret itself stands in a line, without the name before it and the quotes around it."""
    least = 1 if form.kind == "url_password" else _SHORTEST_GROUP
    group = max((n for n in range(match.re.groups + 1) if n == 0 or len(match.group(n) or "") >= least), default=0)
    start, end = match.span(group)
    if form.kind == "azure":
        start += len("AccountKey=")
    elif form.kind == "artifactory" or (form.kind == "npm" and form.plugin):
        name = match.string.find("_authToken=", start, end)
        after = start if name < 0 else name + len("_authToken=")
        inner = re.compile(r"[^\s=:\"'/]{8,}").search(match.string, after, end)
        start, end = inner.span() if inner is not None else (start, start)
    elif form.kind in _OPEN_ENDED:
        rest = _REST.match(match.string, end)
        end = end if rest is None else rest.end()
    return start, end
