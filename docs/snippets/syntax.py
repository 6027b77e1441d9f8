from textbooks.filters import SyntaxFilter

texts = ["def f(x):\n    return x\n", "def f(x:\n    return x\n", "Hello, world, this is prose.\n"]
syntax = SyntaxFilter()
for verdict in syntax.judge_batch(texts):
    print(verdict.status, verdict.reason or "-", dict(verdict.evidence))
