"""The features in words: what was measured, as a person would say it."""

from __future__ import annotations

import math
from typing import Final

_NAMES: Final = {
    "words_score": "score that its words suggest",
    "words_near_score": "score of texts with words of a like meaning",
    "words_mean_rarity": "mean rarity of its words",
    "words_rare_share": "rare words among its words",
    "words_at_least_1": "its words speak for class 1 or higher",
    "words_at_least_2": "its words speak for class 2 or higher",
    "words_at_least_3": "its words speak for class 3 or higher",
    "words_at_least_4": "its words speak for class 4 or higher",
    "words_at_least_5": "its words speak for class 5",
    "imports_nothing_unknown": "imports only well-known modules",
    "uses_main_guard": "has a main guard",
    "starts_with_shebang": "starts with a shebang line",
    "module_has_docstring": "has a module docstring",
    "header_is_title": "begins with a title",
    "ends_with_line_end": "ends with a line end",
    "self_share": "names that are 'self'",
    "window_share_of_text": "part of the file that was read",
    "used_unknown_name_share": "names used that come from nowhere in sight",
    "used_foreign_name_share": "names used that come from other modules",
    "used_local_name_share": "names used that are defined here",
    "used_builtin_name_share": "names used that the language brings",
    "bytes_in_worked_functions_share": "text in functions that work something out",
}
_YES_OR_NO: Final = frozenset(
    "imports_nothing_unknown uses_main_guard starts_with_shebang module_has_docstring header_is_title "
    "ends_with_line_end".split()
)


def describe(name: str, value: float) -> str:
    """Return a feature and its value in words.

    Parameters
    ----------
    name : str
        A name of the model's columns, or of a remainder such as "other features".
    value : float
        What was measured; NaN where there is nothing to show.

    Returns
    -------
    str
        For instance ``functions with docstring: 80%`` or ``for statements: 3``.
    """
    if math.isnan(value):
        return name
    said, shown = _NAMES.get(name) or _spoken(name), _shown(name, value)
    return f"{said}: {shown}"


def _spoken(name: str) -> str:
    """Return a name without what only says how it is counted."""
    words = [word for word in name.split("_") if word not in ("log", "share", "count")]
    return " ".join(words)


def _shown(name: str, value: float) -> str:
    if name in _YES_OR_NO:
        return "yes" if value > 0 else "no"
    parts = name.split("_")
    if "log" in parts:
        return f"{math.expm1(value):,.0f}"
    if parts[-1] == "share":
        return f"{value:.0%}"
    if parts[-1] == "count":
        return f"{value:,.0f}"
    return f"{value:,.2f}"
