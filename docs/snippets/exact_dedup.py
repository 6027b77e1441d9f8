from textbooks.dedup import ExactDeduplicator

result = ExactDeduplicator().fit_apply(["x = 1", "y = 2", "x = 1", "x = 1 "])
print(result.kept)
print(result.verdicts[2].reason, dict(result.verdicts[2].evidence))
