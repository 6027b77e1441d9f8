"""The file of a model: one .npz without pickle, a JSON header inside."""

from __future__ import annotations

import io
import json
import zipfile
from typing import TYPE_CHECKING, Any

import numpy as np

from textbooks.errors import ModelFormatError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["read_model_file", "write_model_file"]

_HEADER = "header"


def write_model_file(path: Path, header: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write a model: the same header and arrays give the same bytes.

    Parameters
    ----------
    path : Path
        The file, replaced where it stands.
    header : mapping
        What JSON can hold.
    arrays : mapping of str to ndarray
        The arrays, of plain types.
    """
    text = json.dumps(header, sort_keys=True, ensure_ascii=True)
    columns = {_HEADER: np.frombuffer(text.encode("ascii"), dtype=np.uint8), **arrays}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, array in columns.items():
            content = io.BytesIO()
            np.lib.format.write_array(content, np.ascontiguousarray(array), allow_pickle=False)
            # A member without a date of its own, so that the bytes do not depend on the day.
            member = zipfile.ZipInfo(f"{name}.npy")
            member.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(member, content.getvalue())


def read_model_file(path: Path) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Read what ``write_model_file`` wrote.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    header : dict
        The JSON header.
    arrays : dict of str to ndarray
        The arrays.

    Raises
    ------
    ModelFormatError
        If the file is no such archive or is damaged.
    OSError
        If it cannot be read.
    """
    content = path.read_bytes()
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as archive:
            arrays = {name: np.asarray(archive[name]) for name in archive.files}
        header = json.loads(arrays.pop(_HEADER).tobytes().decode("ascii"))
        if not isinstance(header, dict):
            msg = "its header is not a JSON object"
            raise ValueError(msg)
    except Exception as problem:
        # A damaged archive fails in zipfile, zlib, numpy, tokenize or json, each with errors of its own.
        msg = f"{path} is not a readable model: {problem}"
        raise ModelFormatError(msg) from problem
    return header, arrays
