"""Recorded texts, seeds that ask for them, and a model that answers with them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from textbooks.sandbox import Sandbox
from textbooks.synthesizers import Seed

RECORDED = Path(__file__).parents[1] / "data" / "synthetic"


def recorded(name):
    """The recorded texts of a file, each with the seed that asked for it."""
    rows = [json.loads(line) for line in (RECORDED / f"{name}.jsonl").read_text().splitlines()]
    kind = "textbook" if name == "textbooks" else "exercise"
    fields = [{key: value for key, value in (row["seed"] or {}).items() if key != "id"} for row in rows]
    return [(Seed(kind, number, one), row["text"]) for number, (one, row) in enumerate(zip(fields, rows, strict=True))]


@pytest.fixture(scope="session")
def sandbox():
    with Sandbox(cpu_seconds=2.0) as made:
        yield made


@pytest.fixture(scope="session")
def exercises():
    return recorded("exercises")


@pytest.fixture(scope="session")
def sections():
    return recorded("textbooks")
