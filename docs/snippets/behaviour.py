from textbooks.decontaminators import BehaviouralDecontaminator
from textbooks.problems import load_problems

behaviour = BehaviouralDecontaminator(cache=False).fit(load_problems("runs.jsonl"))
disguised = """
from itertools import groupby

class River:
    def __init__(self, smallest):
        self.smallest = smallest

    def convoys(self, barges):
        sizes = ((colour, len(list(group))) for colour, group in groupby(barges))
        return [[colour, size] for colour, size in sizes if size >= self.smallest]
"""
for text in (disguised, disguised.replace(">=", ">")):
    verdict = behaviour.judge(text)
    print(verdict.status, verdict.reason)
    for found in verdict.evidence.get("problems", ()):
        print(found["id"], found["function"], f"{found['inputs']} inputs agree; by chance: {found['chance']:.0e}")
