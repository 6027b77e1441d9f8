"""Steps 1 and 2: what is read is filtered, and cleaned of what the models will be measured on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from steps.options import CURATED, SYNTHETIC, Options
from textbooks.curation.decontamination import decontaminate
from textbooks.curation.options import CurationOptions, DecontaminationOptions
from textbooks.curation.progress import Display
from textbooks.curation.run import curate
from textbooks.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import Console

__all__ = ["clean_synthetic", "curate_code"]


def curate_code(options: Options, problems: Sequence[str], console: Console) -> dict[str, Any]:
    """Leave of the code what is of educational value, once, and without the problems; return the counts.

    Raises
    ------
    InputError
        If nothing is left.
    """
    asked = CurationOptions(
        out=options.out / CURATED,
        paths=options.code,
        problems=problems,
        min_score=options.min_score,
        execute=options.execute,
        workers=options.workers,
    )
    stats = curate(asked, display=Display(console)).stats
    if not stats["kept"]:
        msg = f"no code was kept, of {stats['read']:,} files read ({_words(stats['reasons'])}): lower min_score"
        raise InputError(msg)
    return _counts(stats)


def clean_synthetic(name: str, options: Options, problems: Sequence[str], console: Console) -> dict[str, Any]:
    """Take the problems out of the textbooks or the exercises; return the counts."""
    asked = DecontaminationOptions(
        out=options.out / SYNTHETIC / name,
        paths=getattr(options, name),
        problems=problems,
        execute=options.execute,
        workers=options.workers,
    )
    return _counts(decontaminate(asked, display=Display(console)).stats)


def _counts(stats: Mapping[str, Any]) -> dict[str, Any]:
    return {name: stats[name] for name in ("read", "kept", "dropped", "quarantined", "reasons", "bytes")}


def _words(reasons: Mapping[str, int]) -> str:
    return ", ".join(f"{reason} {count:,}" for reason, count in reasons.items())
