"""Texts for the tests of near-duplicates, and what is true of them, computed the slow way."""

from __future__ import annotations

import random

from hypothesis import strategies as st

from textbooks.decontaminators import code_tokens

WORDS = "alpha beta gamma delta value total index items result count".split()

snippets = st.lists(
    st.sampled_from(["a", "b", "c", "é", "→", "+", "==", "(", ")", " ", "\n", "\t", '"', "#", "x1", "名"]), max_size=30
).map(" ".join)


def shingles_of(text: str, size: int = 5) -> set[tuple[str, ...]]:
    """The oracle: tuples of tokens."""
    tokens = tuple(code_tokens(text))
    if not tokens:
        return set()
    return {tokens[i : i + size] for i in range(max(1, len(tokens) - size + 1))}


def true_jaccard(a: str, b: str, size: int = 5) -> float:
    first, second = shingles_of(a, size), shingles_of(b, size)
    return len(first & second) / len(first | second) if first | second else 1.0


def program(randomness: random.Random, lines: int = 20) -> str:
    """A random text that looks like code."""
    pick = randomness.choice
    return "\n".join(
        f"{pick(WORDS)}_{randomness.randrange(99)} = {pick(WORDS)}({pick(WORDS)}, {randomness.randrange(9)}) "
        f"{pick('+-*/')} {pick(WORDS)}"
        for _ in range(lines)
    )


def edited(text: str, randomness: random.Random, share: float) -> str:
    """The text with some of its lines written anew."""
    lines = text.split("\n")
    return "\n".join(program(randomness, 1) if randomness.random() < share else line for line in lines)
