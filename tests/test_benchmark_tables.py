"""The runner of the benchmarks knows every benchmark, and the tables are those of the results."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

BENCHMARKS = Path(__file__).resolve().parents[1] / "benchmarks"


def load_runner():
    specification = importlib.util.spec_from_file_location("benchmarks_run", BENCHMARKS / "run.py")
    module = importlib.util.module_from_spec(specification)
    sys.modules[specification.name] = module  # its dataclass looks itself up
    specification.loader.exec_module(module)
    return module


runner = load_runner()


def test_every_script_that_writes_results_is_known_to_the_runner():
    writers = {
        str(path.relative_to(BENCHMARKS))
        for path in BENCHMARKS.glob("*/*.py")
        if "__main__" in path.read_text() and '"results' in path.read_text()
    }
    assert writers == {benchmark.script for benchmark in runner.ALL}


def test_the_tables_are_those_of_the_results(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["run.py", "--check"])
    assert runner.main() == 0, f"{capsys.readouterr().out}: python benchmarks/run.py --tables"


def test_a_table_has_a_row_for_each_inner_mapping():
    lines = list(runner._section("truth_set", {"near_miss": {"0": 0.9, "0.5": 0.02439}, "renamed": {"0": 1.0}}))
    assert lines == [
        "| truth set | 0 | 0.5 |\n| --- | --- | --- |",
        "| near miss | 0.9 | 0.02439 |",
        "| renamed | 1 |  |",
        "",
    ]


def test_what_lacks_its_data_is_skipped_loudly(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(runner, "ALL", (runner.Benchmark("a/b.py", list, lambda: "no data here"),))
    assert runner.run_all() == []
    assert capsys.readouterr().out == "WARNING: SKIPPED a/b.py: no data here\n"


def test_what_fails_is_named(monkeypatch, tmp_path):
    (tmp_path / "bad.py").write_text("raise SystemExit(3)\n")
    monkeypatch.setattr(runner, "HERE", tmp_path)
    monkeypatch.setattr(runner, "ALL", (runner.Benchmark("bad.py", list, lambda: ""),))
    assert runner.run_all() == ["bad.py"]


def test_the_labelled_texts_must_be_a_folder(monkeypatch, tmp_path):
    monkeypatch.delenv("TEXTBOOKS_EDU_TEXTS", raising=False)
    assert "set TEXTBOOKS_EDU_TEXTS" in runner._missing_texts()
    monkeypatch.setenv("TEXTBOOKS_EDU_TEXTS", str(tmp_path / "nothing"))
    assert "names no folder" in runner._missing_texts()
    monkeypatch.setenv("TEXTBOOKS_EDU_TEXTS", str(tmp_path))
    assert runner._missing_texts() == ""
