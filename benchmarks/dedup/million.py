"""How much memory and time do a million documents take in memory? The answer is `results_million.json`.

Half of the documents are new; of the others, half are copies of an earlier one with a few words changed, a quarter are
equal to an earlier one, and a quarter are new but for a common header. The peak is that of the whole process: the
texts, the result and its verdicts are part of it.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import time
from pathlib import Path

from textbooks.dedup import MinHashDeduplicator

HERE = Path(__file__).resolve().parent
WORDS = [f"{first}_{second}" for first in "alpha beta gamma delta index".split() for second in range(400)]
HEADER = " ".join(WORDS[7:1900:90])


def documents(count: int) -> list[str]:
    """Return documents of some 60 words, the same for the same count."""
    randomness = random.Random(0)
    texts: list[str] = []
    for number in range(count):
        kind = randomness.random() if number else 0.0
        if kind < 0.5:
            text = " ".join(randomness.choices(WORDS, k=60))
        elif kind < 0.75:
            words = texts[randomness.randrange(number)].split(" ")
            for place in randomness.sample(range(len(words)), randomness.randint(1, 3)):
                words[place] = randomness.choice(WORDS)
            text = " ".join(words)
        elif kind < 0.875:
            text = texts[randomness.randrange(number)]
        else:
            text = f"{HEADER} {' '.join(randomness.choices(WORDS, k=40))}"
        texts.append(text)
    return texts


def peak_megabytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 // 10**6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--documents", type=int, default=1_000_000)
    texts = documents(parser.parse_args().documents)
    MinHashDeduplicator().fit_apply(texts[:10])
    before, start, cpu = peak_megabytes(), time.perf_counter(), time.process_time()
    result = MinHashDeduplicator(threshold=0.7).fit_apply(texts)
    seconds, used = time.perf_counter() - start, time.process_time() - cpu
    shown = {
        "million": {
            "documents": len(texts),
            "MB of text": round(sum(map(len, texts)) / 1e6, 1),
            "kept": len(result.kept),
            "seconds": round(seconds, 1),
            "seconds of processor time": round(used, 1),
            "peak MB": peak_megabytes(),
            "peak MB before": before,
        }
    }
    (HERE / "results_million.json").write_text(json.dumps(shown, indent=2) + "\n")
    print(json.dumps(shown, indent=2))


if __name__ == "__main__":
    main()
