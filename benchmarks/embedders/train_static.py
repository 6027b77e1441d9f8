"""Train the static embedder that ships, on the functions of installed packages.

python benchmarks/embedders/train_static.py [PATHS ...] [--teacher FILE] [--out FILE]

PATHS are folders of packages, such as site-packages, or a standard library; by default those of this interpreter.
The packages of `functions.HELD_OUT` are left out. `teach_static.py` makes the file for --teacher: the model that ships
learnt from 16,000 snippets. The same packages, teacher and seed give the same bytes on one machine. The
educational-value model reads these vectors and refuses others: fit it anew afterwards (`examples/train_edu_value.py`).
"""

from __future__ import annotations

import argparse
import hashlib
import random
import time
from collections import Counter
from pathlib import Path

from functions import Function, is_held_out, package_folders, read_functions

from textbooks.embedders import StaticEmbedder
from textbooks.embedders.static_training import Teacher
from textbooks.modelfile import read_model_file
from textbooks.readers.packages import installed_package_folders

OUT = Path(__file__).resolve().parents[2] / "src" / "textbooks" / "embedders" / "data" / "static.npz"
MOST_OF_A_PACKAGE = 1500


def training_functions(paths: list[Path], seed: int = 0) -> tuple[list[Function], dict[str, str]]:
    """Return at most 1,500 functions of each package, shuffled, and the versions of the packages."""
    seen: set[bytes] = set()
    versions, found = {}, []
    for name, version, folder in (place for place in package_folders(paths) if not is_held_out(place)):
        functions = read_functions(folder, name, seen)
        found += functions
        if functions:
            versions[name] = version
    random.Random(seed).shuffle(found)
    taken: Counter[str] = Counter()
    kept = []
    for function in found:
        taken[function.package] += 1
        if taken[function.package] <= MOST_OF_A_PACKAGE:
            kept.append(function)
    return kept, versions


def read_teacher(path: Path | None) -> tuple[Teacher | None, dict[str, str | int]]:
    """Read a file of `teach_static.py`; return what to write down about it, too."""
    if path is None:
        return None, {}
    header, arrays = read_model_file(path)
    about = {"model": header["model"], "licence": header["licence"], "texts": len(header["texts"])}
    return Teacher(header["texts"], arrays["vectors"].astype("float32")), about


def main() -> None:
    """Collect, train, write, print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="*", type=Path)
    parser.add_argument("--teacher", type=Path, help="file of teach_static.py to learn from besides")
    parser.add_argument("--dimensions", type=int, default=384)
    parser.add_argument("--steps", type=int, default=600)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=OUT)
    arguments = parser.parse_args()
    started = time.perf_counter()
    functions, versions = training_functions(arguments.paths or installed_package_folders(), arguments.seed)
    counts = Counter(function.package for function in functions)
    packages = {name: {"version": versions[name], "functions": counts[name]} for name in sorted(counts)}
    print(f"{len(functions)} functions of {len(packages)} packages", flush=True)
    teacher, about_teacher = read_teacher(arguments.teacher)
    embedder = StaticEmbedder.fit(
        [function.source for function in functions],
        dimensions=arguments.dimensions,
        steps=arguments.steps,
        seed=arguments.seed,
        teacher=teacher,
        about={"packages": packages, "teacher": about_teacher},
    )
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    embedder.save(arguments.out)
    content = arguments.out.read_bytes()
    print(f"trained in {time.perf_counter() - started:.0f} s: {embedder.training['losses']}")
    print(f"{arguments.out.name}: {len(content):,} bytes, sha256 {hashlib.sha256(content).hexdigest()}")


if __name__ == "__main__":
    main()
