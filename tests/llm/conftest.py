"""What the tests of the clients share."""

from __future__ import annotations

import pytest

from tests.llm.loopback import serving
from textbooks.llm import OpenAIChatClient, RetryPolicy

QUICK = RetryPolicy(attempts=4, first_wait=0.001, longest_wait=0.01, total_wait=5)


@pytest.fixture(autouse=True)
def no_keys(monkeypatch):
    for name in ("OPENAI_API_KEY", "TEXTBOOKS_API_KEY", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def start():
    """Return a function that starts a server and makes its client."""
    opened = []

    def begin(answer=None, **options):
        manager = serving(answer) if answer else serving()
        server = manager.__enter__()
        client = OpenAIChatClient("m", **({"base_url": server.url, "retry": QUICK} | options))
        opened.extend([manager, client])
        return server, client

    yield begin
    for one in reversed(opened):
        one.__exit__(None, None, None)
