"""An event loop in a thread of its own: asynchronous work goes on under synchronous calls, in a notebook too."""

from __future__ import annotations

import asyncio
import os
import threading

__all__ = ["background_loop"]

_LOCK = threading.Lock()
_LOOPS: dict[int, asyncio.AbstractEventLoop] = {}


def background_loop() -> asyncio.AbstractEventLoop:
    """Return the event loop that runs beside this process's own threads, started on first use, one in each process."""
    with _LOCK:
        loop = _LOOPS.get(os.getpid())
        if loop is None:
            loop = _LOOPS[os.getpid()] = asyncio.new_event_loop()
            threading.Thread(target=loop.run_forever, name="textbooks-llm", daemon=True).start()
        return loop


def _renew_lock() -> None:
    global _LOCK
    _LOCK = threading.Lock()  # another thread may have held it at the moment of the fork


os.register_at_fork(after_in_child=_renew_lock)
