"""Run folders to render: small ones for the tests, and a realistic one to look at.

``python tests/reports/conftest.py FOLDER`` writes the realistic one and its report: files of the standard library
with invented scores.
"""

from __future__ import annotations

import hashlib
import json
import math
import sys
import sysconfig
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from textbooks.schema import KEPT_SCHEMA, REJECTED_SCHEMA

Row = Mapping[str, Any]
INSTRUCTIVE = {
    "bisect": 4.87,
    "heapq": 4.81,
    "statistics": 4.74,
    "fractions": 4.7,
    "textwrap": 4.62,
    "graphlib": 4.58,
    "colorsys": 4.41,
}
FOLDERS = {"kept": KEPT_SCHEMA, "dropped": REJECTED_SCHEMA, "quarantine": REJECTED_SCHEMA}
CONTAMINATED = '''"""Small helpers for lists of numbers."""

from typing import List


def total(numbers: List[float]) -> float:
    """Add the numbers up."""
    result = 0.0
    for number in numbers:
        result += number
    return result


def closest_pair_is_near(numbers: List[float], limit: float) -> bool:
    """Say whether any two of the numbers are nearer to each other than the limit.

    >>> closest_pair_is_near([1.0, 2.0, 3.9, 4.0], 0.3)
    True
    """
    for place, first in enumerate(numbers):
        for other, second in enumerate(numbers):
            if place != other and abs(first - second) < limit:
                return True
    return False
'''


def record(name: str, text: str | None = "x = 1\n", score: float | None = None, reason: str = "", **fields: Any) -> Row:
    """Return a row; `evidence` may be given as a mapping."""
    evidence = fields.pop("evidence", {})
    row = {
        "id": name,
        "text": text,
        "score": score,
        "reasons": [reason] if reason else [],
        "source": name,
        "metadata": "{}",
    }
    row["evidence"] = evidence if isinstance(evidence, str) else json.dumps(evidence)
    return row | ({"reason": reason} if reason else {}) | fields


def write_run_folder(
    folder: Path,
    kept: Sequence[Row] = (),
    dropped: Sequence[Row] = (),
    quarantine: Sequence[Row] = (),
    /,
    *,
    rows_per_file: int = 1000,
    **stats: Any,
) -> Path:
    """Write what `textbooks curate` leaves; `stats` replaces what is counted from the rows."""
    for name, rows in {"kept": kept, "dropped": dropped, "quarantine": quarantine}.items():
        (folder / name).mkdir(parents=True, exist_ok=True)
        for number, start in enumerate(range(0, len(rows), rows_per_file)):
            table = pa.Table.from_pylist(
                [dict(row) for row in rows[start : start + rows_per_file]], schema=FOLDERS[name]
            )
            pq.write_table(table, folder / name / f"{number:05d}.parquet")
    texts = [row["text"] for rows in (kept, dropped, quarantine) for row in rows if row["text"] is not None]
    counted = {
        "read": len(kept) + len(dropped) + len(quarantine),
        "kept": len(kept),
        "dropped": len(dropped),
        "quarantined": len(quarantine),
        "reasons": dict(Counter(row["reason"] for row in (*dropped, *quarantine))),
        "bytes": sum(len(text.encode("utf-8", "replace")) for text in texts),
        "parameters": {"min_score": 2.5},
        "benchmarks": {},
        "missing_benchmarks": [],
        "versions": {"textbooks": "0.1.0"},
    }
    (folder / "stats.json").write_text(json.dumps(counted | stats), encoding="utf-8")
    return folder


@pytest.fixture(name="record")
def _record() -> Callable[..., Row]:
    return record


