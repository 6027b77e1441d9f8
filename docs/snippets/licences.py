from textbooks.filters import LicenceFilter

licence = LicenceFilter()
for stated in ["MIT", "Apache License, Version 2.0", "GPL-3.0-only OR MIT", ["MIT", "GPL-2.0"], "Dual License", None]:
    verdict = licence.judge(stated)
    why = verdict.evidence.get("not_allowed") or verdict.evidence.get("unknown") or ""
    print(verdict.status, verdict.reason or "-", verdict.evidence.get("understood", "-"), why)
