"""Licences, secrets and personal data in the main job: what goes, what is replaced, and that nothing else changes."""

from __future__ import annotations

import json

import pyarrow.parquet as pq
import pytest

from tests.conftest import TEXTBOOK
from tests.curation.conftest import textbooks
from textbooks.curation.options import CurationOptions
from textbooks.curation.run import curate
from textbooks.filters import PersonalDataRedactor, SecretsRedactor

SECRET = "ghp_" + "x7Kq2mV9tR4wL1zB8nC5" + "dF3hJ6gPsY0a"  # made up, in parts
MAIL = "ada.byron@" + "analytical-engine.org"
TEXTS = {
    "clean": (TEXTBOOK, "MIT"),
    "secret": (TEXTBOOK + f'\n\nTOKEN = "{SECRET}"\n', "Apache-2.0"),
    "mail": (f"# Written by {MAIL}\n" + TEXTBOOK.replace("target", "wanted"), "GPL-3.0-only"),
    "unknown": (TEXTBOOK.replace("target", "needle"), None),
}


def rows(folder):
    return {row["id"]: row for file in sorted(folder.glob("*.parquet")) for row in pq.read_table(file).to_pylist()}


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    path = tmp_path_factory.mktemp("privacy") / "texts.jsonl"
    lines = [{"text": text, "id": name, "license": licence} for name, (text, licence) in TEXTS.items()]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return str(path)


def run(path, out, **options):
    curate(CurationOptions(out=out, paths=[path], problems=[], workers=1, near_threshold=None, **options))
    return rows(out / "kept"), rows(out / "dropped")


def test_by_default_texts_stay_as_they_are(path, tmp_path):
    kept, dropped = run(path, tmp_path / "out")
    assert {name: row["text"] for name, row in kept.items()} == {name: text for name, (text, _) in TEXTS.items()}
    assert dropped == {}


def test_what_is_kept_is_redacted_and_says_so(path, tmp_path):
    kept, dropped = run(
        path, tmp_path / "out", secrets="redact", personal_data="redact", licences=["MIT", "Apache-2.0"]
    )
    expected = {name: TEXTS[name][0] for name in ("clean", "secret")}
    assert kept["clean"]["text"] == expected["clean"]
    assert kept["secret"]["text"] == SecretsRedactor().redact(expected["secret"]) != expected["secret"]
    assert SECRET not in json.dumps(list(kept.values()))
    assert json.loads(kept["secret"]["evidence"])["secrets_redactor"]["kinds"]
    assert {name: row["reason"] for name, row in dropped.items()} == {
        "mail": "licence_not_allowed",
        "unknown": "licence_unknown",
    }
    assert dropped["mail"]["text"] == TEXTS["mail"][0]  # what is dropped stays as it was read


def test_personal_data_are_replaced(path, tmp_path):
    kept, _ = run(path, tmp_path / "out", personal_data="redact")
    assert kept["mail"]["text"] == PersonalDataRedactor().redact(TEXTS["mail"][0])
    assert MAIL not in json.dumps(list(kept.values()))
    assert kept["secret"]["text"] == TEXTS["secret"][0]


def test_records_with_secrets_are_dropped(path, tmp_path):
    kept, dropped = run(path, tmp_path / "out", secrets="drop", personal_data="drop")
    assert sorted(kept) == ["clean", "mail", "unknown"]
    assert {name: row["reason"] for name, row in dropped.items()} == {"secret": "secrets"}
    assert SECRET not in dropped["secret"]["evidence"]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"secrets": "hide"}, "secrets must be one of keep, redact, drop, got 'hide'"),
        ({"personal_data": None}, "personal_data must be one of keep, redact, drop, got None"),
        ({"licences": ["free"]}, "not an SPDX licence identifier: 'free'"),
    ],
)
def test_what_is_no_choice_is_refused(values, message, tmp_path):
    with pytest.raises(ValueError, match=message):
        CurationOptions(out=tmp_path, **values)


def test_the_command_line(path, tmp_path):
    done = textbooks(
        "curate", path, "--out", tmp_path / "out", "--licence", "permissive", "--secrets", "redact",
        "--personal-data", "drop", "--keep-near-duplicates",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert sorted(rows(tmp_path / "out" / "kept")) == ["clean", "secret"]
    assert SECRET not in rows(tmp_path / "out" / "kept")["secret"]["text"]
    wrong = textbooks("curate", path, "--out", tmp_path / "other", "--secrets", "hide")
    assert (wrong.returncode, wrong.stderr.count("\n")) == (2, 1)
    assert "secrets must be one of keep, redact, drop, got 'hide'" in wrong.stderr
