"""The sandbox does what it says: outcomes, order, limits, isolation, forks and pickles."""

# ruff: noqa: E501
from __future__ import annotations

import math
import os
import pickle
import socket
import sys
import time
import warnings

import pytest

from textbooks.errors import SandboxError
from textbooks.sandbox import CallJob, CheckJob, Isolation, RunJob, Sandbox, Status
from textbooks.sandbox import pool as pools
from textbooks.sandbox import zygote as zygotes
from textbooks.sandbox.session import perform

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="confinement needs Linux")


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox() as made:
        yield made


@pytest.mark.parametrize(
    ("program", "status", "detail"),
    [
        ("print(1)", Status.PASSED, ""),
        ("", Status.PASSED, ""),
        ("raise SystemExit", Status.PASSED, ""),
        ("raise SystemExit(3)", Status.EXCEPTION, "SystemExit: 3"),
        ("1 / 0", Status.EXCEPTION, "ZeroDivisionError: division by zero"),
        ("def f(:", Status.EXCEPTION, "SyntaxError: invalid syntax (program.py, line 1)"),
        ("raise MemoryError", Status.MEMORY, "MemoryError: "),
        ("x = [0] * 10**12", Status.MEMORY, "MemoryError: "),
        ("import os; os._exit(0)", Status.KILLED, "ended with exit code 0 and no result"),
        ("import os; os._exit(7)", Status.KILLED, "ended with exit code 7 and no result"),
        ("import ctypes; ctypes.string_at(0)", Status.KILLED, "ended by SIGSEGV"),
        ("a\0b", Status.REFUSED, "the program holds a null character"),
        ("x = 1\n" * 1_000_000, Status.REFUSED, "the program has 6,000,000 bytes; at most 4,194,304 are run"),
    ],
)
def test_run(sandbox, program, status, detail):
    outcome = sandbox.run(program)
    assert (outcome.status, outcome.detail) == (status, detail)
    assert outcome.passed == (status is Status.PASSED)


def test_output_holds_both_streams_and_what_was_written_before_a_crash(sandbox):
    outcome = sandbox.run("import os, sys\nprint('a')\nprint('b', file=sys.stderr)\nprint('ä')\nos._exit(1)")
    assert outcome.output == "a\nb\nä\n"


def test_use_is_measured(sandbox):
    little, much = sandbox.run("pass"), sandbox.run("x = bytearray(200 << 20)\nfor _ in range(3_000_000): pass")
    assert 0 < little.cpu_seconds < much.cpu_seconds < 5
    assert 5 << 20 < little.memory < 60 << 20
    assert 200 << 20 < much.memory < 300 << 20


def test_a_program_sees_an_empty_world(sandbox):
    shown = sandbox.run(
        "import os, sys, json\n"
        "print(json.dumps([dict(os.environ), os.listdir('.'), sorted(os.listdir('/proc')) if os.path.exists('/proc') else [],"
        " os.getpid(), sys.argv, __name__, [p for p in sys.path if 'site' in p]]))"
    ).output
    assert shown == '[{}, [], [], 1, ["program.py"], "__main__", []]\n'


def test_the_scratch_folder_is_fresh_and_writable(sandbox):
    for _ in range(2):
        outcome = sandbox.run(
            "import tempfile, os\nassert os.listdir('.') == []\nopen('a', 'w').write('a')\ntempfile.mkdtemp()"
        )
        assert outcome.status is Status.PASSED, outcome


def test_call(sandbox):
    program = "def f(x, y=1):\n    if x == 0: raise ValueError('zero')\n    return [x, {(x,): {y}}, 2**80]\n"
    outcome = sandbox.call(program, "f", [((2,), {}), ((0,), {}), ((1,), {"y": b"z"})])
    assert outcome.status is Status.PASSED
    assert outcome.value == [
        ("value", [2, {(2,): {1}}, 2**80]),
        ("exception", "ValueError", "zero"),
        ("value", [1, {(1,): {b"z"}}, 2**80]),
    ]


def test_call_of_what_is_not_there(sandbox):
    assert sandbox.call("x = 1", "f", [((), {})]).detail == "NameError: name 'f' is not defined"
    assert sandbox.call("1/0", "f", [((), {})]).status is Status.EXCEPTION
    assert sandbox.call("def f(x): return x", "f", [((object(),), {})]).status is Status.REFUSED


def test_a_call_that_returns_no_plain_data_is_an_exception(sandbox):
    entry = sandbox.call("def f(): return object()", "f", [((), {})]).value[0]
    assert entry == ("exception", "DataError", "a value of type 'object' is not plain data")


