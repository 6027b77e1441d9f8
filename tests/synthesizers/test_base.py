"""From seeds to texts: every planted fault is caught with its reason, and what is valid stays."""

from __future__ import annotations

import json

import pytest

from textbooks.decontaminators import Decontaminator, NGramDecontaminator
from textbooks.dedup import NearDuplicateIndex
from textbooks.errors import AnswerTimeoutError, MalformedAnswerError
from textbooks.llm import Completion, Message, ScriptedChatClient, Usage
from textbooks.problems import Problem
from textbooks.synthesizers import ExerciseSynthesizer, Seed, TextbookSynthesizer
from textbooks.verdicts import Reason, Status


def fenced(code):
    return f"```python\n{code}```"


def answering(pairs):
    """A model that answers the request for each seed with its text."""
    return ScriptedChatClient([fenced(text) if seed.kind == "exercise" else text for seed, text in pairs])


def judge(synthesizer, sandbox, seed, *answers, **options):
    """The synthesis of one seed by a scripted model."""
    client = ScriptedChatClient(answers)
    (found,) = synthesizer(client, sandbox=sandbox, workers=1, **options).synthesize([seed])
    return found


def test_the_recorded_exercises_all_stay(exercises, sandbox):
    chosen = exercises[::8]
    result = ExerciseSynthesizer(answering(chosen), sandbox=sandbox).apply(seed for seed, _ in chosen)
    assert dict(result.counts) == {"kept": len(chosen)}
    assert [one.text for one in result.kept] == [text for _, text in chosen]


def test_the_recorded_sections_all_stay(sections, sandbox):
    result = TextbookSynthesizer(answering(sections), sandbox=sandbox).apply(seed for seed, _ in sections)
    assert dict(result.counts) == {"kept": len(sections)}


def faults_of(text, name):
    """A right exercise, spoilt in every way that a model spoils one, with the reason that should be found."""
    body = text.index('    """\n') + len('    """\n')
    yield "wrong code", text[:body] + "    return 42\n", Reason.FAILS_EXAMPLES
    yield "broken code", text[:body] + "    return (\n", Reason.SYNTAX
    yield "other name", text.replace(name, "other_name"), Reason.WRONG_FUNCTION
    yield "no examples", text.replace(">>>", "e.g."), Reason.NO_EXAMPLES
    yield "endless", text[:body] + "    while True:\n        pass\n", Reason.TOO_SLOW
    yield "foreign import", "import numpy as np\n" + text, Reason.FOREIGN_IMPORT
    yield "no docstring", f"def {name}(x):\n    return x\n", Reason.WRONG_FUNCTION


@pytest.mark.parametrize("number", [1, 333])
def test_every_way_to_spoil_an_exercise_is_caught(number, exercises, sandbox):
    seed, text = exercises[number]
    for what, spoilt, reason in faults_of(text, seed.fields["function_name"]):
        found = judge(ExerciseSynthesizer, sandbox, seed, fenced(spoilt))
        assert found.verdict.reason is reason, (what, found.verdict)
        assert found.verdict.evidence["detail"], what


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("I'm sorry, I can't do that.", Reason.REFUSED),
        (Completion("```python\ndef f", finish_reason="length"), Reason.CUT_OFF),
        ('{"code": "def f(x):\\n  retu', Reason.MALFORMED_ANSWER),
        ("```python\ndef f(x):\n    pass", Reason.MALFORMED_ANSWER),
        ("", Reason.MALFORMED_ANSWER),
        (MalformedAnswerError("no", completion=Completion("Nothing of use.")), Reason.MALFORMED_ANSWER),
    ],
)
def test_answers_that_hold_no_exercise_are_dropped_with_the_answer_kept(answer, reason, exercises, sandbox):
    found = judge(ExerciseSynthesizer, sandbox, exercises[0][0], answer)
    assert found.verdict.reason is reason
    assert found.verdict.status is Status.DROPPED
    assert len(found.answers) == 1


def test_no_answer_is_quarantined_with_its_error(exercises, sandbox):
    error = AnswerTimeoutError("too late")
    found = judge(ExerciseSynthesizer, sandbox, exercises[0][0], error)
    assert (found.verdict.reason, found.verdict.status, found.error) == (Reason.NO_ANSWER, Status.QUARANTINED, error)
    assert found.verdict.evidence["error"] == "AnswerTimeoutError: too late"


