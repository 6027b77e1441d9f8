import json
from pathlib import Path

from textbooks.diversity import diversity_report

seeded, unseeded = ([json.loads(line) for line in Path(f).open()] for f in ("seeded.jsonl", "unseeded.jsonl"))
report = diversity_report(seeded, against=unseeded, names=("seeded", "unseeded"))
for key in ("distinct_2", "self_bleu", "vendi", "near_0.5", "name_words"):
    values = [f"{one.measures[key].value:.2f}" for one in report.sets]
    print(f"{key:10}", *values, report.differences()[key])
report.to_html("diversity.html")  # the plots
