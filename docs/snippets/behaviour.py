from textbooks.decontaminators import BehaviouralDecontaminator
from textbooks.problems import load_problems

behaviour = BehaviouralDecontaminator(cache=False).fit(load_problems("runs.jsonl"))
disguised = """def convoys(smallest, barges):
    from itertools import groupby
    return [[colour, size] for colour, group in groupby(barges) if (size := len(list(group))) >= smallest]
"""
for text in (disguised, disguised.replace(">=", ">")):
    verdict = behaviour.judge(text)
    for found in verdict.evidence.get("problems", [{}]):
        print(verdict.status, verdict.reason, found.get("function"), found.get("arguments"), found.get("inputs"))
