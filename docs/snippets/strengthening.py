from textbooks.decontaminators import strengthen
from textbooks.problems import load_problems

for strong in strengthen(load_problems("weak.jsonl"), cache=False):
    print(strong.problem.entry_point, strong.published, "published,", len(strong.cases), "in all,", strong.ordinary)
    for case in strong.cases[:3] + strong.cases[-3:]:
        print("   ", case.args, "->", case.expected)
