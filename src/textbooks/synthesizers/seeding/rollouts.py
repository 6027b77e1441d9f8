"""Seeds as the documents of a datatrove pipeline."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from datatrove.data import Document
from datatrove.pipeline.base import PipelineStep

from textbooks.synthesizers.seeding.seed_space import SeedSpace
from textbooks.synthesizers.seeding.seeds import Seed

__all__ = ["SeedReader", "seed_of"]


class SeedReader(PipelineStep):  # type: ignore[misc]
    """Make a document of each seed, as datatrove's first step: no text, the seed's id, ``metadata["seed"]``.

    Task `rank` of `world_size` gets every `world_size`-th seed, so that together they have each once; a task draws
    its own alone. (A list of documents in a pipeline is given whole to every task.)

    Parameters
    ----------
    space : SeedSpace
        Where to draw from.
    n : int
        How many seeds in all tasks together, at least 0.
    start : int, default=0
        The first place.

    Raises
    ------
    IndexError
        If there are not as many.

    See Also
    --------
    textbooks.llm.ChatRollout : asks a model for their texts.
    """

    name = "seeds"
    type = "READER"

    def __init__(self, space: SeedSpace, n: int, *, start: int = 0) -> None:
        space.draw(n, start)
        super().__init__()
        self.space = space
        self.n = n
        self.start = start

    def run(self, data: Iterable[Document] | None = None, rank: int = 0, world_size: int = 1) -> Iterator[Document]:
        """Yield the documents of this task, after those of any step before."""
        yield from data or ()
        for number in range(self.start + rank, self.start + self.n, world_size):
            seed = self.space[number]
            document = Document(text="", id=seed.id, metadata={"seed": seed.to_json()})
            self.stat_update("documents")
            yield document


def seed_of(document: Document) -> Seed:
    """Return the seed of a document, from ``metadata["seed"]``: what `Seed.to_json` returned, or that as a string.

    Raises
    ------
    ValueError
        If there is none.
    """
    value = document.metadata.get("seed")
    return Seed.from_json(json.loads(value) if isinstance(value, str) else value)
