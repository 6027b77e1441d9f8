"""What a run publishes: blocks of consecutive seeds, each a file a verdict, and a note that it is there."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from textbooks.curation.notes import WORK
from textbooks.schema import KEPT_SCHEMA, REJECTED_SCHEMA
from textbooks.storage import publish, write_atomically
from textbooks.synthesizers.syntheses import Synthesis
from textbooks.verdicts import Status

__all__ = ["FOLDERS", "BlockNote", "Blocks"]

FOLDERS: Mapping[Status, str] = {Status.KEPT: "kept", Status.DROPPED: "dropped", Status.QUARANTINED: "quarantine"}
"""Where the texts of each verdict go."""


@dataclass(frozen=True, slots=True)
class BlockNote:
    """What is noted of a block.

    Attributes
    ----------
    count : int
        Seeds in it.
    answered : bool
        Whether every one of them was answered, be it by a refusal.
    prompt_tokens, completion_tokens : int
        Tokens of all its answers.
    repaired : int
        Texts that were kept after a second answer.
    reasons : dict of str to int
        How many were kept (under ``"kept"``), and how many not, by reason.
    """

    count: int
    answered: bool
    prompt_tokens: int
    completion_tokens: int
    repaired: int
    reasons: dict[str, int]

    @classmethod
    def of(cls, syntheses: Sequence[Synthesis]) -> BlockNote:
        """Return the note of what came of a block's seeds."""
        reasons: dict[str, int] = {}
        for one in syntheses:
            slug = one.verdict.reason.value if one.verdict.reason else "kept"
            reasons[slug] = reasons.get(slug, 0) + 1
        usages = [one.usage for one in syntheses]
        return cls(
            len(syntheses),
            all(one.error is None for one in syntheses),
            sum(usage.prompt_tokens for usage in usages),
            sum(usage.completion_tokens for usage in usages),
            sum(one.keep and len(one.answers) > 1 for one in syntheses),
            dict(sorted(reasons.items())),
        )


class Blocks:
    """The blocks of an output folder, by number from 0.

    A block's files appear under their names when they are whole, and its note after them: a block without a note is
    made again, and gets the same bytes.

    Parameters
    ----------
    folder : Path
        The output folder.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def note(self, number: int) -> BlockNote | None:
        """Return a block's note; None where there is none, or it is damaged."""
        try:
            return BlockNote(**json.loads(self._note_path(number).read_bytes()))
        except (OSError, ValueError, TypeError):
            return None

    def notes(self) -> Iterator[BlockNote]:
        """Yield the notes of all blocks up to the first that has none."""
        number = 0
        while (note := self.note(number)) is not None:
            yield note
            number += 1

    def write(self, number: int, syntheses: Sequence[Synthesis]) -> BlockNote:
        """Publish a block, in place of what stands there under its number."""
        self._note_path(number).unlink(missing_ok=True)
        for status, folder in FOLDERS.items():
            rows = [_row(one) for one in syntheses if one.verdict.status is status]
            schema = KEPT_SCHEMA if status is Status.KEPT else REJECTED_SCHEMA
            with publish(self._path(folder, number)) as path:
                pq.write_table(pa.Table.from_pylist(rows, schema=schema), path, compression="zstd")
        note = BlockNote.of(syntheses)
        write_atomically(self._note_path(number), json.dumps(asdict(note), sort_keys=True).encode())
        return note

    def forget(self, first: int) -> None:
        """Remove the blocks from a number on, notes before files."""
        for folder in ("", *FOLDERS.values()):
            held = self._notes if not folder else self.folder / folder
            for file in sorted(held.glob("*.json" if not folder else "*.parquet")):
                if int(file.stem) >= first:
                    file.unlink()

    def rows(self) -> dict[str, int]:
        """Return how many rows the files of each folder hold."""
        return {
            folder: sum(pq.read_metadata(file).num_rows for file in (self.folder / folder).glob("*.parquet"))
            for folder in FOLDERS.values()
        }

    def kept(self, number: int) -> list[tuple[str, str]]:
        """Return id and text of every text that a block keeps, in order."""
        table = pq.read_table(self._path("kept", number), columns=["id", "text"])
        return list(zip(table["id"].to_pylist(), table["text"].to_pylist(), strict=True))

    def _path(self, folder: str, number: int) -> Path:
        return self.folder / folder / f"{number:05d}.parquet"

    def _note_path(self, number: int) -> Path:
        return self._notes / f"{number:05d}.json"

    @property
    def _notes(self) -> Path:
        return self.folder / WORK / "blocks"


def _row(synthesis: Synthesis) -> dict[str, Any]:
    verdict = synthesis.verdict
    reasons = [verdict.reason.value] if verdict.reason else []
    row = {
        "id": synthesis.seed.id,
        "text": synthesis.text if synthesis.answers else None,
        "score": None if math.isnan(verdict.score) else verdict.score,
        "reasons": reasons,
        "evidence": json.dumps({"synthesis": dict(verdict.evidence)}, sort_keys=True),
        "source": synthesis.seed.id,
        "metadata": json.dumps(synthesis.provenance, sort_keys=True),
    }
    return row | ({"reason": reasons[0]} if reasons else {})
