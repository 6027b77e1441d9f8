"""Real files with made-up secrets and addresses planted in them, and with what only looks like some.

Each planted line stands between two statements of a file of an installed package. Every value is drawn by a seed when
this runs; no token stands in this file, and none is anybody's. Half of the files with half of the wordings is for
choosing rules, the other half is held out.
"""

from __future__ import annotations

import ast
import base64
import json
import random
import string
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

ANY, HEX, UPPER = string.ascii_letters + string.digits, "0123456789abcdef", string.ascii_uppercase + "234567"


@dataclass(frozen=True, slots=True)
class Planted:
    """A text, where something stands in it, and whether it is a secret or an address: then `wanted` is true."""

    text: str
    start: int
    end: int
    kind: str
    place: str
    wanted: bool
    group: str  # "secrets", "email", "ip"


def drawn(rng: random.Random, length: int, alphabet: str = ANY) -> str:
    """Return a random string that has a digit and a letter where its alphabet does."""
    while True:
        made = "".join(rng.choice(alphabet) for _ in range(length))
        if alphabet not in (ANY, HEX) or (any(c.isdigit() for c in made) and any(c.isalpha() for c in made)):
            return made


def jwt(rng: random.Random) -> str:
    """Return a JSON web token with a random signature."""
    parts = [{"alg": "HS256", "typ": "JWT"}, {"sub": drawn(rng, 9), "iat": rng.randrange(10**9, 2 * 10**9)}]
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts]
    return ".".join([*encoded, drawn(rng, 43)])


def password(rng: random.Random) -> str:
    """Return a password of letters, digits and a sign, as people choose them."""
    word = rng.choice("tiger mango river castle purple winter rocket bishop".split())
    return rng.choice([word.title(), word]) + rng.choice("!@#%&*") + str(rng.randrange(10, 9999))


def public_ip(rng: random.Random) -> str:
    """Return an address of the internet whose numbers do not all look like a version."""
    first = rng.choice([23, 34, 45, 52, 64, 78, 89, 93, 104, 131, 151, 185, 199, 212])
    return f"{first}.{rng.randrange(31, 255)}.{rng.randrange(1, 255)}.{rng.randrange(2, 254)}"


def email(rng: random.Random) -> str:
    """Return an address of a made-up person at a made-up firm."""
    names = "ada grace alan edsger barbara donald john margaret".split()
    ends = ["com", "org", "de", "co.uk", "edu", "io", "net", "fr"]
    firm = drawn(rng, 7, string.ascii_lowercase)
    local = rng.choice(names) + rng.choice([".", "_", ""]) + drawn(rng, 6, string.ascii_lowercase)
    return f"{local}@{firm}.{rng.choice(ends)}"


