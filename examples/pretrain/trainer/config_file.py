"""The file of a run: TOML.

[model]             size, or a shape of your own; context, vocab_size, dropout
[sources.NAME]      tokens = folder of `textbooks tokenize`, relative to the file; max_epochs
[[stages]]          name, tokens, weights, learning_rate: `textbooks.mixtures.Stage` and `LearningRate`
[held_out]          NAME = folder of `textbooks tokenize`
[training]          everything of `config.Training`

What is unknown or out of range is refused with its field.
"""

from __future__ import annotations

import difflib
import tomllib
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from textbooks.errors import InputError
from textbooks.mixtures import LearningRate, Stage
from trainer.config import Model, RunConfig, SourceFolder, Training
from trainer.sizes import Size

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["load_config"]

Table = dict[str, Any]
Made = TypeVar("Made")


def load_config(path: Path, *, overrides: Sequence[str] = ()) -> RunConfig:
    """Read a run from a TOML file; relative paths in it begin at its folder.

    Parameters
    ----------
    path : Path
    overrides : sequence of str
        Fields of ``[training]`` to be set otherwise, as TOML: ``"micro_batch=4"``.

    Raises
    ------
    InputError
        If it cannot be read, or a field is unknown or out of range; the message names the field.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        changes = tomllib.loads("\n".join(overrides))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        msg = f"cannot read the configuration {path}: {error}"
        raise InputError(msg) from error
    try:
        content["training"] = {**_table(content, "training"), **changes}
        return _run_config(content, path.parent)
    except InputError as error:
        msg = f"{path}: {error}"
        raise InputError(msg) from error


def _run_config(content: Table, folder: Path) -> RunConfig:
    _known(content, [f.name for f in fields(RunConfig)], "")
    sources = {
        name: _made(SourceFolder, {**table, "tokens": folder / str(table.get("tokens", ""))}, f"sources.{name}.")
        for name, table in _table(content, "sources").items()
    }
    stages = [_stage(table, f"stages[{number}].") for number, table in enumerate(content.get("stages", []))]
    return RunConfig(
        model=_model(_table(content, "model")),
        sources=sources,
        stages=tuple(stages),
        held_out={name: folder / str(path) for name, path in _table(content, "held_out").items()},
        training=_made(Training, _table(content, "training"), "training."),
    )


def _model(table: Table) -> Model:
    """Return the model; the fields of a shape stand beside the others."""
    shape = {f.name for f in fields(Size)}
    own = {name: value for name, value in table.items() if name in shape}
    rest = {name: value for name, value in table.items() if name not in shape}
    if own:
        rest["shape"] = _made(Size, own, "model.")
    return _made(Model, rest, "model.")


def _stage(table: Table, where: str) -> Stage:
    rate = table.get("learning_rate")
    if isinstance(rate, dict):
        table = {**table, "learning_rate": _made(LearningRate, rate, f"{where}learning_rate.")}
    return _made(Stage, table, where)


def _made(kind: type[Made], table: Table, where: str) -> Made:
    """Return a dataclass made of a table, with errors that name the field."""
    _known(table, [f.name for f in fields(kind)], where)
    try:
        return kind(**table)
    except InputError:
        raise
    except (TypeError, ValueError) as error:
        msg = f"{where.rstrip('.')}: {str(error).replace(f'{kind.__name__}.__init__() ', '')}"
        raise InputError(msg) from error


def _known(table: Table, names: list[str], where: str) -> None:
    for name in table:
        if name not in names:
            like = difflib.get_close_matches(name, names, n=1)
            hint = f": did you mean {like[0]}?" if like else f": known are {', '.join(names)}"
            msg = f"{where}{name} is no field{hint}"
            raise InputError(msg)


def _table(content: Table, name: str) -> Table:
    table = content.get(name, {})
    if not isinstance(table, dict):
        msg = f"{name} must be a table, [{name}], got {table!r}"
        raise InputError(msg)
    return dict(table)
