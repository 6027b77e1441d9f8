"""What the functions of a text do of what benchmark problems ask for."""

from __future__ import annotations

from dataclasses import dataclass, field

from textbooks.decontaminators.findings import problems_by_benchmark

__all__ = ["AGREES", "BehaviourHit", "BehaviourMatch"]

AGREES = 0.95
"""Share of inputs on which a function that agrees gives the answer, on all that are published among them (ours)."""

LEAST_TRIED = 0.5
"""Share of inputs that must have been tried to say anything (ours)."""


@dataclass(frozen=True, slots=True)
class BehaviourHit:
    """What the one function that comes nearest does with the inputs of one problem.

    Attributes
    ----------
    benchmark, id : str
        The problem.
    function : str
        Qualified name of the function; empty where none takes such arguments.
    span : tuple of int
        First and past-the-last character of its lines, or those of its class.
    agreed, tried, total : int
        Inputs on which it gives the answer, those on which it could be run, and all.
    published_agree : bool
        Whether it gives the answer on every published input on which it could be run.
    outcome : str
        ``"agrees"``: on all published inputs that were tried and on 0.95 of all; ``"undecided"``: fewer than half of
        the inputs could be tried; ``"differs"``: else.
    bits : float
        Information that the agreement carries: a function that knows only how often each answer is given does as
        well with probability 2 to the power of minus this.
    distinct_outputs : int
        Different answers to the problem's inputs.
    ordinary : tuple of str
        Ordinary functions that solve the problem.
    arguments : str
        How the arguments were passed.
    similarity : float
        Cosine similarity of the function to the problem's program (`StaticEmbedder`) where it agrees; else 0.
    share : float
        How much of the text's code the function makes up, a method with its constructor, where it agrees; else 0. Of
        the lines that are neither empty nor comments nor imports, 0 to 1.
    """

    benchmark: str
    id: str
    function: str
    span: tuple[int, int]
    agreed: int
    tried: int
    total: int
    published_agree: bool
    outcome: str
    bits: float
    distinct_outputs: int
    ordinary: tuple[str, ...] = ()
    arguments: str = ""
    similarity: float = 0.0
    share: float = 0.0

    @property
    def rate(self) -> float:
        """Share of the inputs tried on which it gives the answer, 0 to 1."""
        return self.agreed / self.tried if self.tried else 0.0


@dataclass(frozen=True, slots=True)
class BehaviourMatch:
    """What the functions of a text do of what the problems ask for.

    Attributes
    ----------
    hits : tuple of BehaviourHit
        One a problem: those whose most telling inputs are answered by a function, and those asked for, by falling
        rate, then falling bits, then in the order of the problems.
    complete : bool
        Whether the text could be run within its limits.
    functions : int
        Functions, methods and properties that were called.
    excerpts : dict
        What stands in the span of every hit, at most 300 characters.
    """

    hits: tuple[BehaviourHit, ...] = ()
    complete: bool = True
    functions: int = 0
    excerpts: dict[tuple[int, int], str] = field(default_factory=dict)

    @property
    def benchmarks(self) -> dict[str, int]:
        """How many problems of each benchmark a function agrees with."""
        return problems_by_benchmark(hit for hit in self.hits if hit.outcome == "agrees")
