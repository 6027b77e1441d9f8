"""The file of a model: the same bytes for the same content, and nothing is executed to read it."""

from __future__ import annotations

import zipfile

import numpy as np
import pytest

from textbooks.errors import ModelFormatError
from textbooks.modelfile import read_model_file, write_model_file

HEADER = {"format": "a model", "version": 1, "words": ["na\u00efve", "\ud800"]}
ARRAYS = {"floats": np.linspace(0, 1, 7, dtype=np.float32), "none": np.empty((0, 3), dtype=np.int8)}


def test_header_and_arrays_come_back_as_they_were(tmp_path):
    write_model_file(tmp_path / "model.npz", HEADER, ARRAYS)
    header, arrays = read_model_file(tmp_path / "model.npz")
    assert header == HEADER
    assert list(arrays) == list(ARRAYS)
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(arrays[name], array)
        assert (arrays[name].dtype, arrays[name].shape) == (array.dtype, array.shape)


def test_the_same_content_gives_the_same_bytes_on_another_day(tmp_path, monkeypatch):
    write_model_file(tmp_path / "one.npz", HEADER, ARRAYS)
    monkeypatch.setattr("time.time", lambda: 2e9)
    write_model_file(tmp_path / "two.npz", dict(reversed(HEADER.items())), ARRAYS)
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()


def test_a_file_that_would_be_unpickled_is_refused(tmp_path):
    np.savez(tmp_path / "model.npz", header=np.array([{"format": "a model"}], dtype=object))
    with pytest.raises(ModelFormatError, match=r"model\.npz"):
        read_model_file(tmp_path / "model.npz")


@pytest.mark.parametrize("content", [b"", b"PK", b"no archive", bytes(1000)])
def test_what_is_no_model_is_refused(tmp_path, content):
    (tmp_path / "model.npz").write_bytes(content)
    with pytest.raises(ModelFormatError, match=r"model\.npz"):
        read_model_file(tmp_path / "model.npz")


def test_an_archive_without_header_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "model.npz", "w") as archive:
        archive.writestr("floats.npy", b"")
    with pytest.raises(ModelFormatError, match=r"model\.npz"):
        read_model_file(tmp_path / "model.npz")
