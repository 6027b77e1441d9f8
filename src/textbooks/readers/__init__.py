"""Where documents come from: files, folders, JSON lines, parquet, fsspec URLs, and installed Python packages."""

from textbooks.readers.corpus import CorpusReader
from textbooks.readers.inputs import InputFile, find_inputs
from textbooks.readers.packages import find_installed_packages, installed_package_folders
from textbooks.readers.plan import Plan, write_plan

__all__ = [
    "CorpusReader",
    "InputFile",
    "Plan",
    "find_inputs",
    "find_installed_packages",
    "installed_package_folders",
    "write_plan",
]
