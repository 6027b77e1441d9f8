"""Secrets: those that are planted are found, and what looks like one is not. Every token is made as the tests run."""

from __future__ import annotations

import ast
import base64
import json
import random
import re
import socket
import string

import pytest
from datatrove.data import Document
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from textbooks.filters import SecretsFilter, SecretsRedactor
from textbooks.filters.privacy.secret_formats import FORMATS, candidate_lines, lowered
from textbooks.filters.privacy.secret_names import entropy, is_stand_in, looks_random
from textbooks.filters.privacy.secrets import find_secrets
from textbooks.verdicts import Reason, Status

DRAW = random.Random(20)
LETTERS = string.ascii_letters
ANY = LETTERS + string.digits
HEX = "0123456789abcdef"


def drawn(length, alphabet=ANY):
    """Return a string with digits and letters, where the alphabet has them, that stands for nothing."""
    wanted = [kind for kind in (LETTERS, string.digits) if not set(kind).isdisjoint(alphabet)]
    while True:
        made = "".join(DRAW.choice(alphabet) for _ in range(length))
        if all(not set(kind).isdisjoint(made) for kind in wanted) and not is_stand_in(made):
            return made


def token_of_json():
    parts = ({"alg": "HS256", "typ": "JWT"}, {"sub": "7f", "iat": 1_700_000_000})
    return ".".join(
        [*(base64.urlsafe_b64encode(json.dumps(p).encode()).decode().rstrip("=") for p in parts), drawn(43)]
    )


PEM = "\n".join(drawn(64) for _ in range(4))
TOKENS = {
    "aws": "AK" + "IA" + drawn(16, string.ascii_uppercase + "234567"),
    "github": "gh" + "p_" + drawn(36),
    "gitlab": "gl" + "pat-" + drawn(20),
    "stripe": "sk" + "_live_" + drawn(99),
    "slack": "xox" + "b-" + drawn(12, "123456789") + "-" + drawn(24),
    "google": "AI" + "za" + drawn(35),
    "sendgrid": "S" + "G." + drawn(22) + "." + drawn(43),
    "telegram": "907312654" + ":" + drawn(35),
    "twilio": "A" + "C" + drawn(32, HEX),
    "mailchimp": drawn(32, HEX) + "-us" + "12",
    "pypi": "pypi-" + "AgEIcHlwaS5vcmc" + drawn(150),
    "npm": "np" + "m_" + drawn(36),
    "huggingface": "hf" + "_" + drawn(34, LETTERS),
    "openai": "sk-" + drawn(20) + "T3Blbk" + "FJ" + drawn(20),
    "anthropic": "sk-" + "ant-api03-" + drawn(80),
    "discord": "MTk" + drawn(21) + "." + drawn(6) + "." + drawn(27),
    "square": "sq0" + "csp-" + drawn(43),
    "digitalocean": "do" + "p_v1_" + drawn(64, HEX),
    "databricks": "dap" + "i" + drawn(32, HEX),
    "shopify": "shp" + "at_" + drawn(32, HEX),
    "jwt": token_of_json(),
}
PLACES = [
    'KEY = "{}"\n',
    "call('{}', retries=3)\n",
    "# once: {}\n",
    '"""Set it to {} first."""\n',
    "CONFIG = {{'a': ['{}']}}\n",
]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("kind", TOKENS)
def test_tokens_are_found_and_replaced_whole_wherever_they_stand(kind, place):
    text = place.format(TOKENS[kind])
    [found] = find_secrets(text)
    assert (found.kind, text[found.start : found.end]) == (kind, TOKENS[kind])
    assert SecretsRedactor().redact(text) == place.format("<SECRET_1>")
    ast.parse(SecretsRedactor().redact(text))


NAMED = [
    ("password = '{}'", "hunter2!"),
    ("DB_PASSWORD: str = '{}'", "xK9#mm2pQ"),
    ("{{'api_key': '{}'}}", drawn(32, HEX)),
    ("os.environ.get('API_KEY', '{}')", drawn(32)),
    ("headers = {{'Authorization': 'Bearer {}'}}", drawn(40)),
    ("# password={}", drawn(20)),
    ("aws_secret_access_key = '{}'", drawn(40)),
    ("engine('postgres://app:{}@db.corp.net/x')", drawn(12)),
    ("URL = 'amqp://worker:{}@mq.firm.net:5672/'", "Tiger*4711"),
    ("'AccountName=a;AccountKey={}=='", drawn(86)),
    ("client.set_password('{}')", "Tr0ub4dor&3"),
]


@pytest.mark.parametrize(("place", "value"), NAMED)
def test_values_are_found_by_the_name_beside_them(place, value):
    text = place.format(value)
    assert SecretsFilter().judge(text).reason is Reason.SECRETS
    assert value not in SecretsRedactor().redact(text)


HARMLESS = [
    *("pairs = ('User:Pass', 'www.python.org:080')", "url = 'https://foo.org:123,foo:bar@bar.org/path'"),
    *("password = 'password'", "api_key = 'your-api-key-here'", "token = '<token>'", "password = getpass()"),
    *("secret_name = 'prod/db/pw1'", "token = 'BOS1'", "api_key = some_module.function_name2", "pwd = os.getcwd()"),
    *(
        "'http://user:password@host/'",
        "'https://%s:%s@%s'",
        "f'https://{user}:{password}@{host}'",
        "key = 'AKIAIOSFODNN7EXAMPLE'",
    ),
    *(
        "password: str = Field(min_length=8)",
        "api_key = 'sk-xxxxxxxxxxxxxxxx'",
        "if 'BEGIN RSA PRIVATE KEY' in text: ...",
    ),
    *(f"sha256 = '{drawn(64, HEX)}'", f"token_hash = '{drawn(40, HEX)}'", f"cache_key = '{drawn(32, HEX)}'"),
    *(f"image = 'data:image/png;base64,{drawn(400)}'", f"commit = '{drawn(40, HEX)}'", "secret = '<SECRET_1>'"),
    *("uuid = '550e8400-e29b-41d4-a716-446655440000'", f"integrity = 'sha512-{drawn(86)}=='", "pad_token = '[PAD1]'"),
]


