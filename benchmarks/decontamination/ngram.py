"""How well `NGramDecontaminator` finds copies, what it flags wrongly, and how fast it reads.

Run from the checkout, with HumanEval and MBPP where `load_problems` finds them:

    python benchmarks/decontamination/ngram.py

Prints tables and writes results_ngram.json beside this file.
"""

from __future__ import annotations

import argparse
import ast
import importlib.metadata
import json
import platform
import random
import time
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from hosts import embed, parsed, stdlib_files

from textbooks.decontaminators import NGramDecontaminator
from textbooks.decontaminators.ngram.references import undocumented
from textbooks.problems import Problem, load_problems

HERE = Path(__file__).resolve().parent
THRESHOLDS = (0.0, 0.1, 0.25, 0.3, 0.4, 0.5, 0.6)
KINDS = ("renamed", "reworded", "restructured", "disguised", "near_miss")


class _Rename(ast.NodeTransformer):
    """Give new names to everything that a program defines, and leave its docstrings."""

    def __init__(self, tree: ast.Module) -> None:
        names: dict[str, None] = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                names[node.name] = None
            elif isinstance(node, ast.arg):
                names[node.arg] = None
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                names[node.id] = None
        self.new = {name: f"item{number}" for number, name in enumerate(names)}

    def visit(self, node: ast.AST) -> ast.AST:
        for field in ("name", "arg", "id"):
            if isinstance(getattr(node, field, None), str):
                setattr(node, field, self.new.get(getattr(node, field), getattr(node, field)))
        return self.generic_visit(node)


def renamed(program: str) -> str:
    tree = ast.parse(program)
    return ast.unparse(_Rename(tree).visit(tree))


def reindented(program: str) -> str:
    """Indent by two columns instead of four, double the line ends, and write them as Windows does."""
    return program.replace("    ", "  ").replace("\n", "\r\n\r\n")


def body_only(program: str) -> str:
    """Keep the bodies: functions and their arguments get names of their own, docstrings go."""
    tree = ast.parse(undocumented(program))
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            node.name, node.returns = f"other_{len(node.name)}", None
            for argument in node.args.args:
                argument.annotation = None
    return ast.unparse(tree)


CHANGES: dict[str, Callable[[str], str]] = {
    "verbatim": lambda program: program,
    "re-indented, blank lines, CRLF": reindented,
    "ast round trip": lambda program: ast.unparse(ast.parse(program)),
    "docstring removed": undocumented,
    "docstring removed, ast round trip": lambda program: ast.unparse(ast.parse(undocumented(program))),
    "docstring, function name and annotations removed": body_only,
    "identifiers renamed": renamed,
    "identifiers renamed, docstring removed": lambda program: renamed(undocumented(program)),
}


def overlaps(decontaminator: NGramDecontaminator, texts: Iterable[str]) -> list[float]:
    matches = (decontaminator.match(text) for text in texts)
    return [match.overlap if match else -1.0 for match in matches]


def shares(scores: Sequence[float]) -> dict[str, float]:
    return {f"{threshold:g}": round(float(np.mean(np.array(scores) >= threshold)), 4) for threshold in THRESHOLDS}


def injected_recall(problems: Sequence[Problem], files: dict[str, str], host_sizes: tuple[int, int]) -> dict[str, Any]:
    """Inject each problem, changed in each way, into a clean file that shares no n-gram with the benchmark."""
    decontaminator = NGramDecontaminator().fit(problems)
    clean = [
        text
        for text in files.values()
        if host_sizes[0] <= len(text) <= host_sizes[1] and parsed(text) and decontaminator.match(text) is None
    ]
    hosts = random.Random(0).choices(clean, k=len(problems))
    answer = {}
    for change, function in CHANGES.items():
        texts = [embed(function(problem.program), host) for problem, host in zip(problems, hosts, strict=True)]
        answer[change] = shares(overlaps(decontaminator, texts))
    return answer


