"""The texts of the ablation: raw code with its score, recorded synthetic texts, prose, and what is held out of each.

Everything that is trained on is decontaminated of HumanEval and MBPP: code by the main job, whose threshold is off so
that its column of scores tells the arms apart; the synthetic texts by all three methods; prose by its wording.
"""

from __future__ import annotations

import json
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from draws import held_out_packages, one_in, place, sample_of
from sources import Page, code_files, prose_pages

from textbooks.curation.options import CurationOptions
from textbooks.curation.run import curate
from textbooks.decontaminators import Decontaminator, NGramDecontaminator
from textbooks.dedup import MinHashDeduplicator
from textbooks.problems import Problem, load_problems
from textbooks.storage import write_atomically

RECORDED = Path(__file__).resolve().parents[2] / "tests" / "data" / "synthetic"
SHARD_BYTES = 8_000_000
HELD_OUT_SHARE = 0.05
HELD_OUT_PARTS = 8
"""One in so many synthetic texts is held out."""

LONGEST_HELD_OUT = 4_000
"""Characters after which a file that is held out is cut, so that many files are seen."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is read and held out.

    Attributes
    ----------
    raw_bytes : int or None
        Python read at most, files drawn by their names; all when None.
    held_out_bytes : int
        Text of each set that is evaluated.
    workers : int
        Processes of the main job.
    execute : bool
        Whether the recorded texts are run to see whether they solve a problem.
    """

    raw_bytes: int | None = None
    held_out_bytes: int = 45_000
    workers: int = 2
    execute: bool = True


def build(work: Path, packages: list[Path], sizes: Sizes, say: Callable[[str], object]) -> dict[str, Any]:
    """Write all texts as JSON lines into ``work/texts``, once, and return what is known of them."""
    notes = work / "texts.json"
    if notes.is_file():
        return dict(json.loads(notes.read_text()))
    out, problems = work / "texts", load_problems("humaneval") + load_problems("mbpp")
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    code, about = _code(work, packages, sizes, out, say)
    held_out = frozenset(code["held out packages"])
    prose = _prose(packages, problems, held_out, sizes, out)
    say("decontaminating the recorded texts")
    synthetic, found = _synthetic(problems, sizes, out)
    _benchmarks(problems, sizes, out)
    known = {
        "curation": about,
        "code": code,
        "prose": prose,
        "synthetic": synthetic,
        "sizes": asdict(sizes),
        "decontaminated": found,
        "sets": {path.stem: _size(path) for path in sorted(out.glob("*.jsonl"))},
    }
    write_atomically(notes, json.dumps(known, indent=1).encode())
    return known


