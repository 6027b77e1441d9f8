"""Stands where Slurm's commands would: really runs the jobs of an array, one after another, on this machine.

Linked as sbatch, srun, squeue and scancel into a folder of the PATH. The queue is the folder STAND_IN_QUEUE: a file for
each array, named by its number, which holds its name and the process that runs it.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

QUEUE = Path(os.environ["STAND_IN_QUEUE"])


def entries() -> dict[int, dict]:
    """Return the arrays in the queue."""
    found = {}
    for file in sorted(QUEUE.glob("[0-9]*")):
        try:
            found[int(file.name)] = json.loads(file.read_text())
        except (OSError, ValueError):  # it has just ended
            continue
    return found


def option(name: str, arguments: list[str], default: str = "") -> str:
    """Return the value of ``--name=value``."""
    return next((a.partition("=")[2] for a in arguments if a.startswith(f"--{name}=")), default)


def sbatch(arguments: list[str]) -> int:
    """Keep the script, leave a process that runs it, and say the job's number."""
    script = Path(arguments[-1]).read_text()
    options = dict(re.findall(r"^#SBATCH --([\w-]+)=(.*)$", script, re.MULTILINE))
    number = len(list(QUEUE.glob("script.*"))) + 1
    kept = QUEUE / f"script.{number}"
    kept.write_text(script)
    environment = {**os.environ, "SLURM_ARRAY_JOB_ID": str(number)}
    environment |= dict(part.split("=") for part in option("export", arguments).split(",") if "=" in part)
    command = [sys.executable, __file__, "array", str(number), options["array"], options["output"].strip('"')]
    process = subprocess.Popen(command, env=environment, start_new_session=True, stdout=subprocess.DEVNULL)
    (QUEUE / str(number)).write_text(json.dumps({"name": options["job-name"], "pid": process.pid}))
    print("Submitted batch job", number)
    return 0


def array(arguments: list[str]) -> int:
    """Run every job of an array, then leave the queue."""
    number, places, output = arguments
    first, last = places.partition("%")[0].split("-")
    waits = QUEUE / number
    while not waits.exists():
        time.sleep(0.01)
    for place in range(int(first), int(last) + 1):
        log = Path(output.replace("%A", number).replace("%a", str(place)))
        with log.open("w") as out:
            environment = {**os.environ, "SLURM_ARRAY_TASK_ID": str(place), "SLURM_JOB_NODELIST": "here"}
            subprocess.run(
                ["bash", str(QUEUE / f"script.{number}")], env=environment, stdout=out, stderr=out, check=False
            )
    waits.unlink()
    return 0


def srun(arguments: list[str]) -> int:
    """Run a command as it is: options are those that a run uses."""
    return subprocess.run(arguments[arguments.index("-n") + 2 :], check=False).returncode


def squeue(arguments: list[str]) -> int:
    """Say what is in the queue."""
    for entry in entries().values():
        if entry["name"] == option("name", arguments):
            print("RUNNING None")
    return 0


def scancel(arguments: list[str]) -> int:
    """End the processes of an array."""
    for number, entry in entries().items():
        if entry["name"] == option("name", arguments):
            os.killpg(entry["pid"], signal.SIGKILL)
            (QUEUE / str(number)).unlink(missing_ok=True)
    return 0


COMMANDS = {command.__name__: command for command in (sbatch, array, srun, squeue, scancel)}

if __name__ == "__main__":
    called = Path(sys.argv[0]).name
    name, given = (called, sys.argv[1:]) if called in COMMANDS else (sys.argv[1], sys.argv[2:])
    sys.exit(COMMANDS[name](given))
