from textbooks.evaluation import evaluate, pass_at_k, read_completions, similarity_split
from textbooks.problems import load_problems

problems, completions = load_problems("exam.jsonl"), read_completions("completions.jsonl")
evaluation = evaluate(problems, completions, ks=(1, 2), timeout=1)
print(evaluation)
print([f"{problem.id}: {problem.passed}/{problem.samples}" for problem in evaluation.problems])
split = similarity_split(evaluation, similar_ids=["exam/1"])
print("similar to the training data", split.similar)
print("not similar", split.not_similar)
print("pass@10 of 200 samples, 17 right:", round(pass_at_k(200, 17, 10), 4))
