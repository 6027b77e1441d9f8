from textbooks.filters import SizeFilter

texts = ["x = 1\n", "def double(x):\n    return 2 * x\n\n\nprint(double(21))\n", f"IMAGE = '{'A' * 2000}'\n"]
size = SizeFilter()
for verdict in size.judge_batch(texts):
    print(verdict.status, verdict.reason or "-", dict(verdict.evidence))
