"""Exercises: a docstring with examples, and its solution."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textbooks.llm import Completion, Message
from textbooks.sandbox import Sandbox
from textbooks.synthesizers.base import Synthesizer
from textbooks.synthesizers.checking.answers import code_in
from textbooks.synthesizers.checking.exercise_checks import check_exercises
from textbooks.synthesizers.checking.exercise_shape import ExerciseShape, read_exercise
from textbooks.synthesizers.checking.signatures import disagreement
from textbooks.synthesizers.prompts import EXERCISE_VERSION, exercise_messages
from textbooks.synthesizers.seeding.seeds import Seed
from textbooks.synthesizers.syntheses import Flaw

__all__ = ["ExerciseSynthesizer"]


class ExerciseSynthesizer(Synthesizer[ExerciseShape]):
    """Has a language model write exercises, and keeps those that hold.

    An exercise is a function: signature, docstring with examples, solution ("Textbooks Are All You Need", section
    2.2, the CodeExercises). Diversity comes from the seeds: function name, topic, level, constraint, audience.

    **It executes texts**: what the model wrote is run, confined by the sandbox. The checks are ours: the function asked
    for is there, its docstring agrees with its signature, the examples hold and would not without the solution.

    Parameters
    ----------
    client, repair, decontaminator, max_similarity, sandbox, workers
        See `textbooks.synthesizers.Synthesizer`.

    Examples
    --------
    >>> from textbooks.llm import ScriptedChatClient
    >>> from textbooks.synthesizers import ExerciseSynthesizer, exercise_seeds
    >>> client = ScriptedChatClient(["I'm sorry, but I can't help with that."])
    >>> [one.verdict.reason.value for one in ExerciseSynthesizer(client).synthesize(exercise_seeds().draw(1))]
    ['refused']
    """

    kind: ClassVar[str] = "exercise"
    version: ClassVar[str] = EXERCISE_VERSION

    def messages(self, seed: Seed) -> list[Message]:
        """Return the conversation that asks for a seed's exercise."""
        return exercise_messages(seed)

    def _read(self, seed: Seed, answer: Completion) -> ExerciseShape | Flaw:
        name = seed.fields.get("function_name")
        code = code_in(answer.text, defines=name)
        if isinstance(code, Flaw):
            return code
        shape = read_exercise(code, defines=name)
        return shape if isinstance(shape, Flaw) else disagreement(shape) or shape

    def _check(self, shapes: Sequence[ExerciseShape], sandbox: Sandbox, workers: int) -> list[Flaw | None]:
        return check_exercises(shapes, sandbox, workers=workers)

    def _text(self, shape: ExerciseShape) -> str:
        return shape.text

    def _parts(self, shape: ExerciseShape) -> dict[str, str]:
        return {"prompt": shape.prompt, "completion": shape.completion}
