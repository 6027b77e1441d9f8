"""Step 3: the texts, a part of them held out by document, become tokens of one tokeniser."""

from __future__ import annotations

import hashlib
import heapq
import json
import shutil
from typing import TYPE_CHECKING, Any, Final

import pyarrow.parquet as pq
from trainer.once import once

from steps.options import CURATED, SYNTHETIC, TOKENS, Options
from textbooks.errors import InputError
from textbooks.storage import file_digest
from textbooks.tokens import TokenizedCorpus, tokenize

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

__all__ = ["HELD_OUT", "held_out_part", "text_digest", "tokenise"]

HELD_OUT: Final = "held-out-"
"""What the folders of held-out tokens are called, before the name of the source."""

_ROWS: Final = 256


def tokenise(options: Options, sources: Iterable[str], say: Callable[[str], object]) -> dict[str, Any]:
    """Write a folder of tokens for each source and for what is held out of it; return documents, tokens and bytes.

    The tokeniser is trained on the kept code, its held-out part excepted, and serves all.

    Parameters
    ----------
    options : Options
    sources : iterable of str
        "code", which comes first, "textbooks" and "exercises", as far as there are any.
    say : callable
        Told what is being done.

    Raises
    ------
    InputError
        If a source has fewer than two documents: one is held out.
    """
    folder = options.out / TOKENS
    kept = {name: options.out / (CURATED if name == "code" else f"{SYNTHETIC}/{name}") for name in sources}
    key = {
        "sources": {name: file_digest(path / "manifest.json")[:16] for name, path in kept.items()},
        **{name: getattr(options, name) for name in ("held_out", "vocab_size", "seed")},
    }

    def compute() -> dict[str, Any]:
        """Return the counts that are kept."""
        tokenizer = None
        found = {}
        for name, path in kept.items():
            texts = folder / "texts" / name
            _split(path / "kept", texts, options.held_out, name)
            for part, text in ((name, "read"), (f"{HELD_OUT}{name}", "held-out")):
                say(f"{part}: tokenising" if tokenizer else f"{part}: training a tokeniser, and tokenising")
                corpus = _tokenised(options, texts / text, folder / part, tokenizer)
                tokenizer = tokenizer or corpus.folder
                found[part] = {each: getattr(corpus, each) for each in ("documents", "tokens", "bytes")}
        return found

    return once(folder, key, compute)


def _tokenised(options: Options, texts: Path, out: Path, tokenizer: Path | None) -> TokenizedCorpus:
    return tokenize(
        [str(texts)],
        out,
        tokenizer=tokenizer,
        vocab_size=options.vocab_size,
        seed=options.seed,
        workers=options.workers,
        restart=True,
    )


def _split(kept: Path, out: Path, share: float, name: str) -> None:
    """Write JSON Lines in two folders, ``read`` and ``held-out``, a file in each for each file of parquet."""
    shutil.rmtree(out, ignore_errors=True)
    held_out = held_out_part((text for file in sorted(kept.glob("*.parquet")) for text in _texts(file)), share)
    if held_out is None:
        msg = f"{name}: fewer than two texts are left, and one must be held out: give more"
        raise InputError(msg)
    for folder in ("read", "held-out"):
        (out / folder).mkdir(parents=True)
    for file in sorted(kept.glob("*.parquet")):
        names = [out / folder / f"{file.stem}.jsonl" for folder in ("read", "held-out")]
        with names[0].open("w", encoding="utf-8") as read, names[1].open("w", encoding="utf-8") as other:
            for text in _texts(file):
                (other if text_digest(text) <= held_out else read).write(json.dumps({"text": text}) + "\n")


def _texts(file: Path) -> Iterator[str]:
    with pq.ParquetFile(file) as opened:
        for batch in opened.iter_batches(batch_size=_ROWS, columns=["text"]):
            yield from batch.column("text").to_pylist()


def held_out_part(texts: Iterable[str], share: float) -> int | None:
    """Return the digest up to which texts are held out: about `share` of them, at least one, and never all.

    It depends on the texts alone and not on their order; equal texts are on the same side.

    Parameters
    ----------
    texts : iterable of str
    share : float
        Above 0 and at most 0.5.

    Returns
    -------
    int or None
        None when there are fewer than two different texts.
    """
    digests = sorted({text_digest(text) for text in texts})
    if len(digests) < 2:
        return None
    return heapq.nsmallest(max(1, round(share * len(digests))), digests)[-1]


def text_digest(text: str) -> int:
    """Return a number of 64 bits that is the same for the same text."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")
