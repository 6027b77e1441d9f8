import json
from pathlib import Path

from textbooks.decontaminators import Decontaminator
from textbooks.problems import load_problems

decontaminator = Decontaminator().fit(load_problems("exams.jsonl"))
for line in Path("leaks.jsonl").read_text().splitlines():
    row = json.loads(line)
    verdict = decontaminator.judge(row["text"])  # runs the text, confined by the sandbox
    found = {name: [one["method"] for one in verdict.evidence.get(name, ())] for name in ("problems", "refuted")}
    print(f"{row['id']:9} {verdict.status:7}", found)
