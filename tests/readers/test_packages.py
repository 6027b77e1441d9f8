"""The packages that are installed where the tests run."""

from __future__ import annotations

import sys
import sysconfig
from email.message import Message
from importlib import metadata
from pathlib import Path

import numpy as np
import pytest

from textbooks.readers import InputFile, find_installed_packages, installed_package_folders
from textbooks.readers.packages import _licence


@pytest.fixture(scope="module")
def installed() -> dict[str, InputFile]:
    files = list(find_installed_packages())
    by_path = {str(Path(file.path).resolve()): file for file in files}
    assert len(by_path) == len(files), "a file comes twice"
    return by_path


def test_numpy_is_there_with_its_licence(installed: dict[str, InputFile]) -> None:
    file = installed[str(Path(np.__file__).resolve())]
    assert (file.metadata["package"], file.metadata["version"]) == ("numpy", np.__version__)
    assert "BSD-3-Clause" in file.metadata["license"]


def test_the_standard_library_is_there_and_first(installed: dict[str, InputFile]) -> None:
    import argparse
    import json

    version = ".".join(map(str, sys.version_info[:3]))
    for module in (argparse, json):
        file = installed[str(Path(str(module.__file__)).resolve())]
        assert file.metadata == {"package": "cpython", "version": version, "license": "PSF-2.0"}
    assert next(iter(installed.values())).metadata["package"] == "cpython"


def test_all_installed_code_is_there_and_only_code(installed: dict[str, InputFile]) -> None:
    folder = Path(sysconfig.get_paths()["purelib"])
    expected = {path.resolve() for path in (folder / "hypothesis").rglob("*.py")}
    assert expected
    assert {str(path) for path in expected} <= set(installed)
    assert all(path.endswith(".py") for path in installed)
    owned = [file for file in installed.values() if file.metadata["package"] == "hypothesis"]
    assert {Path(file.path).resolve() for file in owned} >= expected
    assert {file.metadata["version"] for file in owned} == {metadata.version("hypothesis")}


def point_at(monkeypatch: pytest.MonkeyPatch, root: Path, **folders: str) -> None:
    paths = {key: str(root / folders.get(key, key)) for key in ("stdlib", "purelib", "platlib")}
    monkeypatch.setattr(sysconfig, "get_paths", lambda: paths)


def add(path: Path, text: str = "x = 1\n") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_two_names_of_one_folder_are_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bug: where lib64 is a link to lib, every installed file came twice."""
    add(tmp_path / "stdlib" / "os.py")
    add(tmp_path / "purelib" / "a.py")
    (tmp_path / "platlib").symlink_to(tmp_path / "purelib")
    point_at(monkeypatch, tmp_path)
    assert installed_package_folders() == [tmp_path / "stdlib", tmp_path / "purelib"]
    assert [Path(file.path).name for file in find_installed_packages()] == ["os.py", "a.py"]


def test_packages_within_the_standard_library_come_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("os.py", "site-packages/a/b.py", "dist-packages/c.py"):
        add(tmp_path / "stdlib" / name)
    point_at(monkeypatch, tmp_path, purelib="stdlib/site-packages", platlib="stdlib/site-packages")
    found = [(Path(file.path).name, file.metadata["package"]) for file in find_installed_packages()]
    assert found == [("os.py", "cpython"), ("b.py", "a")]


@pytest.mark.parametrize("content", [None, b"", b"\xff\xfe\0", b"Name\n", b"Name: \n", b"Version: 1\n"])
def test_a_broken_package_keeps_its_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None
) -> None:
    """Bug: one half removed package made the whole run fail before it began."""
    add(tmp_path / "stdlib" / "os.py")
    add(tmp_path / "purelib" / "good.py")
    add(tmp_path / "purelib" / "bad" / "b.py")
    add(tmp_path / "purelib" / "good-2.0.dist-info" / "METADATA", "Name: good\nVersion: 2.0\nLicense: MIT\n")
    add(tmp_path / "purelib" / "good-2.0.dist-info" / "RECORD", "good.py,,\n")
    broken = tmp_path / "purelib" / "bad-1.dist-info"
    broken.mkdir()
    if content is not None:
        (broken / "METADATA").write_bytes(content)
        (broken / "RECORD").write_bytes(b'\xff"bad/b.py')
    point_at(monkeypatch, tmp_path, platlib="purelib")
    found = {Path(file.path).name: file.metadata for file in find_installed_packages()}
    assert found["good.py"] == {"package": "good", "version": "2.0", "license": "MIT"}
    assert found["b.py"]["package"] in ("bad", "unknown")
    assert list(found) == ["os.py", "good.py", "b.py"]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, "unknown"),
        ({"License-Expression": "MIT OR Apache-2.0", "License": "other"}, "MIT OR Apache-2.0"),
        ({"License": "  BSD\n\nCopyright (c) somebody\n"}, "BSD"),
        ({"License": "x" * 500}, "unknown"),
        ({"License": "UNKNOWN", "Classifier": "License :: OSI Approved :: MIT License"}, "MIT License"),
        ({"License": "UNKNOWN"}, "unknown"),
        ({"License": "", "Classifier": "Topic :: Software"}, "unknown"),
    ],
)
def test_the_licence_is_what_the_package_states(fields: dict[str, str], expected: str) -> None:
    """Bug: the word UNKNOWN, which old tools write, passed for a licence and hid the classifier."""
    about = Message()
    for name, value in fields.items():
        about[name] = value
    assert _licence(about) == expected
