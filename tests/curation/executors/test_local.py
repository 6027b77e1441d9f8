"""Tasks on this machine, and how one that fails is told."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from datatrove.pipeline.base import PipelineStep

from textbooks.curation.executors import LocalExecutor
from textbooks.curation.setting import Stage
from textbooks.errors import DamagedRecordError, TaskFailedError


class Fails(PipelineStep):
    name, type = "fails", "TEST"

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error

    def run(self, data=None, rank=0, world_size=1):
        if rank == 2:
            raise self.error
        yield from ()


@pytest.mark.parametrize("workers", [1, 2])
def test_an_error_names_the_task_and_its_log(tmp_path, workers):
    with pytest.raises(TaskFailedError, match=r"task 2 failed with ZeroDivisionError: oh\. Its log is ") as raised:
        LocalExecutor(workers).run(Stage("a", "", 3, lambda: [Fails(ZeroDivisionError("oh"))]), tmp_path)
    log = str(raised.value).rpartition("Its log is ")[2]
    assert log == str(tmp_path / "logs" / "task_00002.log")
    assert "ZeroDivisionError: oh" in (tmp_path / "logs" / "task_00002.log").read_text()
    assert "00002" not in {file.name for file in (tmp_path / "completions").iterdir()}


@pytest.mark.parametrize("error", [DamagedRecordError("x.py: no text"), OSError(28, "no space")])
def test_errors_that_the_run_knows_stay_as_they_are(tmp_path, error):
    with pytest.raises(type(error)) as raised:
        LocalExecutor(2).run(Stage("a", "", 3, lambda: [Fails(error)]), tmp_path)
    assert raised.value.args == error.args


def test_what_failed_is_done_again_and_the_rest_is_not(tmp_path):
    with pytest.raises(TaskFailedError):
        LocalExecutor(1).run(Stage("a", "", 4, lambda: [Fails(ZeroDivisionError("oh"))]), tmp_path)
    LocalExecutor(1).run(Stage("a", "", 4, lambda: [[]]), tmp_path)
    steps = {file.name: file.read_text() for file in (tmp_path / "stats").iterdir()}
    assert sorted(steps) == [f"{rank:05d}.json" for rank in range(4)]
    assert ["fails" in steps[f"{rank:05d}.json"] for rank in range(4)] == [True, True, False, False]


@pytest.mark.parametrize("workers", [0, -1])
def test_a_number_of_workers_below_one_is_refused(workers):
    with pytest.raises(ValueError, match=f"workers must be at least 1, got {workers}"):
        LocalExecutor(workers)


class Says(PipelineStep):
    name, type = "says", "TEST"

    def __init__(self, folder) -> None:
        super().__init__()
        self.folder = folder

    def run(self, data=None, rank=0, world_size=1):
        (self.folder / f"{rank}").write_text("\n".join(name for name in MODULES if name in sys.modules))
        yield from ()


MODULES = ("numba", "pyarrow.parquet", "textbooks.curation.pipeline", "textbooks.scoring.model")


def test_workers_begin_with_what_they_share(tmp_path):
    """In a process of its own: a process that has workers already keeps the ones it has."""
    code = (
        "import sys; from pathlib import Path; from tests.curation.executors.test_local import Says\n"
        "from textbooks.curation.executors import LocalExecutor; from textbooks.curation.setting import Stage\n"
        "folder = Path(sys.argv[1])\n"
        "if __name__ == '__main__':\n"
        "    LocalExecutor(2).run(Stage('a', '', 2, lambda: [Says(folder)]), folder / 'logs')\n"
    )
    (tmp_path / "run.py").write_text(code)
    root = Path(__file__).resolve().parents[3]
    env = {**os.environ, "PYTHONPATH": f"{root}:{root / 'src'}"}
    subprocess.run([sys.executable, str(tmp_path / "run.py"), str(tmp_path)], check=True, env=env, timeout=120)
    assert [(tmp_path / name).read_text().split() for name in ("0", "1")] == [list(MODULES)] * 2
