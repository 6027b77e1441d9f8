"""Rebuild the texts behind the labels, which are pointers: repository commit or package version, path, sha256.

python benchmarks/edu_value/rebuild_texts.py --out DIR [--clones DIR]

Package rows are downloaded with pip (pinned versions, wheels or source archives), standard-library rows are read from
the CPython that runs this script (the labels name its version), and GitHub rows are read with git from clones at
DIR/<owner>/<name> or DIR/<owner>+<name>/repo. Every text is checked against its sha256. Writes DIR/<id>.py, prints what
is missing and exits with 1 where anything is.
"""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
import zipfile
from collections import Counter, defaultdict
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from labelled import read_labels

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    Row = dict[str, Any]


def find_git_directory(clones: Path, name: str) -> Path | None:
    """Return the git directory of a repository's clone, None where there is none."""
    owner, repository = name.split("/")
    mirror, clone = clones / f"{owner}+{repository}" / "repo", clones / owner / repository
    places = (mirror / ".git", mirror, clone / ".git", clone)
    return next((place for place in places if (place / "HEAD").exists()), None)


def read_github(rows: Iterable[Row], clones: Path) -> Iterator[tuple[Row, bytes | None]]:
    """Yield each row with the file of its commit, None where the clone lacks it."""
    for row in rows:
        directory = find_git_directory(clones, row["name"])
        if directory is None:
            yield row, None
            continue
        command = ["git", "--git-dir", str(directory), "show", f"{row['version']}:{row['path']}"]
        shown = subprocess.run(command, capture_output=True, check=False)
        yield row, shown.stdout if shown.returncode == 0 else None


@contextmanager
def download_archives(source: str, name: str, version: str) -> Iterator[list[Path]]:
    """Download a wheel or source archive with pip into a folder that goes again; no archive where pip finds none."""
    with tempfile.TemporaryDirectory() as folder:
        # For a source archive pip asks the build backend for its name and version: that comes as a wheel.
        kind = "--only-binary=:all:" if source == "pypi-wheel" else f"--no-binary={name}"
        public = version.split("+")[0]  # a local version label is not a version of the index
        command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", kind, "-d", folder]
        subprocess.run([*command, f"{name}=={public}"], capture_output=True, check=False)
        yield sorted(Path(folder).iterdir())


def read_packages(rows: Iterable[Row]) -> Iterator[tuple[Row, bytes | None]]:
    """Yield each row with the member of its wheel or source archive, None where pip does not find it."""
    packages: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    for row in rows:
        packages[row["source"], row["name"], row["version"]].append(row)
    for (source, name, version), group in packages.items():
        members: dict[str, bytes] = {}
        with download_archives(source, name, version) as archives:
            for archive in archives:
                members |= read_members(archive, {row["path"] for row in group})
        yield from ((row, members.get(row["path"])) for row in group)


def read_members(archive: Path, wanted: set[str] | None = None) -> dict[str, bytes]:
    """Return the wanted members (None: all of Python) of a wheel, or of a source archive without its top folder."""

    def is_wanted(name: str) -> bool:
        return name.endswith(".py") if wanted is None else name in wanted

    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            return {name: wheel.read(name) for name in wheel.namelist() if is_wanted(name)}
    members = {}
    with tarfile.open(archive) as source:
        for member in source:
            name = member.name.partition("/")[2]
            content = source.extractfile(member) if is_wanted(name) and member.isfile() else None
            if content is not None:
                members[name] = content.read()
    return members


def read_standard_library(rows: Iterable[Row]) -> Iterator[tuple[Row, bytes | None]]:
    """Yield each row with the file of the running interpreter, None where it has none."""
    root = Path(sysconfig.get_paths()["stdlib"])
    for row in rows:
        path = root / row["path"]
        yield row, path.read_bytes() if path.exists() else None


def main() -> int:
    """Rebuild what is not there yet; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="folder for <id>.py")
    parser.add_argument("--clones", type=Path, default=Path("clones"), help="folder of git clones")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    rows = read_labels()
    by_source: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if not (arguments.out / f"{row['id']}.py").exists():
            by_source[row["source"]].append(row)
    packages = by_source["pypi-wheel"] + by_source["pypi-sdist"]
    found = chain(
        read_github(by_source["github"], arguments.clones),
        read_packages(packages),
        read_standard_library(by_source["cpython-stdlib"]),
    )
    missing: Counter[str] = Counter()
    for row, content in found:
        if content is not None and hashlib.sha256(content).hexdigest() == row["sha256"]:
            (arguments.out / f"{row['id']}.py").write_bytes(content)
        else:
            missing[f"{row['source']} {row['name']} {row['version'][:12]}"] += 1
    for place, count in sorted(missing.items()):
        print(f"missing {count:4d}  {place}")
    print(f"{len(rows) - missing.total()} of {len(rows)} texts rebuilt")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
