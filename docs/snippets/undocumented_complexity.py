from textbooks.filters import UndocumentedComplexityFilter

loops = "    for i in range(n):\n        for j in range(i):\n            if a[j] * a[i] > k and j % 2:\n"
tangle = f"def f(a, n, k):\n{loops}                a[j] -= a[i] * k\n    return a\n"
why = "Take from each odd place what the later places weigh.\n\n    Heavy pairs alone count: those beyond k."
told = tangle.replace("k):\n", f'k):\n    """{why}"""\n')
complexity = UndocumentedComplexityFilter()
for text in (tangle, told):
    verdict = complexity.judge(text)
    worst = verdict.evidence["worst"]
    print(f"{verdict.status} {verdict.score:.2f}: {worst['name']}, {worst['nesting']} deep, {worst['words']} words")
