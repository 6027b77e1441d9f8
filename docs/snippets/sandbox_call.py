from textbooks.sandbox import RunJob, Sandbox, values_agree

program = "def half(x):\n    return x / 2\n"
with Sandbox() as sandbox:
    outcome = sandbox.call(program, "half", [((0.3,), {}), ((), {"x": "a"})])
    for entry in outcome.value:
        print(entry)
    print(values_agree(outcome.value[0][1], 0.45 - 0.3))
    for outcome in sandbox.map([RunJob("print('hello')"), RunJob("open('/etc/passwd')")]):
        print(outcome.status, outcome.output.strip() or outcome.detail)
