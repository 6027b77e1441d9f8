"""Reading what a language model answers: its code, its Markdown, its refusals."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from textbooks.llm import Completion, extract_json
from textbooks.synthesizers.syntheses import Flaw
from textbooks.verdicts import Reason

__all__ = ["Block", "blocks_of", "code_in", "markdown_in", "unusable"]

_FENCE = re.compile(r"^ {0,3}(?P<fence>`{3,}|~{3,})[ \t]*(?P<info>[^`\n]*?)[ \t]*$", re.MULTILINE)
_PYTHON = frozenset({"python", "py", "python3", "py3"})
_REFUSAL = re.compile(
    r"\b(?:I(?:'m| am)? (?:sorry|afraid|apologi[sz]e)|I (?:can(?:'|no)t|am (?:not able|unable)|won'?t|must decline)"
    r"|as an AI\b|unable to (?:help|comply|assist)|against my (?:guidelines|policy))",
    re.IGNORECASE,
)
_BEGINNING = 300  # characters in which a refusal says so
_CODE_KEYS = ("code", "text", "solution", "exercise")
_TEXT_KEYS = ("text", "markdown", "section", "content")
_SHOWN = 80


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block of Markdown.

    Attributes
    ----------
    language : str
        First word behind the fence, in lower case; empty without one.
    content : str
        What stands between the fences.
    start, end : int
        Where the content stands in the text.
    closed : bool
        Whether the closing fence is there.
    """

    language: str
    content: str
    start: int
    end: int
    closed: bool

    @property
    def is_python(self) -> bool:
        """Whether it is marked as Python."""
        return self.language in _PYTHON


def blocks_of(text: str) -> list[Block]:
    r"""Return the fenced blocks of a Markdown text, in order.

    Examples
    --------
    >>> [block.content for block in blocks_of("Add:\n```python\na + b\n```\n")]
    ['a + b\n']
    """
    found: list[Block] = []
    opening: re.Match[str] | None = None
    for fence in _FENCE.finditer(text):
        if opening is None:
            opening = fence
        elif fence["fence"].startswith(opening["fence"]) and not fence["info"]:
            found.append(_block(text, opening, fence.start(), closed=True))
            opening = None
    if opening is not None:
        found.append(_block(text, opening, len(text), closed=False))
    return found


def _block(text: str, opening: re.Match[str], end: int, *, closed: bool) -> Block:
    words = re.findall(r"[\w+#-]+", opening["info"])
    start = min(opening.end() + 1, len(text))
    return Block(words[0].lower() if words else "", text[start:end], start, max(start, end), closed)


def unusable(answer: Completion) -> Flaw | None:
    """Return why an answer cannot hold a text: it was cut off, or it is empty."""
    if answer.finish_reason == "length":
        return Flaw(Reason.CUT_OFF, "The answer was cut off: it is longer than the longest that may be given.")
    if answer.finish_reason == "content_filter":
        return Flaw(Reason.REFUSED, "A filter held the answer back.")
    if not answer.text.strip():
        return Flaw(Reason.MALFORMED_ANSWER, "The answer is empty.")
    return None


def code_in(answer: str, *, defines: str | None = None) -> str | Flaw:
    """Return the program in an answer.

    That is the fenced block that defines the function, else the only one that is marked as Python, else the only one;
    without fences, the value of ``code`` of a JSON object, or the whole answer where it looks like a program.

    Parameters
    ----------
    answer : str
        What the model wrote.
    defines : str or None, default=None
        Name of the function that is wanted.
    """
    text = _from_json(answer, _CODE_KEYS)
    if isinstance(text, Flaw):
        return text
    blocks = blocks_of(text)
    if not blocks:
        return _bare_code(text)
    if not blocks[-1].closed:
        return Flaw(Reason.MALFORMED_ANSWER, "The last code block is not closed.")
    chosen = _choose(blocks, defines)
    if chosen is None:
        languages = ", ".join(block.language or "unmarked" for block in blocks)
        return Flaw(
            Reason.MALFORMED_ANSWER, f"No code block is the one asked for; there are {len(blocks)}: {languages}."
        )
    return _tidy(chosen.content)


def _choose(blocks: list[Block], defines: str | None) -> Block | None:
    python = [block for block in blocks if block.is_python]
    candidates = python or [block for block in blocks if not block.language]
    if defines is not None:
        pattern = re.compile(rf"^(?:async[ \t]+)?def[ \t]+{re.escape(defines)}\b", re.MULTILINE)
        candidates = [block for block in candidates if pattern.search(block.content)] or candidates
    return candidates[0] if candidates else None


def _bare_code(text: str) -> str | Flaw:
    if re.search(r"^(?:async[ \t]+)?def[ \t]+\w+|^class[ \t]+\w+", text, re.MULTILINE):
        return _tidy(text)
    return _no_text(text, "There is no code block in the answer")


def markdown_in(answer: str) -> str | Flaw:
    """Return the section in an answer: all of it, or what a fence around all of it or a JSON object holds."""
    text = _from_json(answer, _TEXT_KEYS)
    if isinstance(text, Flaw):
        return text
    blocks = blocks_of(text)
    whole = text.strip()
    if blocks and blocks[0].language in ("markdown", "md") and whole.startswith(("```", "~~~")):
        inner = _unwrapped(whole)
        return Flaw(Reason.MALFORMED_ANSWER, "The fence around the section is not closed.") if inner is None else inner
    if not any(block.is_python for block in blocks):
        return _no_text(text, "There is no Python block in the answer")
    if not blocks[-1].closed:
        return Flaw(Reason.MALFORMED_ANSWER, "The last code block is not closed.")
    return _tidy(text)


def _unwrapped(whole: str) -> str | None:
    """Return the inside of a fence that begins and ends a text; blocks inside may use the same fence."""
    first, _, rest = whole.partition("\n")
    fence = (re.match(r"`+|~+", first) or [""])[0]
    inner, _, last = rest.rpartition("\n")
    return _tidy(inner) if last.strip() == fence else None


def _from_json(answer: str, keys: tuple[str, ...]) -> str | Flaw:
    """Return the string under one of the keys where the answer is a JSON object, else the answer."""
    begins = answer.lstrip().removeprefix("```json").lstrip()
    if not begins.startswith("{"):
        return answer
    found = extract_json(answer)
    if isinstance(found, Mapping):
        texts = [found[key] for key in keys if isinstance(found.get(key), str)]
        if texts:
            return str(texts[0])
        return Flaw(Reason.MALFORMED_ANSWER, f"The JSON object has none of the keys {', '.join(keys)}.")
    if re.match(r'\{\s*"', begins):
        return Flaw(Reason.MALFORMED_ANSWER, "The JSON object in the answer is damaged or cut off.")
    return answer


def _no_text(answer: str, what: str) -> Flaw:
    shown = " ".join(answer.split())[:_SHOWN]
    if _REFUSAL.search(answer[:_BEGINNING]):
        return Flaw(Reason.REFUSED, f"The model refuses: {shown}")
    return Flaw(Reason.MALFORMED_ANSWER, f"{what}; it begins: {shown}")


def _tidy(text: str) -> str:
    return text.replace("\r\n", "\n").strip("\n").rstrip() + "\n"
