"""How many MB/s does each reader read, beside a named peer? Interleaved, least of N rounds, one process.

The peer of JSON Lines and of The Stack's parquet is datatrove's own reader; of notebooks `json.loads` of each file,
which makes no Markdown; of Stack Exchange dumps lxml's `iterparse` over the rows, which joins nothing and makes no
Markdown; of a repository `git archive | tar -xO`, of its commits `git log -p`. `times slower` is the reader's time over
its peer's.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from corpora import MAKERS, make_repository
from datatrove.pipeline.readers import JsonlReader, ParquetReader
from lxml import etree

from textbooks.readers import FORMATS, CorpusReader, find_inputs

HERE = Path(__file__).resolve().parent


def by_textbooks(path: str) -> int:
    """Return the characters of all documents."""
    reader = CorpusReader("")
    return sum(
        len(found.text or "")
        for file in find_inputs([path], formats=tuple(FORMATS))
        for found in reader.read_file(file)
    )


def by_jsonl_reader(path: Path) -> int:
    return sum(len(document.text) for document in JsonlReader(str(path.parent), glob_pattern=path.name).run())


def by_parquet_reader(path: Path) -> int:
    reader = ParquetReader(str(path.parent), glob_pattern=path.name, text_key="content", id_key="hexsha")
    return sum(len(document.text) for document in reader.run())


def by_json(path: Path) -> int:
    return sum(len(json.loads(file.read_text())["cells"]) for file in sorted(path.glob("*.ipynb")))


def by_iterparse(path: Path) -> int:
    size = 0
    for _, row in etree.iterparse(str(path), tag="row"):
        size += len(row.get("Body"))
        row.clear()
        while row.getprevious() is not None:
            del row.getparent()[0]
    return size


def by_command(command: str) -> int:
    subprocess.run(["bash", "-o", "pipefail", "-c", f"{command} | cat > /dev/null"], check=True)
    return 0


def interleaved(contenders: dict[str, Callable[[], int]], rounds: int) -> dict[str, float]:
    """Return the least seconds of each; they take turns."""
    least = dict.fromkeys(contenders, float("inf"))
    for _ in range(rounds):
        for name, run in contenders.items():
            start = time.perf_counter()
            run()
            least[name] = min(least[name], time.perf_counter() - start)
    return least


def compared(
    size: float, peer: str, ours: Callable[[], int], theirs: Callable[[], int], rounds: int
) -> dict[str, object]:
    least = interleaved({"textbooks": ours, peer: theirs}, rounds)
    return {
        "MB": round(size / 1e6, 1),
        "MB/s": round(size / 1e6 / least["textbooks"], 1),
        "peer": peer,
        "MB/s of the peer": round(size / 1e6 / least[peer], 1),
        "times slower": round(least["textbooks"] / least[peer], 2),
    }


def rows(megabytes: float, rounds: int) -> dict[str, dict[str, object]]:
    found: dict[str, dict[str, object]] = {}
    peers: dict[str, tuple[str, Callable[[Path], int]]] = {
        "jsonl": ("datatrove JsonlReader", by_jsonl_reader),
        "stack": ("datatrove ParquetReader", by_parquet_reader),
        "notebooks": ("json.loads alone", by_json),
        "stack_exchange": ("lxml iterparse alone", by_iterparse),
    }
    for name, (peer, theirs) in peers.items():
        with tempfile.TemporaryDirectory() as folder:
            path = MAKERS[name](Path(folder), megabytes)
            size = megabytes * 1e6 if name == "stack" else sum(f.stat().st_size for f in _files(path))
            found[name] = compared(size, peer, lambda p=path: by_textbooks(str(p)), lambda p=path: theirs(p), rounds)  # noqa: B023
            print(name, found[name], flush=True)
    return found


def repositories(megabytes: float, rounds: int) -> dict[str, dict[str, object]]:
    """Read a repository's files and commits; sizes are those of what comes out."""
    found: dict[str, dict[str, object]] = {}
    with tempfile.TemporaryDirectory() as folder:
        path = make_repository(Path(folder), megabytes, 500)
        inside = f"git -C {path}"
        for kind, peer, command in (
            ("git", "git archive, tar -xO", f"{inside} archive HEAD | tar -xO"),
            ("commits", "git log -p", f"{inside} log -p --no-merges"),
        ):
            asked = f"{kind}:{path}"
            size = by_textbooks(asked)
            run = lambda asked=asked: by_textbooks(asked)  # noqa: E731
            found[kind] = compared(size, peer, run, lambda command=command: by_command(command), rounds)
            print(kind, found[kind], flush=True)
    return found


def _files(path: Path) -> list[Path]:
    return [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--megabytes", type=float, default=20)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    results = {"setting": {"rounds": arguments.rounds}, "readers": rows(arguments.megabytes, arguments.rounds)}
    if shutil.which("git"):
        results["readers"] |= repositories(arguments.megabytes / 2, arguments.rounds)
    (HERE / "results_speed.json").write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
