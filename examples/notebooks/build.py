"""Make the notebooks of this folder from the scripts beside them, and run them.

    python examples/notebooks/build.py            all, or those named: what_leaked ...
    python examples/notebooks/build.py --check    write nothing; exit 1 where a notebook is not what its script says

The scripts are what is edited and reviewed (jupytext's percent format). Needs jupytext, nbclient and ipykernel, which
the extra [dev] has.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import jupytext
import nbformat
from nbclient import NotebookClient

if TYPE_CHECKING:
    from nbformat import NotebookNode

HERE = Path(__file__).resolve().parent
SCRIPTS = sorted(path for path in HERE.glob("*.py") if path != Path(__file__).resolve())
KERNEL = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}


def sources(notebook: NotebookNode) -> list[tuple[str, str]]:
    """Return kind and text of every cell."""
    return [(cell.cell_type, cell.source) for cell in notebook.cells]


def from_script(path: Path) -> NotebookNode:
    """Return a script as a notebook that has not been run, with the same cell ids each time."""
    notebook = jupytext.read(path, fmt="py:percent")
    notebook.metadata = nbformat.from_dict(KERNEL)
    for number, cell in enumerate(notebook.cells):
        cell["id"], cell.metadata = f"cell-{number}", nbformat.from_dict({})
    return notebook


def run(notebook: NotebookNode) -> NotebookNode:
    """Run all cells; an error in one raises."""
    done = NotebookClient(notebook, timeout=600, kernel_name="python3", record_timing=False).execute()
    done.metadata = nbformat.from_dict(KERNEL)
    for cell in done.cells:
        if cell.cell_type == "code":  # warnings name paths of the machine
            cell.outputs = [output for output in cell.outputs if output.get("name") != "stderr"]
    return done


def is_current(path: Path) -> bool:
    """Return whether the notebook beside a script has its cells, and has been run."""
    beside = path.with_suffix(".ipynb")
    if not beside.is_file():
        return False
    made = nbformat.read(beside, as_version=4)
    has_run = all(cell.outputs or cell.execution_count for cell in made.cells if cell.cell_type == "code")
    return has_run and sources(made) == sources(from_script(path))


def main() -> int:
    """Make them, or check."""
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="default: all")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 where one is stale")
    asked = parser.parse_args()
    if unknown := set(asked.names) - {path.stem for path in SCRIPTS}:
        parser.error(f"no such notebook: {', '.join(sorted(unknown))}")
    chosen = [path for path in SCRIPTS if path.stem in asked.names or not asked.names]
    if asked.check:
        stale = [path.stem for path in chosen if not is_current(path)]
        print("\n".join(f"stale: {name}.ipynb" for name in stale) or "all notebooks are what their scripts say")
        return int(bool(stale))
    for path in chosen:
        print(path.stem, flush=True)
        nbformat.write(run(from_script(path)), path.with_suffix(".ipynb"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
