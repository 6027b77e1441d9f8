"""What the command ``textbooks synthesize`` does, from seeds and a client to the closing table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any

from rich.console import Console

from textbooks.curation.benchmarks import Benchmarks
from textbooks.decontaminators import Decontaminator
from textbooks.errors import InputError
from textbooks.llm import ChatClient, ManagedChatClient
from textbooks.readers import read_texts
from textbooks.reports.synthesis import SynthesisPanel
from textbooks.synthesizers.base import Synthesizer
from textbooks.synthesizers.exercise import ExerciseSynthesizer
from textbooks.synthesizers.running.recipe import CodeExercises
from textbooks.synthesizers.running.run import SynthesisOptions, SynthesisOutcome, synthesize
from textbooks.synthesizers.seeding.code_seeds import code_seeds
from textbooks.synthesizers.seeding.concept_pairs import concept_pair_seeds
from textbooks.synthesizers.seeding.seed_space import SeedSpace
from textbooks.synthesizers.seeding.vocabularies import exercise_seeds, textbook_seeds
from textbooks.synthesizers.syntheses import Synthesis
from textbooks.synthesizers.textbook import TextbookSynthesizer

__all__ = ["Kind", "estimate_of", "notes_of", "run_command", "seeds_of"]


class Kind(StrEnum):
    """What can be synthesized."""

    TEXTBOOKS = "textbooks"
    EXERCISES = "exercises"
    CODE_EXERCISES = "code-exercises"


def seeds_of(
    kind: Kind,
    seed: int,
    vocabularies: Mapping[str, Path | None],
    *,
    from_code: Sequence[str] = (),
    concept_pairs: bool = False,
) -> SeedSpace:
    """Return the seeds of a kind, with the vocabularies of the user in place of ours.

    Parameters
    ----------
    kind : Kind
        What is to be made.
    seed : int
        Which drawing.
    vocabularies : mapping of str to Path or None
        Files by the name of the vocabulary.
    from_code : sequence of str
        Files and folders with code that is to inspire the texts; none for the usual seeds.
    concept_pairs : bool, default=False
        Whether each section is to be about two concepts at once.

    Raises
    ------
    ValueError
        If something is given that this kind has no use for, or a vocabulary is damaged.
    InputError
        If a file cannot be read.
    """
    textbooks = kind is Kind.TEXTBOOKS
    if concept_pairs and (from_code or not textbooks):
        msg = "--concept-pairs is for textbooks, and goes without --from-code"
        raise ValueError(msg)
    given: dict[str, Any] = {name: path for name, path in vocabularies.items() if path is not None}
    plain = not (from_code or concept_pairs)
    fitting = {"audiences", *(("styles",) if textbooks else ("constraints",))}
    fitting |= {"topics", "words" if textbooks else "function_names"} if plain else set()
    if foreign := sorted(set(given) - fitting):
        msg = f"these seeds have no use for --{foreign[0].replace('_', '-')}; they have {', '.join(sorted(fitting))}"
        raise ValueError(msg)
    try:
        if from_code:
            documents = read_texts(from_code).documents
            return code_seeds(documents, kind="textbook" if textbooks else "exercise", seed=seed, **given)
        make = concept_pair_seeds if concept_pairs else textbook_seeds if textbooks else exercise_seeds
        return make(seed=seed, **given)
    except OSError as error:
        msg = f"cannot read the vocabulary {error.filename!r}: {error.strerror}"
        raise InputError(msg) from error


def estimate_of(kind: Kind, client: ChatClient, seeds: SeedSpace, n: int) -> str:
    """Return what a run would ask and cost, in a line."""
    if not isinstance(client, ManagedChatClient):
        return "A recording costs nothing."
    synthesizer = _synthesizer(kind, client, Benchmarks(), {})
    return str(client.estimate(synthesizer.messages(seed) for seed in seeds.draw(n)))


def run_command(
    kind: Kind,
    client: ChatClient,
    seeds: SeedSpace,
    options: SynthesisOptions,
    *,
    benchmarks: Benchmarks,
    console: Console | None,
    **ways: Any,  # noqa: ANN401
) -> SynthesisOutcome:
    """Run, and show how far it is.

    Parameters
    ----------
    kind, client, seeds, options, benchmarks
        See `textbooks.synthesizers.synthesize`.
    console : Console or None
        Where to show it.
    **ways
        ``repair``, ``max_similarity`` and ``workers`` of the synthesizer.
    """

    def spent() -> tuple[int, float | None]:
        """Return tokens and money spent so far."""
        books = client.spent if isinstance(client, ManagedChatClient) else None
        return (0, None) if books is None else (books.usage.tokens, books.cost)

    def watch(one: Synthesis) -> None:
        """Count one more."""
        panel.note(one.verdict.reason.value if one.verdict.reason else None)

    with SynthesisPanel(console, total=options.n, spent=spent) as panel:
        if kind is Kind.CODE_EXERCISES:
            recipe = CodeExercises(client=client, options=options, seeds=seeds, benchmarks=benchmarks, **ways)
            return recipe.run(watch=watch, begin=panel.begin)
        synthesizer = _synthesizer(kind, client, benchmarks, ways)
        return synthesize(synthesizer, seeds, options, benchmarks=benchmarks, watch=watch, begin=panel.begin)


def _synthesizer(kind: Kind, client: ChatClient, benchmarks: Benchmarks, ways: Mapping[str, Any]) -> Synthesizer[Any]:
    decontaminator = Decontaminator().fit(benchmarks.all) if benchmarks.all else None
    made = TextbookSynthesizer if kind is Kind.TEXTBOOKS else ExerciseSynthesizer
    return made(client, decontaminator=decontaminator, **ways)


def notes_of(outcome: SynthesisOutcome, out: Path) -> list[str]:
    """Return what is to be said of how a run ended, a line each."""
    notes = [f"Nothing to do: this run is already finished in {out}."] if outcome.already_finished else []
    if outcome.ended_by is not None:
        notes.append(f"Stopped: {outcome.ended_by}")
    if outcome.unanswered:
        notes.append(f"{outcome.unanswered:,} seeds have no answer yet: run the same command again to ask for them.")
    return notes
