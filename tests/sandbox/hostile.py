"""Hostile programs, each with a function `add_one` that is wrong and must not pass.

A program either cheats its tests or does harm. `MARKER` is a path outside, which no program may write or read.
"""

# ruff: noqa: E501
from __future__ import annotations

TESTS = "def check(candidate):\n    assert candidate(1) == 2\n    assert candidate(41) == 42\n"
ENTRY_POINT = "add_one"

WRONG = "def add_one(x):\n    return 0\n"

_EQUAL = "class E{base}:\n    def __eq__(self, other): return True\n    def __ne__(self, other): return False\n"


def _returning(expression: str, before: str = "") -> str:
    return f"{before}\ndef add_one(x):\n    return {expression}\n"


def _doing(body: str, before: str = "") -> str:
    lines = "\n".join("        " + line for line in body.splitlines())
    return f"import os, sys, signal, ctypes, socket, threading, time\n{before}\ndef add_one(x):\n    try:\n{lines}\n    except Exception:\n        pass\n    return 0\n"


CHEATS = {
    "object equal to everything": _returning("E()", _EQUAL.format(base="")),
    "int equal to everything": _returning("E(0)", _EQUAL.format(base="(int)") + "    __hash__ = None\n"),
    "str equal to everything": _returning("E('')", _EQUAL.format(base="(str)")),
    "list equal to everything": _returning("E()", _EQUAL.format(base="(list)")),
    "float equal to everything": _returning("E(0)", _EQUAL.format(base="(float)")),
    "tuple equal to everything": _returning("E()", _EQUAL.format(base="(tuple)")),
    "dict equal to everything": _returning("E()", _EQUAL.format(base="(dict)")),
    "class equal to everything": _returning(
        "C",
        "class M(type):\n    def __eq__(self, other): return True\n    __hash__ = None\nclass C(metaclass=M): pass\n",
    ),
    "mock that equals anything": _returning("ANY", "from unittest.mock import ANY\n"),
    "function is a mock": "from unittest.mock import MagicMock\nadd_one = MagicMock()\n",
    "true in every comparison": _returning(
        "E()", "class E:\n    def __getattr__(self, n): return lambda *a: True\n    def __bool__(self): return True\n"
    ),
    "liar about its class": _returning(
        "E()",
        _EQUAL.format(base="")
        + "    @property\n    def __class__(self): return int\n    def __int__(self): return 2\n",
    ),
    "index of an int": _returning(
        "E(0)", "class E(int):\n    def __index__(self): return 2\n    def __int__(self): return 2\n"
    ),
    "overrides iteration": _returning("[E()]", "class E(list):\n    def __iter__(self): return iter([2])\n"),
    "replaces the codec": _returning(
        "0",
        "import sys\nfor n, m in list(sys.modules.items()):\n"
        "    if n.endswith('codec'): m.dump = lambda *a: b'[\"value\",2]'; m._ENCODE = lambda *a: '[\"value\",2]'\n",
    ),
    "replaces json": _returning(
        "0", 'import json\njson.dumps = json.JSONEncoder.iterencode = lambda *a, **k: \'["passed",""]\'\n'
    ),
    "answers by itself over the channel": _doing(
        'for fd in range(3, 64):\n    for m in (b\'["passed",""]\', b\'["value",true]\'):\n'
        "        try: os.write(fd, len(m).to_bytes(4, 'big') + m)\n        except OSError: pass"
    ),
    "floods the channel with verdicts at import": (
        'import os\nm = b\'["passed",""]\'\nfor fd in range(3, 64):\n'
        "    try: os.write(fd, (len(m).to_bytes(4, 'big') + m) * 50)\n    except OSError: pass\n" + WRONG
    ),
    "sends half a message and waits": (
        "import os\nfor fd in range(3, 64):\n    try: os.write(fd, b'\\x00\\x00\\x00\\xff[')\n    except OSError: pass\n"
        + WRONG
    ),
    "announces a message of four gigabytes": (
        "import os\nfor fd in range(3, 64):\n    try: os.write(fd, b'\\xff\\xff\\xff\\xff')\n    except OSError: pass\n"
        + WRONG
    ),
    "walks the frames for the tests": _doing(
        "f = sys._getframe()\nwhile f:\n    for v in list(f.f_locals.values()) + list(f.f_globals.values()):\n"
        "        if isinstance(v, list): v.append('passed')\n        if isinstance(v, dict) and 'check' in v: v['check'] = lambda c: None\n"
        "    f = f.f_back"
    ),
    "walks the garbage collector": _doing(
        "import gc\nfor o in gc.get_objects():\n    if isinstance(o, dict) and 'check' in o: o['check'] = lambda c: None\n"
        "    if isinstance(o, dict) and 'tests' in o: return 2"
    ),
    "defines check": "def check(candidate): pass\n" + WRONG,
    "defines the names of built-ins": "def len(x): return 2\ndef isinstance(*a): return True\nAssertionError = KeyError\n"
    + WRONG,
    "patches the built-ins": "import builtins\nbuiltins.AssertionError = ZeroDivisionError\n" + WRONG,
    "patches int": _doing("import ctypes\nctypes.c_long.from_address(id(2) + 24).value = 0\n"),
    "raises AssertionError": "def add_one(x): raise AssertionError\n",
    "raises StopIteration": "def add_one(x): raise StopIteration(2)\n",
    "raises SystemExit": "def add_one(x): raise SystemExit(0)\n",
    "raises KeyboardInterrupt": "def add_one(x): raise KeyboardInterrupt\n",
    "raises an exception that cannot be shown": (
        "class E(BaseException):\n    def __str__(self): raise E\n    __repr__ = __str__\ndef add_one(x): raise E\n"
    ),
    "raises an exception with a forged name": "def add_one(x): raise type('passed', (Exception,), {})('passed')\n",
    "exits with success": "import os\ndef add_one(x): os._exit(0)\n",
    "exits at import": "raise SystemExit(0)\n",
    "exits hard at import": "import os\nos._exit(0)\n",
    "exits at the end of the interpreter": "import atexit, os\natexit.register(os._exit, 0)\n" + WRONG,
    "aborts": "import os\ndef add_one(x): os.abort()\n",
    "reads address zero": "import ctypes\ndef add_one(x): ctypes.string_at(0)\n",
    "recursion without end": "def add_one(x): return add_one(x)\n",
    "a list that holds itself": _returning("l", "l = []\nl.append(l)\n"),
    "a list nested a million deep": _returning("l", "l = []\nfor _ in range(10**6): l = [l]\n"),
    "a generator without end": "def add_one(x):\n    while True: yield 2\n",
    "a list of a hundred million": "def add_one(x): return [2] * 10**8\n",
    "an int of a million digits": "def add_one(x): return 10 ** 10**6\n",
}

