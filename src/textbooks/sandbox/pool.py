"""The zygotes of one sandbox: one for each job at a time, kept for the next."""

from __future__ import annotations

import contextlib
import os
import threading
import warnings
import weakref
from collections.abc import Iterator

from textbooks.errors import SandboxError
from textbooks.sandbox.outcome import Isolation
from textbooks.sandbox.zygote import LEVELS, Zygote

__all__ = ["Alone", "Pool"]


class Alone:
    """Many at a time, or one alone."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._sharing, self._wanted = 0, 0
        self._taken = False

    @contextlib.contextmanager
    def shared(self) -> Iterator[None]:
        """Run beside others; wait while somebody runs alone or wants to."""
        with self._condition:
            self._condition.wait_for(lambda: not self._taken and not self._wanted)
            self._sharing += 1
        try:
            yield
        finally:
            with self._condition:
                self._sharing -= 1
                self._condition.notify_all()

    @contextlib.contextmanager
    def exclusive(self) -> Iterator[None]:
        """Wait until nobody runs, and run alone."""
        with self._condition:
            self._wanted += 1
            self._condition.wait_for(lambda: not self._taken and not self._sharing)
            self._wanted -= 1
            self._taken = True
        try:
            yield
        finally:
            with self._condition:
                self._taken = False
                self._condition.notify_all()


class Pool:
    """Zygotes that wait for work.

    Parameters
    ----------
    limits : dict
        Numbers for each confined process.
    strict : bool
        Whether all namespaces must be in force.
    """

    def __init__(self, limits: dict[str, float], *, strict: bool) -> None:
        self.alone = Alone()
        self.isolation: Isolation | None = None
        self._level: tuple[str, ...] = ()
        self._limits, self._strict = limits, strict
        self._lock = threading.Lock()
        self._idle: list[Zygote] = []
        self._all: weakref.WeakSet[Zygote] = weakref.WeakSet()
        _POOLS.add(self)

    def take(self) -> Zygote:
        """Return a zygote that nobody else uses, and start one if there is none.

        Raises
        ------
        SandboxError
            If none can be started, or strict mode gets less than it asks for.
        """
        with self._lock:
            if self._idle:
                return self._idle.pop()
            zygote = self._start()
            self._all.add(zygote)
            return zygote

    def give_back(self, zygote: Zygote) -> None:
        """Keep a zygote for the next job."""
        with self._lock:
            self._idle.append(zygote)

    def close(self) -> None:
        """End the zygotes that nobody uses."""
        with self._lock:
            idle, self._idle = self._idle, []
        for zygote in idle:
            zygote.close()

    def forget(self) -> None:
        """Start anew in a forked process: nothing of the parent's is used, or ended."""
        for zygote in self._all:
            zygote.abandon()
        self.__init__(self._limits, strict=self._strict)  # type: ignore[misc]

    def _start(self) -> Zygote:
        refused: list[str] = []
        levels = (self._level,) if self.isolation is not None else LEVELS
        for level in levels:
            try:
                zygote = Zygote(self._limits, level)
            except SandboxError as error:
                refused.append(f"{'+'.join(level) or 'no namespaces'}: {error}")
                continue
            self._found(zygote, level, refused)
            return zygote
        msg = f"no confined process can be started here ({'; '.join(refused)})"
        raise SandboxError(msg)

    def _found(self, zygote: Zygote, level: tuple[str, ...], refused: list[str]) -> None:
        """Note what is in force, and say loudly when it is not all."""
        if self.isolation is not None:
            return
        names = {name: name in level for name in ("user", "mount", "pid", "network", "ipc")}
        isolation = Isolation(**names, rlimits=True, system_calls=zygote.filtered)
        if not isolation.complete:
            msg = f"programs are not fully confined here; {isolation} ({'; '.join(refused) or 'no Linux'})"
            if self._strict:
                zygote.close()
                raise SandboxError(msg + "; strict=False runs them all the same")
            warnings.warn(msg + ". See docs/sandbox.md", RuntimeWarning, stacklevel=2)
        self.isolation, self._level = isolation, level


_POOLS: weakref.WeakSet[Pool] = weakref.WeakSet()


def _forget_all() -> None:
    for pool in list(_POOLS):
        pool.forget()


os.register_at_fork(after_in_child=_forget_all)
