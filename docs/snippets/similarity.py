import json
from pathlib import Path

from textbooks.decontaminators import SimilarityDecontaminator
from textbooks.problems import load_problems

similarity = SimilarityDecontaminator().fit(load_problems("problems.jsonl"))
rows = [json.loads(line) for line in Path("corpus.jsonl").read_text().splitlines()]
for row in rows[:1] + rows[4:5]:
    verdict = similarity.judge(row["text"])
    print(row["id"], verdict.status, f"{verdict.score:.2f}", verdict.evidence.get("benchmarks"))
