"""`textbooks curate` on a Ray cluster: the same run, the same bytes.

    python examples/curate_ray.py PATH... --out OUT                    a cluster of this machine alone
    python examples/curate_ray.py PATH... --out OUT --address auto     the cluster that this machine belongs to

Every node sees PATH and OUT under the same names, and has textbooks installed with its extra [ray]. Run it again to
resume. Sends nothing anywhere.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from rich.console import Console

from textbooks.curation.executors import RayExecutor
from textbooks.curation.options import CurationOptions
from textbooks.curation.progress import Display
from textbooks.curation.run import curate
from textbooks.errors import TextbooksError
from textbooks.reports.terminal import closing_table


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("paths", nargs="+", help="files, folders (.py, .jsonl, .parquet) or URLs")
    parser.add_argument("--out", type=Path, required=True, help="output folder, seen by every node")
    parser.add_argument("--min-score", type=float, default=2.5, help="drop below this educational value (2.5)")
    parser.add_argument("--address", help="of the cluster: auto, or HOST:PORT; default: one of this machine alone")
    parser.add_argument("--workers", type=int, help="tasks at a time; default: what the cluster has room for")
    parser.add_argument("--memory-gb", type=float, default=0, help="memory that a task reserves; default: none")
    parser.add_argument("--restart", action="store_true", help="throw away what an earlier run left in OUT")
    return parser.parse_args()


def main() -> int:
    """Run, show progress, and say what became of the records."""
    asked, screen = arguments(), Console()
    try:
        executor = RayExecutor(asked.address, workers=asked.workers, memory_gb=asked.memory_gb)
        options = CurationOptions(paths=asked.paths, out=asked.out, min_score=asked.min_score, restart=asked.restart)
        outcome = curate(options, executor=executor, display=Display(screen))
    except TextbooksError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    screen.print(closing_table(outcome.stats))
    return 0


if __name__ == "__main__":
    sys.exit(main())
