"""The few quantities that each drawback of web code is read off, by names that explain themselves."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from textbooks.filters.drawbacks.structure import CodeStructure

__all__ = ["QUANTITIES", "algorithmic", "boilerplate", "dependent", "undocumented"]


def dependent(code: CodeStructure) -> dict[str, float]:
    """Return what tells whether a text needs its project to be understood; counts are ``log(1 + n)``."""
    origins, roles = code.origins, code.roles
    libraries = origins.modules("common", "library")
    return {
        "relative_imports": _log(sum(each.module.startswith(".") for each in origins.imports)),
        "project_modules": _log(len(origins.modules("project"))),
        "project_names": _log(origins.project_names),
        "project_name_share": origins.share("project"),
        "imports": _log(len(origins.imports)),
        "library_submodules": _log(sum(module.count(".") >= 2 for module in libraries)),
        "uncommon_libraries": _log(len({module.split(".")[0] for module in origins.modules("library")})),
        "own_name_share": origins.share("own"),
        "known_name_share": origins.share("builtin", "standard", "common"),
        "test_function_share": roles.test_functions / max(1, roles.functions),
        "prints": _log(roles.prints),
    }


def boilerplate(code: CodeStructure) -> dict[str, float]:
    """Return what tells whether a text computes anything; counts are ``log(1 + n)``."""
    origins, roles = code.origins, code.roles
    return {
        "computing_statements": _log(roles.counts["compute"]),
        "control_share": roles.share("control"),
        "arithmetic": _log(roles.arithmetic),
        "class_field_share": roles.class_fields / max(1, roles.statements),
        "literal_share": roles.literal_share,
        "keywords_a_call": min(roles.keywords_a_call, 5.0),
        "own_name_share": origins.share("own"),
        "builtin_name_share": origins.share("builtin"),
        "uses_common_library": float(bool(origins.modules("common"))),
        "independent_functions": _log(origins.functions - origins.foreign_functions),
        "test_function_share": roles.test_functions / max(1, roles.functions),
        "prints": _log(roles.prints),
        "name_length": code.shape.name_length,
    }


def algorithmic(code: CodeStructure) -> dict[str, float]:
    """Return what tells whether a text holds logic worth studying; counts are ``log(1 + n)``."""
    origins, roles, functions = code.origins, code.roles, code.shape.functions
    return {
        "loops": _log(sum(function.loops for function in functions)),
        "operators": _log(sum(function.operators for function in functions)),
        "arithmetic": _log(roles.arithmetic),
        "literal_share": roles.literal_share,
        "keywords_a_call": min(roles.keywords_a_call, 5.0),
        "own_name_share": origins.share("own"),
        "builtin_name_share": origins.share("builtin"),
        "uses_common_library": float(bool(origins.modules("common"))),
        "test_function_share": roles.test_functions / max(1, roles.functions),
        "name_length": code.shape.name_length,
    }


def undocumented(code: CodeStructure) -> dict[str, float]:
    """Return what tells whether nothing explains a text; counts are ``log(1 + n)``."""
    origins, shape = code.origins, code.shape
    return {
        "words": _log(shape.words),
        "documented_function_share": shape.documented / max(1, len(shape.functions) - 1),
        "worst_burden": _log(shape.worst.burden),
        "operators": _log(sum(function.operators for function in shape.functions)),
        "imports": _log(len(origins.imports)),
        "prints": _log(code.roles.prints),
        "own_name_share": origins.share("own"),
        "builtin_name_share": origins.share("builtin"),
        "distinct_lines": code.roles.distinct_lines,
    }


QUANTITIES: Final[Mapping[str, Callable[[CodeStructure], dict[str, float]]]] = {
    "dependent": dependent,
    "boilerplate": boilerplate,
    "algorithmic": algorithmic,
    "undocumented": undocumented,
}
"""The quantities of each model, by its name."""


def _log(count: float) -> float:
    return math.log1p(count)