Maker = Callable[[random.Random], str]
TOKENS: dict[str, Maker] = {
    "aws": lambda r: "AK" + "IA" + drawn(r, 16, UPPER),
    "github": lambda r: "gh" + "p_" + drawn(r, 36),
    "gitlab": lambda r: "gl" + "pat-" + drawn(r, 20),
    "stripe": lambda r: "sk" + "_live_" + drawn(r, r.choice([24, 99])),
    "slack": lambda r: "xox" + f"b-{r.randrange(10**11, 10**12)}-{r.randrange(10**11, 10**12)}-" + drawn(r, 24),
    "google": lambda r: "AI" + "za" + drawn(r, 35),
    "sendgrid": lambda r: "S" + f"G.{drawn(r, 22)}.{drawn(r, 43)}",
    "telegram": lambda r: f"{r.randrange(10**8, 10**9)}:" + drawn(r, 35),
    "openai": lambda r: "sk-" + drawn(r, 20) + "T3Blbk" + "FJ" + drawn(r, 20),
    "jwt": jwt,
}
NAMED: dict[str, Maker] = {
    "password": password,
    "api key": lambda r: drawn(r, r.choice([24, 32, 40])),
    "hexadecimal key": lambda r: drawn(r, r.choice([32, 64]), HEX),
}
ADDRESSES: dict[str, Maker] = {
    "email": email,
    "ipv4": public_ip,
    "ipv6": lambda r: (
        f"2a0{r.randrange(10)}:{drawn(r, 4, '123456789abcdef')}:{r.randrange(1, 9999)}:81b::{r.randrange(1, 9999)}"
    ),
}
PLACES: dict[str, tuple[str, str]] = {
    "assignment": ("_SETTING = '{}'", 'DEFAULT_VALUE = "{}"'),
    "dictionary": ("_OPTIONS = {{'first': 1, 'value': '{}'}}", '_TABLE = {{"one": ["{}", 2]}}'),
    "comment": ("# it was {} until last week", "# NOTE: {}"),
    "docstring": ('_DOC = """Made for the service.\n\n    Use {} with it.\n"""', '_HELP = """Ask for {}, and wait."""'),
    "string": ("_LINE = 'run --with {} --now'", '_CONFIG = "mode=1; value={}; retries=3"'),
    "test": ("assert _check('{}') != 0", 'def _test_it():\n    assert parse("{}") == 4'),
}
NAMED_PLACES: dict[str, dict[str, tuple[str, str]]] = {
    "password": {
        "assignment": ("DB_PASSWORD = '{}'", 'smtp_password: str = "{}"'),
        "dictionary": ("_LOGIN = {{'user': 'ada', 'password': '{}'}}", '_AUTH = {{"passwd": "{}"}}'),
        "call": ("_connect(user='ada', password='{}')", '_login("ada", pwd="{}")'),
        "url": ("_URL = 'postgres://ada:{}@db.firm.net/main'", '_BROKER = "amqp://worker:{}@mq.firm.net:5672/"'),
    },
    "api key": {
        "assignment": ("API_KEY = '{}'", 'client_secret = "{}"'),
        "dictionary": ("_HEADERS = {{'X-Api-Key': '{}'}}", '_CONF = {{"access_token": "{}"}}'),
        "default": ("_KEY = os.environ.get('SERVICE_API_KEY', '{}')", '_T = getenv("AUTH_TOKEN", "{}")'),
        "string": ("_H = {{'Authorization': 'Bearer {}'}}", "_CMD = \"curl -H 'Authorization: Bearer {}' x\""),
        "comment": ("# api_key = {}", "# token: {}"),
    },
}
NAMED_PLACES["hexadecimal key"] = NAMED_PLACES["api key"]
LOOKALIKES: dict[str, tuple[str, Maker, tuple[str, str]]] = {
    "hash": (
        "secrets",
        lambda r: drawn(r, r.choice([32, 40, 64]), HEX),
        ("_SHA = '{}'", '_MD5 = {{"checksum": "{}"}}'),
    ),
    "integrity": ("secrets", lambda r: drawn(r, 86), ("_I = 'sha512-{}=='", '_HASHES = ["sha512-{}=="]')),
    "uuid": (
        "secrets",
        lambda r: "-".join(drawn(r, n, HEX) for n in (8, 4, 4, 4, 12)),
        ("_ID = '{}'", 'SESSION_UUID = "{}"'),
    ),
    "image": ("secrets", lambda r: drawn(r, 300), ("_I = 'data:image/png;base64,{}'", '_ICON = "iVBORw0KGgo{}="')),
    "stand-in": (
        "secrets",
        lambda r: r.choice(
            ["your-api-key-here", "changeme123", "xxxxxxxxxxxxxxxxxxxx", "<your token 1>", "my-secret-token-1"]
        ),
        ("API_KEY = '{}'", 'password = "{}"'),
    ),
    "name": (
        "secrets",
        lambda r: r.choice(["prod/db/password", "auth_token_v2", "X-Auth-Token", "urn:oauth:token-type:2"]),
        ("secret_name = '{}'", 'token_header = "{}"'),
    ),
    "cache key": ("secrets", lambda r: drawn(r, 32, HEX), ("cache_key = '{}'", 'sort_key = "{}"')),
    "template": (
        "secrets",
        lambda r: r.choice(["{user}:{password}", "%s:%s", "user:password"]),
        ("_U = 'http://{}@host/'", '_V = "ftp://{}@site/"'),
    ),
    "decorator": (
        "email",
        lambda r: f"@app.{drawn(r, 5, string.ascii_lowercase)}",
        ("{}\ndef _f(): ...", "{}\nclass _C: ..."),
    ),
    "matrix product": (
        "email",
        lambda r: r.choice("xyw") + "@" + r.choice("abm") + r.choice([".T", ".shape", ".to", ".data", ".mT", ".info"]),
        ("_P = lambda x, y, w, a, b, m: {}", "def _q(x, y, w, a, b, m):\n    return ({})"),
    ),
    "reserved": (
        "email",
        lambda r: r.choice(
            ["ada@example.com", "noreply@github.com", "root@localhost", "you@mail.test", "user@example.org"]
        ),
        ("_MAIL = '{}'", "# write to {}"),
    ),
    "login": (
        "email",
        lambda r: f"git@git{r.choice(['hub', 'lab'])}.com:{drawn(r, 5)}/x.git",
        ("_R = '{}'", "# clone {}"),
    ),
    "version": (
        "ip",
        lambda r: ".".join(str(r.randrange(0, 25)) for _ in range(4)),
        ("__version__ = '{}'", "# since version {}"),
    ),
    "pin": (
        "ip",
        lambda r: f"{r.randrange(31, 99)}.{r.randrange(40)}.{r.randrange(9)}.{r.randrange(9)}",
        ("_R = 'pkg=={}'", "# needs tool>={}"),
    ),
    "private ip": (
        "ip",
        lambda r: r.choice(["127.0.0.1", "10.{}.3.4", "192.168.{}.7", "172.16.{}.2", "203.0.113.{}"]).format(
            r.randrange(1, 200)
        ),
        ("HOST = '{}'", "# listens on {}"),
    ),
    "oid": ("ip", lambda r: f"1.3.6.1.4.1.{r.randrange(999)}.2", ("_OID = '{}'", "# see {}")),
    "slice": ("ip", lambda r: f"[{r.randrange(9)}::{r.randrange(2, 9)}]", ("_S = 'abcdef'{}", "_Z = list(range(9)){}")),
}


