"""Many calls of foreign functions in one process, each with a limit of its own, each result handed out at once."""

from __future__ import annotations

import ctypes
import json
import os
import signal
import time
from collections.abc import Callable
from typing import Any

from .candidate import described
from .codec import dump

__all__ = ["MAX_RESULT", "Clock", "OvertimeError", "Stream", "settle", "value_message"]

MAX_RESULT = 1 << 20
"""Results whose message has more bytes than this are refused."""

_MAX_ITERATOR = 10_000
_AGAIN = 0.02  # seconds of processor time between signals to a call that goes on
_SIGNALS_UNTIL_EXIT = 10
_SLEEP = 1.0  # seconds by the clock that a call may wait without working
_MOST_WAITS = 3


class OvertimeError(BaseException):
    """A call used up its time; no `Exception`, so that few handlers catch it."""


class Stream:
    """Where results go as soon as they are there, so that they outlive this process.

    It takes the place of the output: what foreign code prints is thrown away.

    Parameters
    ----------
    limit : int
        Bytes that are read at the other end; what comes after is not written.
    """

    def __init__(self, limit: int) -> None:
        self._left = limit
        self._descriptor = os.dup(1)
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        os.close(nowhere)

    def write(self, line: bytes) -> None:
        """Write one line, if all of it can be read."""
        self._left -= len(line) + 1
        if self._left >= 0:
            os.write(self._descriptor, line + b"\n")


class Clock:
    """Limits the processor time of one call after the other.

    A call that goes on gets an `OvertimeError`, and again every moment: it may catch some. One that catches ten ends
    the process, and so does one that stays in compiled code, where no exception reaches it. One that waits is ended
    by the clock on the wall, unless it did work meanwhile: a busy machine decides nothing.

    Parameters
    ----------
    seconds : float
        Processor time of all calls together.
    """

    def __init__(self, seconds: float) -> None:
        self.process = os.getpid()
        self._end = time.process_time() + seconds
        self._caught = self._waits = 0
        self._began = 0.0
        self._stuck: Callable[[], None] = lambda: None
        library = ctypes.CDLL(None)
        library.signal.argtypes, library.signal.restype = (ctypes.c_int, ctypes.c_void_p), ctypes.c_void_p
        library.signal(signal.SIGVTALRM, ctypes.cast(library._exit, ctypes.c_void_p))  # runs also in compiled code
        signal.signal(signal.SIGPROF, self._over)
        signal.signal(signal.SIGALRM, self._slept)

    @property
    def is_over(self) -> bool:
        """Whether the time of all calls is used up, or too many of them waited for nothing."""
        return self._waits >= _MOST_WAITS or time.process_time() > self._end

    def run(self, action: Callable[[], bytes], seconds: float, stuck: Callable[[], None]) -> bytes:
        """Return the message of an action's result, or of its exception.

        Parameters
        ----------
        action : callable
            Returns a message of `codec.dump`, ``["value", ...]``.
        seconds : float
            Its processor time.
        stuck : callable
            Called before the process ends because the action cannot be stopped.
        """
        self._stuck, self._caught, self._began = stuck, 0, time.process_time()
        try:
            self._set(seconds)
            return action()
        except OvertimeError:
            self.stop()
            return b'["timeout"]'
        except BaseException as error:
            return json.dumps(["exception", *described(error)]).encode("ascii")
        finally:
            if os.getpid() != self.process:  # a fork of the foreign code came here too
                os._exit(0)

    def stop(self) -> None:
        """Stop the clock of the last call; the next call starts it anew without."""
        self._set(0.0)

    @staticmethod
    def _set(seconds: float) -> None:
        signal.setitimer(signal.ITIMER_PROF, seconds, _AGAIN)
        signal.setitimer(signal.ITIMER_VIRTUAL, seconds and 2 * seconds + 2 * _AGAIN * _SIGNALS_UNTIL_EXIT)
        signal.setitimer(signal.ITIMER_REAL, seconds and _SLEEP + seconds, _SLEEP)

    def _over(self, *_: object) -> None:
        self._caught += 1
        if self._caught > _SIGNALS_UNTIL_EXIT:
            self._stuck()
            os._exit(1)
        raise OvertimeError

    def _slept(self, *_: object) -> None:
        now = time.process_time()
        if now - self._began < _SLEEP / 100:
            self._waits += 1
            self._over()
        self._began = now


def settle(result: Any) -> Any:  # noqa: ANN401
    """Return a result as plain data: an iterator as a list, a range as a list, what a coroutine returns at once.

    Raises
    ------
    ValueError
        If an iterator gives more than 10,000 items.
    """
    if hasattr(type(result), "__await__") and hasattr(result, "send"):
        try:
            result.send(None)
        except StopIteration as end:
            result = end.value
    if isinstance(result, range):
        return list(result[: _MAX_ITERATOR + 1])
    if hasattr(type(result), "__next__"):
        items = []
        for item in result:
            items.append(item)
            if len(items) > _MAX_ITERATOR:
                msg = f"the result gives more than {_MAX_ITERATOR:,} items"
                raise ValueError(msg)
        return items
    return result


def value_message(value: Any) -> bytes:  # noqa: ANN401
    """Return the message of a result that is plain data and no larger than `MAX_RESULT`.

    Raises
    ------
    ValueError
        If it is not.
    """
    message = dump(["value", settle(value)])
    if len(message) > MAX_RESULT:
        msg = f"the result takes {len(message):,} bytes; at most {MAX_RESULT:,} are read"
        raise ValueError(msg)
    return message
