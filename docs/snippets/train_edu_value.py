from textbooks.scoring import EduValueModel, cross_validate

good = 'def add_{0}(a, b):\n    """Return a + b.\n\n    >>> add_{0}(1, 2)\n    3\n    """\n    return a + b\n'
texts = [(good if n % 2 else "PORT_{0} = {0}\n").format(n) for n in range(40)]
labels = [4 if n % 2 else 0 for n in range(40)]
repositories = [f"repository {n // 4}" for n in range(40)]

print(cross_validate(texts, labels, groups=repositories, trees=20).agreement.f1_at_least_3)
EduValueModel.fit(texts, labels, groups=repositories, trees=20).save("mine.npz")
print(EduValueModel.load("mine.npz").score([texts[1], texts[2]]).round())
