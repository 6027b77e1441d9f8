"""Whether there is anything to judge, found out before anything is written under a final name."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from textbooks.curation.options import RunOptions
from textbooks.errors import InputError
from textbooks.readers import CorpusReader
from textbooks.readers.plan import load_shard

__all__ = ["check_readable"]


def check_readable(counted: Counter[str], options: RunOptions, plan: Path) -> None:
    """Raise when no record became a document.

    Parameters
    ----------
    counted : Counter
        The reader's counters, summed over the tasks.
    options : RunOptions
        Of the run.
    plan : Path
        The plan's folder.

    Raises
    ------
    InputError
        Says that the text column is in no row, and which columns are; or why nothing could be read.
    """
    read, quarantined = counted["read"], counted["quarantined"]
    if counted["rows"] and counted["rows"] == read and not counted["rows_with_text_column"]:
        msg = (
            f"no row of {counted['rows']} has the column {options.text_column!r}; "
            f"the first has {_first_columns(plan)}. Name the right one with --text-column"
        )
        raise InputError(msg)
    if read == quarantined:
        reasons = ", ".join(
            f"{name.removeprefix('quarantined_')} {n}" for name, n in sorted(counted.items()) if "quarantined_" in name
        )
        msg = f"nothing readable among {read} records ({reasons or 'the files are empty'}): check the input"
        raise InputError(msg)


def _first_columns(plan: Path) -> str:
    """Return the columns of the first row that can be read."""
    for rank in range(len(list(plan.glob("*.json")))):
        for file in load_shard(plan, rank):
            for found in CorpusReader(plan, text_key="").read_file(file):
                if columns := sorted(str(name) for name in found.metadata if name not in file.metadata):
                    return ", ".join(columns)
    return "none"
