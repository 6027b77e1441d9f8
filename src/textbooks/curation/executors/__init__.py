"""Where the tasks of a run are done: on this machine, on a Ray cluster, or by Slurm."""

from textbooks.curation.executors.base import Executor
from textbooks.curation.executors.local import LocalExecutor
from textbooks.curation.executors.on_ray import RayExecutor
from textbooks.curation.executors.on_slurm import SlurmExecutor

__all__ = ["Executor", "LocalExecutor", "RayExecutor", "SlurmExecutor"]
