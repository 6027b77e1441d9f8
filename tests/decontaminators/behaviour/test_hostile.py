"""Texts that fight back: the right function in them is still found or undecided, and the next text is unaffected."""

from __future__ import annotations

import pytest

from tests.decontaminators.behaviour.test_decontaminator import DISGUISED, NEAR_MISS, RUNS
from textbooks.decontaminators import BehaviouralDecontaminator
from textbooks.verdicts import Reason


@pytest.fixture(scope="module")
def fitted(tmp_path_factory):
    return BehaviouralDecontaminator(cache=tmp_path_factory.mktemp("strong"), seconds=1.0).fit([RUNS])


SWALLOW = "\n    while True:\n        try:\n            while True: pass\n        except BaseException: pass\n"
STILL_FOUND = {
    "a loop at the top": f"while True: pass\n{DISGUISED}",
    "a loop in a function before": f"def a(x, y):\n    while True: pass\n{DISGUISED}",
    "a function that leaves": f"import os\ndef a(x, y):\n    os._exit(0)\n{DISGUISED}",
    "a flood at the top": f"import os\nfor _ in range(100): os.write(1, b'x' * 65536)\nprint('x' * 10**6)\n{DISGUISED}",
    "recursion without end": f"def a(x, y):\n    return a(x, y)\n{DISGUISED}",
    "exit at the top": f"raise SystemExit\nexit()\n{DISGUISED}",
    "handlers of signals": (
        "import signal\nfor n in (signal.SIGALRM, signal.SIGPROF, signal.SIGVTALRM): signal.signal(n, signal.SIG_IGN)\n"
        + DISGUISED
    ),
    "tracing": f"import sys\nsys.settrace(lambda *a: 1 / 0)\n{DISGUISED}",
    "profiling": f"import sys\nsys.setprofile(lambda *a: 1 / 0)\n{DISGUISED}",
    "a fork bomb": f"import os\nfor _ in range(100):\n    try: os.fork()\n    except OSError: break\n{DISGUISED}",
    "threads": f"import threading\nfor _ in range(20): threading.Thread(target=input).start()\n{DISGUISED}",
    "no recursion left": f"import sys\nsys.setrecursionlimit(60)\n{DISGUISED}",
    "sleeping": f"import time\ntime.sleep(10**6)\n{DISGUISED}",
}


@pytest.mark.parametrize("text", STILL_FOUND.values(), ids=STILL_FOUND)
def test_the_right_function_beside_it_is_found(fitted, text):
    verdict = fitted.judge(text)
    undecided = verdict.keep and "undecided" in verdict.evidence
    assert undecided or verdict.reason is Reason.SOLVES_PROBLEM
    assert fitted.judge(DISGUISED).reason is Reason.SOLVES_PROBLEM
    assert fitted.judge(NEAR_MISS).keep


EQUAL = "    def __eq__(self, other): return True\n    def __hash__(self): return 0\n"
NOT_FOUND = {
    "a loop in compiled code": "def f(x, y):\n    return sum(range(10**14))\n",
    "a loop that catches everything": f"def f(x, y):{SWALLOW}",
    "a loop in the making of an object": f"class C:\n    def __init__(self, x, y):{SWALLOW}    def f(self): return 1\n",
    "all memory": "def f(x, y):\n    held = []\n    while True: held.append(bytearray(1 << 27))\n",
    "all memory at the top": "held = []\nwhile True: held.append(bytearray(1 << 27))\ndef f(x, y): return 1\n",
    "leaving": "import os\nos._exit(0)\ndef f(x, y): return 1\n",
    "what equals everything": f"class E:\n{EQUAL}def f(x, y): return E()\n",
    "a list that equals everything": f"class E(list):\n{EQUAL}    __hash__ = None\ndef f(x, y): return E()\n",
    "forged lines": (
        "import os\ndef f(x, y): return 1\n"
        "for n in range(64):\n    try:\n        os.write(n, b'[\"candidates\",[[\"f\",1,1]]]\\n"
        "[0,0,[0,1],0,0,[[\"value\",true]]]\\n[\"end\",true]\\n')\n    except OSError: pass\nos._exit(0)\n"
    ),
    "broken machinery": (
        "import sys\nfor name in list(sys.modules):\n    if 'inside' in name: vars(sys.modules[name]).clear()\n"
        "def f(x, y): return 1\n"
    ),
    "broken built-ins": "import builtins\nfor n in list(vars(builtins)): delattr(builtins, n)\ndef f(x, y): return 1\n",
    "a lying signature": "def f(*a, **k): return 1\nf.__signature__ = 'no'\nf.__code__ = (lambda x, y: 1).__code__\n",
    "attributes that raise": (
        "class M(type):\n    def __getattribute__(c, n): raise KeyError(n)\n"
        "class C(metaclass=M):\n    def f(self, x, y): return 1\n"
    ),
    "too much": "def f(x, y): return 'x' * 10**8\n",
    "endless items": "def f(x, y):\n    while True: yield x\n",
    "nested without end": "def f(x, y):\n    a = []\n    a.append(a)\n    return a\n",
    "what kills itself": "import os, signal\ndef f(x, y):\n    os.kill(os.getpid(), signal.SIGKILL)\n    return 1\n",
}  # fmt: skip


@pytest.mark.parametrize("text", NOT_FOUND.values(), ids=NOT_FOUND)
def test_nothing_that_answers_otherwise_is_found(fitted, text):
    assert fitted.judge(text).keep
    assert fitted.judge(DISGUISED).reason is Reason.SOLVES_PROBLEM


def test_the_answers_are_not_in_the_process(fitted):
    """A text that looks through all objects of its process for an answer finds none."""
    looking = (
        "import gc\ndef f(x, y):\n    for one in gc.get_objects():\n        if type(one) is list and len(one) == 2"
        " and one[:1] == [('a', 2)]:\n            return one\n    return None\n"
    )
    assert fitted.judge(looking).keep
