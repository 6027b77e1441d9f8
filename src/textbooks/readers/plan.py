"""The plan of a run: which task reads which files, fixed before the first is read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from textbooks.readers.inputs import InputFile
from textbooks.storage import write_atomically

__all__ = ["Plan", "load_shard", "write_plan"]

SHARD_BYTES = 8_000_000
SHARD_FILES = 2_000


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run reads, in numbers.

    Attributes
    ----------
    shards, files, size : int
        Tasks, files, and bytes on disk.
    fingerprint : str
        Changes when any file is added, removed, renamed, resized or touched.
    """

    shards: int
    files: int
    size: int
    fingerprint: str


def shard_inputs(files: Iterable[InputFile], *, shard_bytes: int = SHARD_BYTES) -> Iterator[list[InputFile]]:
    """Group files into shards of at most `shard_bytes` bytes and `SHARD_FILES` files; a larger file stands alone.

    The grouping depends on the input alone, never on workers, so that a run is the same on any machine.
    """
    shard: list[InputFile] = []
    size = 0
    for file in files:
        if shard and (size + file.size > shard_bytes or len(shard) >= SHARD_FILES):
            yield shard
            shard, size = [], 0
        shard.append(file)
        size += file.size
    if shard:
        yield shard


def write_plan(files: Iterable[InputFile], folder: str | Path | None, *, shard_bytes: int = SHARD_BYTES) -> Plan:
    """Write one JSON file a shard below `folder` and return the totals; with no folder, only count.

    Memory does not grow with the number of files. What an earlier plan left in `folder` is replaced.

    Parameters
    ----------
    files : iterable of InputFile
        In the order in which they are to be read.
    folder : path or None
        Created if need be.
    shard_bytes : int, default=8,000,000
        Bytes on disk a shard; a larger file stands alone.

    Raises
    ------
    ValueError
        If `shard_bytes` is less than 1.
    """
    if shard_bytes < 1:
        msg = f"shard_bytes must be at least 1, got {shard_bytes!r}"
        raise ValueError(msg)
    for left in () if folder is None else Path(folder).glob("[0-9]*.json"):
        left.unlink()
    digest = hashlib.blake2b(digest_size=16)
    shards = count = size = 0
    for shard in shard_inputs(files, shard_bytes=shard_bytes):
        for file in shard:
            digest.update(f"{file.path}\0{file.size}\0{file.stamp}\n".encode("utf-8", "surrogatepass"))
        if folder is not None:
            write_atomically(_shard_path(folder, shards), json.dumps([file.as_dict() for file in shard]).encode())
        shards, count, size = shards + 1, count + len(shard), size + sum(file.size for file in shard)
    return Plan(shards, count, size, digest.hexdigest())


def load_shard(folder: str | Path, rank: int) -> list[InputFile]:
    """Return the files of one task, in order."""
    return [InputFile(**entry) for entry in json.loads(_shard_path(folder, rank).read_bytes())]


def _shard_path(folder: str | Path, rank: int) -> Path:
    return Path(folder) / f"{rank:05d}.json"
