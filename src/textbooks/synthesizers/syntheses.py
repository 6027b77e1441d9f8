"""What came of one seed, and why an answer is no text to keep."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from datatrove.data import Document

from textbooks.errors import CompletionError
from textbooks.llm import Completion, Usage
from textbooks.synthesizers.seeding.seeds import Seed
from textbooks.verdicts import Reason, Verdict

__all__ = ["Flaw", "Synthesis"]


@dataclass(frozen=True, slots=True)
class Flaw:
    """Why an answer cannot be kept.

    Attributes
    ----------
    reason : Reason
        The slug.
    detail : str
        What is wrong, in a sentence that the model could act on.
    evidence : mapping
        Numbers and names behind it, as JSON types.
    """

    reason: Reason
    detail: str
    evidence: Mapping[str, Any] = field(default_factory=dict)

    @property
    def verdict(self) -> Verdict:
        """The verdict that it leads to."""
        return Verdict.dropped(self.reason, detail=self.detail, **self.evidence)


@dataclass(frozen=True, slots=True)
class Synthesis:
    """What came of one seed.

    Attributes
    ----------
    seed : Seed
        What was asked for.
    text : str
        The text: code for an exercise, Markdown for a section. Where none could be read from the answer, the answer
        itself; empty without an answer.
    verdict : Verdict
        Kept; dropped, with the reason and its ``detail``; or quarantined, where there is no answer to judge.
    answers : tuple of Completion
        The model's answers: one, or two where it was asked to repair the first.
    parts : mapping
        What the text consists of: of an exercise ``prompt`` (imports, signature, docstring) and ``completion``.
    prompt_version : str
        Digest of the words that ask for it.
    error : CompletionError or None
        Why there is no answer.
    """

    seed: Seed
    text: str
    verdict: Verdict
    answers: tuple[Completion, ...] = ()
    parts: Mapping[str, str] = field(default_factory=dict)
    prompt_version: str = ""
    error: CompletionError | None = None

    @property
    def keep(self) -> bool:
        """Whether the text is good."""
        return self.verdict.keep

    @property
    def usage(self) -> Usage:
        """Tokens of all answers, also of those from a cache."""
        return sum((answer.usage for answer in self.answers), Usage())

    @property
    def document(self) -> Document:
        """The text with everything that is known of where it comes from; its id is the seed's."""
        return Document(text=self.text, id=self.seed.id, metadata=self.provenance | dict(self.parts))

    @property
    def provenance(self) -> dict[str, Any]:
        """Where the text comes from, as JSON types: enough to ask for it again."""
        last = self.answers[-1] if self.answers else None
        return {
            "kind": self.seed.kind,
            "seed": json.dumps(self.seed.to_json(), sort_keys=True),
            "prompt_version": self.prompt_version,
            "model": last.model if last else "",
            "finish_reason": last.finish_reason if last else "",
            "answers": len(self.answers),
            "prompt_tokens": self.usage.prompt_tokens,
            "completion_tokens": self.usage.completion_tokens,
        }

    def judged(self, verdict: Verdict) -> Synthesis:
        """Return the same with another verdict."""
        return replace(self, verdict=verdict)
