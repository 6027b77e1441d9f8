import json
from pathlib import Path

from textbooks.diversity import diversity_report

names = ("seeded", "unseeded")
seeded, unseeded = ([json.loads(row) for row in Path(f"{name}.jsonl").read_text().splitlines()] for name in names)
report = diversity_report(seeded, against=unseeded, names=names)
for key in ("distinct_2", "self_bleu", "vendi", "near_0.5", "name_words"):
    print(f"{key:10}", *(f"{one.measures[key].value:.2f}" for one in report.sets), report.differences()[key])
report.to_html("diversity.html")  # the plots
