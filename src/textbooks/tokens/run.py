"""A corpus to token files, by datatrove's tokeniser."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from datatrove.data import Document

from textbooks.errors import InputError, OutputError
from textbooks.ranges import check_range
from textbooks.readers import CorpusReader, Plan, find_inputs, write_plan
from textbooks.readers.plan import load_shard
from textbooks.storage import TEMPORARY_SUFFIX, file_digest
from textbooks.tokens.corpus import NOTES, TokenizedCorpus
from textbooks.tokens.tokenizer import END_OF_TEXT, VOCAB_SIZE, load_tokenizer, train_tokenizer

if TYPE_CHECKING:
    from tokenizers import Tokenizer

__all__ = ["SAMPLE_BYTES", "tokenize"]

SAMPLE_BYTES: Final = 200_000_000
"""About how many bytes of a corpus a tokeniser is trained on."""

_TOKENIZER: Final = "tokenizer.json"


def tokenize(
    paths: Sequence[str],
    out: str | Path,
    *,
    tokenizer: str | Path | None = None,
    vocab_size: int = VOCAB_SIZE,
    end_of_text: str = END_OF_TEXT,
    text_column: str = "text",
    sample_bytes: int = SAMPLE_BYTES,
    seed: int = 0,
    workers: int = os.cpu_count() or 1,
    restart: bool = False,
    say: Callable[[str], object] = lambda _: None,
) -> TokenizedCorpus:
    """Write the tokens of a corpus as files that a mixture draws from.

    Documents are joined by the end-of-text token, shuffled within each shard, and not cut. ``out`` appears when it is
    whole; a run that is interrupted begins anew.

    Parameters
    ----------
    paths : sequence of str
        Files, folders and fsspec URLs, as for `textbooks.readers.find_inputs`: also the ``kept`` of `textbooks curate`.
    out : path
        The folder to be written.
    tokenizer : str or path, optional
        See `load_tokenizer`. None: one is trained on the corpus.
    vocab_size : int, default=32768
        Of the one that is trained; see `train_tokenizer`.
    end_of_text : str, default="<|endoftext|>"
        The token that ends a document.
    text_column : str, default="text"
        Where rows keep their text.
    sample_bytes : int, default=200,000,000
        About how many bytes the tokeniser is trained on, drawn evenly by the content of the documents; at least 1.
    seed : int, default=0
        Of the shuffles.
    workers : int
        Processes, at least 1. The files do not depend on it.
    restart : bool
        Whether an ``out`` that is there is replaced.
    say : callable
        Told what is being done.

    Returns
    -------
    TokenizedCorpus
        With tokens, documents, and bytes a token.

    Raises
    ------
    InputError
        If there is nothing to read, or the tokeniser cannot be had.
    OutputError
        If `out` is there and `restart` is False, or cannot be written.
    ValueError
        If a value is out of range.
    MissingExtraError
        If the package `tokenizers` is not installed.
    """
    check_range("workers", workers, 1)
    check_range("sample_bytes", sample_bytes, 1)
    check_range("seed", seed, 0)
    out = Path(out)
    _refuse(out, restart)
    work = out.with_name(f".{out.name}{TEMPORARY_SUFFIX}")
    try:
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)
        plan = write_plan(find_inputs(paths, exclude=out), work / "plan")
        if not plan.files:
            msg = f"nothing to read below {', '.join(paths)}: check the path"
            raise InputError(msg)
        if tokenizer is None:
            say("training a tokeniser")
            texts = _sample(work, plan, text_column, sample_bytes)
            made = train_tokenizer(texts, vocab_size=vocab_size, end_of_text=end_of_text)
        else:
            made = load_tokenizer(tokenizer, end_of_text=end_of_text)
        say("tokenising")
        _run(work, plan, made, end_of_text, text_column, seed, workers).save(work / "files")
        shutil.rmtree(out, ignore_errors=True)
        (work / "files").rename(out)
    except OutputError:
        raise
    except OSError as error:
        msg = f"{out}: {error.strerror or error}. Mend that, and run again"
        raise OutputError(msg) from error
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return TokenizedCorpus.load(out)


def _refuse(out: Path, restart: bool) -> None:
    """Raise where the folder must not be written."""
    if out.exists() and not restart:
        msg = f"{out} is there already: choose another folder, or replace it (restart)"
        raise OutputError(msg)
    if out.exists() and not (out / NOTES).is_file() and any(out.iterdir()):
        msg = f"{out} holds other things than tokens: choose another folder, or empty it"
        raise OutputError(msg)


def _sample(work: Path, plan: Plan, text_column: str, sample_bytes: int) -> Iterator[str]:
    """Yield texts that are drawn by their digests: the same ones in any order and from any shards."""
    reader = CorpusReader(work / "plan", text_key=text_column)
    share = min(1.0, sample_bytes / max(1, plan.size))
    for rank in range(plan.shards):
        for file in load_shard(work / "plan", rank):
            for found in reader.read_file(file):
                if isinstance(found, Document) and _drawn(found.text, share):
                    yield found.text


def _drawn(text: str, share: float) -> bool:
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little") < share * 2**64


def _run(
    work: Path, plan: Plan, tokenizer: Tokenizer, end_of_text: str, text_column: str, seed: int, workers: int
) -> TokenizedCorpus:
    from textbooks.curation.executors.quiet import QuietExecutor, counters
    from textbooks.tokens.step import TextTokenizer

    files = work / "files"
    files.mkdir()
    tokenizer.save(str(files / _TOKENIZER))
    step = TextTokenizer(files, files / _TOKENIZER, end_of_text=end_of_text, seed=seed)
    QuietExecutor(
        pipeline=[CorpusReader(work / "plan", text_key=text_column), step],
        tasks=plan.shards,
        workers=min(workers, plan.shards),
        logging_dir=str(work / "logs"),
    ).run()
    counted = counters(work / "logs")
    read = counted.get("READER: corpus", Counter())
    tokens = counted.get("TOKENIZER: tokens", Counter())["tokens"]
    if not tokens:
        msg = f"nothing readable among {read['read']} records: check the paths, and the column {text_column!r}"
        raise InputError(msg)
    for left in {*files.glob("*.metadata"), *files.glob("*_unshuffled.ds*")}:  # notes with paths, and empty shards
        left.unlink()
    return TokenizedCorpus(
        folder=files,
        documents=read["read"] - read["quarantined"],
        tokens=tokens,
        bytes=read["bytes"],
        quarantined=read["quarantined"],
        vocab_size=tokenizer.get_vocab_size(),
        end_of_text=cast("int", tokenizer.token_to_id(end_of_text)),
        token_size=step.token_size,
        digests={file.name: file_digest(file) for file in sorted(files.iterdir())},
    )
