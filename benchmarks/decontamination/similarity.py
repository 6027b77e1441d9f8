"""What `SimilarityDecontaminator` finds at each tau, what it flags wrongly, and how fast it compares.

    python benchmarks/decontamination/similarity.py [--texts exercises.jsonl ...] [--peers]

Needs HumanEval and MBPP where `load_problems` finds them. `--texts` names JSON lines of further texts, to count how
many match HumanEval at each tau. `--peers` times the tree distance beside apted and zss (`pip install apted zss`).
Prints tables and writes results_similarity.json beside this file; a part that is not run keeps its last results.
"""

from __future__ import annotations

import argparse
import ast
import json
import platform
import random
import textwrap
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from edits import EDITS
from hosts import stdlib_files
from similarity_speed import cascade, peers

from textbooks.decontaminators import SimilarityDecontaminator, SimilarityMatch
from textbooks.problems import Problem, load_problems

HERE = Path(__file__).resolve().parent
TAUS = (0.95, 0.9, 0.85, 0.8, 0.75, 0.7)
KINDS = ("renamed", "reworded", "restructured", "disguised", "near_miss")
DEFAULT = SimilarityDecontaminator()

Found = Sequence[SimilarityMatch | None]


def rates(matches: Found, max_distance: float, ids: Sequence[str | None]) -> list[float]:
    """Return the best rate of each match within a distance, of the named problem or of any."""
    return [
        max(
            (
                hit.match_rate
                for hit in (match.hits if match else ())
                if hit.distance <= max_distance and id_ in (None, hit.id)
            ),
            default=0.0,
        )
        for match, id_ in zip(matches, ids, strict=True)
    ]


def shares(values: Sequence[float], digits: int = 4) -> dict[str, float]:
    return {f"{tau:g}": round(sum(value >= tau for value in values) / max(len(values), 1), digits) for tau in TAUS}


def counts(values: Sequence[float]) -> dict[str, int]:
    return {f"{tau:g}": sum(value >= tau for value in values) for tau in TAUS}


def variants(problems: Sequence[Problem]) -> dict[str, tuple[SimilarityDecontaminator, float]]:
    """Return what is compared: a fitted decontaminator and the distance that counts."""
    sequence = SimilarityDecontaminator().fit(problems)
    tree = SimilarityDecontaminator(method="tree").fit(problems)
    far = SimilarityDecontaminator(min_nodes=20).fit(problems)
    return {
        "default": (sequence, DEFAULT.max_distance),
        "without embedding": (sequence, 2.0),
        "without embedding, 20 nodes": (far, 2.0),
        "tree": (tree, DEFAULT.max_distance),
    }


def truth_set(problems: Sequence[Problem]) -> dict[str, Any]:
    rows = [json.loads(line) for line in (HERE / "truth_set.jsonl").read_text(encoding="utf-8").splitlines()]
    answer: dict[str, Any] = {}
    for name, (decontaminator, distance) in variants(problems).items():
        of_kind = defaultdict(list)
        for row in rows:
            wanted = row["task_id"] if row["contaminated"] else None  # a near miss must match nothing
            of_kind[row["kind"]] += rates([decontaminator.match(row["text"])], distance, [wanted])
        answer[name] = {kind: shares(of_kind[kind]) for kind in KINDS}
    return answer


def edited(problems: Sequence[Problem]) -> dict[str, Any]:
    """Return the recall of the problems' own programs, edited in each way."""
    decontaminator = SimilarityDecontaminator().fit(problems)
    answer = {}
    for name, edit in EDITS.items():
        made = [(problem.id, edit(problem.program, problem.entry_point)) for problem in problems]
        texts = [(id_, one.text) for id_, one in made if one is not None]
        if not texts:  # MBPP has no docstrings to remove
            continue
        matches = [decontaminator.match(text) for _, text in texts]
        found = rates(matches, DEFAULT.max_distance, [id_ for id_, _ in texts])
        answer[name] = {"texts": len(texts), **shares(found)}
    return answer