def _code(
    work: Path, packages: list[Path], sizes: Sizes, out: Path, say: Callable[[str], object]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Curate the raw code, and split it by package into what is trained on and two held-out sets."""
    gathered = work / "gathered"
    if not gathered.is_dir():
        say("gathering Python files")
        _gather(code_files(packages), sizes.raw_bytes, gathered)
    say("curating: duplicates, decontamination, scores")
    options = CurationOptions(out=work / "curated", paths=[str(gathered)], min_score=0, workers=sizes.workers)
    stats = curate(options).stats
    by_package: dict[str, int] = defaultdict(int)
    rows = list(_kept_rows(work / "curated"))
    for row in rows:
        by_package[row["package"]] += len(row["text"])
    held_out = held_out_packages(by_package, HELD_OUT_SHARE)
    _write(out / "raw.jsonl", (row for row in rows if row["package"] not in held_out))
    scored = {row["id"]: row for row in rows if row["package"] in held_out}
    texts = {name: row["text"] for name, row in scored.items()}
    kept = {name: text for name, text in texts.items() if scored[name]["score"] >= 2.5}
    for name, found in (("held_out_random_code", texts), ("held_out_kept_code", kept)):
        _write_texts(out / f"{name}.jsonl", sample_of(found, sizes.held_out_bytes, longest=LONGEST_HELD_OUT, salt=name))
    about = {name: stats[name] for name in ("read", "kept", "dropped", "quarantined", "reasons") if name in stats}
    return {"packages": len(by_package), "held out packages": sorted(held_out)}, about


def _gather(pages: Iterable[Page], most: int | None, out: Path) -> None:
    """Write files as JSON lines in shards; where there are more than `most` bytes, those drawn by their names."""
    work = out.with_name(f"{out.name}.part")
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    if most is not None:
        drawn, left = [], most
        for page in sorted(pages, key=lambda page: place(page.id, "raw")):
            if left <= 0:
                break
            drawn.append(page)
            left -= len(page.text)
        pages = drawn
    shard: list[str] = []
    size = number = 0
    for page in pages:
        shard.append(json.dumps(asdict(page)))
        size += len(shard[-1])
        if size >= SHARD_BYTES:
            (work / f"{number:05d}.jsonl").write_text("\n".join(shard) + "\n")
            shard, size, number = [], 0, number + 1
    if shard:
        (work / f"{number:05d}.jsonl").write_text("\n".join(shard) + "\n")
    work.rename(out)


def _kept_rows(curated: Path) -> Iterator[dict[str, Any]]:
    for path in sorted((curated / "kept").glob("*.parquet")):
        for row in pq.read_table(path, columns=["id", "text", "score", "metadata"]).to_pylist():
            package = json.loads(row.pop("metadata"))["package"]
            yield {**row, "package": package}


def _prose(
    packages: list[Path], problems: list[Problem], held_out: frozenset[str], sizes: Sizes, out: Path
) -> dict[str, int]:
    """Write prose without near-duplicates, and the pages of the packages that are held out."""
    pages = list(prose_pages(packages))
    kept = MinHashDeduplicator(threshold=0.7).fit_apply([page.text for page in pages])
    clean = NGramDecontaminator().fit(problems).keep_batch([page.text for page in pages])
    chosen = [page for page, v, ok in zip(pages, kept.verdicts, clean, strict=True) if v.status == "kept" and ok]
    names = held_out | one_in({page.package for page in chosen}, HELD_OUT_PARTS, salt="prose")
    _write(out / "prose.jsonl", (asdict(page) for page in chosen if page.package not in names))
    texts = {page.id: page.text for page in chosen if page.package in names}
    _write_texts(out / "held_out_prose.jsonl", sample_of(texts, sizes.held_out_bytes, longest=LONGEST_HELD_OUT))
    return {"pages": len(pages), "kept": len(chosen), "held out packages": len(names)}


def _synthetic(
    problems: list[Problem], sizes: Sizes, out: Path
) -> tuple[dict[str, dict[str, int]], dict[str, list[str]]]:
    """Write the recorded texts that hold no problem; what is held out is drawn by id."""
    judge, known, dropped = Decontaminator(execute=sizes.execute).fit(problems), {}, {}
    for kind in ("textbooks", "exercises"):
        rows = [json.loads(line) for line in (RECORDED / f"{kind}.jsonl").read_text(encoding="utf-8").splitlines()]
        verdicts = judge.judge_batch([row["text"] for row in rows])
        kept = {row["id"]: row["text"] for row, v in zip(rows, verdicts, strict=True) if v.status == "kept"}
        dropped[kind] = sorted({row["id"] for row in rows} - set(kept))
        held_out = one_in(kept, HELD_OUT_PARTS)
        _write_texts(out / f"{kind}.jsonl", {name: text for name, text in kept.items() if name not in held_out})
        texts = {name: kept[name] for name in sorted(held_out)}
        sample = sample_of(texts, sizes.held_out_bytes, longest=LONGEST_HELD_OUT)
        _write_texts(out / f"held_out_{kind}.jsonl", sample)
        known[kind] = {"texts": len(rows), "kept": len(kept), "held out": len(held_out)}
    return known, dropped


def _benchmarks(problems: list[Problem], sizes: Sizes, out: Path) -> None:
    """Write the reference programs: of HumanEval with their prompts, of MBPP alone."""
    for benchmark in ("humaneval", "mbpp"):
        texts = {p.id: p.program.replace("\r\n", "\n") for p in problems if p.benchmark == benchmark}
        if benchmark == "mbpp":
            texts = sample_of(texts, sizes.held_out_bytes, longest=LONGEST_HELD_OUT, shortest=1)
        _write_texts(out / f"held_out_{benchmark}.jsonl", texts)


def _write(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    write_atomically(path, "".join(json.dumps(row) + "\n" for row in rows).encode())


def _write_texts(path: Path, texts: Mapping[str, str]) -> None:
    _write(path, ({"id": name, "text": text} for name, text in texts.items()))


def read_rows(path: Path) -> list[dict[str, Any]]:
    """Return the rows of a file of JSON lines."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _size(path: Path) -> dict[str, int]:
    texts = [row["text"] for row in read_rows(path)]
    return {"texts": len(texts), "bytes": sum(len(text.encode("utf-8", "surrogatepass")) for text in texts)}
