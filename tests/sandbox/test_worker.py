"""What the zygote rehearses is what its children do, and leaves nothing behind."""

from __future__ import annotations

import sys

import pytest

from textbooks.sandbox.inside import candidate, worker
from textbooks.sandbox.inside.codec import load

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="confinement needs Linux")


def test_the_rehearsal_takes_the_paths_of_a_job_that_goes_well(monkeypatch):
    verdicts, answers = [], []
    decide, reply = worker.Tests.decide, candidate._reply

    def noted_verdict(tests, channel):
        verdicts.append(decide(tests, channel))
        return verdicts[-1]

    def noted_answer(*args):
        answers.append(reply(*args))
        return answers[-1]

    monkeypatch.setattr(worker.Tests, "decide", noted_verdict)
    monkeypatch.setattr(candidate, "_reply", noted_answer)
    monkeypatch.setattr(sys, "argv", list(sys.argv))
    monkeypatch.delitem(sys.modules, "tests", raising=False)
    before = set(sys.modules)
    worker.rehearse()
    assert verdicts == [["passed", ""]] * worker._ROUNDS
    expected = [["value", {}], ["value", [1]]]
    assert [load(answer, str) for answer in answers[:2]] == expected
    assert {load(answer, str)[0] for answer in answers} == {"value"}
    assert set(sys.modules) == before