@pytest.mark.parametrize("text", HARMLESS)
def test_what_looks_like_a_secret_stays(text):
    assert find_secrets(text) == []


def test_a_private_key_keeps_its_first_and_last_line():
    text = f"KEY = '''-----BEGIN RSA {'PRIVATE'} KEY-----\n{PEM}\n-----END RSA PRIVATE KEY-----'''\n"
    redacted = SecretsRedactor().redact(text)
    assert redacted == re.sub(r"^[A-Za-z0-9+/]{64}$", "<SECRET_1>", text, flags=re.M)
    assert SecretsFilter().judge(text).evidence == {"kinds": {"private_key": 1}, "lines": [2, 3, 4, 5]}
    joined = "KEY = (\n    '-----BEGIN PRIVATE KEY-----\\n'\n" + "".join(f"    '{x}\\n'\n" for x in PEM.split()) + ")\n"
    assert ast.parse(SecretsRedactor().redact(joined))
    assert PEM.split()[0] not in SecretsRedactor().redact(joined)


@pytest.mark.parametrize("form", [f for f in FORMATS if f.plugin], ids=lambda f: f"{f.kind} {f.anchor[:12]}")
def test_the_lines_that_plugins_are_shown_are_all_that_they_would_find_anything_in(form):
    """Strings drawn from the plugins' own expressions, within other text: the anchors lose none of them."""
    mates = [other for other in FORMATS if other.plugin == form.plugin]

    @settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.data())
    def holds(data):
        pattern = data.draw(st.sampled_from(form.patterns()))
        made = data.draw(st.from_regex(pattern, fullmatch=True)).replace("\n", " ")
        text = f"x = 1\nvalue = ({made})\ny\n"
        line = text.split("\n")[1]
        if not any(p.search(line) for p in form.patterns()) or "\n" in made:
            return
        shown = [text[a:b] for one in mates for a, b in candidate_lines(one, text, lowered(text))]
        assert line in shown

    holds()


@given(st.text(max_size=60))
def test_lowering_keeps_the_length_and_all_letters_of_ignorecase(text):
    lower = lowered(text)
    assert len(lower) == len(text)
    for letter in "aiks":
        assert [i for i, c in enumerate(text) if re.match(letter, c, re.I)] == [
            i for i, c in enumerate(lower) if c == letter
        ]


def test_long_lines_are_read_around_what_may_be_a_secret():
    text = "x = '" + "a b " * 50_000 + TOKENS["github"] + " b" * 50_000 + "'"
    assert [finding.kind for finding in find_secrets(text)] == ["github"]


@pytest.mark.parametrize(
    "piece", ["://a:", "eyJ", "password='", "key=", "BEGIN RSA PRIVATE KEY", "AP0a", "aws", "@:", "Bearer a"]
)
def test_time_is_bounded_on_repetitions(piece):
    assert isinstance(find_secrets(piece * 5_000), list)


def test_the_same_secret_has_the_same_placeholder_and_others_do_not():
    a, b = TOKENS["github"], TOKENS["google"]
    text = f"# <SECRET_1>\nA = '{a}'\nB = '{b}'\nC = '{a}'\n"
    redacted = SecretsRedactor().redact(text)
    assert redacted == "# <SECRET_1>\nA = '<SECRET_2>'\nB = '<SECRET_3>'\nC = '<SECRET_2>'\n"
    assert SecretsRedactor().redact(redacted) == redacted


def test_neither_evidence_nor_metadata_hold_the_secret():
    text = f"A = '{TOKENS['github']}'\n"
    verdict = SecretsFilter().judge(text)
    assert (verdict.status, verdict.score) == (Status.DROPPED, 1.0)
    assert verdict.evidence == {"kinds": {"github": 1}, "lines": [1]}
    document = Document(text=text, id="0")
    assert list(SecretsRedactor().run([document])) == [document]
    assert TOKENS["github"] not in json.dumps(document.metadata) + document.text


def test_thresholds_and_names():
    text = f"A = '{TOKENS['github']}'\npassword = 'hunter2!'\n"
    assert SecretsFilter(max_secrets=2).judge(text).keep
    assert SecretsFilter(names=False).judge(text).score == 1.0
    with pytest.raises(ValueError, match="max_secrets must be at least 0, got -1"):
        SecretsFilter(max_secrets=-1)


def test_nothing_is_sent_anywhere(monkeypatch):
    def refuse(*_, **__):
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert SecretsFilter().judge(f"A = '{TOKENS['slack']}'").reason is Reason.SECRETS


@pytest.mark.parametrize(("value", "random_looking"), [
    (drawn(32, HEX), True), (drawn(40), True), ("some_module.function_name2", False),
    ("us-east-1-prod-bucket-2024", False),
    ("abcdefabcdefabcdefabcdef", False), ("short1", False), ("1" * 40 + "a", False),
])  # fmt: skip
def test_what_looks_drawn(value, random_looking):
    assert looks_random(value) is random_looking


def test_entropy():
    assert entropy("") == 0
    assert entropy("aaaa") == 0
    assert entropy("abcd") == 2
