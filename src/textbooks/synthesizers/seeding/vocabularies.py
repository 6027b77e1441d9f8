"""The words that seeds are made of: shipped lists, each replaceable by the user's own, and the spaces they span."""

from __future__ import annotations

import keyword
import os
from collections.abc import Callable, Iterable
from functools import cache
from importlib.resources import files
from pathlib import Path

from textbooks.synthesizers.seeding.combinations import Combinations
from textbooks.synthesizers.seeding.seed_space import SeedSpace

__all__ = ["VOCABULARIES", "exercise_seeds", "load_vocabulary", "read_vocabulary", "textbook_seeds", "topic_tree"]

VOCABULARIES = ("audiences", "constraints", "function_names", "levels", "styles", "topics", "words")
"""Names of the shipped vocabularies."""

Source = str | os.PathLike[str] | Iterable[str]


@cache
def load_vocabulary(name: str) -> tuple[str, ...]:
    """Return a vocabulary that comes with the library.

    Written for it, by a language model; nothing is taken from a benchmark.

    Parameters
    ----------
    name : str
        One of `VOCABULARIES`. The topics are the leaves of `topic_tree`, as ``linked lists: detecting a cycle``.

    Raises
    ------
    ValueError
        If there is none of this name.
    """
    if name not in VOCABULARIES:
        msg = f"there is no vocabulary {name!r}; there are {', '.join(VOCABULARIES)}"
        raise ValueError(msg)
    if name == "topics":
        return tuple(
            f"{subject}: {leaf}"
            for area in topic_tree().values()
            for subject, leaves in area.items()
            for leaf in leaves
        )
    return tuple(_lines(_shipped(name)))


@cache
def topic_tree() -> dict[str, dict[str, tuple[str, ...]]]:
    """Return what a person who learns to program should meet: area -> subject -> topics. Do not change it."""
    tree: dict[str, dict[str, list[str]]] = {}
    area = subject = ""
    for line in _shipped("topics").splitlines():
        match len(line) - len(line.lstrip()):
            case 0:
                area = line
                tree[area] = {}
            case 2:
                subject = line.strip()
                tree[area][subject] = []
            case _:
                tree[area][subject].append(line.strip())
    return {area: {name: tuple(leaves) for name, leaves in subjects.items()} for area, subjects in tree.items()}


def read_vocabulary(name: str, source: Source | None, valid: Callable[[str], str | None] | None = None) -> list[str]:
    """Return the shipped vocabulary, or the user's own in its place.

    Parameters
    ----------
    name : str
        One of `VOCABULARIES`.
    source : str, path or iterable of str, optional
        A string or path names a text file in UTF-8: one entry a line; empty lines and those that begin with ``#``
        don't count. Anything else is the list itself. None: the shipped one.
    valid : callable, optional
        Says what is wrong with an entry, or None.

    Raises
    ------
    TypeError
        If an entry is no string.
    ValueError
        If there is no entry, one comes twice, is blank, spans lines, or is not `valid`; the message shows it.
    OSError
        If the file cannot be read.
    """
    if source is None:
        return list(load_vocabulary(name))
    path = Path(source) if isinstance(source, str | os.PathLike) else None
    entries = list(_lines(path.read_text("utf-8")) if path is not None else source)  # type: ignore[arg-type]
    where = name if path is None else f"{name} in {path}"
    if not entries:
        msg = f"{where}: no entries"
        raise ValueError(msg)
    seen: set[str] = set()
    for entry in entries:
        if not isinstance(entry, str):
            msg = f"{where}: entries must be strings, got {entry!r}"
            raise TypeError(msg)
        wrong = _wrong(entry) or (valid and valid(entry)) or ("comes twice" if entry in seen else None)
        if wrong:
            msg = f"{where}: {entry!r} {wrong}"
            raise ValueError(msg)
        seen.add(entry)
    return entries


def exercise_seeds(
    *,
    seed: int = 0,
    function_names: Source | None = None,
    topics: Source | None = None,
    levels: Source | None = None,
    constraints: Source | None = None,
    audiences: Source | None = None,
) -> SeedSpace:
    """Return the seeds of exercises: ``function_name, topic, level, audience, constraint``.

    Exercises differ by the name of the function, as the paper's do (section 2.2); every round through the space uses
    each name once.

    Parameters
    ----------
    seed : int, default=0
        Fixes the order.
    function_names, topics, levels, constraints, audiences : path or list of str, optional
        In place of the shipped vocabularies; see `read_vocabulary`. Function names must be identifiers and no
        keywords. A constraint completes the sentence "The solution ...".

    Raises
    ------
    ValueError, TypeError, OSError
        If a vocabulary cannot be used; the message shows the entry.

    Examples
    --------
    >>> space = exercise_seeds(seed=1, levels=["easy"])
    >>> sorted(space[0].fields)
    ['audience', 'constraint', 'function_name', 'level', 'topic']
    """
    fields = {
        "function_name": read_vocabulary("function_names", function_names, _no_function_name),
        "topic": read_vocabulary("topics", topics),
        "level": read_vocabulary("levels", levels),
        "audience": read_vocabulary("audiences", audiences),
        "constraint": read_vocabulary("constraints", constraints),
    }
    return SeedSpace("exercise", fields, primary="function_name", seed=seed)


def textbook_seeds(
    *,
    seed: int = 0,
    topics: Source | None = None,
    audiences: Source | None = None,
    styles: Source | None = None,
    words: Source | None = None,
    words_each: int = 3,
) -> SeedSpace:
    """Return the seeds of textbook sections: ``topic, audience, style, words``.

    Textbooks differ by topic and audience, as the paper's do (section 2.2); the random words are an idea of
    "TinyStories" (Eldan and Li, 2023, section 2), which the paper builds on. Every round uses each topic once.

    Parameters
    ----------
    seed : int, default=0
        Fixes the order.
    topics, audiences, styles, words : path or list of str, optional
        In place of the shipped vocabularies; see `read_vocabulary`.
    words_each : int, default=3
        Words in a seed, 1 to their number; a list in the order of the vocabulary.

    Raises
    ------
    ValueError, TypeError, OSError
        If a vocabulary cannot be used; the message shows the entry.

    Examples
    --------
    >>> len(textbook_seeds(words_each=2)[0].fields["words"])
    2
    """
    fields = {
        "topic": read_vocabulary("topics", topics),
        "audience": read_vocabulary("audiences", audiences),
        "style": read_vocabulary("styles", styles),
        "words": Combinations(read_vocabulary("words", words), words_each),
    }
    return SeedSpace("textbook", fields, primary="topic", seed=seed)


def _shipped(name: str) -> str:
    return files("textbooks.synthesizers.seeding").joinpath("data", f"{name}.txt").read_text("utf-8")


def _lines(text: str) -> Iterable[str]:
    stripped = (line.strip() for line in text.removeprefix("\ufeff").splitlines())
    return (line for line in stripped if line and not line.startswith("#"))


def _wrong(entry: str) -> str | None:
    if not entry.strip():
        return "is blank"
    return None if entry.isprintable() else "holds what cannot be printed"


def _no_function_name(entry: str) -> str | None:
    return None if entry.isidentifier() and not keyword.iskeyword(entry) else "cannot name a function"