@pytest.fixture
def write_run(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes a run folder from rows."""

    def write(*args: Any, **kwargs: Any) -> Path:
        return write_run_folder(tmp_path / "run", *args, **kwargs)

    return write


@pytest.fixture(scope="session")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A realistic run folder."""
    return write_demonstration(tmp_path_factory.mktemp("demonstration"), files=60)


def write_demonstration(folder: Path, files: int = 400) -> Path:
    """Write a run over files of the standard library, with invented scores that depend on their names."""
    library = Path(sysconfig.get_path("stdlib"))
    paths = [p for p in sorted(library.rglob("*.py")) if not {"site-packages", "lib2to3", "__pycache__"} & set(p.parts)]
    kept: list[Row] = []
    dropped: list[Row] = []
    chosen = {path for path in paths if path.parent == library and path.stem in INSTRUCTIVE}
    for path in sorted(chosen.union(paths[:: max(1, len(paths) // files)])):
        name, text = f"cpython/Lib/{path.relative_to(library)}", path.read_text(encoding="utf-8", errors="replace")
        row = _invented(name, text)
        (dropped if "reason" in row else kept).append(row)
    dropped.extend(_contaminated(number) for number in range(3))
    quarantine = [
        record(
            "cpython/Lib/test/bad_coding.py",
            None,
            reason="invalid_unicode",
            evidence={"read": {"position": 41, "byte": "0xa4"}},
        ),
        record(
            "shards/part-00003.jsonl.gz#18204",
            None,
            reason="truncated",
            evidence={"read": {"error": "the gzip stream ends early"}},
        ),
        record(
            "shards/part-00007.jsonl#12",
            "{'content': 1",
            reason="malformed_row",
            evidence={"read": {"column": 2, "error": "expected a double quote"}},
        ),
    ]
    parameters = {
        "paths": ["cpython/Lib", "shards/*.jsonl"],
        "min_score": 2.5,
        "ngram": 13,
        "max_line_length": 1000,
        "model": None,
    }
    versions = {"textbooks": "0.1.0", "python": "3.11.7", "datatrove": "0.10.1", "model": "edu-value-2026.1"}
    facts = {
        "benchmarks": {"humaneval": 164},
        "missing_benchmarks": ["mbpp"],
        "parameters": parameters,
        "versions": versions,
    }
    return write_run_folder(folder, kept, dropped, quarantine, **facts)


def _invented(name: str, text: str) -> Row:
    drawn = [byte / 255 for byte in hashlib.sha256(name.encode()).digest()]
    instructive = name.count("/") == 2 and Path(name).stem in INSTRUCTIVE
    if len(text) < 120:
        return record(
            name, text, None, "too_short", evidence={"size": {"characters": len(text), "min_characters": 120}}
        )
    if drawn[0] < 0.04 and not instructive:
        return record(
            name, text, None, "exact_duplicate", evidence={"exact_duplicate": {"duplicate_of": f"vendor/{name}"}}
        )
    if 0.04 <= drawn[0] < 0.06 and not instructive:
        return record(name, text, None, "syntax", evidence={"syntax": {"line": 14, "error": "invalid syntax"}})
    score = INSTRUCTIVE[Path(name).stem] if instructive else round(4.6 * math.prod(drawn[1:4]) ** 0.5, 3)
    features = ["docstring_share", "comment_share", "names_per_line", "imports_inside_project", "branches", "literals"]
    top = [[feature, round(drawn[4 + i] - 0.45, 2)] for i, feature in enumerate(features[:5])]
    evidence = {"edu_value": {"top_features": top}}
    return record(name, text, score, "" if score >= 2.5 else "low_edu_value", evidence=evidence)


def _contaminated(number: int) -> Row:
    span = [CONTAMINATED.index("for place"), CONTAMINATED.index("< limit") + len("< limit")]
    problem = {"benchmark": "humaneval", "id": f"HumanEval/{40 + number}", "part": "solution"}
    problem |= {"shared": 12 + number, "total": 20, "strength": round((12 + number) / 20, 4)}
    evidence = {
        "edu_value": {},
        "ngram": {"problems": [problem], "span": span, "ngram": CONTAMINATED[span[0] : span[1]]},
    }
    return record(
        f"shards/part-00002.jsonl#{311 + number}", CONTAMINATED, 3.9 + number / 10, "ngram_overlap", evidence=evidence
    )


if __name__ == "__main__":
    from textbooks.reports.html import write_report

    print(write_report(write_demonstration(Path(sys.argv[1]))))
