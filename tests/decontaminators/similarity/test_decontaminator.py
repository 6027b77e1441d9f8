"""Functions that are built like the program of a problem."""

from __future__ import annotations

import json

import numpy as np
import pytest

from tests.conftest import TEXTBOOK
from textbooks.decontaminators import SimilarityDecontaminator
from textbooks.decontaminators.similarity import decontaminator as module
from textbooks.decontaminators.similarity import functions, tree_distance
from textbooks.decontaminators.similarity.match import SimilarityHit, best_of
from textbooks.errors import NotFittedError
from textbooks.problems import Problem, load_problems

PROBLEM = Problem(
    "exam",
    "exam/1",
    'def running(amounts):\n    """Return the sums of the amounts up to and including each position."""\n',
    "    totals = []\n    total = 0\n    for amount in amounts:\n        total = total + amount\n"
    "        if total > 100:\n            break\n        totals.append(total)\n    return totals\n",
    "",
    "running",
)
OTHER = Problem(
    "exam",
    "exam/2",
    'def shared(first, second):\n    """Return the sorted letters that both words have."""\n',
    "    return sorted({letter for letter in first if letter in second and letter != ' '})\n",
    "",
    "shared",
)
RENAMED = """def sums(values):
    result = []
    current = 0
    for value in values:
        current = current + value
        if current > 7:
            break
        result.append(current)
    return result
"""
DIFFERENT = RENAMED.replace("current + value", "value * max(value, 1)").replace("if current > 7:", "while not current:")


@pytest.fixture(scope="module")
def fitted():
    return SimilarityDecontaminator().fit([PROBLEM, OTHER])


def in_a_file(code):
    filler = "\n".join(f"def filler_{i}(a, b):\n    return a * {i} if b else [a, b]\n" for i in range(150))
    indented = "\n".join(f"    {line}" if line else line for line in code.splitlines())
    return f"{filler}\n\nclass Holder:\n    limit = 3\n\n{indented}\n\n{filler}"


def test_a_renamed_copy_without_docstring_is_dropped(fitted):
    verdict = fitted.judge(RENAMED)
    assert verdict.reason == "similar_problem"
    assert verdict.score == 1.0
    assert verdict.evidence["benchmarks"] == {"exam": 1}
    (problem,) = verdict.evidence["problems"]
    assert (problem["id"], problem["function"], problem["part"], problem["strength"]) == (
        "exam/1",
        "sums",
        "function",
        1.0,
    )
    assert verdict.evidence["text"] == RENAMED.rstrip()


def test_a_copy_in_a_long_file_is_found_where_it_stands(fitted):
    text = in_a_file(RENAMED)
    (finding,) = fitted.findings(fitted.match(text))
    assert finding.details["function"] == "Holder.sums"
    assert text[slice(*finding.span)].startswith("def sums(values):")
    assert text[slice(*finding.span)].endswith("return result")


def test_a_copy_in_markdown_is_found(fitted):
    assert not fitted.judge(f"# Sums\n\nSo:\n\n```python\n{RENAMED}```\n").keep


def test_other_code_stays(fitted):
    for text in (TEXTBOOK, "", "x = 1\n", "Some prose about sums.", in_a_file("pass")):
        verdict = fitted.judge(text)
        assert verdict.keep
        assert verdict.score == 0


def test_the_rate_is_one_less_the_edits_per_node(fitted):
    text = RENAMED.replace("current > 7", "current < 7")
    (hit,) = fitted.match(text).hits
    nodes = len(functions.code_units(text)[1].labels)
    assert hit.match_rate == (nodes - 1) / nodes
    assert hit.nodes == nodes
    assert fitted.judge(text).score == hit.match_rate


def test_the_rate_and_the_distance_must_both_be_met():
    result = SimilarityDecontaminator().fit([PROBLEM]).apply([RENAMED.replace("current > 7", "not current")])
    (hit,) = SimilarityDecontaminator().fit([PROBLEM]).match(RENAMED.replace("current > 7", "not current")).hits
    assert 0.9 < hit.match_rate < 1
    assert 0 < hit.distance < 1.1
    assert not result.verdicts[0].keep
    assert not result.rethreshold(min_match_rate=hit.match_rate).verdicts[0].keep
    assert result.rethreshold(min_match_rate=1.0).verdicts[0].keep
    assert not result.rethreshold(max_distance=hit.distance).verdicts[0].keep
    assert result.rethreshold(max_distance=hit.distance - 1e-9).verdicts[0].keep


def test_the_distance_is_l2_of_unit_vectors_to_the_nearer_of_two_views(fitted):
    class Fixed:
        dimensions = 2
        identity = "fixed"

        def embed(self, texts):
            return np.array([[1, 0] if '"""' in text else [0.6, 0.8] for text in texts], dtype=np.float32)

    decontaminator = SimilarityDecontaminator(embedder=Fixed(), max_distance=0).fit([PROBLEM])
    assert decontaminator.match(RENAMED).hits[0].distance == 0  # to the program without its docstring
    assert not decontaminator.judge(RENAMED).keep

    class Opposite(Fixed):
        def embed(self, texts):
            return np.array([[1, 0] if "running" in text else [-1, 0] for text in texts], dtype=np.float32)

    far = SimilarityDecontaminator(embedder=Opposite()).fit([PROBLEM])
    assert far.match(RENAMED).hits[0].distance == 2
    assert far.judge(RENAMED).keep
    assert far.apply([RENAMED]).rethreshold(max_distance=2).dropped == [RENAMED]


