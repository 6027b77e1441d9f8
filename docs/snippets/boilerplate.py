from pathlib import Path

from textbooks.filters import BoilerplateFilter

boilerplate = BoilerplateFilter()
for name in ("binary_search.py", "settings.py"):
    verdict = boilerplate.judge(Path(name).read_text())
    evidence = verdict.evidence
    print(f"{verdict.status} {verdict.score:.2f} {evidence['kind']}, {evidence['computing']:.0%} of statements compute")
