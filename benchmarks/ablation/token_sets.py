"""The token files of the ablation: one tokeniser for all, trained on raw code, so that it favours no arm."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from corpora import SHARD_BYTES, read_rows
from draws import best_share, place

from textbooks.storage import write_atomically
from textbooks.tokens import TokenizedCorpus, tokenize

VOCABULARY = 4096
MIN_SCORE = 2.5
BYTES_A_TOKEN = 5.0
"""More than a token of the tokeniser stands for: how much text is drawn for so many tokens."""


def build_sets(
    work: Path, tokens: int, max_epochs: int, say: Callable[[str], object], *, vocabulary: int = VOCABULARY
) -> dict[str, Any]:
    """Tokenise every set of texts, once, and return what is known of each, and of the filter.

    Parameters
    ----------
    work : Path
        With ``texts``; the sets are written to ``tokens/NAME``.
    tokens : int
        Most that a run draws of raw code, or of what the filter keeps.
    max_epochs : int
        How often what the filter keeps may be read: its threshold is `MIN_SCORE`, or lower if that leaves too little.
    say : callable
        Told what is being done.
    vocabulary : int
        Tokens of the tokeniser.
    """
    arms = work / "arms"
    threshold = _code_arms(work, arms, round(tokens * BYTES_A_TOKEN), max_epochs)
    folder = work / "tokens"
    _tokenised(arms / "raw", folder / "raw", None, vocabulary, say)
    known = {}
    for path in [arms / "kept", *sorted((work / "texts").glob("*.jsonl")), arms / "raw"]:
        if path.name != "raw.jsonl":
            known[path.stem] = _tokenised(path, folder / path.stem, folder / "raw", vocabulary, say)
    return {"threshold": threshold, "sets": known}


def _tokenised(texts: Path, out: Path, tokenizer: Path | None, vocabulary: int, say: Callable[[str], object]) -> dict:
    if not out.is_dir():
        say(f"tokenising {texts.stem}")
        known = None if tokenizer is None else tokenizer / "tokenizer.json"
        tokenize([str(texts)], out, tokenizer=known, vocab_size=vocabulary, workers=2)
    corpus = TokenizedCorpus.load(out)
    return {"texts": corpus.documents, "tokens": corpus.tokens, "bytes": corpus.bytes}


def _code_arms(work: Path, out: Path, wanted: int, max_epochs: int) -> dict[str, Any]:
    """Draw raw code, and code that the filter keeps, of `wanted` bytes each or all there is; return the threshold."""
    notes = out / "threshold.json"
    if notes.is_file():
        return dict(json.loads(notes.read_text()))
    shutil.rmtree(out, ignore_errors=True)
    rows = sorted(read_rows(work / "texts" / "raw.jsonl"), key=lambda row: place(row["id"], "arm"))
    scores, sizes = [row["score"] for row in rows], [len(row["text"].encode()) for row in rows]
    threshold = best_share(scores, sizes, wanted // max_epochs, start=MIN_SCORE)
    kept = [row for row in rows if row["score"] >= threshold]
    for name, chosen in (("raw", rows), ("kept", kept)):
        write_shards(out / name, first_bytes(chosen, wanted))
    about = {
        "min score": threshold,
        "texts": len(rows),
        "kept": len(kept),
        "bytes": sum(sizes),
        "kept bytes": sum(size for score, size in zip(scores, sizes, strict=True) if score >= threshold),
    }
    write_atomically(notes, json.dumps(about, indent=1).encode())
    return about


def first_bytes(rows: Iterable[Mapping[str, Any]], wanted: int) -> list[Mapping[str, Any]]:
    """Return the first rows that have `wanted` bytes together, or all."""
    found, total = [], 0
    for row in rows:
        if total >= wanted:
            break
        found.append(row)
        total += len(row["text"].encode())
    return found


def write_shards(folder: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write rows as JSON lines in files of about `SHARD_BYTES`."""
    folder.mkdir(parents=True)
    shard: list[str] = []
    size = number = 0
    for row in rows:
        shard.append(json.dumps({"id": row["id"], "text": row["text"]}))
        size += len(shard[-1])
        if size >= SHARD_BYTES:
            (folder / f"{number:05d}.jsonl").write_text("\n".join(shard) + "\n")
            shard, size, number = [], 0, number + 1
    if shard:
        (folder / f"{number:05d}.jsonl").write_text("\n".join(shard) + "\n")
