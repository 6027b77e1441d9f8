"""Where documents come from: files, folders and fsspec URLs of many formats, and installed Python packages."""

from textbooks.readers.corpus import CorpusReader
from textbooks.readers.formats.notebook import notebook_to_markdown
from textbooks.readers.inputs import InputFile, find_inputs
from textbooks.readers.kinds import DEFAULT_FORMATS, FORMATS
from textbooks.readers.packages import find_installed_packages, installed_package_folders
from textbooks.readers.plan import Plan, write_plan
from textbooks.readers.texts import TextsRead, read_texts

__all__ = [
    "DEFAULT_FORMATS",
    "FORMATS",
    "CorpusReader",
    "InputFile",
    "Plan",
    "TextsRead",
    "find_inputs",
    "find_installed_packages",
    "installed_package_folders",
    "notebook_to_markdown",
    "read_texts",
    "write_plan",
]
