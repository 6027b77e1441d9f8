"""From the calls of a text to what its functions do of what the problems ask for."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace

from textbooks.decontaminators.behaviour.calls import Asked, Calls, Group, Way, make_calls, plan_of
from textbooks.decontaminators.behaviour.comparison import judged
from textbooks.decontaminators.behaviour.matches import AGREES, LEAST_TRIED, BehaviourHit, BehaviourMatch
from textbooks.decontaminators.behaviour.questions import Question
from textbooks.decontaminators.findings import EXCERPT
from textbooks.decontaminators.similarity.functions import code_units, python_of
from textbooks.sandbox import Sandbox

__all__ = ["Survey"]

_FIRST_SECONDS = 0.03  # enough for small inputs; a function that loops on a stranger's input costs so much a problem
_ANY = re.compile(r"\b(?:def|lambda)\b")
_CODE_LINE = re.compile(r"^[ \t]*(?!import\b|from\b|#)\S", re.MULTILINE)
_DIGITS = re.compile(r"\d+")
_LINE_END = re.compile(r"\r\n|\r|\n")

Key = tuple[str, str]


class Survey:
    """Asks texts the questions: the telling inputs first, all of them where these are answered.

    Parameters
    ----------
    questions : sequence of Question
        What is asked.
    similarity : callable
        Returns how similar the text of a function is to the problem with this number, 0 to 1.
    """

    def __init__(self, questions: Sequence[Question], similarity: Callable[[str, int], float]) -> None:
        self.questions = questions
        self._similarity = similarity
        self._numbers = {(one.problem.benchmark, one.problem.id): number for number, one in enumerate(questions)}
        first = [self._asked(number, None, first=True) for number in range(len(questions))]
        first.sort(
            key=lambda asked: sum(map(_weight, asked[2]))
        )  # a function that is slow on large inputs meets them last
        self._first = plan_of(first)

    def _asked(self, number: int, which: Sequence[tuple[int, Way]] | None, *, first: bool = False) -> Asked:
        one = self.questions[number]
        inputs = [one.inputs[place] for place in one.telling] if first else one.inputs
        return number, one.arguments, inputs, not first, which

    def of(
        self, text: str, suspects: Collection[Key], sandbox: Sandbox, *, seconds_per_call: float, seconds: float
    ) -> BehaviourMatch | None:
        """Return what a text does; None where it does nothing that the problems ask for.

        Parameters
        ----------
        text : str
            Anything; it is executed.
        suspects : collection of (benchmark, id)
            Problems that are asked to the end, whatever the first inputs give.
        sandbox : Sandbox
            Where it is executed.
        seconds_per_call, seconds : float
            Processor time.
        """
        asked = sorted(self._numbers[key] for key in set(suspects) if key in self._numbers)
        code = python_of(text)
        if not _ANY.search(code):
            return BehaviourMatch(tuple(map(self._unasked, asked))) if asked else None
        first = make_calls(
            sandbox, code, self._first, seconds_per_call=min(_FIRST_SECONDS, seconds_per_call), seconds=seconds
        )
        promising = self._promising(first, set(asked))
        if not promising and not asked:
            return None if first.complete else BehaviourMatch((), complete=False, functions=len(first.functions))
        only: dict[int, list[tuple[int, Way]] | None] = {**promising, **dict.fromkeys(asked)}
        plan = [self._asked(number, which) for number, which in only.items()]
        second = make_calls(sandbox, code, plan_of(plan), seconds_per_call=seconds_per_call, seconds=seconds)
        return self._match(text, second, list(only), complete=first.complete and second.complete)

    def _promising(self, calls: Calls, asked: set[int]) -> dict[int, list[tuple[int, Way]]]:
        """Return by problem what answered the telling inputs as asked for, or one of them and not otherwise."""
        found: dict[int, list[tuple[int, Way]]] = defaultdict(list)
        for group in calls.groups:
            if group.problem in asked or not 0 <= group.problem < len(self.questions):
                continue
            one = self.questions[group.problem]
            said = [
                judged(one.expected[place], reply) for place, reply in zip(one.telling, group.replies, strict=False)
            ]
            if True in said and False not in said:
                found[group.problem].append((group.function, group.way))
        return dict(found)

    def _match(self, text: str, calls: Calls, problems: Iterable[int], *, complete: bool) -> BehaviourMatch | None:
        best: dict[int, BehaviourHit] = {number: self._unasked(number) for number in problems}
        lines = [0, *(found.end() for found in _LINE_END.finditer(text)), len(text)]
        for group in calls.groups:
            if group.problem in best:
                hit = self._hit(group, calls, lines)
                if _nearness(hit) > _nearness(best[group.problem]):
                    best[group.problem] = hit
        order = sorted(best, key=lambda number: (*(-part for part in _nearness(best[number])), number))
        hits = [self._with_similarity(best[number], text, number) for number in order]
        excerpts = {hit.span: text[slice(*hit.span)][:EXCERPT] for hit in hits}
        return BehaviourMatch(tuple(hits), complete, len(calls.functions), excerpts)

    def _hit(self, group: Group, calls: Calls, lines: Sequence[int]) -> BehaviourHit:
        one = self.questions[group.problem]
        said = [judged(expected, reply) for expected, reply in zip(one.expected, group.replies, strict=False)]
        tried = sum(answer is not None for answer in said)
        agreed = sum(answer is True for answer in said)
        published = False not in said[: one.published] and True in said[: one.published or len(said)]
        name, first, last = calls.functions[group.function]
        if tried < LEAST_TRIED * len(one.inputs):
            outcome = "undecided"
        else:
            outcome = "agrees" if published and agreed >= AGREES * tried else "differs"
        return BehaviourHit(
            benchmark=one.problem.benchmark,
            id=one.problem.id,
            function=name,
            span=_span(first, last, lines),
            agreed=agreed,
            tried=tried,
            total=len(one.inputs),
            published_agree=published,
            outcome=outcome,
            bits=sum(bits for bits, answer in zip(one.bits, said, strict=False) if answer),
            distinct_outputs=one.distinct_outputs,
            ordinary=one.ordinary,
            arguments=_described(group.way, one.arguments),
        )

    def _unasked(self, number: int) -> BehaviourHit:
        one = self.questions[number]
        return BehaviourHit(
            benchmark=one.problem.benchmark,
            id=one.problem.id,
            function="",
            span=(0, 0),
            agreed=0,
            tried=0,
            total=len(one.inputs),
            published_agree=False,
            outcome="undecided",
            bits=0.0,
            distinct_outputs=one.distinct_outputs,
            ordinary=one.ordinary,
        )

    def _with_similarity(self, hit: BehaviourHit, text: str, number: int) -> BehaviourHit:
        if hit.outcome != "agrees":
            return hit
        similarity = self._similarity(text[slice(*hit.span)], number)
        return replace(hit, similarity=similarity, share=_share(text, hit))


def _weight(message: str) -> int:
    """Return how much work an input may be: its length, and that of its numbers many times."""
    return len(message) + 20 * max((len(digits) for digits in _DIGITS.findall(message)), default=0)


def _nearness(hit: BehaviourHit) -> tuple[float, ...]:
    return float(hit.published_agree), hit.rate, hit.tried, hit.bits


def _span(first: int, last: int, lines: Sequence[int]) -> tuple[int, int]:
    """Return the characters of these lines, from 1; all where the lines are not those of the text."""
    if not 1 <= first <= last < len(lines):
        return 0, lines[-1]
    return lines[first - 1], lines[last]


def _share(text: str, hit: BehaviourHit) -> float:
    """Return the share of the lines of code that the function makes up; 0 where there are none.

    A method makes up its own lines and those of its class's constructor.
    """
    begins = [found.start() for found in _CODE_LINE.finditer(python_of(text))]
    spans = [hit.span]
    if "." in hit.function:
        wanted = {hit.function, hit.function.rpartition(".")[0] + ".__init__"}
        spans = [unit.span for unit in code_units(text) if unit.qualified_name in wanted]
    inside = sum(any(low <= begin < high for low, high in spans) for begin in begins)
    return inside / len(begins) if begins else 0.0


def _described(way: Way, number: int) -> str:
    """Return how arguments were passed, for people: ``"1, 2"``, ``"*1"``, ``"(1)(2)"`` for constructor and method."""
    order, split, spread = way
    names = [str(place + 1) for place in order]
    if spread:
        return "*1"
    if split or number != len(names[split:]):
        return f"({', '.join(names[:split])})({', '.join(names[split:])})"
    return ", ".join(names)
