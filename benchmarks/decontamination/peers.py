"""N-grams beside their peers: which edited copies each finds, and how fast each reads; all in one run.

Run from the checkout, with HumanEval where `load_problems` finds it and spaCy installed (datatrove's filter cuts
English words with it):

    python benchmarks/decontamination/peers.py

Peers: datatrove's `NGramsDecontFilter` on an index of 13-grams written in its own file format (its indexer needs
lighteval), and a substring scan such as StarCoder's: a file that holds a problem's docstring or solution, character
for character. datatrove 0.10.1 hashes strings, which xxhash 4 refuses: install xxhash 3 for this script. Prints tables
and writes results_peers.json beside this file.
"""

from __future__ import annotations

import argparse
import ast
import importlib.metadata
import json
import platform
import random
import tempfile
import time
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from datatrove.data import Document
from datatrove.pipeline.decont.n_grams import NGramsDecontConfig, NGramsDecontFilter, NGramsDecontIndexer
from edits import EDITS
from hosts import embed, parsed, stdlib_files

from textbooks.decontaminators import NGramDecontaminator
from textbooks.problems import Problem, load_problems

HERE = Path(__file__).resolve().parent
Flags = Callable[[Sequence[str]], list[bool]]


def datatrove_filter(problems: Sequence[Problem], folder: str) -> NGramsDecontFilter:
    """Return datatrove's filter on 13-grams of prompts, solutions, and both together."""
    config = NGramsDecontConfig(n_grams=13, find_query_ngrams=True, find_overlap_ngrams=True)
    found = NGramsDecontFilter(folder, config)
    indexer = SimpleNamespace(config=config, tokenizer=found.tokenizer, hash_func=found.hash_func)
    hashes = set()
    for problem in problems:
        hashes.update(NGramsDecontIndexer.compute_hashes(indexer, problem.solution, problem.prompt))
    np.array(sorted(hashes), dtype=config.hash_config.np_descr).tofile(Path(folder) / "humaneval.index.hashes")
    found.load_index_hashes()
    return found


def by_datatrove(found: NGramsDecontFilter) -> Flags:
    return lambda texts: [found.filter(Document(text=text, id="")) is not True for text in texts]


def by_datatrove_without_spacy(found: NGramsDecontFilter) -> Flags:
    """Return the same with words cut at white space: what is left of its time when spaCy costs nothing."""
    bare = SimpleNamespace(**vars(found), stat_update=lambda *_: None)
    bare.tokenizer = SimpleNamespace(word_tokenize=str.split)
    return lambda texts: [NGramsDecontFilter.filter(bare, Document(text=text, id="")) is not True for text in texts]


def by_substring(problems: Sequence[Problem]) -> Flags:
    strings = set()
    for problem in problems:
        functions = [node for node in ast.parse(problem.program).body if isinstance(node, ast.FunctionDef)]
        strings |= {ast.get_docstring(node, clean=False) or "" for node in functions} | {problem.solution.strip()}
    wanted = sorted(text.strip() for text in strings if len(text.strip()) > 20)
    return lambda texts: [any(string in text for string in wanted) for text in texts]


def by_ngrams(problems: Sequence[Problem], **parameters: Any) -> Flags:  # noqa: ANN401
    decontaminator = NGramDecontaminator(**parameters).fit(problems)
    return lambda texts: [not keep for keep in decontaminator.keep_batch(texts)]


def recall(problems: Sequence[Problem], hosts: Sequence[str], tools: dict[str, Flags]) -> dict[str, dict[str, float]]:
    """Say which share of the edited references each tool finds inside of clean files."""
    table = {}
    for name, edit in EDITS.items():
        edited = [edit(problem.program, problem.entry_point) for problem in problems]
        texts = [
            one.text if name == "in a 500-line file" else embed(one.text, host)
            for one, host in zip(edited, hosts, strict=True)
            if one is not None
        ]
        table[name] = {"copies": len(texts)}
        table[name] |= {tool: round(float(np.mean(flags(texts))), 4) for tool, flags in tools.items()}
        print(f"{name:<28}" + "".join(f"{value:>14}" for value in table[name].values()), flush=True)
    return table


def speed(texts: Sequence[str], tools: dict[str, Flags], repeats: int) -> dict[str, dict[str, float]]:
    """Time the tools in turns over the same strings; the fastest turn of each counts."""
    megabytes = sum(len(text.encode("utf-8", "replace")) for text in texts) / 1e6
    seconds: dict[str, list[float]] = {tool: [] for tool in tools}
    flagged = {
        tool: float(np.mean(flags(texts[:2]))) for tool, flags in tools.items()
    }  # what is compiled, is compiled now
    for _ in range(repeats):
        for tool, flags in tools.items():
            begin = time.perf_counter()
            found = flags(texts)
            seconds[tool].append(time.perf_counter() - begin)
            flagged[tool] = round(sum(found) / len(found), 4)
    ours = min(seconds["ngram"])
    return {
        tool: {
            "mb_per_s": round(megabytes / min(times), 2),
            "ngram is so many times as fast": round(min(times) / ours, 1),
            "clean files flagged": flagged[tool],
        }
        for tool, times in seconds.items()
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=5, help="timed turns; the fastest counts")
    parser.add_argument("--files", type=int, default=150, help="files of the standard library that are timed")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    problems, files = load_problems("humaneval"), list(stdlib_files().values())
    with tempfile.TemporaryDirectory() as folder:
        found = datatrove_filter(problems, folder)
    tools = {
        "datatrove": by_datatrove(found),
        "substring": by_substring(problems),
        "ngram": by_ngrams(problems),
        "ngram, folded": by_ngrams(problems, fold_identifiers=True),
    }
    timed = random.Random(0).sample([text for text in files if len(text) < 500_000], k=arguments.files)
    fast = speed(timed, {**tools, "datatrove without spaCy": by_datatrove_without_spacy(found)}, arguments.repeats)
    for tool, row in fast.items():
        print(f"{tool:<28}" + "".join(f"{value:>14}" for value in row.values()), flush=True)
    small = random.Random(1).sample([text for text in files if 2_000 <= len(text) <= 10_000 and parsed(text)], k=400)
    clean = [
        text for text, *flags in zip(small, *(tool(small) for tool in tools.values()), strict=True) if not any(flags)
    ]
    hosts = random.Random(2).choices(clean, k=len(problems))
    print(f"{'':<28}" + "".join(f"{name[:13]:>14}" for name in ("copies", *tools)))
    results = {
        "setting": {
            "python": platform.python_version(),
            **{name: importlib.metadata.version(name) for name in ("datatrove", "spacy", "xxhash", "numba", "numpy")},
            "repeats": arguments.repeats,
            "files": len(timed),
            "megabytes": round(sum(len(text.encode("utf-8", "replace")) for text in timed) / 1e6, 2),
        },
        "speed": fast,
        "recall": recall(problems, hosts, tools),
    }
    (HERE / "results_peers.json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
