from textbooks.problems import load_problems

[problem] = load_problems("problems.jsonl")
print(problem.benchmark, problem.id, problem.entry_point)
print(problem.program.splitlines()[0])
