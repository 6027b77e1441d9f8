"""The texts of the ablation: what is read, what is left out, which copies are planted, what is drawn."""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path

import pytest

from textbooks.problems import Problem

ROOT = Path(__file__).resolve().parents[2]
ABLATION = ROOT / "benchmarks" / "ablation"
sys.path.append(str(ABLATION))

import prune  # noqa: E402
import report  # noqa: E402
import sources  # noqa: E402
import tables  # noqa: E402
import token_sets  # noqa: E402

PAGE = "The harbour master counts the ferries in the morning and again in the evening.\n" * 10


class TestSources:
    def test_packages_are_the_folders_and_modules_at_the_top(self, tmp_path):
        (tmp_path / "one").mkdir()
        (tmp_path / "one" / "deep.py").write_bytes(b"a = 1\r\nb = 2\r\n")
        (tmp_path / "two.py").write_text("c = 3\n")
        (tmp_path / "one" / "latin.py").write_bytes(b"# \xe9\n")
        found = [(page.id, page.package, page.text) for page in sources.code_files([tmp_path])]
        assert found == [("two/two.py", "two", "c = 3\n"), ("one/one/deep.py", "one", "a = 1\nb = 2\n")]

    def test_files_with_a_label_and_of_this_library_are_left_out(self, tmp_path, monkeypatch):
        (tmp_path / "labelled.py").write_text("rated = True\n")
        (tmp_path / "textbooks").mkdir()
        (tmp_path / "textbooks" / "own.py").write_text("ours = True\n")
        (tmp_path / "other.py").write_text("rated = False\n")
        digest = hashlib.sha256(b"rated = True\n").hexdigest()
        monkeypatch.setattr(sources, "labelled_digests", lambda: frozenset({digest}))
        assert [page.package for page in sources.code_files([tmp_path])] == ["other"]

    def test_every_label_has_its_digest(self):
        digests = sources.labelled_digests()
        assert len(digests) > 4_000
        assert all(len(digest) == 64 for digest in digests)

    @pytest.mark.parametrize(
        ("name", "text", "is_read"),
        [
            ("guide.md", PAGE, True),
            ("guide.rst", PAGE, True),
            ("LICENSE.txt", PAGE, False),
            ("entry_points.txt", PAGE, False),
            ("tests/words.txt", PAGE, False),
            ("short.md", "Too short.", False),
            ("numbers.txt", "1 2 3 4 5 6 7 8 9 0 + - * / = # $ % & ( ) [ ] { }\n" * 40, False),
            ("guide.html", PAGE, False),
        ],
    )
    def test_pages_are_prose_and_no_notes_of_installers(self, tmp_path, name, text, is_read):
        path = tmp_path / "package" / name
        path.parent.mkdir(parents=True)
        path.write_text(text)
        assert bool(list(sources.prose_pages([tmp_path]))) is is_read


class TestPlanted:
    def test_one_rewriting_of_each_problem_and_never_a_near_miss(self):
        rows = prune.read_rows(prune.TRUTH_SET)
        found = prune.planted(rows)
        assert len(found) == len({row["task_id"] for row in rows})
        assert {row["id"].split()[1] for row in found} == {"renamed", "reworded", "restructured", "disguised"}
        assert found == prune.planted(rows)

    def test_an_edited_reference_has_new_names_and_does_the_same(self):
        prompt = 'def total(numbers):\n    """Return the sum of numbers."""\n'
        problem = Problem("b", "b/1", prompt, "    found = sum(numbers)\n    return found\n", "", "total")
        text = prune.edited([problem])[0]["text"]
        assert "total" not in text
        assert "Return the sum of numbers." in text
        space = {}
        exec(text, space)
        functions = [value for name, value in space.items() if callable(value) and not name.startswith("__")]
        assert [function([1, 2, 3]) for function in functions] == [6]


class TestTokenSets:
    def test_as_many_rows_as_have_the_bytes(self):
        rows = [{"id": str(number), "text": "é" * 5} for number in range(10)]
        assert len(token_sets.first_bytes(rows, 30)) == 3
        assert len(token_sets.first_bytes(rows, 31)) == 4
        assert len(token_sets.first_bytes(rows, 10**9)) == 10

    def test_shards_hold_all_rows_in_their_order(self, tmp_path, monkeypatch):
        monkeypatch.setattr(token_sets, "SHARD_BYTES", 60)
        rows = [{"id": str(number), "text": "x" * 20} for number in range(7)]
        token_sets.write_shards(tmp_path / "out", rows)
        files = sorted((tmp_path / "out").iterdir())
        found = [json.loads(line) for file in files for line in file.read_text().splitlines()]
        assert len(files) > 1
        assert found == rows


@pytest.mark.skipif(not report.RESULTS.is_file(), reason="there are no results")
def test_the_tables_of_the_page_are_those_of_the_results():
    page = (ABLATION / "README.md").read_text(encoding="utf-8")
    assert tables.renewed(page, json.loads(report.RESULTS.read_bytes())) == page, "python benchmarks/ablation/tables.py"


def test_arms_come_before_their_finetunings_whatever_was_done_first():
    """The longer runs are done first, so that arms and finetunings stood between each other."""
    value = {"mean": 2.0, "low": 1.5, "high": 2.5}
    names = ["raw double", "raw + no exercises, gently", "raw", "raw + exercises", "filtered", "raw half"]
    shown = tables.main_table({"main": {name: dict.fromkeys(tables.SETS, value) for name in names}})
    first = [line.split(" | ")[0].removeprefix("| ") for line in shown.splitlines()[2:]]
    assert first == ["raw double", "raw", "filtered", "raw half", "raw + exercises", "raw + no exercises, gently"]
    assert "| 2.000 (1.500 to 2.500) |" in shown
