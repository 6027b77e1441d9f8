import json
from pathlib import Path

from textbooks.decontaminators import DecontaminationReport, Decontaminator
from textbooks.problems import load_problems

problems = load_problems("exams.jsonl")
rows = [json.loads(line) for line in Path("leaks.jsonl").read_text().splitlines()]
report = DecontaminationReport.of(Decontaminator().fit(problems).apply(rows), problems)
print(report.dropped, "of", report.texts, "texts dropped;", report.refuted, "refuted")
print(report.by_method)
print(report.problems[0].id, [(found.document, found.method) for found in report.problems[0].examples])
print(report.tainted("exams"))
report.save("decontamination.json")
