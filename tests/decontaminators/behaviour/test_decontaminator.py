"""What a text does decides, not what it says: copies in disguise are found, near misses and hostile texts are not."""

from __future__ import annotations

import logging

import dill
import pytest

from textbooks.decontaminators import BehaviouralDecontaminator
from textbooks.decontaminators.behaviour import decontaminator as module
from textbooks.errors import NotFittedError
from textbooks.problems import Problem
from textbooks.verdicts import Reason

RUNS = Problem(
    "mine",
    "runs",
    'def runs(text, least):\n    """Return the runs of equal letters of at least this length, with their lengths."""\n',
    "    found, start = [], 0\n    for i in range(1, len(text) + 1):\n"
    "        if i == len(text) or text[i] != text[start]:\n"
    "            if i - start >= least:\n                found.append((text[start], i - start))\n"
    "            start = i\n    return found\n",
    "def check(candidate):\n"
    "    assert candidate('aabbb', 2) == [('a', 2), ('b', 3)]\n"
    "    assert candidate('abc', 1) == [('a', 1), ('b', 1), ('c', 1)]\n"
    "    assert candidate('aaaa', 3) == [('a', 4)]\n"
    "    assert candidate('zzxyyy', 3) == [('y', 3)]\n"
    "    assert candidate('hello', 2) == [('l', 2)]\n"
    "    assert candidate('', 1) == []\n",
    "runs",
)
LENGTH = Problem(
    "mine",
    "length",
    "Write a function to count the items of a list.",
    "def count_items(items):\n    number = 0\n    for _ in items:\n        number += 1\n    return number\n",
    "assert count_items([]) == 0\nassert count_items([5]) == 1\nassert count_items([1, 2]) == 2\n"
    "assert count_items([1, 2, 3]) == 3\nassert count_items([0] * 7) == 7\nassert count_items([4] * 11) == 11\n",
    "count_items",
)
BROKEN = Problem("mine", "broken", "", "def f(x):\n    return x\n", "assert f(1) == 2\n", "f")

DISGUISED = """
def barge_convoys(river: str, smallest: int):
    '''Barges of one colour that follow each other are a convoy: yield each that is large enough.'''
    import itertools
    for colour, barges in itertools.groupby(river):
        number = len(list(barges))
        if not number < smallest:
            yield [colour, float(number)]
"""
NEAR_MISS = DISGUISED.replace("not number < smallest", "number > smallest")
OPAQUE = "def measure(things):\n    return max((i + 1 for i, _ in enumerate(things)), default=0)\n"


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("strong")


@pytest.fixture(scope="module")
def fitted(cache):
    return BehaviouralDecontaminator(cache=cache).fit([RUNS, LENGTH, BROKEN])


def found(judge, text):
    return [(one.id, one.reason) for one in judge.findings(judge.match(text))]


def test_a_copy_in_disguise_is_found_and_a_near_miss_is_not(fitted):
    verdict = fitted.judge(DISGUISED)
    assert verdict.reason is Reason.SOLVES_PROBLEM
    assert verdict.score == 1.0
    (problem,) = verdict.evidence["problems"]
    assert (problem["id"], problem["function"], problem["arguments"]) == ("runs", "barge_convoys", "1, 2")
    assert problem["chance"] < 1e-3
    assert verdict.evidence["text"] == DISGUISED.lstrip()[:300]
    assert fitted.judge(NEAR_MISS).keep