def test_a_repeated_text_is_dropped_and_names_the_first(exercises, sandbox):
    seed, text = exercises[5]
    seeds = [seed, Seed("exercise", 9001, seed.fields)]
    client = ScriptedChatClient([fenced(text), fenced(text.replace("    return", "    # so\n    return"))])
    first, second = ExerciseSynthesizer(client, sandbox=sandbox).synthesize(seeds)
    assert first.keep
    assert second.verdict.reason is Reason.NEAR_DUPLICATE
    assert second.verdict.evidence["duplicate_of"] == seed.id


def test_what_is_rejected_is_no_original(exercises, sandbox):
    seed, text = exercises[5]
    wrong = fenced(text.replace("return", "return not", 1))
    seeds = [seed, Seed("exercise", 9001, seed.fields)]
    first, second = ExerciseSynthesizer(ScriptedChatClient([wrong, fenced(text)]), sandbox=sandbox).synthesize(seeds)
    assert (first.keep, second.keep) == (False, True)


def test_texts_of_earlier_runs_count(exercises, sandbox):
    seed, text = exercises[5]
    earlier = NearDuplicateIndex(threshold=0.7)
    earlier.add(text, "there already")
    (found,) = ExerciseSynthesizer(ScriptedChatClient([fenced(text)]), sandbox=sandbox).synthesize(
        [seed], earlier=earlier
    )
    assert found.verdict.evidence["duplicate_of"] == "there already"


def test_a_copy_of_the_inspiration_is_caught(exercises, sandbox):
    seed, text = exercises[5]
    inspired = Seed("exercise", 3, {**seed.fields, "inspiration": text})
    found = judge(ExerciseSynthesizer, sandbox, inspired, fenced(text))
    assert found.verdict.reason is Reason.COPIES_SEED
    assert found.verdict.evidence["jaccard"] == 1.0


PROBLEM = Problem(
    benchmark="bench",
    id="bench/0",
    prompt='def keep_close(numbers, limit):\n    """Return the numbers that lie closer to the limit than one."""\n',
    solution="    return [number for number in numbers if abs(number - limit) < 1]\n",
    tests="def check(candidate):\n    assert candidate([1, 5], 1) == [1]\n    assert candidate([3, 9], 3) == [3]\n",
    entry_point="keep_close",
)


def test_a_benchmark_problem_is_caught(sandbox):
    copy = (
        PROBLEM.prompt.replace('one."""', 'one.\n\n    >>> keep_close([1, 5], 1)\n    [1]\n    """') + PROBLEM.solution
    )
    decontaminator = Decontaminator(execute=False).fit([PROBLEM])
    seed = Seed("exercise", 0, {"function_name": "keep_close"})
    found = judge(ExerciseSynthesizer, sandbox, seed, fenced(copy), decontaminator=decontaminator)
    assert found.verdict.reason in (Reason.NGRAM_OVERLAP, Reason.SIMILAR_PROBLEM)
    assert isinstance(decontaminator.ngram_, NGramDecontaminator)


class TestRepair:
    def test_the_model_is_shown_what_is_wrong_and_asked_once_more(self, exercises, sandbox):
        seed, text = exercises[5]
        client = ScriptedChatClient([fenced(text.replace("return", "return not", 1)), fenced(text)])
        (found,) = ExerciseSynthesizer(client, sandbox=sandbox, repair=True).synthesize([seed])
        assert (found.keep, found.text, len(found.answers)) == (True, text, 2)
        first, second = client.requests
        assert second[: len(first)] == first
        assert [message.role for message in second[len(first) :]] == ["assistant", "user"]
        assert "does not hold" in second[-1].content

    def test_a_second_answer_that_is_wrong_decides(self, exercises, sandbox):
        seed, text = exercises[5]
        answers = [fenced(text.replace("return", "return not", 1)), "I can't."]
        found = judge(ExerciseSynthesizer, sandbox, seed, *answers, repair=True)
        assert found.verdict.reason is Reason.REFUSED
        assert len(found.answers) == 2

    def test_without_a_second_answer_the_first_flaw_stays(self, exercises, sandbox):
        seed, text = exercises[5]
        answers = [fenced(text.replace("return", "return not", 1)), AnswerTimeoutError("late")]
        found = judge(ExerciseSynthesizer, sandbox, seed, *answers, repair=True)
        assert (found.verdict.reason, found.error) == (Reason.FAILS_EXAMPLES, None)

    def test_a_refusal_is_not_argued_with(self, exercises, sandbox):
        assert (
            judge(ExerciseSynthesizer, sandbox, exercises[5][0], "I can't.", repair=True).verdict.reason
            is Reason.REFUSED
        )


