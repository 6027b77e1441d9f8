"""Collect files without a label beside the labelled ones: from the same commits, package versions and interpreter.

python benchmarks/edu_value/unlabelled_texts.py --out unlabelled.jsonl [--clones DIR]

For what can be learned without labels: scaling, principal axes, word vectors, what a blend says of them
(``prototypes.py``). Of each repository and package the 200 files are taken that come first by the SHA-256 of their
path, of 200 to 60,000 bytes, other than the labelled ones and no text twice: the same files on every machine. Clones
lie where ``rebuild_texts.py`` finds them; packages are downloaded with pip. Writes rows of name, path and text, ordered
by name and path; exits with 1 where a repository or package is missing.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import sys
import sysconfig
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

from labelled import read_labels
from rebuild_texts import download_archives, find_git_directory, read_members

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MOST_OF_A_NAME = 200
FEWEST_BYTES, MOST_BYTES = 200, 60_000


def first_by_hash(paths: Iterable[str]) -> list[str]:
    """Return the Python files among paths, in the order of the SHA-256 of the path."""
    python = (path for path in paths if path.endswith(".py"))
    return sorted(python, key=lambda path: hashlib.sha256(path.encode()).digest())


def read_commit(git_directory: Path, commit: str) -> Iterator[tuple[str, bytes]]:
    """Yield path and content of the Python files of a commit, first by hash."""
    git = ["git", "--git-dir", str(git_directory)]
    listing = subprocess.run([*git, "ls-tree", "-r", "-z", commit], capture_output=True, check=True).stdout
    blobs = {}
    for entry in listing.decode("utf-8", "replace").split("\0")[:-1]:
        description, _, path = entry.partition("\t")
        mode, kind, blob = description.split()
        if kind == "blob" and mode.startswith("100"):
            blobs[path] = blob
    with subprocess.Popen([*git, "cat-file", "--batch"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for path in first_by_hash(blobs):
            process.stdin.write(blobs[path].encode() + b"\n")
            process.stdin.flush()
            head = process.stdout.readline().split()
            if head[-1] != b"missing":
                yield path, process.stdout.read(int(head[2]) + 1)[:-1]
        process.stdin.close()


def read_archives(source: str, name: str, version: str) -> Iterator[tuple[str, bytes]]:
    """Yield path and content of the Python files of a package, first by hash; none where pip does not find it."""
    with download_archives(source, name, version) as archives:
        members = {path: content for archive in archives for path, content in read_members(archive).items()}
    yield from ((path, members[path]) for path in first_by_hash(members))


def read_standard_library() -> Iterator[tuple[str, bytes]]:
    """Yield path and content of the Python files of the running interpreter, first by hash."""
    root = Path(sysconfig.get_paths()["stdlib"])
    paths = (path.relative_to(root).as_posix() for path in root.rglob("*.py") if path.is_file())
    for path in first_by_hash(path for path in paths if not path.startswith("site-packages/")):
        yield path, (root / path).read_bytes()


def read_files(source: str, name: str, version: str, clones: Path) -> Iterator[tuple[str, bytes]]:
    """Yield path and content of the Python files of a repository, package or standard library, first by hash."""
    if source == "github":
        git_directory = find_git_directory(clones, name)
        return read_commit(git_directory, version) if git_directory is not None else iter(())
    return read_standard_library() if source == "cpython-stdlib" else read_archives(source, name, version)


def choose(files: Iterable[tuple[str, bytes]], labelled: set[str], seen: set[str]) -> list[tuple[str, str]]:
    """Return the first files of fitting size whose content is new, by path; notes their digests in ``seen``."""
    chosen: list[tuple[str, str]] = []
    for path, content in files:
        digest = hashlib.sha256(content).hexdigest()
        if path in labelled or digest in seen or not FEWEST_BYTES <= len(content) <= MOST_BYTES:
            continue
        seen.add(digest)
        chosen.append((path, content.decode("utf-8", "replace")))
        if len(chosen) == MOST_OF_A_NAME:
            break
    return sorted(chosen)


def main() -> int:
    """Collect and write; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="the JSON lines to write")
    parser.add_argument("--clones", type=Path, default=Path("clones"), help="folder of git clones")
    arguments = parser.parse_args()
    rows = read_labels()
    labelled: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for row in rows:
        labelled[row["name"], row["source"], row["version"]].add(row["path"])
    seen, missing, written = {row["sha256"] for row in rows}, [], 0
    with arguments.out.open("w", encoding="utf-8") as out:
        for (name, source, version), paths in sorted(labelled.items()):
            files = list(read_files(source, name, version, arguments.clones))
            chosen = choose(files, paths, seen)
            missing += [] if files else [name]
            for path, text in chosen:
                out.write(json.dumps({"name": name, "path": path, "text": text}) + "\n")
            written += len(chosen)
    print(f"{written} files beside those with a label; missing: {', '.join(missing) or 'nothing'}")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
