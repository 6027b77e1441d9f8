"""Tests set up once for many samples of one problem: compiled once, then run against one candidate after the other."""

from __future__ import annotations

# The bare interpreter does without pathlib.
# ruff: noqa: PTH108, PTH112, PTH114, PTH208
import contextlib
import json
import os
import socket

from .codec import dump
from .tests import Tests
from .wire import ClosedError, receive, send

__all__ = ["host"]


def host(control: socket.socket) -> None:
    """Read the tests, then decide for each channel to a candidate that comes.

    Every candidate is a fresh process; the tests run in a fresh module each time. What is left by one run of the tests
    is plain data at most: no object of a candidate gets here.
    """
    with contextlib.suppress(ClosedError):
        job = json.loads(receive(control))
        try:
            tests = Tests(job["tests"], job["entry_point"], call_check=job["call_check"])
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return  # the process of a single sample says so
        while True:
            head, descriptors, _, _ = socket.recv_fds(control, 1, 1)
            if not head:
                return
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, 0, descriptors[0]) as channel:
                verdict = tests.decide(channel)
            send(control, dump(verdict))
            _empty_scratch()  # while the parent ends the candidate; the next channel is not read before


def _empty_scratch() -> None:
    for name in os.listdir():
        if os.path.isdir(name) and not os.path.islink(name):
            import shutil

            shutil.rmtree(name, ignore_errors=True)
        else:
            os.unlink(name)
