"""Sections of a textbook: prose and code that runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textbooks.llm import Completion, Message
from textbooks.sandbox import Sandbox
from textbooks.synthesizers.base import Synthesizer
from textbooks.synthesizers.checking.answers import markdown_in
from textbooks.synthesizers.checking.textbook_checks import check_textbooks
from textbooks.synthesizers.checking.textbook_shape import TextbookShape, read_textbook
from textbooks.synthesizers.prompts import TEXTBOOK_VERSION, textbook_messages
from textbooks.synthesizers.seeding.seeds import Seed
from textbooks.synthesizers.syntheses import Flaw
from textbooks.verdicts import Reason

__all__ = ["TextbookSynthesizer"]

_SHORTEST_STEM = 4


class TextbookSynthesizer(Synthesizer[TextbookShape]):
    """Has a language model write sections of a textbook, and keeps those whose code runs and whose comments are true.

    A section takes turns between prose and Python ("Textbooks Are All You Need", section 2.2). Diversity comes from
    the seeds: topic, audience, style, and random words to build examples around.

    **It executes texts**: what the model wrote is run, confined by the sandbox. The checks are ours: the blocks run
    one after the other, assertions hold, comments that state a result state the right one, and at least one of the
    seed's words is used.

    Parameters
    ----------
    client, repair, decontaminator, max_similarity, sandbox, workers
        See `textbooks.synthesizers.Synthesizer`.
    """

    kind: ClassVar[str] = "textbook"
    version: ClassVar[str] = TEXTBOOK_VERSION

    def messages(self, seed: Seed) -> list[Message]:
        """Return the conversation that asks for a seed's section."""
        return textbook_messages(seed)

    def _read(self, seed: Seed, answer: Completion) -> TextbookShape | Flaw:
        text = markdown_in(answer.text)
        if isinstance(text, Flaw):
            return text
        shape = read_textbook(text)
        return shape if isinstance(shape, Flaw) else _ignored(seed, text) or shape

    def _check(self, shapes: Sequence[TextbookShape], sandbox: Sandbox, workers: int) -> list[Flaw | None]:
        return check_textbooks(shapes, sandbox, workers=workers)

    def _text(self, shape: TextbookShape) -> str:
        return shape.text


def _ignored(seed: Seed, text: str) -> Flaw | None:
    """Say so where no word of the seed stands in the text, in whatever form."""
    words = [str(word) for word in seed.fields.get("words") or ()]
    lowered = text.lower()
    if not words or any(_stem(word) in lowered for word in words):
        return None
    return Flaw(Reason.IGNORES_SEED, f"None of the words {', '.join(words)} is used.", {"words": words})


def _stem(word: str) -> str:
    """Return the beginning that a word shares with its plural and its other forms."""
    lowered = word.lower()
    return lowered if len(lowered) <= _SHORTEST_STEM else lowered.removesuffix("s").removesuffix("e")