INNER = DISGUISED.replace("\n", "\n    ")
WRAPPED = {
    "arguments the other way round": DISGUISED.replace("river: str, smallest: int", "smallest, river"),
    "names that must be given": DISGUISED.replace("river: str,", "river, *,"),
    "with more arguments": DISGUISED.replace("smallest: int", "smallest: int, colour=None, *more, **names"),
    "only an argument list": DISGUISED.replace("river: str, smallest: int", "*both").replace(
        "    import", "    river, smallest = both\n    import"
    ),
    "a static method": f"class River:\n    @staticmethod{INNER}",
    "a class method": f"class River:\n    @classmethod{INNER}".replace("convoys(river", "convoys(cls, river"),
    "a method": f"class River:{INNER}".replace("convoys(river", "convoys(self, river"),
    "a method of an object that holds one argument": (
        f"class River:\n    def __init__(self, river): self.river = river{INNER}"
    )
    .replace("(river: str", "(self")
    .replace("groupby(river)", "groupby(self.river)"),
    "a property": (
        f"class River:\n    def __init__(self, a, b): self.river, self.least = a, b\n    @property{INNER}".replace(
            "river: str, smallest: int", "self"
        )
        .replace("(river)", "(self.river)")
        .replace("< smallest", "< self.least")
    ),
    "an object that is called": f"class River:{INNER}".replace("barge_convoys(river", "__call__(self, river"),
    "a coroutine": DISGUISED + "\nasync def later(s, n):\n    return tuple(barge_convoys(s, n))\ndel barge_convoys\n",
    "a lambda": DISGUISED + "\nf = lambda s, n: list(barge_convoys(s, n))\n",
    "behind a cache": "from functools import lru_cache\n@lru_cache\n" + DISGUISED.lstrip(),
    "behind a decorator that is not there": "import numba\n@numba.njit\n" + DISGUISED.lstrip(),
    "after an import that fails and a loop without end": "import numpy as np\nwhile True: pass\n" + DISGUISED,
    "before a script": DISGUISED + "\nimport sys\nif __name__ == '__main__':\n    sys.exit(1)\nsys.exit(2)\n",
    "in Markdown": f"# Barges\n\nRead this.\n\n```python\n{DISGUISED}\n```\n\nThe end (\n",
    "beside what does not parse": DISGUISED + "\ndef broken(:\n",
    "defined twice": DISGUISED + "\ndef barge_convoys(x, y): return None\n",
}  # fmt: skip


@pytest.mark.parametrize("text", WRAPPED.values(), ids=WRAPPED)
def test_it_is_found_however_it_is_wrapped(fitted, text):
    assert found(fitted, text) == [("runs", Reason.SOLVES_PROBLEM)]


def test_a_function_that_changes_its_argument_is_found(cache):
    problem = Problem(
        "mine", "up", "", "def up(xs):\n    return [x * x + 1 for x in xs]\n",
        "".join(f"assert up({xs}) == {[x * x + 1 for x in xs]}\n" for xs in ([1], [2, 3], [4, 5, 6], [7], [], [9])),
        "up",
    )  # fmt: skip
    judge = BehaviouralDecontaminator(cache=cache).fit([problem])
    assert found(judge, "def f(a):\n    for i, x in enumerate(a):\n        a[i] = 1 + x ** 2\n") == [
        ("up", Reason.SOLVES_PROBLEM)
    ]


@pytest.mark.parametrize(
    "text",
    [
        "from statistics import median\n",
        "f = len\n",
        "from functools import partial\nf = partial(len)\n",
        "def f(x):\n    return 3\n",
        "def f(x, y):\n    return undefined(x, y)\n",
        "def f(x, y):\n    raise ValueError\n",
        "lambda x: x\n",
        "class C:\n    pass\n",
    ],
)
def test_what_is_not_the_text_s_own_or_answers_otherwise_is_kept(fitted, text):
    assert fitted.judge(text).keep


def test_a_problem_of_ordinary_functions_is_common_in_a_text_about_something_else(fitted):
    (question,) = [one for one in fitted.questions_ if one.problem.id == "length"]
    assert "len" in question.ordinary
    module = OPAQUE + "\n\nclass Shelf:\n    def __init__(self):\n        self.books = []\n        self.full = False\n"
    verdict = fitted.judge(module)
    assert verdict.keep
    assert [one["id"] for one in verdict.evidence["common"]] == ["length"]
    assert verdict.evidence["common"][0]["share"] == 0.333
    assert fitted.apply([module]).rethreshold(drop_common=True).verdicts[0].reason is Reason.SOLVES_COMMON_PROBLEM
    assert found(fitted, LENGTH.solution + module[len(OPAQUE) :]) == [("length", Reason.SOLVES_PROBLEM)]  # its words