class TestSections:
    def test_a_section_that_uses_none_of_its_words_is_dropped(self, sections, sandbox):
        seed, text = sections[0]
        other = Seed("textbook", 0, {**seed.fields, "words": ["zeppelins", "quagmires"]})
        found = judge(TextbookSynthesizer, sandbox, other, text)
        assert found.verdict.reason is Reason.IGNORES_SEED

    @pytest.mark.parametrize("number", [0, 50])
    def test_every_way_to_spoil_a_section_is_caught(self, number, sections, sandbox):
        seed, text = sections[number]
        block = text.index("```python\n") + len("```python\n")
        for spoilt, reason in [
            (text[:block] + "undefined_name\n" + text[block:], Reason.FAILS_TO_RUN),
            (text[:block] + "assert 1 > 2\n" + text[block:], Reason.FAILS_EXAMPLES),
            (text[:block] + "print(1 + 1)  # 3\n" + text[block:], Reason.WRONG_CLAIM),
            (text[:block] + "def broken(:\n" + text[block:], Reason.SYNTAX),
            (text[: text.rindex("```")], Reason.MALFORMED_ANSWER),
            (text.replace("```python", "```text"), Reason.MALFORMED_ANSWER),
        ]:
            found = judge(TextbookSynthesizer, sandbox, seed, spoilt)
            assert found.verdict.reason is reason, found.verdict


def test_the_document_says_where_it_comes_from(exercises, sandbox):
    seed, text = exercises[7]
    answer = Completion(fenced(text), Usage(10, 20), model="some-model", finish_reason="stop")
    document = judge(ExerciseSynthesizer, sandbox, seed, answer).document
    assert (document.id, document.text) == ("exercise-0000007", text)
    metadata = document.metadata
    assert Seed.from_json(json.loads(metadata["seed"])) == seed
    assert (metadata["model"], metadata["prompt_tokens"], metadata["completion_tokens"]) == ("some-model", 10, 20)
    assert metadata["prompt_version"] == ExerciseSynthesizer.version
    assert metadata["prompt"] + metadata["completion"] == text


def test_outcomes_come_in_the_order_of_the_seeds_with_any_workers(exercises, sandbox):
    chosen = exercises[:20]
    seeds = [seed for seed, _ in chosen]
    texts = {seed.fields["function_name"]: text for seed, text in chosen}

    def answer(messages):
        name = messages[-1].content.split("function: ")[1].split("\n")[0]
        return fenced(texts[name])

    for workers in (1, 2):
        found = list(
            ExerciseSynthesizer(ScriptedChatClient(answer), sandbox=sandbox, workers=workers).synthesize(seeds)
        )
        assert [one.seed for one in found] == seeds
        assert all(one.keep for one in found)


def test_seeds_are_asked_for_by_everything_they_hold():
    seed = Seed("exercise", 0, {"function_name": "add_up", "topic": ["lists", "sums"], "inspiration": "x = '```'"})
    system, user = ExerciseSynthesizer(ScriptedChatClient([])).messages(seed)
    assert (system.role, user.role) == ("system", "user")
    assert "Name of the function: add_up" in user.content
    assert "Topic: lists together with sums" in user.content
    assert "````python\nx = '```'\n````" in user.content


@pytest.mark.parametrize("options", [{"max_similarity": 0}, {"max_similarity": 1.1}, {"workers": 0}])
def test_what_is_out_of_range_is_refused(options):
    with pytest.raises(ValueError, match=str(next(iter(options)))):
        ExerciseSynthesizer(ScriptedChatClient([]), **options)


def test_messages_are_those_of_the_protocol(sections):
    assert all(isinstance(one, Message) for one in TextbookSynthesizer(ScriptedChatClient([])).messages(sections[0][0]))
