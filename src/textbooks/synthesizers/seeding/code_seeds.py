"""Seeds from real code: a kept file as inspiration."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from textbooks.records import Record, as_records, to_document, why_unjudgeable
from textbooks.synthesizers.seeding.seed_space import SeedSpace
from textbooks.synthesizers.seeding.vocabularies import Source, read_vocabulary

__all__ = ["CodeSeedSpace", "code_seeds"]


class CodeSeedSpace(SeedSpace):
    """A seed space whose primary field is real code, told as two fields: ``inspiration`` and ``source``.

    Attributes
    ----------
    skipped : int
        Records that inspire nothing: no text, blank, a copy of an earlier one, or a first line that is too long.
    """

    skipped = 0

    def _told(self, values: dict[str, Any]) -> dict[str, Any]:
        code = values.pop("code")
        return {"inspiration": code["text"], "source": code["id"], **values}


def code_seeds(
    records: Iterable[Record],
    *,
    kind: str = "exercise",
    seed: int = 0,
    max_chars: int = 2000,
    text_key: str = "text",
    id_key: str = "id",
    levels: Source | None = None,
    constraints: Source | None = None,
    audiences: Source | None = None,
    styles: Source | None = None,
) -> CodeSeedSpace:
    r"""Return seeds that take real code as inspiration: ``inspiration, source``, and what else the kind needs.

    An exercise gets ``level, audience, constraint``, a textbook section ``audience, style``. Every round uses each
    piece of code once. Ours; the like is known as OSS-Instruct (Wei et al., "Magicoder", 2023).

    Parameters
    ----------
    records : iterable of str, mapping or Document
        Files that a curation kept, say. They are held in memory, each cut to `max_chars`.
    kind : str, default="exercise"
        ``exercise`` or ``textbook``.
    seed : int, default=0
        Fixes the order.
    max_chars : int, default=2000
        Longer code is cut at the end of the last line that fits, at least 1.
    text_key, id_key : str
        Where mappings keep text and id; a record without an id has its place, from 0.
    levels, constraints, audiences, styles : path or list of str, optional
        In place of the shipped vocabularies; see `read_vocabulary`.

    Raises
    ------
    ValueError
        If no record is left, a vocabulary cannot be used, or one is given that the kind has no use for.
    TypeError
        If `records` is a single record.

    Examples
    --------
    >>> space = code_seeds(["def double(x):\n    return 2 * x\n"], kind="textbook")
    >>> sorted(space[0].fields)
    ['audience', 'inspiration', 'source', 'style']
    """
    if max_chars < 1:
        msg = f"max_chars must be at least 1, got {max_chars!r}"
        raise ValueError(msg)
    given = {"level": levels, "audience": audiences, "constraint": constraints, "style": styles}
    wanted = ("audience", "style") if kind == "textbook" else ("level", "audience", "constraint")
    foreign = [f"{name}s" for name, source in given.items() if source is not None and name not in wanted]
    if foreign:
        msg = f"seeds of kind {kind!r} have no {foreign[0]}"
        raise ValueError(msg)
    listed = as_records(records)
    code = _inspirations(listed, max_chars, text_key, id_key)
    if not code:
        msg = f"none of the {len(listed)} records holds code of at most {max_chars} characters a line"
        raise ValueError(msg)
    fields: dict[str, Sequence[Any]] = {"code": code}
    fields |= {name: read_vocabulary(f"{name}s", given[name]) for name in wanted}
    space = CodeSeedSpace(kind, fields, primary="code", seed=seed)
    space.skipped = len(listed) - len(code)
    return space


def _inspirations(records: Sequence[Record], max_chars: int, text_key: str, id_key: str) -> list[dict[str, str]]:
    """Return text and id of the records that have something to say, each text once."""
    found: dict[str, str] = {}
    for index, record in enumerate(records):
        document = to_document(record, index=index, text_key=text_key, id_key=id_key)
        if why_unjudgeable(document.text) is None:
            text = _cut(document.text, max_chars)
            if text.strip():
                found.setdefault(text, str(document.id))
    return [{"text": text, "id": source} for text, source in found.items()]


def _cut(text: str, max_chars: int) -> str:
    """Return whole lines from the beginning, at most `max_chars` characters; empty if the first is too long."""
    return text if len(text) <= max_chars else text[: text.rfind("\n", 0, max_chars) + 1]