def clean_functions(most: int) -> list[str]:
    """Return functions of the standard library drawn at random, each as a text of its own."""
    found = []
    for text in stdlib_files().values():
        lines = text.split("\n")
        try:
            tree = ast.parse(text)
        except (SyntaxError, ValueError):
            continue
        nodes = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
        found += [textwrap.dedent("\n".join(lines[node.lineno - 1 : node.end_lineno])) for node in nodes]
    return random.Random(0).sample(found, k=min(most, len(found)))


def clean(problems: Sequence[Problem], functions: Sequence[str]) -> dict[str, Any]:
    """Return how many of the functions are flagged."""
    decontaminator = SimilarityDecontaminator().fit(problems)
    matches = [decontaminator.match(text) for text in functions]
    show_flagged(functions, matches)
    anything = [None] * len(matches)
    return {
        "default": {"functions": len(functions), **counts(rates(matches, DEFAULT.max_distance, anything))},
        "without embedding": {"functions": len(functions), **counts(rates(matches, 2.0, anything))},
    }


def show_flagged(functions: Sequence[str], matches: Found) -> None:
    """Print the clean functions that the defaults flag, to be read."""
    for text, match in zip(functions, matches, strict=True):
        for hit in match.hits if match else ():
            if hit.match_rate >= DEFAULT.min_match_rate and hit.distance <= DEFAULT.max_distance:
                print(f"flagged {hit.id} rate {hit.match_rate:.2f} distance {hit.distance:.2f}: {text[:200]!r}")


def matching(texts: Mapping[str, Iterable[str]], problems: Sequence[Problem]) -> dict[str, Any]:
    """Return how many texts each tau removes, as in the paper's table."""
    decontaminator = SimilarityDecontaminator().fit(problems)
    answer = {}
    for name, some in texts.items():
        matches = [decontaminator.match(text) for text in some]
        answer[name] = {
            "texts": len(matches),
            **counts(rates(matches, DEFAULT.max_distance, [None] * len(matches))),
        }
    return answer


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", type=Path, nargs="*", default=[], help="JSON lines with a field `text`")
    parser.add_argument("--functions", type=int, default=10_000, help="clean functions, at most")
    parser.add_argument("--peers", action="store_true", help="time apted and zss too")
    parser.add_argument("--repeats", type=int, default=3, help="timed passes; the fastest counts")
    parser.add_argument("--only", nargs="*", help="names of parts of the results, to renew these alone")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore", SyntaxWarning)
    warnings.simplefilter("ignore", DeprecationWarning)
    humaneval, mbpp = load_problems("humaneval"), load_problems("mbpp")
    functions = clean_functions(arguments.functions)
    texts = {"MBPP programs": [problem.program for problem in mbpp]}
    texts |= {
        path.stem: [json.loads(line)["text"] for line in path.read_text().splitlines()] for path in arguments.texts
    }
    steps: dict[str, Callable[[], Any]] = {
        "truth_set": lambda: truth_set(humaneval),
        "edited_humaneval": lambda: edited(humaneval),
        "texts_that_match_humaneval": lambda: matching(texts, humaneval),
        "clean_functions_humaneval": lambda: clean(humaneval, functions),
        "clean_functions_humaneval_and_mbpp": lambda: clean([*humaneval, *mbpp], functions),
        "edited_mbpp": lambda: edited(mbpp),
        "cascade": lambda: cascade([*humaneval, *mbpp], arguments.repeats),
    }
    if arguments.peers:
        steps["tree_distance"] = lambda: peers(arguments.repeats)
    steps = {name: step for name, step in steps.items() if name in (arguments.only or steps)}
    file = HERE / "results_similarity.json"
    results = {} if not file.exists() else json.loads(file.read_text())
    results["setting"] = {
        "python": platform.python_version(),
        **{name: version(name) for name in ("numba", "rapidfuzz", "tree-sitter", "tree-sitter-python")},
        "defaults": {name: str(value) for name, value in DEFAULT.get_params().items()},
    }
    for name, step in steps.items():
        results[name] = step()
        print(f"\n{name}\n{json.dumps(results[name], indent=1)}", flush=True)
        file.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
