"""JSON in what a language model says."""

from __future__ import annotations

import json

__all__ = ["extract_json"]

_MOST_STARTS = 100  # a text full of braces must not take quadratic time


def extract_json(text: str) -> object:
    r"""Return the first JSON object or array in a text, or None if there is none.

    Models wrap JSON in code fences and polite words in spite of every instruction; those are passed over. Never
    raises, whatever the text.

    Examples
    --------
    >>> extract_json('Sure!\n```json\n{"grade": 7}\n```')
    {'grade': 7}
    """
    decoder = json.JSONDecoder()
    position = -1
    for _ in range(_MOST_STARTS):
        starts = [found for found in (text.find("{", position + 1), text.find("[", position + 1)) if found >= 0]
        if not starts:
            return None
        position = min(starts)
        try:
            value: object = decoder.raw_decode(text, position)[0]
        except (ValueError, RecursionError):
            continue
        return value
    return None
