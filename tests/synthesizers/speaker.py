"""A model that writes an exercise for any seed: a recorded one, under the name that was asked for."""

from __future__ import annotations

import re
import zlib

from tests.synthesizers.conftest import recorded

TEXTS = recorded("exercises")


def speak(messages):
    """Return an exercise that depends on the request alone; one in eight first answers is faulty."""
    said = [one["content"] if isinstance(one, dict) else one.content for one in messages]
    asked = said[1]
    name = re.search(r"Name of the function: (\w+)", asked)[1]
    place = zlib.crc32(asked.encode())
    seed, text = TEXTS[place % len(TEXTS)]
    text = re.sub(rf"\b{seed.fields['function_name']}\b", name, text)
    if place % 8 == 0 and len(said) == 2:  # a repair succeeds
        text = text.replace("return", "return not", 1)
    return f"Here it is.\n\n```python\n{text}```\n"
