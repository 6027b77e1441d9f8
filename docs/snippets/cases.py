from textbooks.problems import load_problems

problem = load_problems("exam.jsonl")[3]
for case in problem.cases():
    print(problem.entry_point, case.args, "->", case.expected)
