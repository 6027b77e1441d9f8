"""What is held out and what is drawn: by digests of names, so that it is the same on every machine and in any order."""

from __future__ import annotations

import hashlib
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import TypeVar

T = TypeVar("T")


FEWEST_PACKAGES = 5
"""How many packages at least fill the part that is held out."""


def place(name: Hashable, salt: str) -> int:
    """Return a number that stands for a name: the same for ever, and like a random one."""
    return int.from_bytes(hashlib.blake2b(f"{salt}\0{name}".encode(), digest_size=8).digest(), "big")


def held_out_packages(sizes: Mapping[str, int], share: float, *, salt: str = "held out") -> frozenset[str]:
    """Return whole packages with about a share of all bytes, drawn by their names.

    Packages are taken in the order of `place`; one that would lead past the share, or fill more than a fifth of it by
    itself, is passed over, so that what is held out comes from several.

    Parameters
    ----------
    sizes : mapping of str to int
        Bytes of each package.
    share : float
        Of the bytes, above 0 and below 1.
    salt : str
        Another one gives another draw.

    Raises
    ------
    ValueError
        If the share is out of range, or no package fits into it.
    """
    if not 0 < share < 1:
        msg = f"share must be above 0 and below 1, got {share!r}"
        raise ValueError(msg)
    left, drawn = share * sum(sizes.values()), []
    largest = left / FEWEST_PACKAGES
    for name in sorted(sizes, key=lambda name: place(name, salt)):
        if sizes[name] <= min(left, largest):
            drawn.append(name)
            left -= sizes[name]
    if not drawn:
        msg = f"none of {len(sizes)} packages has less than {largest:.0f} bytes: give more packages, or a larger share"
        raise ValueError(msg)
    return frozenset(drawn)


def one_in(names: Iterable[str], parts: int, *, salt: str = "held out") -> frozenset[str]:
    """Return one in so many names, rounded up: those that come first in the order of `place`."""
    ordered = sorted(names, key=lambda name: place(name, salt))
    return frozenset(ordered[: -(-len(ordered) // parts)])


def sample_of(
    texts: Mapping[str, str], max_bytes: int, *, longest: int, shortest: int = 200, salt: str = "sample"
) -> dict[str, str]:
    """Return texts by id, in the order of `place`, of about so many bytes in all, each cut at a line end.

    Parameters
    ----------
    texts : mapping of str to str
        Texts by id.
    max_bytes : int
        The sample ends before the text that would lead past this.
    longest : int
        Characters after which a text is cut, at the end of the last whole line before, so that a few long files do not
        stand for all.
    shortest : int
        Characters that a text must have then; others are left out.
    salt : str
        Another one gives another draw.
    """
    found, left = {}, max_bytes
    for name in sorted(texts, key=lambda name: place(name, salt)):
        text = cut_at_line(texts[name], longest)
        size = len(text.encode("utf-8", "surrogatepass"))
        if len(text) < shortest:
            continue
        if size > left:
            break
        found[name] = text
        left -= size
    return found


def cut_at_line(text: str, longest: int) -> str:
    """Return the text, or its whole lines that fit into so many characters."""
    return text if len(text) <= longest else text[: text.rfind("\n", 0, longest) + 1]


def best_share(scores: Sequence[float], sizes: Sequence[int], wanted: int, *, start: float) -> float:
    """Return the highest threshold, at most `start`, at or above which lie at least `wanted` bytes.

    Raises
    ------
    ValueError
        If all texts together have fewer bytes.
    """
    total = 0
    for score, size in sorted(zip(scores, sizes, strict=True), reverse=True):
        total += size
        if total >= wanted:
            return min(start, score)
    msg = f"{total} bytes of text in all, and {wanted} are needed: give more packages, or train on fewer tokens"
    raise ValueError(msg)
