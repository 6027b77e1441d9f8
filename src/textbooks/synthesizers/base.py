"""The shape of every synthesizer: seeds become questions, answers become texts, and texts are checked."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from itertools import islice
from typing import ClassVar, Generic, TypeVar

from textbooks.decontaminators import Decontaminator
from textbooks.dedup import NearDuplicateIndex, jaccard
from textbooks.errors import CompletionError, MalformedAnswerError
from textbooks.llm import Answer, ChatClient, ChatRequest, Completion, Message, answer_in_order
from textbooks.ranges import check_range
from textbooks.sandbox import Sandbox
from textbooks.synthesizers.checking.answers import unusable
from textbooks.synthesizers.prompts import repair_messages
from textbooks.synthesizers.seeding.seeds import Seed
from textbooks.synthesizers.syntheses import Flaw, Synthesis
from textbooks.verdicts import FilterResult, Reason, Verdict

__all__ = ["Synthesizer"]

S = TypeVar("S")

_BATCH = 32  # judged together; more would make the progress jump
_BEYOND_REPAIR = frozenset({Reason.REFUSED, Reason.COPIES_SEED})


@dataclass(slots=True)
class Candidate(Generic[S]):
    """A seed on its way to a text.

    Attributes
    ----------
    seed : Seed
    messages : list of Message
        The conversation that asked for it.
    answers : list of Completion
    shape : object or None
        The text, taken apart; None where it could not be.
    flaw : Flaw or None
    error : CompletionError or None
    """

    seed: Seed
    messages: list[Message]
    answers: list[Completion] = field(default_factory=list)
    shape: S | None = None
    flaw: Flaw | None = None
    error: CompletionError | None = None


class Synthesizer(ABC, Generic[S]):
    """What exercises and textbook sections have in common.

    **It executes texts**: what the model wrote is run, confined by the sandbox.

    Parameters
    ----------
    client : ChatClient
        The model.
    repair : bool, default=False
        Whether to show the model what is wrong with an answer, and to ask once more.
    decontaminator : Decontaminator or None, default=None
        A fitted one drops texts that hold problems of a benchmark; None looks for none.
    max_similarity : float, default=0.7
        Jaccard index of the shingles of two texts, above 0 and at most 1: at or above it a text is a near-duplicate of
        an earlier one, or a copy of the code that it was to be inspired by (ours).
    sandbox : Sandbox or None, default=None
        Where texts run; None for one with the defaults.
    workers : int or None, default=None
        Texts to run at a time; None for the cores of the machine. It has no influence on any verdict.

    Raises
    ------
    ValueError
        If a number is out of range.
    """

    kind: ClassVar[str]
    """What is made: ``"exercise"`` or ``"textbook"``."""

    version: ClassVar[str]
    """Digest of the words that ask for it."""

    def __init__(
        self,
        client: ChatClient,
        *,
        repair: bool = False,
        decontaminator: Decontaminator | None = None,
        max_similarity: float = 0.7,
        sandbox: Sandbox | None = None,
        workers: int | None = None,
    ) -> None:
        check_range("max_similarity", max_similarity, 0, 1)
        if not max_similarity:
            msg = "max_similarity must be above 0: at 0 every text is a copy of every other"
            raise ValueError(msg)
        if workers is not None:
            check_range("workers", workers, 1)
        self.client = client
        self.repair = repair
        self.decontaminator = decontaminator
        self.max_similarity = max_similarity
        self.sandbox = sandbox
        self.workers = workers

    @abstractmethod
    def messages(self, seed: Seed) -> list[Message]:
        """Return the conversation that asks for a seed's text."""

    @abstractmethod
    def _read(self, seed: Seed, answer: Completion) -> S | Flaw:
        """Take an answer apart, or say what is wrong with it."""

    @abstractmethod
    def _check(self, shapes: Sequence[S], sandbox: Sandbox, workers: int) -> list[Flaw | None]:
        """Run texts and say what is wrong with each."""

    @abstractmethod
    def _text(self, shape: S) -> str:
        """Return the text of what was taken apart."""

    def _parts(self, shape: S) -> dict[str, str]:
        """Return what a text consists of."""
        del shape
        return {}

    def synthesize(self, seeds: Iterable[Seed], *, earlier: NearDuplicateIndex | None = None) -> Iterator[Synthesis]:
        """Ask for the text of each seed, check it, and yield what came of it, in the order of the seeds.

        Checked are, in this order: whether there is an answer in the form asked for, whether it fits its seed, whether
        it runs and its own examples hold, whether it copies its seed, a benchmark, or an earlier text that was kept.

        Parameters
        ----------
        seeds : iterable of Seed
            What to ask for; drawn as there is room.
        earlier : NearDuplicateIndex or None, default=None
            Texts that none may resemble. The texts that are kept are added, by the ids of their seeds.

        Yields
        ------
        Synthesis
            One a seed. Where the model gave no answer it is quarantined, with its `error`.

        Raises
        ------
        SandboxError
            If no confined process can be started here.
        OutputError
            If the client's cache cannot be read or written.
        """
        index = NearDuplicateIndex(threshold=self.max_similarity) if earlier is None else earlier
        drawn: list[Seed] = []
        answers = answer_in_order(self.client, self._requests(seeds, drawn))
        with nullcontext(self.sandbox) if self.sandbox is not None else Sandbox() as sandbox:
            while batch := list(islice(answers, _BATCH)):
                candidates = [self._candidate(seed, found) for seed, found in zip(drawn, batch, strict=False)]
                del drawn[: len(batch)]
                yield from self._judge(candidates, index, sandbox)

    def apply(self, seeds: Iterable[Seed]) -> FilterResult[Synthesis]:
        """Ask for the text of each seed, and return all that came of them, sorted by verdict.

        Raises
        ------
        SandboxError, OutputError
            As `synthesize`.
        """
        found = list(self.synthesize(seeds))
        return FilterResult(found, [one.verdict for one in found])

    def _requests(self, seeds: Iterable[Seed], drawn: list[Seed]) -> Iterator[ChatRequest]:
        for seed in seeds:
            drawn.append(seed)
            yield ChatRequest(tuple(self.messages(seed)))

    def _candidate(self, seed: Seed, found: Answer) -> Candidate[S]:
        candidate: Candidate[S] = Candidate(seed, self.messages(seed))
        self._take(candidate, found)
        return candidate

    def _take(self, candidate: Candidate[S], found: Answer) -> None:
        """Note an answer; a second one replaces what was read from the first, unless there is none."""
        if isinstance(found, MalformedAnswerError) and isinstance(found.completion, Completion):
            found = found.completion
        if isinstance(found, CompletionError):
            candidate.error = candidate.error if candidate.answers else found
            return
        candidate.answers.append(found)
        read = unusable(found) or self._read(candidate.seed, found)
        candidate.shape, candidate.flaw = (None, read) if isinstance(read, Flaw) else (read, None)

    def _judge(
        self, candidates: Sequence[Candidate[S]], index: NearDuplicateIndex, sandbox: Sandbox
    ) -> Iterator[Synthesis]:
        self._run(candidates, sandbox)
        if self.repair:
            flawed = [one for one in candidates if one.flaw and one.flaw.reason not in _BEYOND_REPAIR]
            self._ask_again(flawed)
            self._run(flawed, sandbox)
        contaminated = self._contaminated(candidates)
        for candidate in candidates:
            synthesis = self._synthesis(candidate, contaminated.get(id(candidate)))
            if synthesis.keep:
                synthesis = self._against_earlier(synthesis, index)
            yield synthesis

    def _run(self, candidates: Sequence[Candidate[S]], sandbox: Sandbox) -> None:
        """Run what was read of them, and note what is wrong with it."""
        runnable = [(one, one.shape) for one in candidates if one.flaw is None and one.shape is not None]
        flaws = self._check([shape for _, shape in runnable], sandbox, self.workers or os.cpu_count() or 1)
        for (candidate, shape), flaw in zip(runnable, flaws, strict=True):
            candidate.flaw = flaw or self._copied(candidate.seed, self._text(shape))

    def _ask_again(self, flawed: Sequence[Candidate[S]]) -> None:
        requests = []
        for one in flawed:
            assert one.flaw is not None
            requests.append(ChatRequest(tuple(repair_messages(one.messages, one.answers[-1].text, one.flaw))))
        for candidate, found in zip(flawed, answer_in_order(self.client, requests), strict=True):
            self._take(candidate, found)

    def _copied(self, seed: Seed, text: str) -> Flaw | None:
        inspiration = seed.fields.get("inspiration")
        if not inspiration:
            return None
        similarity = jaccard(text, inspiration)
        if similarity < self.max_similarity:
            return None
        detail = "The text is a copy of the code that it was to be inspired by."
        return Flaw(Reason.COPIES_SEED, detail, {"jaccard": round(similarity, 4)})

    def _contaminated(self, candidates: Sequence[Candidate[S]]) -> dict[int, Verdict]:
        if self.decontaminator is None:
            return {}
        good = [(one, one.shape) for one in candidates if one.flaw is None and one.shape is not None]
        verdicts = self.decontaminator.judge_batch([self._text(shape) for _, shape in good])
        return {id(one): verdict for (one, _), verdict in zip(good, verdicts, strict=True) if not verdict.keep}

    def _synthesis(self, candidate: Candidate[S], contaminated: Verdict | None) -> Synthesis:
        shape = candidate.shape
        text = candidate.answers[-1].text if candidate.answers else ""
        if candidate.error is not None:
            verdict = Verdict.quarantined(
                Reason.NO_ANSWER, error=f"{type(candidate.error).__name__}: {candidate.error}"
            )
        elif candidate.flaw is not None:
            verdict = candidate.flaw.verdict
        else:
            verdict = contaminated or Verdict.kept()
        return Synthesis(
            candidate.seed,
            text if shape is None else self._text(shape),
            verdict,
            answers=tuple(candidate.answers),
            parts={} if shape is None else self._parts(shape),
            prompt_version=self.version,
            error=candidate.error,
        )

    def _against_earlier(self, synthesis: Synthesis, index: NearDuplicateIndex) -> Synthesis:
        found = index.find(synthesis.text)
        if found is None:
            index.add(synthesis.text, synthesis.seed.id)
            return synthesis
        evidence = {"duplicate_of": found.key, "jaccard": round(found.jaccard, 4)}
        return synthesis.judged(Verdict.dropped(Reason.NEAR_DUPLICATE, found.jaccard, **evidence))
