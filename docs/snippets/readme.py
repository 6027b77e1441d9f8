from textbooks.filters import EduValueFilter

texts = [
    'def mean(values):\n    """Return the arithmetic mean of some numbers."""\n    return sum(values) / len(values)\n',
    'DEBUG = True\nHOST = "localhost"\nPORT = 8080\n',
]
result = EduValueFilter().apply(texts)
for text, verdict in result:
    print(f"{verdict.score:.2f}", verdict.status, verdict.reason or "-", "|", text.splitlines()[0])
print(result)