def test_a_text_that_is_about_an_ordinary_function_is_found(fitted):
    """Exercises whose only function is `len` or a join in other words were kept as common."""
    assert found(fitted, "# a comment\nimport math\n\n" + OPAQUE) == [("length", Reason.SOLVES_PROBLEM)]
    assert fitted.apply([OPAQUE]).rethreshold(min_share=1.1).verdicts[0].keep


def test_what_many_clean_texts_solve_is_common(cache):
    judge = BehaviouralDecontaminator(cache=cache).fit([RUNS], corpus=[DISGUISED, NEAR_MISS, OPAQUE, "x = 1\n"])
    assert judge.frequencies_ == {("mine", "runs"): 0.25}
    assert not judge.findings(judge.match(DISGUISED)) or judge.match(DISGUISED).hits[0].similarity >= 0.5
    assert found(judge, RUNS.program) == [("runs", Reason.SOLVES_PROBLEM)]
    assert judge.apply([DISGUISED]).rethreshold(max_document_frequency=0.25).verdicts[0].reason is Reason.SOLVES_PROBLEM


def test_a_problem_that_cannot_be_asked_says_why(fitted):
    assert list(fitted.not_asked_) == [("mine", "broken")]
    assert "does not pass its tests" in fitted.not_asked_["mine", "broken"]


def test_thresholds_decide(fitted):
    result = fitted.apply([DISGUISED])
    bits = fitted.match(DISGUISED).hits[0].bits
    assert result.rethreshold(min_bits=bits).verdicts[0].reason is Reason.SOLVES_PROBLEM
    assert result.rethreshold(min_bits=bits + 0.1).verdicts[0].keep


PARTLY = DISGUISED.replace("        if not", "        if smallest != 3 and not")


def test_suspects_are_measured_to_the_end(fitted):
    keys = [("mine", "runs")]
    partly, exact, other, nothing, blind = fitted._measure_suspects(
        [PARTLY, DISGUISED, "def f(x, y):\n    return None\n", "x = 1\n", "def f(x, y):\n    return np.sum(x)\n"],
        [keys] * 5,
    )
    (hit,) = [one for one in partly.hits if one.id == "runs"]
    assert (hit.outcome, hit.function) == ("differs", "barge_convoys")
    assert 0 < hit.agreed < hit.tried == hit.total
    assert [one.outcome for one in exact.hits if one.id == "runs"] == ["agrees"]
    assert [one.outcome for one in other.hits if one.id == "runs"] == ["differs"]
    assert [one.outcome for one in nothing.hits if one.id == "runs"] == ["undecided"]
    assert [one.outcome for one in blind.hits if one.id == "runs"] == ["undecided"]
    assert fitted.match(PARTLY) is None or not fitted.findings(fitted.match(PARTLY))


def test_the_number_of_workers_changes_no_verdict(fitted, cache):
    texts = [DISGUISED, NEAR_MISS, OPAQUE, *WRAPPED.values()]
    parallel = BehaviouralDecontaminator(cache=cache, workers=4).fit([RUNS, LENGTH, BROKEN])
    assert parallel.judge_batch(texts) == fitted.judge_batch(texts)


def test_a_pickled_one_holds_no_process_and_judges_alike(fitted):
    fitted.judge(DISGUISED)
    again = dill.loads(dill.dumps(fitted))
    assert again.judge(DISGUISED) == fitted.judge(DISGUISED)


def test_it_says_once_that_it_executes_texts(cache, caplog):
    module._warn_once.cache_clear()
    with caplog.at_level(logging.WARNING):
        judge = BehaviouralDecontaminator(cache=cache).fit([RUNS])
        judge.judge("def f(x): pass\n")
        judge.judge("def f(x): pass\n")
    assert [record.message for record in caplog.records].count(caplog.records[0].message) == 1
    assert "executes the texts" in caplog.records[0].message


def test_before_fit_it_says_so():
    with pytest.raises(NotFittedError, match="call fit"):
        BehaviouralDecontaminator().judge("x = 1\n")


def test_bad_arguments_are_refused():
    for name, value in [("min_match_rate", 1.1), ("min_bits", -1), ("workers", 0), ("seconds", 0), ("drop_common", 2)]:
        with pytest.raises(ValueError, match=name):
            BehaviouralDecontaminator(**{name: value})
