from textbooks.sandbox import Sandbox

good = "def add_one(x):\n    return x + 1\n"
equal_to_all = "class E:\n    def __eq__(self, other): return True\ndef add_one(x):\n    return E()\n"
endless = "def add_one(x):\n    while True: pass\n"
tests = "def check(candidate):\n    assert candidate(1) == 2\n"
with Sandbox(cpu_seconds=0.5) as sandbox:
    for program in (good, equal_to_all, endless):
        outcome = sandbox.check(program, tests, "add_one", call_check=True)
        print(outcome.status, "|", outcome.detail)
