"""Text with code (Markdown, HTML posts, notebooks) read as the Python file that its lesson would be."""

from __future__ import annotations

from textbooks.scoring.lessons.blocks import Block
from textbooks.scoring.lessons.lesson import TEXT_FORMATS, Lesson

__all__ = ["TEXT_FORMATS", "Block", "Lesson"]
