"""Copies of problems are found with their evidence, thresholds decide, and nothing hostile stops a run."""

from __future__ import annotations

import ast
import json
import subprocess
import sys

import dill
import pytest
from datatrove.data import Document

from textbooks.decontaminators import NGramDecontaminator, code_tokens
from textbooks.decontaminators.ngram.references import reformatted, undocumented
from textbooks.errors import NotFittedError
from textbooks.problems import Problem
from textbooks.verdicts import Reason, Status

PROMPT = '''from typing import List


def running_maximum(readings: List[float], window: int) -> List[float]:
    """Return the largest reading seen in each window of the given width, oldest first.

    >>> running_maximum([3.0, 1.0, 2.0, 5.0], 2)
    [3.0, 2.0, 5.0]
    """
'''
BODY = """    answer = []
    for start in range(len(readings) - window + 1):
        piece = readings[start:start + window]
        answer.append(max(piece))
    return (answer)
"""
PROBLEM = Problem(
    "mine", "m/1", PROMPT, BODY, "def check(candidate):\n    assert candidate([], 1) == []\n", "running_maximum"
)
SHORT = Problem("other", "o/1", "Say it.", "def inc(value):\n    return value + 1\n", "assert inc(1) == 2", "inc")
HOST = "import os\n\n\ndef unrelated(path):\n    return os.fspath(path) + '.txt'\n\n\n{}\n\nprint(unrelated('a'))\n"


def problem(benchmark: str, number: int, prompt: str) -> Problem:
    return Problem(benchmark, str(number), prompt, "", "", "")


def fitted(*problems: Problem, **parameters: object) -> NGramDecontaminator:
    return NGramDecontaminator(**parameters).fit(problems or (PROBLEM, SHORT))


def grams(text: str, n: int, min_tokens: int) -> set[tuple[str, ...]]:
    tokens = code_tokens(text)
    if len(tokens) < n:
        return {tuple(tokens)} if len(tokens) >= min_tokens else set()
    return {tuple(tokens[i : i + n]) for i in range(len(tokens) - n + 1)}


def renamed(program: str) -> str:
    for old, new in (
        ("running_maximum", "peaks"),
        ("readings", "xs"),
        ("window", "k"),
        ("answer", "out"),
        ("piece", "p"),
    ):
        program = program.replace(old, new)
    return program


class TestPlantedCopies:
    @pytest.mark.parametrize(
        "change",
        [
            pytest.param(lambda program: program, id="verbatim"),
            pytest.param(lambda program: program.replace("    ", "\t"), id="tabs"),
            pytest.param(lambda program: program.replace("\n", "\r\n\r\n"), id="line ends"),
            pytest.param(lambda program: program.replace('"""', "'''"), id="quotes"),
            pytest.param(undocumented, id="docstring removed"),
            pytest.param(lambda program: reformatted(undocumented(program)), id="docstring removed, round trip"),
            pytest.param(lambda program: "class A:\n" + program.replace("\n", "\n    "), id="in a class"),
            pytest.param(lambda program: json.dumps({"code": program}).replace("\\n", "\n"), id="in JSON"),
            pytest.param(lambda program: PROMPT, id="prompt only"),
            pytest.param(lambda program: "# " + PROMPT.replace("\n", "\n# "), id="prompt as a comment"),
        ],
    )
    def test_found(self, change):
        verdict = fitted().judge(HOST.format(change(PROMPT + BODY)))
        assert verdict.reason is Reason.NGRAM_OVERLAP
        assert verdict.evidence["benchmarks"] == {"mine": 1}

    @pytest.mark.parametrize(
        "text", [HOST.format(""), renamed(undocumented(PROMPT + BODY)), "", "from typing import List"]
    )
    def test_not_found(self, text):
        assert fitted().judge(text).keep

    def test_short_solution_must_occur_whole(self):
        decontaminator = fitted()
        assert len(code_tokens(SHORT.solution)) == 10 < decontaminator.n
        assert not decontaminator.keep_batch([f"x = 1\n{SHORT.solution}\ny = 2"])[0]
        assert decontaminator.keep_batch(["def inc(value):\n    return value + 2"])[0]


