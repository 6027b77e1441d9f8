"""A Slurm of its own on this machine: munged, slurmctld and two slurmd of one CPU each, in a temporary folder.

It needs the system packages slurmctld, slurmd, slurm-client and munge, and to be root. Nothing of a Slurm that the
machine may have is used or changed.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "srun", "squeue", "scancel")
CONFIGURATION = """
ClusterName=tests
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CredType=cred/munge
SlurmUser=root
SlurmdUser=root
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool.%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.%n.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerParameters=batch_sched_delay=0,sched_interval=1,sched_min_interval=0,bf_interval=1
SlurmdTimeout=5
ReturnToService=2
KillWait=1
MinJobAge=2
NodeName=one NodeHostname={host} NodeAddr=127.0.0.1 Port={one} CPUs=1 RealMemory=4000 State=UNKNOWN
NodeName=two NodeHostname={host} NodeAddr=127.0.0.1 Port={two} CPUs=1 RealMemory=4000 State=UNKNOWN
PartitionName=tests Nodes=one,two Default=YES MaxTime=INFINITE State=UP
"""


def missing() -> str:
    """Return why no Slurm can be started here; nothing when it can."""
    absent = [name for name in PROGRAMS if shutil.which(name, path=_path()) is None]
    if absent:
        return f"{', '.join(absent)} not found: install slurmctld, slurmd, slurm-client and munge"
    return "" if os.geteuid() == 0 else "it needs to be root"


def _path() -> str:
    return f"{os.environ['PATH']}:/usr/sbin:/sbin"


def _free_ports(number: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(number)]
        for listener in sockets:
            listener.bind(("127.0.0.1", 0))
        return [listener.getsockname()[1] for listener in sockets]


class SlurmCluster:
    """The daemons of a running Slurm.

    Parameters
    ----------
    folder : Path
        An empty folder below one that every user may enter.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        controller, one, two = _free_ports(3)
        text = CONFIGURATION.format(host=socket.gethostname(), folder=folder, controller=controller, one=one, two=two)
        (folder / "slurm.conf").write_text(text)
        (folder / "state").mkdir()
        for name in ("one", "two"):
            (folder / f"spool.{name}").mkdir()
        self.environment = {"SLURM_CONF": str(folder / "slurm.conf"), "PATH": _path()}
        self._daemons: dict[str, subprocess.Popen] = {}

    def start(self) -> None:
        """Start all daemons and wait until both nodes take jobs."""
        key = self.folder / "munge.key"
        key.write_bytes(os.urandom(128))
        key.chmod(0o400)
        files = {"key": key, **{name: self.folder / f"munge.{name}" for name in ("socket", "pid", "log", "seed")}}
        options = [f"--{'socket' if name == 'socket' else f'{name}-file'}={file}" for name, file in files.items()]
        self._start("munged", "munged", "--foreground", "--force", *options)
        self._wait(lambda: (self.folder / "munge.socket").exists())
        self._start("slurmctld", "slurmctld", "-D", "-c")
        for name in ("one", "two"):
            self.start_node(name)
        self._wait(lambda: self.ask("sinfo", "-h", "-o", "%t %D") == "idle 2")

    def start_node(self, name: str) -> None:
        """Start the daemon of a node."""
        self._start(name, "slurmd", "-D", "-N", name)

    def kill_node(self, name: str) -> None:
        """Kill a node: its daemon, and every process of the jobs that run on it."""
        family = _descendants(self._daemons[name].pid) | _processes_of_node(name)
        for pid in (self._daemons[name].pid, *family):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._daemons.pop(name).wait()

    def ask(self, *command: str) -> str:
        """Return what a command of Slurm prints."""
        environment = {**os.environ, **self.environment}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)
        return done.stdout.strip()

    def stop(self) -> None:
        """Cancel all jobs and end the daemons."""
        self.ask("scancel", "--user=root")
        for daemon in reversed(self._daemons.values()):
            daemon.terminate()
            try:
                daemon.wait(timeout=20)
            except subprocess.TimeoutExpired:
                daemon.kill()
                daemon.wait()

    def _start(self, name: str, *command: str) -> None:
        with (self.folder / f"{name}.out").open("ab") as out:
            environment = {**os.environ, **self.environment}
            self._daemons[name] = subprocess.Popen(command, env=environment, stdout=out, stderr=out)

    def _wait(self, holds, seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while not holds():
            if time.monotonic() > deadline:
                said = "\n".join(file.read_text()[-1000:] for file in self.folder.glob("*.out"))
                raise RuntimeError(f"Slurm did not start in {seconds} s:\n{said}")
            time.sleep(0.2)


@contextlib.contextmanager
def running(folder: Path) -> Iterator[SlurmCluster]:
    """Yield a running Slurm, and end it."""
    cluster = SlurmCluster(folder)
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()


def _descendants(pid: int) -> set[int]:
    parents = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parents[int(status.parent.name)] = int(status.read_text().rsplit(")", 1)[1].split()[1])
    found, pending = set(), [pid]
    while pending:
        parent = pending.pop()
        children = {child for child, its in parents.items() if its == parent}
        found |= children
        pending += children
    return found


def _processes_of_node(name: str) -> set[int]:
    """Return the processes of jobs on a node and of what guards them: slurmstepd belongs to no slurmd."""
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if f"SLURMD_NODENAME={name}".encode() in (folder / "environ").read_bytes().split(b"\0"):
                found.add(int(folder.name))
    return found
