"""All rendering: the HTML report of a run, terminal tables, and what a notebook shows.

Nothing is imported here, because `FilterResult` reaches into this package from a notebook and must stay light:
import `textbooks.reports.html`, `.terminal` or `.notebook` for what you need.
"""

from __future__ import annotations

__all__: list[str] = []