def test_floats_cross_exactly(sandbox):
    values = [0.1, -0.0, 1e-320, 1.7976931348623157e308, math.inf, -math.inf]
    found = sandbox.call("def f(x): return x", "f", [((values,), {}), ((math.nan,), {})]).value
    assert [item.hex() for item in found[0][1]] == [item.hex() for item in values]
    assert math.isnan(found[1][1])


@pytest.mark.parametrize(
    ("program", "status", "detail"),
    [
        ("def f(x): return x + 1", Status.PASSED, ""),
        ("def f(x): return x", Status.WRONG_ANSWER, "line 2: assert c(1) == 2"),
        ("def f(x): return None", Status.WRONG_ANSWER, "line 2: assert c(1) == 2"),
        ("def f(x): raise KeyError(x)", Status.EXCEPTION, "KeyError: 1"),
        ("def f(x): pass\nraise KeyError", Status.EXCEPTION, "KeyError: "),
        ("def g(x): pass", Status.EXCEPTION, "NameError: name 'f' is not defined"),
        ("f = 3", Status.EXCEPTION, "TypeError: 'int' object is not callable (in the tests, line 2: assert c(1) == 2)"),
    ],
)
@pytest.mark.parametrize("call_check", [True, False])
def test_check(sandbox, program, status, detail, call_check):
    tests = "def check(c):\n    assert c(1) == 2\n" if call_check else "\nassert f(1) == 2"
    outcome = sandbox.check(program, tests, "f", call_check=call_check)
    shown = detail if call_check else detail.replace("assert c(1)", "assert f(1)")
    if not call_check:
        shown = shown.replace("'f' is not defined", "'f' is not defined (in the tests, line 2: assert f(1) == 2)")
    assert (outcome.status, outcome.detail) == (status, shown)


def test_tests_that_do_not_compile_are_refused(sandbox):
    assert sandbox.check("def f(): pass", "assert (", "f", call_check=False).status is Status.REFUSED


def test_tests_may_use_classes_of_the_candidate(sandbox):
    program = "class Node:\n    def __init__(self, v): self.v = v; self.left = None\ndef depth(n): return 0 if n is None else 1 + depth(n.left)\n"
    tests = "root = Node(1)\nroot.left = Node(2)\nassert root.left.v == 2\nassert depth(root) == 2\nassert depth(root.left) == 1"
    assert sandbox.check(program, tests, "depth", call_check=False).status is Status.PASSED


def test_tests_that_expect_an_exception_get_the_built_in_one(sandbox):
    tests = "try:\n    f(0)\nexcept ZeroDivisionError as error:\n    assert str(error) == 'division by zero'\nelse:\n    raise AssertionError"
    assert sandbox.check("def f(x): return 1 / x", tests, "f", call_check=False).status is Status.PASSED


def test_no_names_of_the_candidate_reach_tests_that_do_not_ask(sandbox):
    program = "def len(x): return 2\ndef f(x): return [1]\nsorted = len\n"
    assert sandbox.check(program, "assert len(f(1)) == 2", "f", call_check=False).status is Status.WRONG_ANSWER


def test_samples_of_one_problem_do_not_touch_each_other(sandbox):
    tests = "def check(c):\n    assert c(1) == 2\n"
    jobs = [CheckJob(f"def f(x): return {n % 2 + 1}", tests, "f", True) for n in range(12)]
    expected = [Status.PASSED if n % 2 else Status.WRONG_ANSWER for n in range(12)]
    assert [outcome.status for outcome in sandbox.map(jobs, workers=1)] == expected
    assert [sandbox.check(job.program, tests, "f", call_check=True).status for job in jobs] == expected


def test_a_problem_whose_tests_time_out_does_not_spoil_the_next():
    with Sandbox(cpu_seconds=0.2, wall_seconds=1.0) as sandbox:
        tests = "def check(c):\n    while c(1) != 2: pass\n"
        programs = ["def f(x): return 2", "def f(x): return 2", "def f(x): return 1", "def f(x): return 2"]
        statuses = [sandbox.check(text, tests, "f", call_check=True).status for text in programs]
    assert statuses == ["passed", "passed", "timeout", "passed"]


def test_map_keeps_the_order_and_reads_only_what_it_needs(sandbox):
    read = []

    def jobs():
        for number in range(60):
            read.append(number)
            yield RunJob(f"print({number})") if number % 2 else CallJob("def f(x): return x", "f", [((number,), {})])

    outcomes = sandbox.map(jobs(), workers=2)
    first = next(outcomes)
    assert len(read) <= 10
    found = [first, *outcomes]
    assert [int(o.output) if n % 2 else o.value[0][1] for n, o in enumerate(found)] == list(range(60))


