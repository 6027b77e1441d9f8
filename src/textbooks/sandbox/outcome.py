"""What a confined run is asked, and what comes of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

__all__ = ["CallJob", "CheckJob", "Isolation", "Outcome", "RunJob", "Status"]


class Status(StrEnum):
    """How a confined run ended (ours)."""

    PASSED = "passed"
    """It did what was asked: the tests held, the calls were made, the program ended normally."""
    WRONG_ANSWER = "wrong_answer"
    """An assertion of the tests failed."""
    EXCEPTION = "exception"
    """The program, a call, or a test on what it returned raised something else."""
    TIMEOUT = "timeout"
    """It used up its processor time, with slack beside others, or the wall limit, twice: the second time alone."""
    MEMORY = "memory"
    """It asked for more memory than it may use."""
    KILLED = "killed"
    """It ended in another way: by a signal, by an exit in the middle, or it stopped answering."""
    REFUSED = "refused"
    """It was not run: the tests do not compile, or the process could not be started."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one job.

    Attributes
    ----------
    status : Status
        How it ended.
    value : object
        Of `Sandbox.call` the list of results, one entry an input, where the calls were made; else None.
    output : str
        What the candidate wrote to standard output and standard error, cut at `output_bytes`.
    cpu_seconds : float
        Processor time of the candidate's process, start included, in seconds.
    memory : int
        Most memory that the candidate's process held at once, in bytes; an empty program holds about 15 MB.
    detail : str
        Why, where it did not pass: type and message of the exception, the line of the tests, the limit.
    """

    status: Status
    value: Any = None
    output: str = ""
    cpu_seconds: float = 0.0
    memory: int = 0
    detail: str = ""

    @property
    def passed(self) -> bool:
        """Whether the status is `Status.PASSED`."""
        return self.status is Status.PASSED


@dataclass(frozen=True, slots=True)
class Isolation:
    """What is in force around a confined program.

    Attributes
    ----------
    user, mount, pid, network, ipc : bool
        Namespaces of the kernel.
    rlimits : bool
        Limits of address space, processor time, processes, file size and open files. On macOS the one of address
        space does not bind.
    system_calls : bool
        A filter that refuses what a program has no use for: new processes, sockets, other programs, mounts, tracing.
    """

    user: bool
    mount: bool
    pid: bool
    network: bool
    ipc: bool
    rlimits: bool
    system_calls: bool

    @property
    def missing(self) -> tuple[str, ...]:
        """Names of what is not in force."""
        return tuple(field.name for field in fields(self) if not getattr(self, field.name))

    @property
    def complete(self) -> bool:
        """Whether every namespace and the limits are in force; the filter is a second line and not asked for."""
        return not set(self.missing) - {"system_calls"}

    def __str__(self) -> str:
        """Return one line: what is in force, and what is not."""
        here = [field.name for field in fields(self) if getattr(self, field.name)]
        return f"in force: {', '.join(here) or 'nothing'}; missing: {', '.join(self.missing) or 'nothing'}"


@dataclass(frozen=True, slots=True)
class CheckJob:
    """A job for `Sandbox.map`: the arguments of `Sandbox.check`."""

    program: str
    tests: str
    entry_point: str
    call_check: bool


@dataclass(frozen=True, slots=True)
class RunJob:
    """A job for `Sandbox.map`: the argument of `Sandbox.run`."""

    program: str


@dataclass(frozen=True, slots=True)
class CallJob:
    """A job for `Sandbox.map`: the arguments of `Sandbox.call`."""

    program: str
    entry_point: str
    inputs: Sequence[tuple[tuple[Any, ...], dict[str, Any]]]
