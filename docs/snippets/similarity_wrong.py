from textbooks.decontaminators import SimilarityDecontaminator
from textbooks.problems import load_problems

similarity = SimilarityDecontaminator().fit(load_problems("problems.jsonl"))
other_algorithm = "def running_totals(amounts):\n    return list(accumulate(amounts))\n"
other_task = """def values_below(values):
    found = []
    last = 0
    for value in values:
        last = last - value
        found.append(last)
    return found
"""
print(similarity.judge(other_algorithm).status, similarity.judge(other_task).status)
