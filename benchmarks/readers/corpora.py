"""Corpora of any size for the benchmarks of the readers, made of the standard library of the running Python."""

from __future__ import annotations

import itertools
import json
import random
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

import pyarrow as pa
import pyarrow.parquet as pq

__all__ = ["MAKERS", "make_repository", "texts"]

NEWLINES = {"\n": "&#xA;"}


def texts() -> Iterator[str]:
    """Yield files of the standard library in a fixed order, again and again, each time with another last line."""
    files = sorted(Path(sysconfig.get_path("stdlib")).glob("*.py"))
    random.Random(0).shuffle(files)
    for lap in itertools.count():
        for file in files:
            yield file.read_text(encoding="utf-8", errors="replace") + f"# {lap}\n"


def until(megabytes: float) -> Iterator[str]:
    """Yield texts of so many megabytes."""
    size = 0
    for text in texts():
        yield text
        size += len(text)
        if size > megabytes * 1e6:
            return


def jsonl(folder: Path, megabytes: float) -> Path:
    with (folder / "rows.jsonl").open("w") as file:
        for number, text in enumerate(until(megabytes)):
            file.write(json.dumps({"text": text, "id": str(number), "license": "PSF-2.0"}) + "\n")
    return folder / "rows.jsonl"


def stack(folder: Path, megabytes: float) -> Path:
    """Write The Stack's columns as parquet, in row groups of 100."""
    columns = {"max_stars_repo_licenses": ["PSF-2.0"], "max_stars_count": 1, "lang": "Python", "ext": "py"}
    writer = None
    for batch in _batches(megabytes):
        rows = [
            {
                "hexsha": f"{n:040x}",
                "max_stars_repo_name": "a/b",
                "max_stars_repo_path": f"{n}.py",
                "content": text,
                **columns,
            }
            for n, text in batch
        ]
        table = pa.Table.from_pylist(rows)
        writer = writer or pq.ParquetWriter(folder / "stack.parquet", table.schema)
        writer.write_table(table)
    if writer:
        writer.close()
    return folder / "stack.parquet"


def _batches(megabytes: float) -> Iterator[list[tuple[int, str]]]:
    numbered = enumerate(until(megabytes))
    while batch := list(itertools.islice(numbered, 100)):
        yield batch


def notebooks(folder: Path, megabytes: float) -> Path:
    """Write a notebook a text: a cell each 20 lines."""
    for number, text in enumerate(until(megabytes)):
        lines = text.splitlines(keepends=True)
        cells = [
            {"cell_type": kind, "metadata": {}, "source": lines[at : at + 20], "outputs": []}
            for at, kind in zip(range(0, len(lines), 20), itertools.cycle(("code", "code", "markdown")), strict=False)
        ]
        (folder / f"{number:05d}.ipynb").write_text(json.dumps({"cells": cells, "nbformat": 4, "metadata": {}}))
    return folder


def stack_exchange(folder: Path, megabytes: float) -> Path:
    """Write a dump: all questions, then the answers in another order, so that each stands far from its question."""
    pieces = _pieces()
    number = int(megabytes * 1e6 / 4_200)  # a question and its three answers
    path = folder / "Posts.xml"
    answers = [(question, place) for question in range(number) for place in range(3)]
    random.Random(1).shuffle(answers)
    with path.open("w", encoding="utf-8") as file:
        file.write('<?xml version="1.0" encoding="utf-8"?>\n<posts>\n')
        for question in range(number):
            accepted = number + 3 * question
            file.write(
                f'  <row Id="{question}" PostTypeId="1" AcceptedAnswerId="{accepted}" Title="Question {question}" '
            )
            file.write(f'Tags="&lt;python&gt;" {_body(next(pieces))} />\n')
        for question, place in answers:
            file.write(f'  <row Id="{number + 3 * question + place}" PostTypeId="2" ParentId="{question}" ')
            file.write(f"{_body(next(pieces))} />\n")
        file.write("</posts>\n")
    return path


def _pieces() -> Iterator[str]:
    for text in texts():
        lines = text.splitlines()
        for at in range(0, len(lines) - 12, 12):
            yield "\n".join(lines[at : at + 12])


def _body(code: str) -> str:
    prose = "<p>It does <em>what</em> was asked, and <code>this</code> is how:</p>\n\n"
    body = f'{prose}<pre><code>{escape(code)}\n</code></pre>\n\n<p>That is <a href="https://example.org">all</a>.</p>\n'
    return f'CreationDate="2020-01-01T00:00:00.000" Score="3" Body={quoteattr(body, NEWLINES)}'


def make_repository(folder: Path, megabytes: float, commits: int) -> Path:
    """Make a bare repository, packed: so many commits that each change one file of a tree of this size."""
    import pygit2

    repository = pygit2.init_repository(str(folder / "repository"), bare=True)
    who = pygit2.Signature("A", "a@example.org", 1_700_000_000, 0)
    tree = repository.TreeBuilder()
    files = list(until(megabytes))
    for number, text in enumerate(files):
        tree.insert(f"{number:05d}.py", repository.create_blob(text.encode("utf-8", "replace")), 0o100644)
    parents: list[pygit2.Oid] = []
    for number in range(commits):
        text = files[number % len(files)].replace("self", f"self_{number}", 3)
        tree.insert(f"{number % len(files):05d}.py", repository.create_blob(text.encode("utf-8", "replace")), 0o100644)
        parents = [repository.create_commit("HEAD", who, who, f"Change {number}", tree.write(), parents)]
    repository.pack()
    for loose in (folder / "repository" / "objects").glob("??/*"):
        loose.unlink()
    return folder / "repository"


def git(folder: Path, megabytes: float) -> Path:
    return make_repository(folder, megabytes, 1)


MAKERS = {"jsonl": jsonl, "stack": stack, "notebooks": notebooks, "stack_exchange": stack_exchange, "git": git}
"""Functions from an empty folder and megabytes to what is to be read."""
