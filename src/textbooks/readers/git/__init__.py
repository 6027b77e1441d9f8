"""Git repositories as input: their files and their commits, from the objects alone, without a checkout."""

from __future__ import annotations

from textbooks.readers.git.find import find_git
from textbooks.readers.git.licences import licence_of_text

__all__ = ["find_git", "licence_of_text"]
