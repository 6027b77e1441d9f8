"""Train the bundled educational-value model.

python benchmarks/edu_value/train.py --texts DIR [--out src/textbooks/scoring/data/edu_value.npz]
"""

from __future__ import annotations

import argparse
import hashlib
import time
from pathlib import Path

from labelled import LABELS, read_labelled_files

from textbooks.scoring import EduValueModel


def main() -> None:
    """Fit on every label, write the file, print its figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=Path, required=True, help="folder of rebuild_texts.py: <id>.py")
    parser.add_argument("--out", type=Path, default=LABELS.parent / "edu_value.npz")
    arguments = parser.parse_args()
    files = read_labelled_files(arguments.texts)
    started = time.perf_counter()
    model = EduValueModel.fit(files.texts, files.scores, groups=files.groups, seed=0)
    model.save(arguments.out)
    content = arguments.out.read_bytes()
    print(f"fitted in {time.perf_counter() - started:.0f} s: {model.training}")
    print(f"{arguments.out}: {len(content):,} bytes, sha256 {hashlib.sha256(content).hexdigest()}")


if __name__ == "__main__":
    main()
