from textbooks.dedup import SemanticDeduplicator

total = (
    'def total(values):\n    """Return the sum."""\n    result = 0\n    for value in values:\n        result += value\n'
)
records = [
    {"text": f"{total}    return result\n", "score": 1.0},
    {"text": total.replace("value", "number").replace("+=", "= result +") + "    return result  # all\n", "score": 4.0},
    {"text": "def read(path):\n    with open(path) as file:\n        return file.read()\n", "score": 2.0},
]
result = SemanticDeduplicator(threshold=0.7, key="score").fit_apply(records)
print(result)
print(result.verdicts[0].reason, dict(result.verdicts[0].evidence))
print(result.rethreshold(threshold=0.99))