class TestEvidence:
    def test_verdict_of_a_copy(self):
        text = HOST.format("# café\n" + undocumented(PROMPT + BODY))
        verdict = fitted().judge(text)
        begin, end = verdict.evidence["span"]
        assert text[begin:end].startswith("def running_maximum(readings")
        assert text[begin:end].endswith("return (answer)")
        assert verdict.evidence["text"] == text[begin : begin + 300]
        assert verdict.evidence["ngram"] == "def running_maximum ( readings : List [ float ] , window : int"
        first = verdict.evidence["problems"][0]
        assert (first["benchmark"], first["id"], first["part"], first["strength"]) == ("mine", "m/1", "solution", 1.0)
        assert first["shared"] == first["total"] == len(grams(undocumented(PROMPT + BODY), 13, 10))
        assert verdict.score == 1.0
        json.dumps(dict(verdict.evidence))

    def test_a_problem_in_two_benchmarks_counts_in_both(self):
        twins = [Problem(name, "1", PROMPT, BODY, "", "running_maximum") for name in ("one", "two")]
        match = fitted(*twins, max_problems=1).match(PROMPT + BODY)
        assert match.benchmarks == {"one": 1, "two": 1}
        assert {hit.benchmark for hit in match.hits if hit.overlap == 1.0} == {"one", "two"}

    def test_evidence_stays_small(self):
        many = [problem("many", number, f"{PROMPT} {number}") for number in range(50)]
        verdict = fitted(*many, max_problems=50).judge(PROMPT + BODY)
        assert verdict.evidence["benchmarks"] == {"many": 50}
        assert len(json.dumps(dict(verdict.evidence))) < 4000


class TestThresholds:
    def test_each_parameter_changes_the_verdict(self):
        half = "\n".join((PROMPT + BODY).split("\n")[3:6])
        overlap = fitted().match(half).overlap
        assert 0.2 < overlap < 0.5
        assert fitted().judge(half).keep
        assert not fitted(min_overlap=overlap).judge(half).keep
        assert not fitted(min_overlap=0).judge(half).keep
        assert fitted(min_overlap=0, min_matches=200).judge(half).keep
        assert fitted(min_overlap=0, index=("tests",)).judge(half).keep
        assert fitted(n=40, min_overlap=0).judge(half).keep
        assert fitted(min_tokens=11).judge(SHORT.solution).keep

    def test_min_matches_asks_no_more_than_a_part_has(self):
        assert not fitted(min_matches=1000).judge(PROMPT + BODY).keep

    def test_boilerplate_is_left_out(self):
        prompts = [f"Write a function to find the answer number {n} of this list of tasks , please ." for n in range(4)]
        problems = [problem("p", n, prompt) for n, prompt in enumerate(prompts)]
        strict, lax = fitted(*problems, n=8, max_problems=3), fitted(*problems, n=8, max_problems=4)
        text = "Write a function to find the answer number"
        assert strict.match(text) is None
        assert len(lax.match(text).hits) == 4
        assert text in strict.boilerplate_
        assert lax.boilerplate_ == ()

    def test_rethreshold_decides_without_measuring(self):
        decontaminator = fitted()
        result = decontaminator.apply(["\n".join((PROMPT + BODY).split("\n")[3:6]), PROMPT + BODY, "x = 1", None])
        assert dict(result.counts) == {"kept": 2, "ngram_overlap": 1, "text_missing": 1}
        assert result.rethreshold(min_overlap=0.1).counts["ngram_overlap"] == 2
        for name, value in (("n", 5), ("index", ("tests",)), ("typo", 1)):
            with pytest.raises(TypeError, match=name):
                result.rethreshold(**{name: value})
        with pytest.raises(ValueError, match="min_overlap"):
            result.rethreshold(min_overlap=2)


