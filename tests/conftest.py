"""What the tests share: texts that a reader can judge by eye, and a hostile zoo."""

from __future__ import annotations

import os
import signal

import pytest

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # a background job; what is started here should hear interrupts
    signal.signal(signal.SIGINT, signal.default_int_handler)

TEXTBOOK = '''"""Binary search, explained."""


def binary_search(items: list[int], target: int) -> int | None:
    """Return the position of target in the sorted list items, or None if it is not there.

    Each step looks at the middle of what is left and throws away the half that cannot hold the target, so a list of
    a million items needs at most twenty steps.

    >>> binary_search([1, 3, 5, 7], 5)
    2
    >>> binary_search([1, 3, 5, 7], 4) is None
    True
    """
    low, high = 0, len(items) - 1
    while low <= high:
        middle = (low + high) // 2
        if items[middle] == target:
            return middle
        if items[middle] < target:
            low = middle + 1  # the target can only be in the upper half
        else:
            high = middle - 1  # the target can only be in the lower half
    return None
'''

CONFIGURATION = """from project.settings.base import *

DEBUG = False
ALLOWED_HOSTS = ["example.org"]
DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql", "NAME": "app", "HOST": "db"}}
INSTALLED_APPS += ["project.billing", "project.reports"]
EMAIL_HOST = "mail"
LOGGING = {"version": 1, "root": {"level": "INFO"}}
"""

BROKEN = "def f(:\n    return ((1 +\n\nclass : pass\nimport , from\n"

HOSTILE_TEXTS = {
    "empty": "",
    "blank": " \n\t\n",
    "nul bytes": "x = 1\0\0\0\ny = 2\n" * 20,
    "not Python": "Once upon a time there was a list. " * 20,
    "syntax error": BROKEN,
    "deep parentheses": "(" * 50_000 + ")" * 50_000,
    "deep unary": "-" * 100_000 + "1",
    "one long line": "x = '" + "a" * 2_000_000 + "'",
    "many elif": "if a:\n    pass\n" + "elif a:\n    pass\n" * 3_000,
    "notebook saved as Python": '{"cells": [{"cell_type": "code", "source": ["x = 1\\n"], "outputs": null}]}',
    "carriage returns": "x = 1\r\ny = 2\r\n" * 10,
    "right to left": "# \u202eevil\u202c\nname = '\u05d0\u05d1'\n" * 5,
    "astral": "\U0001f600 = 1\n" * 10,
    "byte order mark": "\ufeffx = 1\n" * 3,
    "form feeds": "\f\v\x1c\x1d\u2028x = 1\n" * 10,
}

NOT_TEXTS = {
    "none": None,
    "number": 5,
    "not a number": float("nan"),
    "bytes": b"x = 1",
    "list": ["x = 1"],
    "lone surrogate": "x = '\ud800'\n",
}


@pytest.fixture(params=[pytest.param(text, id=name) for name, text in HOSTILE_TEXTS.items()])
def hostile_text(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(params=[pytest.param(text, id=name) for name, text in NOT_TEXTS.items()])
def not_text(request: pytest.FixtureRequest) -> object:
    return request.param


@pytest.fixture(scope="session", autouse=True)
def _cache_of_these_tests(tmp_path_factory):
    """Keep strengthened problems away from the user's own cache: what lies there must not decide a test."""
    before = os.environ.get("TEXTBOOKS_CACHE")
    os.environ["TEXTBOOKS_CACHE"] = str(tmp_path_factory.mktemp("cache"))
    yield
    if before is None:
        del os.environ["TEXTBOOKS_CACHE"]
    else:
        os.environ["TEXTBOOKS_CACHE"] = before
