from textbooks.filters import UndocumentedComplexityFilter

loops = "    for i in range(n):\n        for j in range(i):\n            if a[j] * a[i] > k and j % 2:\n"
tangle = f"def f(a, n, k):\n{loops}                a[j] -= a[i] * k\n    return a\n"
licence = "# Permission to use this software is given to anyone who reads these words.\n" * 5
for score in UndocumentedComplexityFilter().score([tangle, licence + tangle]):
    print(f"{score:.2f}")