def test_map_can_be_left_early(sandbox):
    outcomes = sandbox.map((RunJob("pass") for _ in range(1000)), workers=2)
    assert next(outcomes).passed
    outcomes.close()
    assert sandbox.run("pass").passed


def test_nothing_depends_on_the_seed_of_hashes():
    program = "print(sorted(map(hash, 'abc')), list(set('textbooks')))\nimport random\nprint(random.random())"
    found = set()
    for _ in range(2):
        with Sandbox() as sandbox:
            found.add(sandbox.run(program).output)
    assert len(found) == 1


@pytest.mark.parametrize(
    "wrong",
    [{"cpu_seconds": 0}, {"cpu_seconds": 40}, {"wall_seconds": 10**6}, {"memory_bytes": 1}, {"output_bytes": -1}],
)
def test_arguments_out_of_range(wrong):
    with pytest.raises(ValueError, match="must"):
        Sandbox(**wrong)


def test_workers_must_be_positive(sandbox):
    with pytest.raises(ValueError, match="workers must be 1 or more, got 0"):
        sandbox.map([], workers=0)


def test_a_pickled_sandbox_starts_anew():
    with Sandbox(cpu_seconds=2.0, output_bytes=3) as sandbox:
        sandbox.run("pass")
        copied = pickle.loads(pickle.dumps(sandbox))
    with copied:
        assert copied.cpu_seconds == 2.0
        assert copied.run("print('abcdef')").output == "abc"


def test_a_forked_process_has_zygotes_of_its_own(sandbox):
    assert sandbox.run("pass").passed
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # pytest has threads
        child = os.fork()
    if child == 0:
        code = 1
        try:
            code = 0 if sandbox.run("pass").passed else 2
            sandbox.close()
        finally:
            os._exit(code)
    assert os.waitpid(child, 0)[1] == 0
    assert sandbox.run("pass").passed


def test_isolation_is_told(sandbox):
    isolation = sandbox.isolation
    assert isolation.rlimits
    assert isolation.complete == (not set(isolation.missing) - {"system_calls"})
    assert str(Isolation(True, False, True, True, True, True, True)) == (
        "in force: user, pid, network, ipc, rlimits, system_calls; missing: mount"
    )


def test_less_isolation_is_loud_and_strict_refuses(monkeypatch):
    monkeypatch.setattr(pools, "LEVELS", ((),))
    with Sandbox() as sandbox, pytest.warns(RuntimeWarning, match="not fully confined here; in force: rlimits"):
        assert sandbox.run("print(1)").output == "1\n"
    with Sandbox(strict=True) as sandbox, pytest.raises(SandboxError, match="strict=False runs them all the same"):
        sandbox.run("pass")


def test_without_namespaces_it_still_works_and_leaves_nothing(monkeypatch):
    monkeypatch.setattr(pools, "LEVELS", ((),))
    with Sandbox(cpu_seconds=0.3, wall_seconds=1) as sandbox:
        with pytest.warns(RuntimeWarning, match="missing: user, mount, pid, network, ipc"):
            outcome = sandbox.check("def f(x): return x + 1", "assert f(1) == 2", "f", call_check=False)
        assert outcome.status is Status.PASSED
        assert sandbox.run("while True: pass").status is Status.TIMEOUT
        assert sandbox.run("import os; os.fork()").detail.startswith("PermissionError")
        assert sandbox.run("import os, signal; os.kill(os.getppid(), signal.SIGKILL)").detail.startswith(
            "PermissionError"
        )


def test_a_zygote_that_was_ended_is_replaced(sandbox):
    sandbox.run("pass")
    for zygote in list(sandbox._pool._all):
        zygote._process.kill()
    assert sandbox.run("pass").passed


def test_the_clocks_begin_with_the_job_and_not_when_its_process_was_made_ready():
    with Sandbox(cpu_seconds=0.3, wall_seconds=0.4) as sandbox:
        assert sandbox.run("pass").passed
        time.sleep(0.6)
        outcome = sandbox.run("import time; time.sleep(0.1); print('awake')")
    assert (outcome.status, outcome.output) == (Status.PASSED, "awake\n")


def test_processes_that_were_made_ready_and_ended_meanwhile_are_replaced(sandbox):
    assert sandbox.run("pass").passed
    (zygote,) = sandbox._pool._idle
    zygote._collect()
    for ready in zygote._ready:
        ready.shutdown(socket.SHUT_RDWR)
        assert ready.recv(1) == b""
    assert sandbox.run("print(1)").output == "1\n"


