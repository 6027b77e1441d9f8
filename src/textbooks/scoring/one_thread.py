"""Small matrix products on one thread: the threads of a linear algebra library slow them, and each other, down."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

from threadpoolctl import ThreadpoolController

if TYPE_CHECKING:
    from collections.abc import Iterator

_LOCK = threading.Lock()


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Keep numpy's matrix products on one thread meanwhile, and leave its setting as it was.

    One at a time: whoever came in between would note 1 as the setting to return to.
    """
    with _LOCK, _controller().limit(limits=1, user_api="blas"):
        yield


@cache
def _controller() -> ThreadpoolController:
    return ThreadpoolController()
