"""Time scoring beside a bare tree-sitter parse of the same texts in the same process.

python benchmarks/edu_value/speed.py --texts DIR [--packages DIR]

Two corpora: the labelled files, and whole files of the installed packages as they come. Every byte given is counted.
Of a file of more than 2,600 characters, scoring reads the rated window, its first 2,000 and last 600 characters, and
counts the characters and lines of the rest; the parser reads all of it.

Times are processor time, so that numpy's threads would count too. A round is a fresh process that has scored other
texts of the corpus and then times parser and model in turns, once on each part of the texts; each part's least time of
seven rounds counts, and the median ratio of a round stands beside. So names and words that scoring remembers are those
of other files, as in a run over a corpus. Writes results_speed.json beside this file.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import statistics
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable
from functools import partial
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import tree_sitter
import tree_sitter_python

from textbooks.scoring import EduValueModel

HERE = Path(__file__).resolve().parent
ROUNDS = 7
PART = 256
TEXTS = 3 * PART
SINGLE_TEXTS = 100


def _sample(folder: Path) -> tuple[list[str], list[str]]:
    """Return texts to measure with, and as many others."""
    paths = sorted(path for path in folder.rglob("*.py") if path.is_file() and path.stat().st_size)
    chosen = random.Random(0).sample(paths, min(2 * TEXTS, len(paths)))
    texts = [path.read_bytes().decode("utf-8", "replace") for path in chosen]
    return texts[: len(texts) // 2], texts[len(texts) // 2 :]


def _seconds(task: Callable[[], object], clock: Callable[[], float]) -> float:
    begin = clock()
    task()
    return clock() - begin


def time_round(folder: Path) -> dict[str, Any]:
    """Time parser and model in turns, in a process that has scored other texts."""
    texts, others = _sample(folder)
    parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_python.language()))
    model = EduValueModel.bundled()
    model.score(others)
    parse, score, sizes = [], [], []
    for begin in range(0, len(texts), PART):
        part = texts[begin : begin + PART]
        sources = [text.encode("utf-8") for text in part]
        sizes.append(sum(map(len, sources)))
        parse.append(_seconds(partial(_parse_all, parser, sources), time.process_time))
        score.append(_seconds(partial(model.score, part), time.process_time))
    single = [_seconds(partial(model.score, [text]), time.perf_counter) for text in others[:SINGLE_TEXTS]]
    numbers = {"documents": len(texts), "bytes": sum(sizes), "single": statistics.median(single)}
    return {**numbers, "parse": parse, "score": score}


def _parse_all(parser: tree_sitter.Parser, sources: list[bytes]) -> None:
    for source in sources:
        parser.parse(source)


def start_up(folder: Path) -> dict[str, float]:
    """Time the loading of the model and the first score."""
    del folder
    path = as_file(files("textbooks.scoring") / "data" / "edu_value.npz")
    with path as found:
        load = _seconds(lambda: EduValueModel.load(found), time.perf_counter)
        return {
            "load": load,
            "megabytes": found.stat().st_size / 1e6,
            "score": float(EduValueModel.bundled().score([""])[0]),
        }


def peak_memory(folder: Path, texts_times: int = 1, length_times: int = 1) -> dict[str, float]:
    """Return the peak memory of this process after it has scored texts. Linux only."""
    texts = [text * length_times for text in _sample(folder)[0]]
    EduValueModel.bundled().score(texts * texts_times)
    # Not getrusage: the peak that it tells may be that of the process which started this one.
    peak = re.search(r"VmHWM:\s*(\d+)", Path("/proc/self/status").read_text(encoding="ascii"))
    return {"megabytes": int(peak[1]) / 1e3 if peak else float("nan")}


PROBES: dict[str, Callable[[Path], dict[str, Any]]] = {
    "round": time_round,
    "start": start_up,
    "peak_megabytes": peak_memory,
    "peak_megabytes_of_4x_texts": lambda folder: peak_memory(folder, texts_times=4),
    "peak_megabytes_of_4x_longer_texts": lambda folder: peak_memory(folder, length_times=4),
}


def _fresh(probe: str, folder: Path) -> dict[str, Any]:
    """Run a probe in a process of its own; ``wall`` is how long that process took."""
    begin = time.perf_counter()
    command = [sys.executable, __file__, "--texts", str(folder), "--probe", probe]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return {**json.loads(done.stdout), "wall": time.perf_counter() - begin}


def compare_with_parser(folder: Path) -> dict[str, Any]:
    """Return megabytes and documents a second of parser and model, their ratio, and the latency of a single text."""
    rounds = [_fresh("round", folder) for _ in range(ROUNDS)]
    parse, score = (sum(map(min, *(each[what] for each in rounds))) for what in ("parse", "score"))
    documents, megabytes = int(rounds[0]["documents"]), rounds[0]["bytes"] / 1e6
    return {
        "documents": documents,
        "megabytes": round(megabytes, 2),
        "parse_megabytes_per_second": round(megabytes / parse, 2),
        "parse_documents_per_second": round(documents / parse),
        "score_megabytes_per_second": round(megabytes / score, 2),
        "score_documents_per_second": round(documents / score),
        "score_to_parse_ratio": round(parse / score, 3),
        "median_ratio_of_rounds": round(
            statistics.median(sum(each["parse"]) / sum(each["score"]) for each in rounds), 3
        ),
        "single_text_milliseconds": round(min(each["single"] for each in rounds) * 1e3, 2),
    }


def measure(texts: Path, packages: Path) -> dict[str, Any]:
    """Run all probes."""
    starts = [_fresh("start", texts) for _ in range(ROUNDS)]
    return {
        "labelled_files": compare_with_parser(texts),
        "installed_files": compare_with_parser(packages),
        "load_seconds": round(min(each["load"] for each in starts), 3),
        "fresh_process_to_first_score_seconds": round(min(each["wall"] for each in starts), 3),
        "artefact_megabytes": round(starts[0]["megabytes"], 2),
        **{probe: round(_fresh(probe, texts)["megabytes"], 1) for probe in PROBES if probe.startswith("peak")},
    }


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", type=Path, required=True, help="folder that rebuild_texts.py filled")
    parser.add_argument("--packages", type=Path, default=Path(sysconfig.get_path("purelib")), help="second corpus")
    parser.add_argument("--probe", choices=list(PROBES), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.probe:
        print(json.dumps(PROBES[options.probe](options.texts)))
        return
    text = json.dumps(measure(options.texts, options.packages), indent=2)
    print(text)
    (HERE / "results_speed.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
