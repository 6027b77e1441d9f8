"""The templates of the pages, with the filters that they use."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from textbooks.reports import words
from textbooks.reports.excerpts import printable
from textbooks.reports.facts import contributions, facts, problems
from textbooks.reports.highlight import code_html

__all__ = ["environment"]


@lru_cache(maxsize=1)
def environment() -> Environment:
    """Return what renders the templates: everything from a corpus is escaped and made printable."""
    made = Environment(
        loader=FunctionLoader(_resource),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        # Markup is ours and already safe; any other string may hold what the page must not.
        finalize=lambda value: printable(value) if type(value) is str else value,
    )
    made.filters |= {
        "code": code_html,
        "contributions": contributions,
        "count": words.count,
        "facts": facts,
        "megabytes": words.megabytes,
        "problems": problems,
        "rubric_class": words.rubric_class,
        "score_text": words.score_text,
    }
    made.globals |= {
        "contamination_reasons": words.CONTAMINATION_REASONS,
        "share": words.share,
        "explain": lambda slug: words.EXPLANATIONS.get(slug, ""),
        "style": Markup(_resource("style.css")),
    }
    return made


def _resource(name: str) -> str:
    return files("textbooks.reports").joinpath("templates", name).read_text(encoding="utf-8")
