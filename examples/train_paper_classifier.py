"""Train the paper's filter on your own labels: CodeGen embeddings and a random forest.

    python examples/train_paper_classifier.py --texts DIR --labels labels.jsonl --model NAME_OR_FOLDER --out FILE

DIR holds one file <id>.py for each row of labels.jsonl; a row has "id", "score" (0 to 5) and "name", its repository or
package: the files of one are held out together. Prints what the classifier is worth on repositories that it has not
seen, then trains on all of them and saves. Vectors are kept in OUT.cache, so that a run that was stopped goes on.
Nothing of the texts runs. Needs the extra [embeddings]; a model named by its name is fetched from the Hugging Face hub.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.stats import spearmanr
from sklearn.metrics import cohen_kappa_score, f1_score

from textbooks.embedders import TransformersEmbedder
from textbooks.errors import TextbooksError
from textbooks.scoring import EmbeddingClassifier

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


def read_labelled(texts: Path, labels: Path) -> tuple[list[str], list[float], list[str]]:
    """Return texts, scores and groups; say how many labels have no text."""
    rows = [json.loads(line) for line in labels.read_text(encoding="utf-8").splitlines() if line.strip()]
    there = [row for row in rows if (texts / f"{row['id']}.py").is_file()]
    if len(there) < len(rows):
        print(f"WARNING: {len(rows) - len(there):,} of {len(rows):,} labels have no file in {texts}")
    contents = [(texts / f"{row['id']}.py").read_bytes().decode("utf-8", "replace") for row in there]
    return contents, [float(row["score"]) for row in there], [str(row["name"]) for row in there]


def agreement(scores: Sequence[float], found: NDArray[np.float64]) -> dict[str, float]:
    """Return the agreement of held-out scores with the labels; a class is the rounded score, halves up."""
    labels, classes = (np.floor(np.asarray(values) + 0.5).astype(int) for values in (scores, found))
    return {
        "Spearman": float(spearmanr(scores, found).statistic),
        "quadratic-weighted kappa": float(cohen_kappa_score(labels, classes, labels=range(6), weights="quadratic")),
        "F1 at >= 3": float(f1_score(labels >= 3, classes >= 3, zero_division=0)),
        "macro-F1": float(f1_score(labels, classes, average="macro", zero_division=0)),
    }


def train(arguments: argparse.Namespace) -> EmbeddingClassifier:
    """Embed, cross-validate, train, save."""
    texts, scores, groups = read_labelled(arguments.texts, arguments.labels)
    cache = arguments.cache or arguments.out.with_name(f"{arguments.out.name}.cache")
    embedder = TransformersEmbedder(
        arguments.model,
        revision=arguments.revision,
        max_tokens=arguments.max_tokens,
        dtype=arguments.dtype,
        cache=cache,
    )
    print(f"{len(texts):,} texts of {len(set(groups)):,} groups; {embedder.identity}")
    began = time.monotonic()
    embedder.embed(texts)
    print(f"embedded in {time.monotonic() - began:.0f} s; vectors are in {cache}")
    options: dict[str, Any] = {"embedder": embedder, "seed": arguments.seed, "trees": arguments.trees}
    found = EmbeddingClassifier.held_out_scores(texts, scores, groups=groups, folds=arguments.folds, **options)
    print(f"on groups that were held out ({arguments.folds} folds):")
    for name, value in agreement(scores, found).items():
        print(f"  {name:26} {value:.3f}")
    classifier = EmbeddingClassifier.fit(texts, scores, **options)
    classifier.save(arguments.out)
    print(f"saved {arguments.out}, {arguments.out.stat().st_size / 1e6:.1f} MB")
    return classifier


def main() -> int:
    """Read the arguments and train."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", type=Path, required=True, help="folder of <id>.py")
    parser.add_argument("--labels", type=Path, required=True, help="JSON lines with id, score and name")
    parser.add_argument("--model", default="Salesforce/codegen-350M-mono", help="a name on the hub, or a folder")
    parser.add_argument("--out", type=Path, required=True, help="where to save the classifier, by convention .npz")
    parser.add_argument("--revision", help="branch, tag or commit on the hub")
    parser.add_argument("--max-tokens", type=int, default=2048, help="tokens of a text that are looked at")
    parser.add_argument("--dtype", default="auto", help="float32 or bfloat16; auto: bfloat16 on a GPU, else float32")
    parser.add_argument("--cache", type=Path, help="file of vectors; OUT.cache by default")
    parser.add_argument("--trees", type=int, default=100, help="trees of the forest")
    parser.add_argument("--folds", type=int, default=5, help="parts of the cross-validation")
    parser.add_argument("--seed", type=int, default=0, help="seed of the forest")
    try:
        train(parser.parse_args())
    except (TextbooksError, ValueError, OSError) as problem:
        print(f"error: {problem}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
