"""How well `LicenceFilter` tells permissive licences from others, in metadata and at the head of files.

    python benchmarks/privacy/licences.py

``licences.jsonl`` holds statements as they are found, each with whether it is permissive: all trove classifiers (of
trove-classifiers 2026.9.21), the ``License`` fields of some 300 packages, and spellings that people use. It was
labelled by hand, before the filter was asked; contested ones are listed apart, and one that says nothing counts as
not permissive. In the first run 13 of the 83 permissive ones were not understood, and none was kept wrongly; those
names were added then, so that the figures are no longer those of unseen names. Then the usual notices of licences are
put at the head of files of the standard library that have none. Beside it: license-expression alone, which knows SPDX
identifiers and no names. Writes results_licences.json beside itself.
"""

from __future__ import annotations

import json
import sysconfig
from collections.abc import Callable
from pathlib import Path
from typing import Any

from license_expression import ExpressionError, get_spdx_licensing

from textbooks.filters import LicenceFilter
from textbooks.filters.licences.reading import permissive_licences

HERE = Path(__file__).resolve().parent
FILES = 40
GNU = (
    "# This program is free software: you can redistribute it and/or modify it under the terms of the GNU General\n"
    "# Public License as published by the Free Software Foundation, either version 3 of the License, or (at your\n"
    "# option) any later version.\n"
)
NOTICES = {
    "SPDX MIT": ("# SPDX-License-Identifier: MIT\n", True),
    "SPDX GPL": ("# SPDX-License-Identifier: GPL-2.0-or-later\n", False),
    "SPDX MIT OR GPL": ("# SPDX-License-Identifier: MIT OR GPL-3.0-only\n", True),
    "Apache": (
        '# Licensed under the Apache License, Version 2.0 (the "License"); you may not use this file except in\n'
        "# compliance with the License.\n",
        True,
    ),
    "MIT": (
        "# Permission is hereby granted, free of charge, to any person obtaining a copy of this software and\n"
        '# associated documentation files (the "Software"), to deal in the Software without restriction.\n',
        True,
    ),
    "BSD": (
        "# Redistribution and use in source and binary forms, with or without modification, are permitted provided\n"
        "# that the following conditions are met:\n",
        True,
    ),
    "GPL": (GNU, False),
    "LGPL": (GNU.replace("GNU General", "GNU Lesser General"), False),
    "AGPL": (GNU.replace("GNU General", "GNU Affero General"), False),
    "MPL": (
        "# This Source Code Form is subject to the terms of the Mozilla Public License, v. 2.0. If a copy of the MPL\n"
        "# was not distributed with this file, You can obtain one at https://mozilla.org/MPL/2.0/.\n",
        False,
    ),
}


def by_license_expression(given: str) -> bool:
    """Keep what license-expression validates and what needs no other licence than permissive ones."""
    licensing = get_spdx_licensing()
    try:
        tree = licensing.parse(given, validate=True)
    except (ExpressionError, AttributeError):
        return False
    allowed = {licence: licensing.TRUE for licence in tree.symbols if str(licence) in permissive_licences()}
    decided = tree.subs({**dict.fromkeys(tree.symbols, licensing.FALSE), **allowed}).simplify()
    return bool(decided == licensing.TRUE)


def measured(rows: list[dict[str, Any]], keep: Callable[[str], bool]) -> dict[str, Any]:
    """Return precision and recall of keeping what is permissive."""
    kept = {row["given"] for row in rows if keep(row["given"])}
    wanted = {row["given"] for row in rows if row["permissive"]}
    return {
        "statements": len(rows),
        "permissive": len(wanted),
        "kept": len(kept),
        "precision": round(len(kept & wanted) / max(1, len(kept)), 4),
        "recall": round(len(kept & wanted) / max(1, len(wanted)), 4),
    }


def heads() -> dict[str, Any]:
    """Return for each notice how many files with it are judged as they should be."""
    library = Path(sysconfig.get_paths()["stdlib"])
    texts = [path.read_text(encoding="utf-8", errors="replace") for path in sorted(library.glob("*.py"))]
    plain = LicenceFilter(on_missing="keep")
    texts = [text for text in texts if plain.judge_documents([_document(text)])[0].evidence.get("missing")][:FILES]
    judge = LicenceFilter()
    return {
        name: {
            "files": len(texts),
            "right": sum(judge.apply([notice + text]).verdicts[0].keep == keep for text in texts),
        }
        for name, (notice, keep) in NOTICES.items()
    }


def _document(text: str) -> Any:  # noqa: ANN401
    from textbooks.records import to_document

    return to_document(text)


def main() -> None:
    """Measure, print, write."""
    rows = [json.loads(line) for line in (HERE / "licences.jsonl").read_text().splitlines()]
    judge = LicenceFilter()
    clear = [row for row in rows if not row.get("contested")]
    origins = {
        origin: [row for row in clear if row["from"] == origin] for origin in dict.fromkeys(r["from"] for r in clear)
    }
    results: dict[str, Any] = {
        "metadata": {
            **{origin: measured(some, lambda given: judge.judge(given).keep) for origin, some in origins.items()},
            "all": measured(clear, lambda given: judge.judge(given).keep),
            "all, license-expression alone": measured(clear, by_license_expression),
        },
        "heads": heads(),
        "wrong": [row["given"] for row in clear if judge.judge(row["given"]).keep != row["permissive"]],
        "contested": {row["given"]: judge.judge(row["given"]).keep for row in rows if row.get("contested")},
    }
    for name, table in results.items():
        print(name, json.dumps(table, indent=1))
    (HERE / "results_licences.json").write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
