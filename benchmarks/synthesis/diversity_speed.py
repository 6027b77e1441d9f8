"""Time a report on 1,000 texts, and self-BLEU beside sacrebleu asked for each text against all others.

python benchmarks/synthesis/diversity_speed.py [--out benchmarks/synthesis/results_diversity_speed.json]

The texts are the recorded exercises and textbook sections and, to make up the number, HumanEval's programs. The two
ways to self-BLEU run in turn in one process, over the same tokens; the least of 3 times counts. The library is warm:
numba has compiled.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from diversity import ROOT, read_texts
from sacrebleu.metrics.bleu import BLEU

from textbooks.decontaminators.tokens import code_tokens
from textbooks.diversity import diversity_report, nearest_jaccard, self_bleu
from textbooks.problems import load_problems

TIMES = 3
TEXTS = 1000
BLEU_TEXTS = 200


def of_sacrebleu(texts: list[str]) -> float:
    """Return self-BLEU as sacrebleu alone gives it: one call a text, against all others."""
    bleu = BLEU(tokenize="none", effective_order=True)
    cut = [" ".join(code_tokens(text)) for text in texts]
    scores = [bleu.sentence_score(text, cut[:i] + cut[i + 1 :]).score for i, text in enumerate(cut)]
    return sum(scores) / len(scores)


def seconds(call: Callable[[], object]) -> float:
    """Return how long a call takes."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=Path, default=ROOT / "tests" / "data" / "synthetic")
    parser.add_argument("--out", type=Path, default=Path(__file__).with_name("results_diversity_speed.json"))
    arguments = parser.parse_args()
    files = ("exercises", "exercises_unseeded", "textbooks")
    texts = [text for name in files for text in read_texts(arguments.texts / f"{name}.jsonl")]
    texts = [*texts, *(one.program for one in load_problems("humaneval"))][:TEXTS]
    some = texts[:BLEU_TEXTS]
    diversity_report(texts[:20])
    ours, theirs = [], []
    for _ in range(TIMES):
        ours.append(seconds(lambda: self_bleu(some)))
        theirs.append(seconds(lambda: of_sacrebleu(some)))
    results: dict[str, Any] = {
        "self_bleu": {
            "texts": len(some),
            "least of": TIMES,
            "times as fast as sacrebleu": round(min(theirs) / min(ours), 1),
            "difference of the scores": round(abs(self_bleu(some) - of_sacrebleu(some)), 9),
        },
        "report": {
            "texts": len(texts),
            "least of": TIMES,
            "seconds": round(min(seconds(lambda: diversity_report(texts)) for _ in range(TIMES)), 1),
            "seconds without subsamples": round(
                min(seconds(lambda: diversity_report(texts, subsamples=0)) for _ in range(TIMES)), 1
            ),
            "seconds of nearest neighbours": round(
                min(seconds(lambda: nearest_jaccard(texts)) for _ in range(TIMES)), 2
            ),
        },
    }
    arguments.out.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(results, indent=2))


if __name__ == "__main__":
    main()
