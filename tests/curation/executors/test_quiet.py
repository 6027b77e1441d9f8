"""datatrove's executor without its noise, and counters that outlive an interruption."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter

import pytest
from datatrove.data import Document
from datatrove.pipeline.base import PipelineStep

from textbooks.curation.executors.quiet import QuietExecutor, counters, interrupts_wait


class Count(PipelineStep):
    name, type = "count", "TEST"

    def __init__(self, fail_on: int | None = None) -> None:
        super().__init__()
        self.fail_on = fail_on

    def run(self, data=None, rank=0, world_size=1):
        if rank == self.fail_on:
            raise ValueError("no")
        self.stat_update("read")
        self.stat_update("bytes", value=10 * rank)
        self.stat_update("bytes", value=5)
        yield Document(text="x", id=str(rank))


@pytest.mark.parametrize("workers", [1, 2])
def test_counters_are_summed_over_the_tasks_of_all_runs(tmp_path, workers, capfd):
    with pytest.raises(ValueError, match="no"):
        QuietExecutor(pipeline=[Count(fail_on=3)], tasks=4, workers=1, logging_dir=str(tmp_path)).run()
    assert counters(tmp_path)["TEST: count"]["read"] == 3
    QuietExecutor(pipeline=[Count()], tasks=4, workers=workers, logging_dir=str(tmp_path)).run()
    assert counters(tmp_path) == {"TEST: count": Counter(read=4, bytes=80)}
    captured = capfd.readouterr()
    assert captured.out + captured.err == ""
    assert "Processing done" in (tmp_path / "logs" / "task_00002.log").read_text()


def test_the_log_is_back_on_the_screen_afterwards(tmp_path):
    code = (
        "import sys; from loguru import logger; from textbooks.curation.executors.quiet import QuietExecutor\n"
        "QuietExecutor(pipeline=[[]], logging_dir=sys.argv[1]).run(); logger.info('audible')"
    )
    run = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True)
    assert run.stderr.count("\n") == 1
    assert "audible" in run.stderr


def test_an_interrupt_waits_until_the_block_is_done():
    """An interrupt while datatrove's manager started left the manager's traceback on the screen."""
    before, done = signal.getsignal(signal.SIGINT), []

    def interrupted():
        with interrupts_wait():
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0.01)
            done.append("block")
        done.append("after")

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert done == ["block"]
    assert signal.getsignal(signal.SIGINT) is before


def test_without_an_interrupt_nothing_happens_in_any_thread():
    done = []

    def block():
        with interrupts_wait():
            done.append(threading.current_thread().name)

    block()
    thread = threading.Thread(target=block, name="other")
    thread.start()
    thread.join()
    assert done == ["MainThread", "other"]
