"""`textbooks curate` by Slurm: the same run, the same bytes.

    python examples/curate_slurm.py PATH... --out OUT --partition cpu --workers 200

Run it where jobs are submitted; it waits for them and shows how far they are. Every node sees PATH, OUT and this Python
under the same names. Run it again to resume.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from rich.console import Console

from textbooks.curation.executors import SlurmExecutor
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
    parser.add_argument("--partition", required=True, help="where the jobs run")
    parser.add_argument("--workers", type=int, help="jobs at a time; default: no bound")
    parser.add_argument("--tasks-per-job", type=int, help="default: four jobs for each of the workers")
    parser.add_argument("--memory-gb", type=float, default=2, help="memory of a job (2)")
    parser.add_argument("--time", default="24:00:00", help="limit of a job (24:00:00)")
    parser.add_argument("--account", help="who pays")
    parser.add_argument("--restart", action="store_true", help="throw away what an earlier run left in OUT")
    return parser.parse_args()


def main() -> int:
    """Run, show progress, and say what became of the records."""
    asked, screen = arguments(), Console()
    executor = SlurmExecutor(
        asked.partition,
        workers=asked.workers,
        tasks_per_job=asked.tasks_per_job,
        memory_gb=asked.memory_gb,
        time=asked.time,
        sbatch_args={"account": asked.account} if asked.account else {},
    )
    try:
        options = CurationOptions(paths=asked.paths, out=asked.out, min_score=asked.min_score, restart=asked.restart)
        outcome = curate(options, executor=executor, display=Display(screen))
    except TextbooksError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    screen.print(closing_table(outcome.stats))
    return 0


if __name__ == "__main__":
    sys.exit(main())
