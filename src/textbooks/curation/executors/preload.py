"""What the workers of this machine share: made once, by the process that they are forked from.

A worker shares the memory of the modules, of the bundled model and of what numba compiled with the process that it is
forked from and with the other workers, and begins at once. Nothing here starts a thread: a fork would not survive it.
"""

from __future__ import annotations

import contextlib

import textbooks.curation.pipeline  # noqa: F401
from textbooks.decontaminators import NGramDecontaminator
from textbooks.dedup import MinHashDeduplicator
from textbooks.problems import Problem
from textbooks.scoring.model import EduValueModel

SENTENCE = "Return how many of the letters of a text are vowels, of any case; the text may be empty."

with contextlib.suppress(Exception):  # a worker that needs it says what is wrong
    EduValueModel.bundled()
    NGramDecontaminator().fit([Problem("none", "1", SENTENCE, solution="", tests="", entry_point="")]).judge(SENTENCE)
    MinHashDeduplicator().fit_apply([SENTENCE, SENTENCE + " Or not."])
