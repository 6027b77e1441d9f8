"""What bears on the output of pipelines, as JSON: two runs that say the same do the same."""

from __future__ import annotations

import hashlib
import inspect
import math
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import partial, singledispatch
from pathlib import Path
from types import BuiltinFunctionType, CodeType, FunctionType, MethodType, ModuleType
from typing import Any, Final

import numpy as np
import pyarrow as pa
from datatrove.io import DataFolder
from datatrove.pipeline.base import PipelineStep

from textbooks.storage import file_digest

__all__ = ["WITHOUT_INFLUENCE", "describe", "describe_pipeline"]

WITHOUT_INFLUENCE: Final = frozenset(
    {
        "batch_size",  # documents judged together
        "cache",  # where results are kept that would be made again alike
        "damaged",  # the reader's quarantine writer
        "exclusion_writer",
        "folder",  # where things lie, not what they are
        "markers",
        "plan",  # the run's key holds its content
        "progress",
        "quarantine_writer",
        "workers",
        "writers",
    }
)
"""Arguments of steps that do not bear on the output."""

_DEEPEST = 40  # no parameters are nested that deeply: it is a cycle


def describe_pipeline(steps: Iterable[PipelineStep]) -> dict[str, Any]:
    """Return what bears on the output of a pipeline: each step by its name, and their order.

    Parameters
    ----------
    steps : iterable of PipelineStep
        They need not be fitted: what they learned is not looked at.

    Returns
    -------
    dict
        JSON types: step name to class and parameters, and ``"order"``, the names in order. Steps of one name are told
        apart by numbers. `Blocks` stands among the steps that it holds.

    Raises
    ------
    TypeError
        As `describe`.
    """
    named: dict[str, Any] = {}
    for step in _flat(steps):
        name = str(step.name)
        while name in named:
            first, _, number = name.partition("#")
            name = f"{first}#{int(number or 1) + 1}"
        named[name] = describe(step)
    return {**named, "order": list(named)}


def _flat(steps: Iterable[PipelineStep]) -> Iterable[PipelineStep]:
    for step in steps:
        yield step
        yield from _flat(getattr(step, "steps", ()))


def describe(value: object) -> Any:  # noqa: ANN401
    """Return a value as JSON types that are equal when it is.

    An object is its class and its constructor's arguments, where it stores them under their names, else all that it
    holds; a function is its name and a digest of its code; an array, and a file given as a path, is a digest.

    Raises
    ------
    TypeError
        If it is of a kind of which equality cannot be told, such as an open file, or holds itself.
    """
    return _shown(value, 0)


def _within(value: object, depth: int) -> Any:  # noqa: ANN401
    """Describe what another value holds."""
    if depth >= _DEEPEST:
        msg = f"a parameter is nested more than {_DEEPEST} deep: {type(value).__name__}"
        raise TypeError(msg)
    return _shown(value, depth + 1)


@singledispatch
def _shown(value: object, depth: int) -> Any:  # noqa: ANN401
    """Return class and state: constructor's arguments, fields, what names it, or everything that it holds."""
    state: Mapping[str, Any] | None
    if is_dataclass(value):
        state = {field.name: getattr(value, field.name) for field in fields(value) if field.init}
    elif isinstance(name := _own_name(value), str):
        state = {"identity": name}
    else:
        state = _arguments(value)
    if state is None:
        msg = f"cannot tell whether a {type(value).__name__} is the same in the next run: give it an `identity`"
        raise TypeError(msg)
    shown = {name: _within(entry, depth) for name, entry in state.items() if name not in WITHOUT_INFLUENCE}
    return {"class": f"{type(value).__module__}.{type(value).__qualname__}", **shown}


@_shown.register(type(None))
@_shown.register(int)
@_shown.register(str)
def _(value: object, _: int) -> Any:  # noqa: ANN401
    return value


@_shown.register
def _(value: float, _: int) -> Any:  # noqa: ANN401
    return value if math.isfinite(value) else repr(value)


@_shown.register
def _(value: Enum, depth: int) -> Any:  # noqa: ANN401
    return [type(value).__qualname__, _within(value.value, depth)]


