"""What texts define, import and are built of, read from their syntax trees."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np

__all__ = ["USUAL_IMPORTS", "Content", "name_words", "read_content"]

USUAL_IMPORTS: Final = frozenset({"typing", "math", "random", "collections", "datetime", "itertools"})
"""The packages that 99.8 % of phi-1's finetuning scripts keep to (its model card)."""

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\W\d_A-Za-z]+|\d+")
_TEXTS_AT_ONCE: Final = 64


@dataclass(frozen=True, slots=True)
class Content:
    """What one text holds.

    Attributes
    ----------
    functions : tuple of str
        Names of its functions and methods in order, nested ones too.
    imports : frozenset of str
        First parts of the modules that it imports; relative imports and ``__future__`` are left out.
    node_types : Counter of str
        How often each named node of the grammar occurs.
    """

    functions: tuple[str, ...]
    imports: frozenset[str]
    node_types: Counter[str]


def read_content(texts: Sequence[str]) -> list[Content]:
    """Read what texts hold; of Markdown its Python blocks, of code that does not parse what the parser makes of it.

    Parameters
    ----------
    texts : sequence of str
        The first 12,000 bytes of each are read, and 10,000 nodes.

    Returns
    -------
    list of Content
        One a text.
    """
    found: list[Content] = []
    for start in range(0, len(texts), _TEXTS_AT_ONCE):
        found += _read_batch(texts[start : start + _TEXTS_AT_ONCE])
    return found


def name_words(name: str) -> list[str]:
    """Return the words of an identifier in lower case, cut at underscores and capitals.

    Examples
    --------
    >>> name_words("parse_HTTPHeader2")
    ['parse', 'http', 'header', '2']
    """
    return [word.lower() for word in _WORD.findall(name)]


def _read_batch(texts: Sequence[str]) -> list[Content]:
    from textbooks.decontaminators.fences import python_of
    from textbooks.filters.drawbacks.parsed_code import parse_code

    parsed = parse_code([python_of(text) for text in texts])
    forest, names = parsed.forest, parsed.names
    of_function = forest.is_kind(forest.parent[names.row], "function_definition")
    functions: list[list[str]] = [[] for _ in texts]
    imports: list[set[str]] = [set() for _ in texts]
    document = forest.document[names.row]
    for i in np.flatnonzero(of_function).tolist():
        functions[document[i]].append(parsed.words[parsed.word[i]])
    for i in np.flatnonzero(names.module).tolist():
        imports[document[i]].add(parsed.words[parsed.word[i]])
    kinds = _kind_names()
    types: list[Counter[str]] = [Counter() for _ in texts]
    pairs, counts = np.unique(forest.document * len(kinds) + forest.kind, return_counts=True)
    for pair, n in zip(pairs.tolist(), counts.tolist(), strict=True):
        text, kind = divmod(pair, len(kinds))
        if kinds[kind]:
            types[text][kinds[kind]] += n
    parts = zip(functions, imports, types, strict=True)
    return [Content(tuple(names), frozenset(modules), counted) for names, modules, counted in parts]


@cache
def _kind_names() -> tuple[str, ...]:
    """Return the name of each node kind, empty for keywords and punctuation; the last is that of errors."""
    from textbooks.scoring.syntax_tree import python_language

    language = python_language()
    named = [
        (language.node_kind_for_id(kind) or "") if language.node_kind_is_named(kind) else ""
        for kind in range(language.node_kind_count)
    ]
    return (*named, "ERROR")
