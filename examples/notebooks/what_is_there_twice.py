# %% [markdown]
# # What is there twice: near and semantic duplicates, and diversity
#
# Copies make a model repeat itself. `MinHashDeduplicator` finds texts that share most of their wording,
# `SemanticDeduplicator` those that mean nearly the same. Both keep the best of each group, by a key of yours.

# %%
from textbooks.dedup import MinHashDeduplicator, SemanticDeduplicator
from textbooks.diversity import diversity_report

TOTAL = '''def total(values):
    """Return the sum of some numbers."""
    result = 0
    for value in values:
        result += value
    return result
'''
MEAN = '''def mean(numbers):
    """Return the mean of some numbers, which must not be empty."""
    if not numbers:
        raise ValueError("no numbers")
    return sum(numbers) / len(numbers)
'''
READ = '''def read_lines(path):
    """Return the lines of a file, without what ends them."""
    with open(path, encoding="utf-8") as file:
        return [line.rstrip() for line in file]
'''
records = [
    {"id": "total", "text": TOTAL, "score": 4.0},
    {"id": "total, as pasted", "text": TOTAL.replace("some numbers", "the numbers"), "score": 4.5},
    {"id": "total, renamed", "text": TOTAL.replace("value", "number").replace("result", "so_far"), "score": 3.0},
    {"id": "mean", "text": MEAN, "score": 4.0},
    {"id": "read_lines", "text": READ, "score": 2.0},
]
near = MinHashDeduplicator(threshold=0.6, key="score").fit_apply(records)
near

# %%
near.pairs()

# %%
semantic = SemanticDeduplicator(threshold=0.7, key="score").fit_apply(records)
print([record["id"] for record in semantic.kept])
semantic.pairs()

# %% [markdown]
# ## Is what is left diverse?
#
# One set beside another, at equal size. Here: functions that differ in a number, and functions that differ.

# %%
alike = [f"def add_{n}(x):\n    total = x + {n}\n    return total\n" for n in range(24)]
verbs = "count find join split merge sort reverse filter map zip scan fold".split()
things = "words lines numbers".split()
varied = [
    f"def {verb}_{thing}({thing}):\n    found = []\n    for one in {thing}:\n        {verb}(one)\n    return found\n"
    for verb in verbs
    for thing in things
][:24]
diversity_report(varied, against=alike, names=("varied", "alike"))
