"""`Sandbox`: untrusted Python, run where it can reach nothing."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from types import TracebackType
from typing import Any

from textbooks.errors import SandboxError
from textbooks.sandbox.outcome import CallJob, CheckJob, Isolation, Outcome, RunJob, Status
from textbooks.sandbox.pool import Pool
from textbooks.sandbox.session import Performed, perform

__all__ = ["Sandbox"]

_DEFAULT_WORKERS = os.cpu_count() or 1


class Sandbox:
    """Run untrusted Python programs in confined processes, and say what came of them.

    Every run has a fresh process in namespaces of its own, without network, environment or files: it sees the standard
    library read-only and an empty scratch folder of 16 MB. Tests run in a second such process and reach the candidate
    by message. What the kernel refuses is left out with a warning; `isolation` says what is in force.

    Nothing is started before the first run. A sandbox that was pickled, or is used after a fork, starts anew.

    Parameters
    ----------
    cpu_seconds : float, default=5.0
        Processor time of one process; above 0. What uses more is a timeout: beside other jobs, which slow it down, at
        half as much again, and what ends before that but beyond the limit is run again alone.
    wall_seconds : float, default=30.0
        Time by the clock, for programs that sleep; at least `cpu_seconds`. Generous, so that a busy machine changes no
        verdict; what uses more is run again alone before it counts.
    memory_bytes : int, default=1 GiB
        Address space of one process; at least 64 MiB.
    output_bytes : int, default=64,000
        How much of a program's output is kept; the rest is read and forgotten.
    strict : bool, default=False
        Whether to refuse to run with less than all namespaces.

    Raises
    ------
    ValueError
        If a limit is out of range.
    """

    def __init__(
        self,
        *,
        cpu_seconds: float = 5.0,
        wall_seconds: float = 30.0,
        memory_bytes: int = 1 << 30,
        output_bytes: int = 64_000,
        strict: bool = False,
    ) -> None:
        if not 0 < cpu_seconds <= wall_seconds < 86_400:
            msg = f"0 < cpu_seconds <= wall_seconds < 86400 must hold, got {cpu_seconds!r} and {wall_seconds!r}"
            raise ValueError(msg)
        if memory_bytes < 64 << 20:
            msg = f"memory_bytes must be at least 64 MiB (67108864): Python itself needs some, got {memory_bytes!r}"
            raise ValueError(msg)
        if output_bytes < 0:
            msg = f"output_bytes must be 0 or more, got {output_bytes!r}"
            raise ValueError(msg)
        self.cpu_seconds, self.wall_seconds = cpu_seconds, wall_seconds
        self.memory_bytes, self.output_bytes, self.strict = memory_bytes, output_bytes, strict
        limits = {"cpu_seconds": cpu_seconds, "wall_seconds": wall_seconds, "memory_bytes": memory_bytes}
        self._pool = Pool(limits, strict=strict)

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if not name.startswith("_")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(**state)  # type: ignore[misc]

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End every process of this sandbox; a later run starts anew."""
        self._pool.close()

    @property
    def isolation(self) -> Isolation:
        """What is in force around a program; starts a process to find out.

        Raises
        ------
        SandboxError
            If it cannot be started, or strict mode gets less than it asks for.
        """
        self._pool.give_back(self._pool.take())
        assert self._pool.isolation is not None
        return self._pool.isolation

    def run(self, program: str) -> Outcome:
        """Run a program as ``__main__``.

        Passed means that it ended normally, and no more: a program that was made to deceive can end so where and when
        it likes. Use `check` to decide whether it is right.

        Raises
        ------
        SandboxError
            If no confined process can be started here.
        """
        return self._do(RunJob(program))

    def call(self, program: str, entry_point: str, inputs: Sequence[tuple[tuple[Any, ...], dict[str, Any]]]) -> Outcome:
        """Run a program, then call one of its functions with each input, one after the other in the same process.

        Parameters
        ----------
        program : str
            Source text.
        entry_point : str
            Name of the function.
        inputs : sequence of (args, kwargs)
            Plain data: see `textbooks.sandbox.inside.codec.dump`.

        Returns
        -------
        Outcome
            When all calls were made, `value` is a list with an entry an input: ``("value", plain data)`` or
            ``("exception", type name, message)``.

        Raises
        ------
        SandboxError
            If no confined process can be started here.
        """
        return self._do(CallJob(program, entry_point, inputs))

    def check(self, program: str, tests: str, entry_point: str, *, call_check: bool) -> Outcome:
        """Decide whether a program holds under tests, which run in a confined process of their own.

        The tests reach what the program defines by message: arguments and results are rebuilt as plain data on the
        other side. So an object of the candidate's making that equals everything never meets an assertion.

        Parameters
        ----------
        program : str
            Source text of the candidate.
        tests : str
            Source text of the tests; trusted to decide, and confined all the same.
        entry_point : str
            Name of the function under test.
        call_check : bool
            True when the tests define ``check(candidate)`` as HumanEval's do, False when they are assertions as MBPP's.

        Raises
        ------
        SandboxError
            If no confined process can be started here.
        """
        return self._do(CheckJob(program, tests, entry_point, call_check))

    def map(self, jobs: Iterable[CheckJob | CallJob | RunJob], workers: int = _DEFAULT_WORKERS) -> Iterator[Outcome]:
        """Yield the outcome of each job, in the order of the jobs, whatever the number of workers.

        Parameters
        ----------
        jobs : iterable of CheckJob, CallJob or RunJob
            Read as they are needed: at most four for each worker are held.
        workers : int, default=number of cores
            Jobs at a time.

        Raises
        ------
        SandboxError
            If no confined process can be started here.
        """
        if workers < 1:
            msg = f"workers must be 1 or more, got {workers!r}"
            raise ValueError(msg)
        return self._map(iter(jobs), workers)

    def _map(self, jobs: Iterator[CheckJob | CallJob | RunJob], workers: int) -> Iterator[Outcome]:
        pool = ThreadPoolExecutor(workers, thread_name_prefix="sandbox")
        try:
            waiting: deque[Future[Outcome]] = deque(pool.submit(self._do, job) for job in islice(jobs, 4 * workers))
            while waiting:
                outcome = waiting.popleft().result()
                waiting.extend(pool.submit(self._do, job) for job in islice(jobs, 1))
                yield outcome
        finally:
            pool.shutdown(cancel_futures=True)

    def _do(self, job: CheckJob | CallJob | RunJob) -> Outcome:
        with self._pool.alone.shared():
            found = self._once(job, alone=False)
        if isinstance(found, Performed) and not found.doubtful:
            return found.outcome
        with self._pool.alone.exclusive():  # it may have been the fault of the others
            found = self._once(job, alone=True)
        if isinstance(found, Performed):
            return found.outcome
        return Outcome(Status.KILLED, detail=f"its processes were ended or not started, twice: {found}")

    def _once(self, job: CheckJob | CallJob | RunJob, *, alone: bool) -> Performed | SandboxError:
        """Do a job; the error when the zygote was ended meanwhile, by whomever."""
        zygote = self._pool.take()
        limits = {"cpu_seconds": self.cpu_seconds, "wall_seconds": self.wall_seconds}
        try:
            performed = perform(zygote, job, **limits, output_bytes=self.output_bytes, alone=alone)
        except SandboxError as error:
            zygote.close()
            self._pool.close()  # those that wait may have met the same end
            return error
        except BaseException:
            zygote.close()
            raise
        self._pool.give_back(zygote)
        return performed