def test_a_program_has_no_descriptor_but_its_own(sandbox):
    shown = (
        "import os\nopen_ones = []\nfor n in range(1000):\n    try: os.fstat(n)\n    except OSError: continue\n"
        "    open_ones.append(n)\nprint(open_ones)"
    )
    for _ in range(3):
        assert sandbox.run(shown).output == "[0, 1, 2, 3]\n"
    check = f"{shown}\ndef f(x): return x"
    for _ in range(3):  # the second time the tests stay in their process
        outcome = sandbox.check(check, "def check(c):\n    assert c(1) == 1", "f", call_check=True)
        assert (outcome.status, outcome.output) == (Status.PASSED, "[0, 1, 2, 3, 4]\n")


def test_tests_that_do_not_compile_are_refused_each_time(sandbox):
    found = [sandbox.check("def f(): pass", "assert ((", "f", call_check=False).status for _ in range(3)]
    assert found == [Status.REFUSED] * 3


BURNING = "import time\nwhile time.process_time() < {}: pass\n"


@pytest.mark.parametrize(
    ("program", "alone", "status"),
    [
        ("pass", [False], Status.PASSED),
        ("while True: pass", [False], Status.TIMEOUT),
        (BURNING.format(0.2), [False], Status.PASSED),
        (BURNING.format(0.5), [False, True], Status.TIMEOUT),
        ("import time; time.sleep(60)", [False, True], Status.TIMEOUT),
    ],
)
def test_what_is_in_doubt_is_run_again_alone_and_nothing_else(monkeypatch, program, alone, status):
    runs = []

    def spy(*args, **kwargs):
        runs.append(kwargs["alone"])
        return perform(*args, **kwargs)

    monkeypatch.setattr("textbooks.sandbox.sandbox.perform", spy)
    with Sandbox(cpu_seconds=0.4, wall_seconds=0.6 if "sleep" in program else 60) as sandbox:
        assert (sandbox.run(program).status, runs) == (status, alone)


def test_a_program_that_a_busy_machine_slows_down_passes_alone(monkeypatch):
    def slowed(*args, **kwargs):
        performed = perform(*args, **kwargs)
        return performed if kwargs["alone"] else performed._replace(doubtful=True)

    monkeypatch.setattr("textbooks.sandbox.sandbox.perform", slowed)
    with Sandbox() as sandbox:
        assert sandbox.run("print(1)").passed


def test_a_job_that_is_done_before_it_was_told_everything_counts():
    """A quick process was gone before an empty rest of its message was sent: a broken pipe, and a new zygote."""
    with Sandbox() as own:
        for _ in range(300):
            assert own.run("print(1)").output == "1\n"
        assert len(own._pool._all) == 1


CORES = "import os\nprint(sorted(os.sched_getaffinity(0)))\n"
several_cores = pytest.mark.skipif(
    sys.platform != "linux" or len(os.sched_getaffinity(0)) < 2, reason="needs two cores that may be used"
)


@several_cores
def test_a_job_begins_on_one_core_and_gets_all_when_it_lasts(sandbox):
    ours = os.sched_getaffinity(0)
    begun = [eval(sandbox.run(CORES).output) for _ in range(20)]  # a busy machine may be late at times
    assert min(map(len, begun)) == 1
    assert all(ours.issuperset(cores) for cores in begun)
    lasting = "import os, time\nwhile len(os.sched_getaffinity(0)) == 1: time.sleep(0.01)\n" + CORES
    assert eval(sandbox.run(lasting).output) == sorted(ours)
    assert os.sched_getaffinity(0) == ours


@several_cores
def test_where_one_core_is_allowed_a_job_has_that_one():
    ours = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {max(ours)})
        with Sandbox() as sandbox:
            assert eval(sandbox.run("import time; time.sleep(0.2)\n" + CORES).output) == [max(ours)]
    finally:
        os.sched_setaffinity(0, ours)


def test_a_machine_that_does_not_tell_the_core_runs_all_the_same(monkeypatch):
    monkeypatch.setattr(zygotes, "_sched_getcpu", None)
    with Sandbox() as sandbox:
        assert sandbox.run("print(1)").output == "1\n"


def test_processes_are_made_ready_some_at_a_time_and_each_serves_once():
    program = "import os\nopen('here', 'x').close()\nglobal_name = 1\n"
    with Sandbox() as sandbox:
        for _ in range(2 * zygotes._AHEAD + 1):
            assert sandbox.run("assert 'global_name' not in globals()\n" + program).passed
            (zygote,) = sandbox._pool._idle
            assert len(zygote._ready) + zygote._asked <= zygotes._AHEAD