SLOW = {
    "loop without end": "def add_one(x):\n    while True: pass\n",
    "loop that swallows every exception": (
        "def add_one(x):\n    while True:\n        try:\n            while True: pass\n        except BaseException: pass\n"
    ),
    "ignores every signal": (
        "import signal\nfor n in range(1, 65):\n    try: signal.signal(n, signal.SIG_IGN)\n    except (OSError, ValueError): pass\n"
        "def add_one(x):\n    while True: pass\n"
    ),
    "burns in threads": (
        "import threading\ndef burn():\n    while True: pass\nfor _ in range(4): threading.Thread(target=burn).start()\n"
        + WRONG
    ),
    "sleeps": "import time\ndef add_one(x):\n    time.sleep(10**6)\n",
    "a regular expression that explodes": "import re\ndef add_one(x): return re.match('(a+)+$', 'a' * 60 + 'b')\n",
    "one long computation in C": "def add_one(x): return 9 ** 9 ** 9\n",
    "floods its output": "def add_one(x):\n    while True: print('x' * 1000)\n",
    "stops itself": "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)\ndef add_one(x):\n    while True: pass\n",
}

HARM = {
    "writes outside": _doing("open('MARKER', 'w').write('here')"),
    "writes outside by a system call": _doing("ctypes.CDLL(None).creat(b'MARKER', 0o666)"),
    "writes outside by a shell": _doing("os.system('echo here > MARKER')"),
    "writes outside by posix": _doing("import posix\nposix.system('touch MARKER')"),
    "writes outside by a program": _doing("import subprocess\nsubprocess.run(['touch', 'MARKER'])"),
    "reads outside": _doing("if 'secret' in open('MARKER.secret').read(): return x + 1"),
    "climbs out of its root": _doing(
        "os.mkdir('a')\nos.chroot('a')\nfor _ in range(50): os.chdir('..')\nos.chroot('.')\nopen('MARKER', 'w').write('here')"
    ),
    "writes into the standard library": _doing("open(os.__file__, 'a').write('# here')\nreturn x + 1"),
    "mounts": _doing("if ctypes.CDLL(None).mount(b'none', b'/tmp', b'tmpfs', 0, None) == 0: return x + 1"),
    "enters a user namespace": _doing("if ctypes.CDLL(None).unshare(0x10000000) == 0: return x + 1"),
    "reads the environment": _doing("if 'SANDBOX_MARKER' in os.environ: return x + 1"),
    "reads the environment of C": _doing(
        "c = ctypes.CDLL(None)\nc.getenv.restype = ctypes.c_char_p\nif c.getenv(b'SANDBOX_MARKER'): return x + 1"
    ),
    "reads the environment in proc": _doing(
        "for p in ['self', *map(str, range(1, 500))]:\n    try:\n        if b'SANDBOX_MARKER' in open(f'/proc/{p}/environ', 'rb').read(): return x + 1\n"
        "    except OSError: pass"
    ),
    "reads the memory of its parent": _doing("open(f'/proc/{os.getppid()}/mem', 'rb').read(1)\nreturn x + 1"),
    "kills everything": _doing("os.kill(-1, signal.SIGKILL)"),
    "kills its parent": _doing("os.kill(os.getppid(), signal.SIGKILL)"),
    "kills low numbers": _doing(
        "for p in range(2, 5000):\n    try: os.kill(p, signal.SIGKILL)\n    except OSError: pass"
    ),
    "traces its parent": _doing("if ctypes.CDLL(None).ptrace(16, os.getppid(), 0, 0) == 0: return x + 1"),
    "forks": _doing("for _ in range(200):\n    if os.fork() == 0: time.sleep(100)"),
    "leaves an orphan": _doing(
        "if os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n        time.sleep(3600)\n    os._exit(0)"
    ),
    "forks by a system call": _doing("for n in (57, 58):\n    if ctypes.CDLL(None).syscall(n) == 0: time.sleep(100)"),
    "starts threads": _doing(
        "for _ in range(500): threading.Thread(target=time.sleep, args=(100,), daemon=True).start()"
    ),
    "connects to the machine": _doing("s = socket.create_connection(('127.0.0.1', PORT), 2)\nreturn x + 1"),
    "listens on the loopback": _doing("s = socket.socket()\ns.bind(('127.0.0.1', 0))\ns.listen()\nreturn x + 1"),
    "connects by an abstract name": _doing(
        "s = socket.socket(socket.AF_UNIX)\ns.connect('\\0sandbox-marker')\nreturn x + 1"
    ),
    "takes all the memory": _doing("keep = []\nwhile True: keep.append(bytearray(1 << 26))"),
    "takes all the memory at import": "keep = []\nwhile True: keep.append(bytearray(1 << 28))\n",
    "signals its process group": _doing("os.kill(0, signal.SIGKILL)"),
    "one huge allocation": _doing("bytearray(6 << 30)\nreturn x + 1"),
    "maps memory": _doing("import mmap\nkeep = [mmap.mmap(-1, 1 << 29) for _ in range(20)]\nreturn x + 1"),
    "fills its scratch folder": _doing(
        "f = open('big', 'wb')\nfor _ in range(64): f.write(bytes(1 << 20))\nf.close()\nreturn x + 1"
    ),
    "many small files": _doing("for n in range(100_000): open(str(n), 'w').close()\nreturn x + 1"),
    "opens many files": _doing("keep = [open('/dev/null') for _ in range(10_000)]\nreturn x + 1"),
    "raises its limits": _doing("import resource\nresource.setrlimit(resource.RLIMIT_AS, (-1, -1))\nreturn x + 1"),
    "uses descriptors it does not have": _doing(
        "for fd in range(5, 1024):\n    os.write(fd, b'here')\n    return x + 1"
    ),
    "looks for descriptors of others": _doing(
        "def is_open(fd):\n    try: os.fstat(fd)\n    except OSError: return False\n    return True\n"
        "if any(map(is_open, range(5, 70_000))): return x + 1"
    ),
    "waits for descriptors": _doing(
        "for fd in (3, 4):\n    s = socket.socket(fileno=os.dup(fd))\n    s.settimeout(0.05)\n    try:\n"
        "        if socket.recv_fds(s, 1, 8)[1]: return x + 1\n    except OSError: pass"
    ),
    "hands out its descriptors": _doing(
        "for fd in (3, 4):\n    try: socket.send_fds(socket.socket(fileno=os.dup(fd)), [b'x'], [0, 1, 2, 3, 4])\n"
        "    except OSError: pass"
    ),
    "waits for the next process": _doing(
        "for _ in range(20):\n    time.sleep(0.005)\n    for p in range(2, 300):\n        try: os.kill(p, signal.SIGKILL)\n"
        "        except OSError: continue\n        return x + 1"
    ),
    "opens the next process": _doing(
        "c = ctypes.CDLL(None)\nfor p in range(2, 3000):\n    if c.syscall(434, p, 0) >= 0: return x + 1"
    ),
    "traces the next process": _doing(
        "c = ctypes.CDLL(None)\nfor p in range(2, 3000):\n    if c.ptrace(16, p, 0, 0) == 0: return x + 1"
    ),
    "finds the next process in proc": _doing(
        "for p in range(2, 3000):\n    if os.path.exists(f'/proc/{p}/fd'): return x + 1"
    ),
    "becomes the superuser": _doing("os.setuid(0)\nreturn x + 1"),
    "shares memory": _doing("if ctypes.CDLL(None).shmget(42, 4096, 0o1666) >= 0: return x + 1"),
}

ALL = {**CHEATS, **SLOW, **HARM}
