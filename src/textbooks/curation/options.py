"""What the main job can be asked for."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from textbooks.filters.base import check_range

__all__ = ["CurationOptions"]


@dataclass(frozen=True, kw_only=True)
class CurationOptions:
    """Parameters of `curate`.

    Attributes
    ----------
    out : Path
        The output folder, on a local file system.
    paths : sequence of str
        Files, folders and fsspec URLs; the installed Python packages when empty.
    min_score : float
        Educational value below which a record is dropped, in [0, 5].
    problems : sequence of str, optional
        Benchmarks to decontaminate against, by name or path; those found without a network when None.
    text_column, id_column : str
        Where rows keep their text and id.
    workers : int
        Processes. It has no influence on the output.
    strict : bool
        Stop at the first record that cannot be judged.
    restart : bool
        Throw away what another run left in `out`.
    """

    out: Path
    paths: Sequence[str] = ()
    min_score: float = 2.5
    problems: Sequence[str] | None = None
    text_column: str = "text"
    id_column: str = "id"
    workers: int = os.cpu_count() or 1
    strict: bool = False
    restart: bool = False

    def __post_init__(self) -> None:
        check_range("min_score", self.min_score, 0, 5)
        check_range("workers", self.workers, 1)
