"""Where documents come from: files, folders, JSON lines, parquet, fsspec URLs, and installed Python packages."""

from textbooks.readers.corpus import CorpusReader
from textbooks.readers.inputs import InputFile, find_inputs
from textbooks.readers.packages import find_installed_packages, installed_package_folders
from textbooks.readers.plan import Plan, write_plan
from textbooks.readers.texts import TextsRead, read_texts

__all__ = [
    "CorpusReader",
    "InputFile",
    "Plan",
    "TextsRead",
    "find_inputs",
    "find_installed_packages",
    "installed_package_folders",
    "read_texts",
    "write_plan",
]
