"""What the workers of this machine share: made once, by the process that they are forked from.

A worker shares the memory of the modules and of the bundled model with the process that it is forked from and with the
other workers, and begins at once. Nothing here starts a thread: a fork would not survive it.
"""

from __future__ import annotations

import contextlib

import numba  # noqa: F401  (the decontaminators import it on first use)

import textbooks.curation.pipeline  # noqa: F401
from textbooks.scoring.model import EduValueModel

with contextlib.suppress(Exception):  # a worker that needs it says what is wrong
    EduValueModel.bundled()
