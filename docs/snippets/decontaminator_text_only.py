import json
from pathlib import Path

from textbooks.decontaminators import Decontaminator
from textbooks.problems import load_problems

rows = [json.loads(line) for line in Path("leaks.jsonl").read_text().splitlines()]
result = Decontaminator(execute=False).fit(load_problems("exams.jsonl")).apply(rows)
print([row["id"] for row in result.dropped])
print([row["id"] for row in result.rethreshold(similarity__min_match_rate=0.8).dropped])