def truth_set(problems: Sequence[Problem], **parameters: Any) -> dict[str, Any]:  # noqa: ANN401
    decontaminator = NGramDecontaminator(**parameters).fit(problems)
    scores = defaultdict(list)
    for line in (HERE / "truth_set.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        scores[row["kind"]] += overlaps(decontaminator, [row["text"]])
    return {kind: shares(scores[kind]) for kind in KINDS}


def clean_files(problems: Sequence[Problem], files: dict[str, str], **parameters: Any) -> dict[str, Any]:  # noqa: ANN401
    """Say which share of the files is flagged, and show what the nearest ones share."""
    decontaminator = NGramDecontaminator(**parameters).fit(problems)
    found = [(name, decontaminator.match(text)) for name, text in files.items()]
    matched = sorted(
        ((match.overlap, name, match) for name, match in found if match), reverse=True, key=lambda r: r[:2]
    )
    nearest = [
        {
            "file": name,
            **asdict(match.hits[0]),
            "overlap": round(match.overlap, 4),
            "text": " ".join(match.text.split())[:120],
        }
        for overlap, name, match in matched[:10]
    ]
    return {
        "files": len(files),
        "flagged": shares([match.overlap if match else -1.0 for _, match in found]),
        "nearest": nearest,
    }


def speed(problems: Sequence[Problem], files: dict[str, str], repeats: int, **parameters: Any) -> dict[str, float]:  # noqa: ANN401
    decontaminator = NGramDecontaminator(**parameters).fit(problems)
    decontaminator.keep_batch(["x"])  # what is compiled, is compiled now
    texts = list(files.values())
    megabytes = sum(len(text.encode("utf-8", "replace")) for text in texts) / 1e6
    seconds = []
    for _ in range(repeats):
        begin = time.perf_counter()
        decontaminator.judge_batch(texts)
        seconds.append(time.perf_counter() - begin)
    return {"megabytes": round(megabytes, 2), "repeats": repeats, "mb_per_s": round(megabytes / min(seconds), 1)}


def show(title: str, rows: dict[str, dict[str, float]]) -> None:
    print(f"\n{title}\n{'min_overlap >=':<50}" + "".join(f"{threshold:>8g}" for threshold in THRESHOLDS))
    for name, values in rows.items():
        print(f"{name:<50}" + "".join(f"{value:>8.3f}" for value in values.values()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=5, help="timed passes; the fastest counts")
    repeats = parser.parse_args().repeats
    warnings.simplefilter("ignore", SyntaxWarning)
    warnings.simplefilter("ignore", DeprecationWarning)
    humaneval, mbpp = load_problems("humaneval"), load_problems("mbpp")
    files = stdlib_files()
    results = {
        "setting": {
            "python": platform.python_version(),
            "numpy": np.__version__,
            "numba": importlib.metadata.version("numba"),
            "defaults": NGramDecontaminator().get_params(),
        },
        "truth_set": truth_set(humaneval),
        "truth_set_names_folded": truth_set(humaneval, fold_identifiers=True),
        "truth_set_names_and_literals_folded": truth_set(humaneval, fold_identifiers=True, fold_literals=True),
        "injected_humaneval": injected_recall(humaneval, files, (2_000, 40_000)),
        "injected_mbpp": injected_recall(mbpp, files, (2_000, 40_000)),
        "clean_stdlib": clean_files([*humaneval, *mbpp], files),
        "clean_stdlib_names_folded": clean_files([*humaneval, *mbpp], files, fold_identifiers=True),
        "speed_stdlib": speed([*humaneval, *mbpp], files, repeats),
        "speed_stdlib_names_folded": speed([*humaneval, *mbpp], files, repeats, fold_identifiers=True),
    }
    show("truth set: share flagged (near_miss should be 0)", results["truth_set"])
    show("the same, names folded", results["truth_set_names_folded"])
    show("the same, names and literals folded", results["truth_set_names_and_literals_folded"])
    show("HumanEval injected into clean files: recall", results["injected_humaneval"])
    show("MBPP injected into clean files: recall", results["injected_mbpp"])
    show("clean files flagged", {"standard library": results["clean_stdlib"]["flagged"]})
    show("the same, names folded", {"standard library": results["clean_stdlib_names_folded"]["flagged"]})
    for row in results["clean_stdlib"]["nearest"]:
        print(f"  {row['overlap']:.2f} {row['file']}: {row['benchmark']} {row['id']} {row['part']}: {row['text']}")
    print(f"\nspeed on one core: {results['speed_stdlib']}; names folded: {results['speed_stdlib_names_folded']}")
    (HERE / "results_ngram.json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
