"""Answers of an annotator, and a model that stands in for one."""

from __future__ import annotations

import json
import re

from textbooks.annotators import MARKS


def answer(score, reason="It shows a loop.", **marks):
    return json.dumps({"reason": reason, **dict.fromkeys(MARKS, True), **marks, "score": score})


def rated(messages):
    """Rate a file by the number in its first line, as in ``VALUE_3 = 0``."""
    [score] = re.findall(r"VALUE_(\d)", messages[-1].content)[:1] or ["0"]
    return answer(int(score), algorithmic=int(score) > 2)


def file_of(score, number=0):
    return f"VALUE_{score} = {number}\n"
