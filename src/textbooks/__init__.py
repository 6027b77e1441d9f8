"""Composable dataset-curation primitives for code corpora, after "Textbooks Are All You Need".

Each primitive lives in the room named after what it does: `textbooks.filters`, `textbooks.decontaminators`,
`textbooks.dedup`, `textbooks.readers`. Importing this package imports none of them.
"""

__version__ = "0.1.0"
__all__ = ["__version__"]