@_shown.register
def _(value: bytes, _: int) -> Any:  # noqa: ANN401
    return f"{len(value)} bytes {hashlib.sha256(value).hexdigest()}"


@_shown.register
def _(value: np.generic, depth: int) -> Any:  # noqa: ANN401
    return [str(value.dtype), _within(value.item(), depth)]


@_shown.register
def _(value: np.ndarray, _: int) -> Any:  # noqa: ANN401
    data = repr(value.tolist()).encode() if value.dtype.hasobject else np.ascontiguousarray(value).tobytes()
    return f"{value.dtype} {value.shape} {hashlib.sha256(data).hexdigest()}"


@_shown.register
def _(value: pa.Schema, _: int) -> Any:  # noqa: ANN401
    return str(value)


@_shown.register
def _(value: Path, _: int) -> Any:  # noqa: ANN401
    return file_digest(value) if value.is_file() else str(value)


@_shown.register
def _(value: DataFolder, _: int) -> Any:  # noqa: ANN401
    return str(value.path)


@_shown.register
def _(value: Mapping, depth: int) -> Any:  # type: ignore[type-arg]  # noqa: ANN401
    return {str(key): _within(entry, depth) for key, entry in value.items()}


@_shown.register
def _(value: Set, depth: int) -> Any:  # type: ignore[type-arg]  # noqa: ANN401
    return sorted((_within(entry, depth) for entry in value), key=repr)


@_shown.register
def _(value: Sequence, depth: int) -> Any:  # type: ignore[type-arg]  # noqa: ANN401
    return [_within(entry, depth) for entry in value]


@_shown.register
def _(value: type, _: int) -> Any:  # noqa: ANN401
    return f"{value.__module__}.{value.__qualname__}"


@_shown.register
def _(value: partial, depth: int) -> Any:  # type: ignore[type-arg]  # noqa: ANN401
    return ["partial", *(_within(part, depth) for part in (value.func, value.args, value.keywords))]


@_shown.register
def _(value: FunctionType, depth: int) -> Any:  # noqa: ANN401
    enclosed = [_within(cell.cell_contents, depth) for cell in value.__closure__ or ()]
    code = hashlib.sha256(repr(_code(value.__code__)).encode()).hexdigest()
    return [f"{value.__module__}.{value.__qualname__}", code, enclosed, _within(value.__defaults__, depth)]


@_shown.register
def _(value: MethodType, depth: int) -> Any:  # noqa: ANN401
    """Describe a method; that of a step is one of the step's own arguments, which stand beside it."""
    owner = value.__self__
    return [_within(value.__func__, depth), None if isinstance(owner, PipelineStep) else _within(owner, depth)]


@_shown.register
def _(value: BuiltinFunctionType, depth: int) -> Any:  # noqa: ANN401
    owner = getattr(value, "__self__", None)
    return [value.__qualname__, owner.__name__ if isinstance(owner, ModuleType) else _within(owner, depth)]


def _code(code: CodeType) -> list[Any]:
    constants = [_code(one) if isinstance(one, CodeType) else _plain(one) for one in code.co_consts]
    return [code.co_code.hex(), constants, code.co_names]


def _plain(constant: object) -> str:
    return repr(sorted(map(repr, constant))) if isinstance(constant, frozenset) else repr(constant)


def _own_name(value: object) -> object:
    """Return what an embedder, a space of seeds and the like say that names them."""
    return None if isinstance(value, PipelineStep) else getattr(value, "identity", getattr(value, "fingerprint", None))


def _arguments(value: object) -> Mapping[str, Any] | None:
    """Return the constructor's arguments where all are stored under their names, else all attributes."""
    held = getattr(value, "__dict__", None)
    if held is None:
        return None
    names = [
        name
        for name, parameter in inspect.signature(type(value).__init__).parameters.items()
        if name != "self" and parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
    ]
    if all(name in held for name in names if name not in WITHOUT_INFLUENCE) and names:
        return {name: _with_file(name, held[name]) for name in names if name in held}
    return {name: entry for name, entry in held.items() if name not in ("stats", "_learned")}


def _with_file(name: str, value: object) -> object:
    """Return the file that the argument `model` names instead of its name."""
    return Path(value) if name == "model" and isinstance(value, str) and Path(value).is_file() else value
