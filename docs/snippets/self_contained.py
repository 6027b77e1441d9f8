from pathlib import Path

from textbooks.filters import SelfContainedFilter

VIEW = "from .models import Order\n\n\ndef show(request):\n    return draw(Order.objects.all(), request.user)\n"
self_contained = SelfContainedFilter()
for text in (Path("binary_search.py").read_text(), VIEW):
    verdict = self_contained.judge(text)
    print(f"{verdict.status} {verdict.score:.2f}", verdict.evidence["project_modules"], verdict.evidence["unresolved"])
