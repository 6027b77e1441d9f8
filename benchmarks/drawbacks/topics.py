"""Show what balancing the topics of the labelled files does, for several caps.

python benchmarks/drawbacks/topics.py --texts DIR [--out benchmarks/drawbacks/results_topics.json]

Compared are the default embedder and, as a baseline that needs no training, words hashed into 512 buckets. The rater's
score of the files that are kept says what `best_by` is worth; the model behind it was fitted to these files, so that
it looks better than on others.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import normalized_mutual_info_score

from textbooks.embedders import Embedder
from textbooks.filters import EduValueFilter, TopicBalancer

sys.path.append(str(Path(__file__).resolve().parents[1] / "edu_value"))

from labelled import read_labelled_files

RATIOS = (1.0, 1.5, 2.0, 3.0, 5.0)
WORD = re.compile(r"[A-Za-z][a-z]+")


class HashedWords:
    """The square roots of the counts of words, hashed into 512 buckets."""

    dimensions = 512
    identity = "words hashed into 512 buckets, square roots of counts"

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one unit vector a text."""
        vectors = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        for row, text in enumerate(texts):
            buckets = [zlib.crc32(word.lower().encode()) % self.dimensions for word in WORD.findall(text)]
            np.add.at(vectors[row], buckets, 1)
        vectors = np.sqrt(vectors)
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.divide(vectors, lengths, out=vectors, where=lengths > 0)


def embedders() -> dict[str, Embedder]:
    """Return what is compared; the default embedder only where it is there."""
    found: dict[str, Embedder] = {"hashed words": HashedWords()}
    try:
        from textbooks.embedders.static import StaticEmbedder

        found["StaticEmbedder"] = StaticEmbedder()
    except ImportError:
        print("WARNING: textbooks.embedders.static is missing: only the baseline is measured", flush=True)
    return found


def measure(embedder: Embedder, texts: list[str], names: list[str], labels: NDArray[np.float64]) -> dict[str, Any]:
    """Return what each cap keeps."""
    edu_value = EduValueFilter().score(texts)
    by_text = dict(zip(texts, edu_value.tolist(), strict=True))
    start = time.perf_counter()
    balancer = TopicBalancer(embedder=embedder, best_by=lambda some: [by_text[text] for text in some])
    best = balancer.fit_apply(texts)
    seconds = time.perf_counter() - start
    some = TopicBalancer(embedder=embedder).fit_apply(texts)
    topic = [verdict.evidence["topic"] for verdict in best.verdicts]
    rows = {}
    for ratio in RATIOS:
        kept = np.array([verdict.keep for verdict in best.rethreshold(max_ratio=ratio).verdicts])
        at_random = np.array([verdict.keep for verdict in some.rethreshold(max_ratio=ratio).verdicts])
        rows[f"max ratio {ratio:g}"] = {
            "kept": round(float(kept.mean()), 4),
            "effective topics": round(_effective(np.array(topic)[kept]), 1),
            "mean label, best kept": round(float(labels[kept].mean()), 3),
            "mean label, by digest": round(float(labels[at_random].mean()), 3),
        }
    report = balancer.report_
    if report is not None:
        print(report.table(), flush=True)
    return {
        "files": len(texts),
        "seconds": round(seconds, 1),
        "topics": len(set(topic)),
        "effective_topics_before": round(_effective(np.array(topic)), 1),
        "mutual_information_with_repository": round(float(normalized_mutual_info_score(names, topic)), 3),
        **rows,
    }


def _effective(topic: NDArray[np.int64]) -> float:
    shares = np.bincount(topic)[np.unique(topic)] / len(topic)
    return float(np.exp(-(shares * np.log(shares)).sum()))


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=Path, required=True, help="folder of rebuild_texts.py: <id>.py")
    parser.add_argument("--out", type=Path, default=Path(__file__).with_name("results_topics.json"))
    arguments = parser.parse_args()
    files = read_labelled_files(arguments.texts)
    labels = np.array(files.scores)
    results = {
        name.replace(" ", "_"): measure(embedder, files.texts, files.groups, labels)
        for name, embedder in embedders().items()
    }
    arguments.out.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(results, indent=2))


if __name__ == "__main__":
    main()
