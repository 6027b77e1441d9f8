"""Seeds that join two concepts which are seldom taught together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from textbooks.synthesizers.seeding.combinations import CrossPairs
from textbooks.synthesizers.seeding.seed_space import SeedSpace
from textbooks.synthesizers.seeding.vocabularies import Source, read_vocabulary, topic_tree

__all__ = ["concept_pair_seeds"]


def concept_pair_seeds(
    *,
    seed: int = 0,
    concepts: Mapping[str, Iterable[str]] | None = None,
    audiences: Source | None = None,
    styles: Source | None = None,
) -> SeedSpace:
    """Return seeds of textbook sections on two concepts at once: ``topic`` (a list of two), ``audience, style``.

    The two come from different branches, so that the text has to find out what joins them: binary search with working
    days, say. Every round uses each pair once. Ours; the paper varies topic and audience alone (section 2.2).

    Parameters
    ----------
    seed : int, default=0
        Fixes the order.
    concepts : mapping of str to iterable of str, optional
        The concepts of each branch; no concept in two of them. By default the topics under each area of `topic_tree`,
        148,000 pairs.
    audiences, styles : path or list of str, optional
        In place of the shipped vocabularies; see `read_vocabulary`.

    Raises
    ------
    ValueError, TypeError, OSError
        If a vocabulary cannot be used, or fewer than two branches hold a concept.

    Examples
    --------
    >>> space = concept_pair_seeds(concepts={"text": ["rhymes"], "time": ["leap years"]})
    >>> space[0].fields["topic"]
    ['rhymes', 'leap years']
    """
    if concepts is None:
        concepts = {
            area: [f"{subject}: {leaf}" for subject, leaves in subjects.items() for leaf in leaves]
            for area, subjects in topic_tree().items()
        }
    branches = [list(branch) for branch in concepts.values()]
    read_vocabulary("concepts", [concept for branch in branches for concept in branch])
    pairs = CrossPairs(branches)
    if not pairs.size:
        msg = f"concepts must stand in at least two branches, got {concepts!r:.200}"
        raise ValueError(msg)
    fields = {
        "topic": pairs,
        "audience": read_vocabulary("audiences", audiences),
        "style": read_vocabulary("styles", styles),
    }
    return SeedSpace("textbook", fields, primary="topic", seed=seed)
