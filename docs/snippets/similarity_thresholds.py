from textbooks.decontaminators import SimilarityDecontaminator
from textbooks.problems import load_problems

problems = load_problems("problems.jsonl")
program = problems[0].program
texts = [
    program,
    program.replace("total + amount", "total - amount"),
    program.replace("    return totals", "    print(totals)\n    return totals"),
    program.replace("total = total + amount", "total += amount"),
    program.replace("totals = []", "totals = []\n    if not amounts:\n        return None"),
]
result = SimilarityDecontaminator().fit(problems).apply(texts)
for tau in (0.95, 0.9, 0.85, 0.8):
    again = result.rethreshold(min_match_rate=tau, max_distance=2)
    print(tau, [verdict.status.value for verdict in again.verdicts])
