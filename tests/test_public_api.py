"""What can be imported, from where, and what comes with it."""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
import inspect
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import pytest

import textbooks

PACKAGE = Path(textbooks.__file__).parent
HEAVY = ("torch", "transformers", "faiss", "ray", "deepspeed", "datasets", "pandas", "matplotlib")
ROOMS = ["textbooks", *(f"textbooks.{found.name}" for found in pkgutil.iter_modules(textbooks.__path__))]
MODULES = ["textbooks", *(found.name for found in pkgutil.walk_packages(textbooks.__path__, "textbooks."))]


def own_names(module):
    """Public classes and functions that are written in this very module."""
    return {
        name
        for name, thing in vars(module).items()
        if not name.startswith("_")
        and (inspect.isclass(thing) or inspect.isfunction(thing))
        and thing.__module__ == module.__name__
    }


def test_all_modules_are_found():
    files = {path for path in PACKAGE.rglob("*.py") if "__pycache__" not in path.parts}
    assert len(MODULES) == len(files)


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_says_what_it_exports_sorted_and_once(room):
    names = importlib.import_module(room).__all__
    assert list(names) == sorted(set(names), key=lambda name: (not name.isupper(), not name[0].isupper(), name))


@pytest.mark.parametrize("module", MODULES)
def test_what_a_module_exports_exists(module):
    loaded = importlib.import_module(module)
    for name in getattr(loaded, "__all__", []):
        assert hasattr(loaded, name), name
        assert not name.startswith("_") or name == "__version__"


@pytest.mark.parametrize("room", [room for room in ROOMS if room not in ("textbooks", "textbooks.cli")])
def test_a_room_exports_only_documented_things(room):
    loaded = importlib.import_module(room)
    for name in loaded.__all__:
        thing = getattr(loaded, name)
        if inspect.isclass(thing) or inspect.isfunction(thing):
            assert (inspect.getdoc(thing) or "").strip(), name
            assert thing.__module__.startswith("textbooks."), f"{name} is not ours"


@pytest.mark.parametrize(
    "room", [r for r in ROOMS if r != "textbooks" and importlib.util.find_spec(r).submodule_search_locations is None]
)
def test_a_room_of_one_file_exports_all_its_public_names_that_others_use(room):
    """A name that another room imports from a one-file room is public there."""
    loaded = importlib.import_module(room)
    for path in PACKAGE.rglob("*.py"):
        found = re.search(rf"^from {re.escape(room)} import (.+)$", path.read_text(), re.MULTILINE)
        for name in re.findall(r"\w+", found[1]) if found else ():
            assert name in loaded.__all__ or name not in own_names(loaded), f"{path.name} imports {name}"


@pytest.mark.parametrize("base", ["TextFilter", "CorpusFilter"])
def test_every_primitive_is_exported_by_its_room(base):
    filters = importlib.import_module("textbooks.filters")
    for module in map(importlib.import_module, MODULES):
        for name in own_names(module):
            thing = getattr(module, name)
            if inspect.isclass(thing) and issubclass(thing, getattr(filters, base)):
                room = ".".join(module.__name__.split(".")[:2])
                assert name in importlib.import_module(room).__all__, f"{module.__name__}.{name}"


def test_importing_every_module_imports_nothing_heavy():
    program = (
        "import importlib, pkgutil, sys, textbooks\n"
        "for found in pkgutil.walk_packages(textbooks.__path__, 'textbooks.'):\n"
        "    importlib.import_module(found.name)\n"
        f"print(sorted(set({HEAVY!r}) & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_numba_waits_until_texts_are_read():
    program = "import sys, textbooks.decontaminators, textbooks.curation; print('numba' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_importing_the_package_imports_none_of_its_rooms():
    program = "import sys, textbooks; print([name for name in sys.modules if name.startswith('textbooks.')])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_package_says_that_it_is_typed():
    assert (PACKAGE / "py.typed").is_file()


def test_the_version_is_one():
    assert re.fullmatch(r"\d+\.\d+\.\d+((a|b|rc)\d+)?", textbooks.__version__)
    try:
        installed = importlib.metadata.version("textbooks")
    except importlib.metadata.PackageNotFoundError:
        pytest.skip("textbooks runs from the source tree and is not installed")
    assert installed == textbooks.__version__