def half(number: int) -> str:
    """Return to which half a file belongs."""
    return "held out" if number % 2 else "development"


def spots(source: str) -> list[int]:
    """Return where a statement of the module begins after the first, in characters; none when it does not parse."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            body = ast.parse(source).body
        except (SyntaxError, ValueError, RecursionError):
            return []
    lines = source.splitlines(keepends=True)
    starts = [min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))]) - 1 for node in body[1:]]
    kept = [n for n in starts if lines[n][:1] not in (" ", "\t") and ";" not in lines[n]]
    return [sum(map(len, lines[:n])) for n in kept]


def cases(rng: random.Random, wording: int) -> Iterator[tuple[str, str, str, str, bool, str]]:
    """Yield group, kind, place, template, whether it is wanted, and a value, without end."""
    while True:
        for kind, make in TOKENS.items():
            for place, templates in PLACES.items():
                yield "secrets", kind, place, templates[wording], True, make(rng)
        for kind, make in NAMED.items():
            for place, templates in NAMED_PLACES[kind].items():
                yield "secrets", kind, place, templates[wording], True, make(rng)
        for kind, make in ADDRESSES.items():
            for place, templates in PLACES.items():
                yield "email" if kind == "email" else "ip", kind, place, templates[wording], True, make(rng)
        for kind, (group, make, templates) in LOOKALIKES.items():
            for _ in range(6):
                yield group, kind, "look-alike", templates[wording], False, make(rng)


def plant(files: list[Path], seed: int = 11, each: int = 1) -> dict[str, list[Planted]]:
    """Return planted texts by half; `each` of them a file, each with one thing planted."""
    rng = random.Random(seed)
    made: dict[str, list[Planted]] = {"development": [], "held out": []}
    endless = {"development": cases(rng, 0), "held out": cases(rng, 1)}
    for number, file in enumerate(files):
        source = file.read_text(encoding="utf-8", errors="ignore")
        where = spots(source) if 500 < len(source) < 30_000 and "\r" not in source else []
        for spot in rng.sample(where, min(each, len(where))):
            group, kind, place, template, wanted, value = next(endless[half(number)])
            line = template.format(value) + "\n"
            start = spot + line.index(value)
            text = source[:spot] + line + source[spot:]
            made[half(number)].append(Planted(text, start, start + len(value), kind, place, wanted, group))
    return made
