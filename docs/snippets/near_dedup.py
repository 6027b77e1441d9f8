from textbooks.dedup import MinHashDeduplicator

mean = "def mean(values):\n    return sum(values) / len(values)\n"
records = [
    {"text": mean.replace("    ", "\t"), "score": 1.0},
    {"text": "# The mean.\n" + mean, "score": 4.0},
    {"text": "def area(width, height):\n    return width * height\n", "score": 2.0},
]
result = MinHashDeduplicator(threshold=0.6, key="score").fit_apply(records)
print(result)
print(result.verdicts[0].reason, dict(result.verdicts[0].evidence))
print(result.rethreshold(threshold=0.9))
