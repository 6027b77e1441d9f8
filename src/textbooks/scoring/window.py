"""The part of a text that is measured: the part that the raters of the bundled labels were shown."""

from __future__ import annotations

HEAD_CHARS = 2_000
"""Characters rated from the start of a long file."""

TAIL_CHARS = 600
"""Characters rated from the end of a long file."""

MAX_UNCUT_CHARS = HEAD_CHARS + TAIL_CHARS
"""Longest text that is rated whole."""

_ALIGNMENT_CHARS = 300


def rated_window(text: str) -> str:
    r"""Return the first 2,000 and the last 600 characters of a text, cut at line ends where one is near.

    A text of at most 2,600 characters is returned whole. Line ends become ``\n``, a byte-order mark is dropped and
    lone surrogates become ``?``, so that the result always encodes as UTF-8.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    str
        At most ``MAX_UNCUT_CHARS + 1`` characters.

    Notes
    -----
    Ours: the bundled labels were given from this window (``data/RUBRIC.md``). It also bounds time and memory: what
    lies between costs nothing but a scan of its bytes.
    """
    if len(text) <= MAX_UNCUT_CHARS:
        window = text
    else:
        head, tail = text[:HEAD_CHARS], text[-TAIL_CHARS:]
        last_line_end = head.rfind("\n", HEAD_CHARS - _ALIGNMENT_CHARS)
        first_line_end = tail.find("\n", 0, _ALIGNMENT_CHARS)
        window = (head[:last_line_end] if last_line_end >= 0 else head) + "\n" + tail[first_line_end + 1 :]
    window = window.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    return window if window.isascii() else window.encode("utf-8", "replace").decode("utf-8")
