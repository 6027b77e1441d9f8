"""What is noted of each block of a run: that it is whole, and what it holds."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from textbooks.storage import file_digest, write_atomically

__all__ = ["BlockMarker", "Markers", "Part", "markers_folder"]


def markers_folder(work: Path, stage: str) -> Path:
    """Return where the markers of a stage lie within a run's own notes."""
    return work / "blocks" / stage


@dataclass(frozen=True, slots=True)
class Part:
    """One published file.

    Attributes
    ----------
    path : str
        Relative to the output folder, with slashes.
    rows, size : int
        Rows, and bytes of the file.
    sha256 : str
        Digest of its bytes, in hexadecimal digits.
    """

    path: str
    rows: int
    size: int
    sha256: str

    @classmethod
    def of(cls, path: Path, rows: int, out: Path) -> Part:
        """Return what there is to say of a file below the output folder `out`."""
        return cls(path.relative_to(out).as_posix(), rows, path.stat().st_size, file_digest(path))

    @property
    def folder(self) -> str:
        """Where it lies, relative to the output folder."""
        return self.path.rpartition("/")[0]


@dataclass(frozen=True, slots=True)
class BlockMarker:
    """One block: consecutive records of a task, judged and published together.

    Attributes
    ----------
    rank, number : int
        Which task, and which of its blocks, from 0.
    records : int
        Read in it; equal to the rows of all parts.
    documents : int
        Of them, those that became documents.
    size : int
        UTF-8 bytes of the documents' texts.
    is_last : bool
        Whether the task ends with it.
    parts : tuple of Part
        One for each folder that got records.
    counters : mapping
        What each step counted in it, by step and label.
    """

    rank: int
    number: int
    records: int
    documents: int
    size: int
    is_last: bool
    parts: tuple[Part, ...]
    counters: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    @classmethod
    def parse(cls, data: bytes) -> BlockMarker:
        """Return the marker that was written as JSON; `ValueError`, `KeyError` or `TypeError` where it is damaged."""
        values: dict[str, Any] = json.loads(data)
        return cls(**{**values, "parts": tuple(Part(**part) for part in values["parts"])})

    def is_whole(self, out: Path) -> bool:
        """Whether every part is there in its size."""
        try:
            return all((out / part.path).stat().st_size == part.size for part in self.parts)
        except OSError:
            return False


class Markers:
    """The markers of one stage.

    Parameters
    ----------
    out : path
        The output folder, to which the parts' paths are relative.
    folder : path
        Where the markers lie, one JSON file a block.
    """

    def __init__(self, out: str | Path, folder: str | Path) -> None:
        self.out = Path(out)
        self.folder = Path(folder)

    def write(self, marker: BlockMarker) -> None:
        """Note that a block is whole: its parts must have their names."""
        data = json.dumps(asdict(marker), sort_keys=True).encode()
        write_atomically(self._path(marker.rank, marker.number), data)

    def read(self, rank: int, number: int) -> BlockMarker | None:
        """Return the marker of a block; None when there is none, or it is damaged, or a part is not there as noted."""
        try:
            marker = BlockMarker.parse(self._path(rank, number).read_bytes())
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return marker if marker.is_whole(self.out) else None

    def of_task(self, rank: int) -> Iterator[BlockMarker]:
        """Yield the markers of a task, from the first on, until one is missing or the last."""
        number = 0
        while (marker := self.read(rank, number)) is not None:
            yield marker
            if marker.is_last:
                return
            number += 1

    def is_complete(self, rank: int) -> bool:
        """Whether all blocks of a task are whole."""
        return any(marker.is_last for marker in self.of_task(rank))

    def _path(self, rank: int, number: int) -> Path:
        return self.folder / f"{rank:05d}-{number:05d}.json"