def test_a_model_is_asked_for_by_name(monkeypatch):
    asked = []
    monkeypatch.setattr("textbooks.embedders.TransformersEmbedder", lambda name: asked.append(name) or Embedder())

    class Embedder:
        def embed(self, texts):
            return np.ones((len(texts), 1), dtype=np.float32)

    fitted = SimilarityDecontaminator(embedder="some/model").fit([PROBLEM])
    assert not fitted.judge(RENAMED).keep
    assert asked == ["some/model"]  # and loaded once


def test_small_code_is_not_compared():
    tiny = Problem("exam", "tiny", "def add(a, b):\n", "    return a + b\n", "", "add")
    fitted = SimilarityDecontaminator().fit([PROBLEM, tiny])
    assert fitted.not_indexed_ == (("exam", "tiny", "function"),)
    assert fitted.match("def plus(x, y):\n    return x + y\n") is None
    assert not SimilarityDecontaminator(min_nodes=5).fit([tiny]).judge("def plus(x, y):\n    return x + y\n").keep
    with pytest.raises(ValueError, match="none of the 1 problems has a program of at least 12 syntax nodes"):
        SimilarityDecontaminator().fit([tiny])


def test_the_tree_method_is_never_more_lenient_and_agrees_on_copies():
    problems = load_problems("unconventional")
    sequence = SimilarityDecontaminator().fit(problems)
    tree = SimilarityDecontaminator(method="tree").fit(problems)
    texts = [problem.program for problem in problems]
    for text in texts:
        by_sequence, by_tree = sequence.match(text), tree.match(text)
        rates = {(hit.benchmark, hit.id): hit.match_rate for hit in reversed(by_sequence.hits)}
        assert by_tree.match_rate == 1.0
        for hit in by_tree.hits:
            assert hit.match_rate <= rates[hit.benchmark, hit.id]


def test_a_subtree_that_moves_costs_more_as_a_tree():
    moved = RENAMED.replace(
        "        result.append(current)\n    return result", "    result.append(current)\n    return result"
    )
    assert SimilarityDecontaminator().fit([PROBLEM]).match(moved).match_rate == 1.0
    assert SimilarityDecontaminator(method="tree").fit([PROBLEM]).match(moved).match_rate < 1.0


def test_a_pair_beyond_the_limits_is_undecided(monkeypatch):
    fitted = SimilarityDecontaminator(method="tree").fit([PROBLEM])
    monkeypatch.setattr(tree_distance, "MAX_TABLE", 10)
    changed = RENAMED.replace("current > 7", "current < 7")
    match = fitted.match(changed)
    assert match.hits == ()
    assert [(pair.id, pair.function, pair.decided) for pair in match.undecided] == [
        ("exam/1", "", False),
        ("exam/1", "sums", False),
    ]
    verdict = fitted.judge(changed)
    assert verdict.keep
    assert verdict.evidence["undecided"] == [
        {"benchmark": "exam", "id": "exam/1", "function": "", "span": [0, len(changed)]},
        {"benchmark": "exam", "id": "exam/1", "function": "sums", "span": [0, len(changed) - 1]},
    ]
    json.dumps(dict(verdict.evidence))


def test_a_text_beyond_the_limits_is_noted(fitted, monkeypatch):
    monkeypatch.setattr(functions, "MAX_BYTES", len(RENAMED) + 100)
    verdict = fitted.judge(in_a_file(RENAMED))
    assert verdict.keep
    assert verdict.evidence["incomplete"] is True
    assert "incomplete" not in fitted.judge(RENAMED).evidence


def test_only_hits_that_none_beats_are_kept():
    def hit(problem, rate, distance):
        return SimilarityHit("exam", problem, "function", "", (0, 1), rate, distance, 20)

    hits = [hit("1", 0.8, 0.5), hit("1", 0.9, 0.9), hit("1", 0.8, 0.6), hit("1", 0.75, 0.5), hit("2", 0.7, 1.5)]
    assert best_of(hits) == (hits[1], hits[0], hits[4])


def test_findings_name_each_problem_once_strongest_first(fitted):
    copy = OTHER.prompt + OTHER.solution
    text = f"{RENAMED}\n{RENAMED}\n{copy.replace('sorted', 'list')}"
    found = fitted.findings(fitted.match(text))
    assert [(one.id, one.strength == 1.0) for one in found] == [("exam/1", True), ("exam/2", False)]
    assert fitted.judge(text).evidence["benchmarks"] == {"exam": 2}


def test_must_be_fitted():
    with pytest.raises(NotFittedError, match="SimilarityDecontaminator knows no problems yet"):
        SimilarityDecontaminator().judge(RENAMED)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"min_match_rate": 0.69}, "min_match_rate must be between 0.7 and 1, got 0.69"),
        ({"max_distance": 2.1}, "max_distance must be between 0 and 2, got 2.1"),
        ({"min_nodes": 0}, "min_nodes must be at least 1, got 0"),
        ({"method": "trees"}, r"method must be one of \('sequence', 'tree'\), got 'trees'"),
    ],
)
def test_bad_arguments_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        SimilarityDecontaminator(**arguments)


def test_the_methods_are_those_of_the_documentation():
    assert module.METHODS == ("sequence", "tree")
