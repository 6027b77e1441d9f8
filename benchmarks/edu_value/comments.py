"""Does the score fall for comments? The same files stripped, stuffed, minified, and with another file's docstrings.

python benchmarks/edu_value/comments.py --texts DIR [--out benchmarks/edu_value/results_comments.json]

A model is fitted without a fifth of the repositories; their files are rewritten and scored by it.
"""

from __future__ import annotations

import argparse
import ast
import json
import random
import warnings
from pathlib import Path

import numpy as np
from labelled import LabelledFiles, read_labelled_files
from rewrites import REWRITES
from sklearn.model_selection import GroupKFold

from textbooks.scoring import EduValueModel

OTHERS = 5
USEFUL = 2.5


def held_out_model(files: LabelledFiles) -> tuple[EduValueModel, list[int]]:
    """Return a model and the rows of the files that it has not seen, nor anything of their repositories."""
    training, testing = next(GroupKFold(5).split(files.texts, groups=files.groups))
    rows = training.tolist()
    model = EduValueModel.fit(
        [files.texts[row] for row in rows],
        [files.scores[row] for row in rows],
        groups=[files.groups[row] for row in rows],
        representative=[files.representative[row] for row in rows],
    )
    return model, testing.tolist()


def parses(text: str) -> bool:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError):
        return False
    return "\r" not in text and "\f" not in text


def measure(model: EduValueModel, texts: list[str], labels: list[int]) -> dict[str, dict[str, object]]:
    """Rewrite and score; return what each way of rewriting did."""
    draw, classes, before = random.Random(0), np.array(labels), model.score(texts)
    report: dict[str, dict[str, object]] = {}
    for name, rewrite in REWRITES.items():
        changed = []
        for text in texts:
            others = [draw.choice(texts) for _ in range(OTHERS)]
            new = rewrite(text, others, draw)
            changed.append(new if parses(new) else text)
        after = model.score(changed)
        differs = np.array([old != new for old, new in zip(texts, changed, strict=True)])
        moved = (after - before)[differs]
        report[name] = {
            "files_changed": int(differs.sum()),
            "mean_move": round(float(moved.mean()), 3),
            "mean_move_by_label": {
                str(k): round(float((after - before)[differs & (classes == k)].mean()), 3)
                for k in range(6)
                if (differs & (classes == k)).sum() >= 5
            },
            "share_raised_by_half_a_class": round(float((moved > 0.5).mean()), 4),
            "share_lowered_by_half_a_class": round(float((moved < -0.5).mean()), 4),
            "became_useful": int(((before < USEFUL) & (after >= USEFUL)).sum()),
            "ceased_to_be_useful": int(((before >= USEFUL) & (after < USEFUL)).sum()),
        }
    return report


def main() -> None:
    """Fit, rewrite, score, print, write JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=Path, required=True, help="folder of rebuild_texts.py: <id>.py")
    parser.add_argument("--out", type=Path, default=Path(__file__).with_name("results_comments.json"))
    arguments = parser.parse_args()
    warnings.simplefilter("ignore", SyntaxWarning)  # of the files
    files = read_labelled_files(arguments.texts)
    model, rows = held_out_model(files)
    rows = [row for row in rows if parses(files.texts[row])]
    report = measure(model, [files.texts[row] for row in rows], [int(files.scores[row]) for row in rows])
    results = {"files": len(rows), "rewrites": report}
    arguments.out.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(results, indent=2))


if __name__ == "__main__":
    main()
