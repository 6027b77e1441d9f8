"""How many tokens a text may be, without any model's vocabulary: an estimate, and a bound that no text exceeds."""

from __future__ import annotations

import json
import math
import re

from textbooks.llm.client import ChatRequest

__all__ = ["FEATURES", "estimate_prompt_tokens", "estimate_tokens", "measure", "most_prompt_tokens"]

_PARTS = re.compile(
    r"(?P<word>[A-Za-z]+)|(?P<number>[0-9]+)|(?P<lines>[ \t]*\n[ \t\n]*)|(?P<space>[ \t]+)|(?P<sign>[!-/:-@\[-`{-~]+)"
    r"|(?P<latin>[\u00a1-\u024f]+)|(?P<wide>[\u0370-\u1fff]+)|(?P<ideograph>[\u2e80-\ud7ff\uf900-\ufaff\uff00-\uffef]+)"
    r"|(?P<rest>.)",
    re.DOTALL,
)

WEIGHTS = {
    "word": 0.98,
    "long": 0.02,
    "capital": 0.1,
    "number": 0.79,
    "lines": 1.16,
    "space": 1.64,
    "sign": 0.94,
    "latin": 1.02,
    "wide": 0.53,
    "ideograph": 0.95,
    "rest": 2.07,
}
"""Tokens by what a text is made of; fitted by benchmarks/llm/token_estimates.py to two vocabularies."""

FEATURES = ("word", "long", "capital", "number", "lines", "space", "sign", "latin", "wide", "ideograph", "rest")
"""What is counted: words, letters beyond the sixth of a word, capitals within a word, groups of three digits, line
breaks with their indentation, runs of two blanks and more, runs of signs, letters with accents, letters of other
alphabets, ideographs and syllables, and everything else."""

_LONG = 6
_PER_MESSAGE = 4
_MOST_PER_MESSAGE = 16
_MOST_PER_REQUEST = 256


def measure(text: str) -> list[float]:
    """Return what of each of `FEATURES` a text has."""
    found = dict.fromkeys(FEATURES, 0)
    for part in _PARTS.finditer(text):
        kind, length = part.lastgroup, part.end() - part.start()
        match kind:
            case "word":
                found["word"] += 1
                found["long"] += max(0, length - _LONG)
                found["capital"] += sum(letter.isupper() for letter in part[0][1:])
            case "number":
                found["number"] += -(-length // 3)
            case "space":
                found["space"] += length > 1
            case "sign":
                found["sign"] += 1
            case "lines":
                found["lines"] += 1
            case _:
                found[str(kind)] += length
    return [float(found[name]) for name in FEATURES]


def estimate_tokens(text: str) -> int:
    """Return about how many tokens a text is.

    Measured against two vocabularies: see docs/llm.md.
    """
    return math.ceil(sum(WEIGHTS[name] * count for name, count in zip(FEATURES, measure(text), strict=True)))


def estimate_prompt_tokens(request: ChatRequest) -> int:
    """Return about how many tokens a request is: its messages with their frame, and its schema."""
    texts = sum(estimate_tokens(message.content) + _PER_MESSAGE for message in request.messages)
    return texts + (estimate_tokens(json.dumps(request.schema)) if request.schema is not None else 0)


def most_prompt_tokens(request: ChatRequest) -> int:
    """Return a number of tokens that a request does not exceed.

    A token stands for at least one byte of UTF-8; for the frame of each message and for what a server's template adds
    we take 16 tokens a message and 256 a request. A server whose template adds more can exceed it.
    """
    texts = [message.content for message in request.messages]
    texts += (
        [json.dumps(request.schema)] * 3 if request.schema is not None else []
    )  # as format, as words, and once more
    size = sum(len(text.encode("utf-8", "surrogatepass")) for text in texts)
    return size + _MOST_PER_MESSAGE * len(request.messages) + _MOST_PER_REQUEST