class TestFit:
    @pytest.mark.parametrize(
        ("parameters", "error"),
        [
            ({"n": 0}, ValueError), ({"n": 2.5}, TypeError), ({"n": "13"}, TypeError),
            ({"min_overlap": 1.1}, ValueError),
            ({"min_overlap": float("nan")}, ValueError), ({"min_matches": 0}, ValueError),
            ({"min_tokens": 0}, ValueError),
            ({"max_problems": 0}, ValueError), ({"index": "prompt"}, ValueError), ({"index": ()}, ValueError),
            ({"index": ("prompt", "prompt")}, ValueError), ({"index": ("answer",)}, ValueError),
            ({"batch_size": 0}, ValueError),
        ],
    )  # fmt: skip
    def test_bad_arguments(self, parameters, error):
        with pytest.raises(error, match=next(iter(parameters))):
            NGramDecontaminator(**parameters)

    def test_bad_problems(self):
        with pytest.raises(ValueError, match="no problems"):
            NGramDecontaminator().fit([])
        with pytest.raises(ValueError, match=r"'m/1' of 'mine' is given 2 times"):
            NGramDecontaminator().fit([PROBLEM, SHORT, PROBLEM])
        with pytest.raises(TypeError, match="got str"):
            NGramDecontaminator().fit(["def f(): pass"])
        with pytest.raises(ValueError, match="none of the 1 problems"):
            NGramDecontaminator().fit([problem("p", 0, "too short")])

    def test_before_fit(self):
        for use in (NGramDecontaminator().judge, NGramDecontaminator().match):
            with pytest.raises(NotFittedError, match="call fit"):
                use("x = 1")

    def test_learned_state(self):
        decontaminator = fitted()
        assert decontaminator.benchmarks_ == {"mine": 1, "other": 1}
        assert decontaminator.not_indexed_ == (("other", "o/1", "prompt"),)
        assert [(r.id, r.part) for r in decontaminator.references_] == [
            ("m/1", "prompt"), ("m/1", "solution"), ("m/1", "reformatted"), ("o/1", "solution")
        ]  # fmt: skip
        decontaminator.fit([SHORT])
        assert decontaminator.match(PROMPT + BODY) is None

    def test_undocumented(self):
        program = 'import os\nfrom a import (b,\n  c)\ndef é():\n    """Döc."""\n    x = "kept"\n    return x\n'
        assert ast.dump(ast.parse(undocumented(program))) == ast.dump(
            ast.parse('def é():\n    x = "kept"\n    return x\n')
        )
        assert undocumented("def f(:") == reformatted("def f(:") == "def f(:"


class TestHostile:
    def test_hostile_text(self, hostile_text):
        assert fitted().judge(hostile_text).status is Status.KEPT
        assert NGramDecontaminator().fit([problem("p", 0, hostile_text), PROBLEM]).judge(PROMPT + BODY).score == 1.0

    def test_not_text(self, not_text):
        decontaminator = fitted()
        assert decontaminator.judge(not_text).status is Status.QUARANTINED
        assert decontaminator.match(not_text) is None

    @pytest.mark.parametrize("text", ["x" * 5_000_000, "a " * 200_000, "\0" * 1_000_000, "0," * 100_000])
    def test_long_monotony(self, text):
        decontaminator = fitted(problem("p", 0, "a " * 13), problem("p", 1, "0, " * 30), index=("prompt",))
        expected = 1.0 if text[0] in "a0" else 0.0
        verdict = decontaminator.judge(text)
        assert verdict.score == expected
        if expected:
            assert verdict.evidence["span"] == [0, len(text.rstrip())]


class TestInPipelines:
    def test_as_a_step(self):
        documents = [Document(text=text, id=str(i)) for i, text in enumerate([PROMPT + BODY, "x = 1", SHORT.solution])]
        kept = list(fitted().run(documents))
        assert [document.id for document in kept] == ["1"]
        assert documents[0].metadata["ngram_reason"] == "ngram_overlap"
        assert json.loads(documents[2].metadata["ngram_evidence"])["benchmarks"] == {"other": 1}
        assert documents[1].metadata["ngram_score"] == 0.0

    def test_survives_dill(self):
        decontaminator = fitted()
        texts = [PROMPT + BODY, "x = 1", SHORT.solution]
        assert dill.loads(dill.dumps(decontaminator)).judge_batch(texts) == decontaminator.judge_batch(texts)

    def test_hash_seed_makes_no_difference(self):
        program = (
            "import hashlib, numpy\nfrom textbooks.decontaminators import NGramDecontaminator\n"
            "from textbooks.problems import Problem\n"
            "problems = [Problem('b', str(i), f'w{i} x y z {i} w x y', '', '', '') for i in range(9)]\n"
            "d = NGramDecontaminator(n=4).fit(problems)\n"
            "tables = [a.tobytes() for t in d.index_.tables for a in (t.keys, t.spelled, t.numbers, t.seen)]\n"
            "print(hashlib.sha256(repr((tables, d.judge('x y z 3 w x y w'))).encode()).hexdigest())"
        )
        outputs = {
            subprocess.run(
                [sys.executable, "-c", program], env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
                capture_output=True, text=True, check=True,
            ).stdout
            for seed in ("1", "2")
        }  # fmt: skip
        assert len(outputs) == 1
