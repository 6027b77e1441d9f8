"""Problems get cases that tell simple wrong functions apart, in their own domain, the same on every run."""

from __future__ import annotations

import json
import math

import pytest

from textbooks.decontaminators import StrongProblem, strengthen
from textbooks.problems import Case, Problem, load_problems
from textbooks.sandbox import Sandbox, values_agree


def problem(name: str, solution: str, *calls: str, expected: tuple[object, ...] = ()) -> Problem:
    """A problem in MBPP's format whose tests are calls; without `expected` the results are not checked."""
    lines = [f"assert {call} == {expected[number]!r}" if expected else f"{call}" for number, call in enumerate(calls)]
    return Problem("mine", name, f"Write {name}.", solution, "\n".join(lines), name)


LAST_WORD = problem(
    "last_word_length",
    "def last_word_length(text):\n    words = text.split()\n    return len(words[-1]) if words else 0\n",
    "last_word_length('hello')",
    "last_word_length('lantern')",
    "last_word_length('a bc')",
    "last_word_length('red sky at dawn')",
)
SIZE = problem("size_of", "def size_of(text):\n    n = 0\n    for _ in text:\n        n += 1\n    return n\n",
               "size_of('hello')", "size_of('lantern')", "size_of('abc')", "size_of('')")  # fmt: skip
MIDDLE = problem(
    "middle_value",
    "def middle_value(xs):\n    xs = sorted(xs)\n    h = len(xs) // 2\n"
    "    return xs[h] if len(xs) % 2 else (xs[h - 1] + xs[h]) / 2\n",
    "middle_value([3, 1, 2])", "middle_value([7, 10, 1, 4])", "middle_value([5])", "middle_value([9, 2, 8, 6, 4])",
)  # fmt: skip
FLIP = problem(
    "other_case",
    "def other_case(text):\n    return ''.join(c.lower() if c.isupper() else c.upper() for c in text)\n",
    "other_case('Garden Path')", "other_case('aBcDeFgH')", "other_case('QUIET river')",
)  # fmt: skip
LOOP = problem("halves", "def halves(n):\n    while n != 1:\n        n = n - 2\n    return n + 4\n",
               "halves(1)", "halves(3)", "halves(9)", "halves(21)")  # fmt: skip
GREEDY = problem(
    "grid", "def grid(n):\n    return len([0] * (10 ** n)) + n\n", "grid(1)", "grid(2)", "grid(14 - 11)", "grid(4)",
)  # fmt: skip
DICE = problem("dice", "import random\ndef dice(n):\n    return random.random() * n\n", "dice(3)", "dice(5)", "dice(8)")
WRONG = Problem("mine", "wrong", "", "def wrong(x):\n    return x\n", "assert wrong(1) == 2", "wrong")
NAMELESS = Problem("mine", "nameless", "", "x = 1\n", "assert x == 1", "")
OBJECTS = Problem("mine", "objects", "", "def objects(x):\n    return 1\n", "assert objects(object()) == 1", "objects")
ENDS = Problem("mine", "ends", "", "import os\ndef ends(x):\n    return x if x < 5 or x > 15 else os._exit(3)\n",
               "ends(1)\nends(2)\nends(3)\nends(20)", "ends")  # fmt: skip


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(cpu_seconds=4.0) as one:
        yield one


def strong(*problems: Problem, sandbox: Sandbox, **options: object) -> list[StrongProblem]:
    return strengthen(problems, **{"sandbox": sandbox, "cache": False, "workers": 1, "progress": False, **options})


def agrees(function, one: StrongProblem, part: slice = slice(None)) -> bool:
    def agree(case):
        try:
            return values_agree(function(*case.args, **case.kwargs), case.expected)
        except Exception:
            return False

    return all(agree(case) for case in one.cases[part])


def test_the_length_of_the_last_word_is_no_longer_the_length_of_the_text(sandbox):
    weak = problem("last_word_length", LAST_WORD.solution, "last_word_length('hello')", "last_word_length('bc')",
                   "last_word_length('lantern')", "last_word_length('red sky at dawn ' * 0)")  # fmt: skip
    [one] = strong(LAST_WORD, sandbox=sandbox)
    assert not agrees(len, one)
    assert "len" not in one.ordinary
    [all_single] = strong(weak, sandbox=sandbox)
    assert agrees(len, all_single)  # where no published text has two words, ours has none either


def test_a_function_that_is_right_on_few_published_inputs_is_told_apart(sandbox):
    [one] = strong(MIDDLE, sandbox=sandbox)
    first = one.cases[: one.published]

    def lookup(xs):
        return next((case.expected for case in first if case.args[0] == xs), 0)

    assert agrees(lookup, one, slice(one.published))
    assert not agrees(lookup, one)


@pytest.mark.parametrize(("ordinary", "name"), [(SIZE, "len"), (MIDDLE, "statistics.median"), (FLIP, "str.swapcase")])
def test_an_ordinary_library_function_is_named(ordinary, name, sandbox):
    [one] = strong(ordinary, sandbox=sandbox)
    assert name in one.ordinary


def test_published_cases_come_first_and_are_those_of_the_tests(sandbox):
    twice = problem("size_of", SIZE.solution, "size_of('hello')", "size_of('hello')", "size_of('abc')")
    [one] = strong(twice, sandbox=sandbox)
    published = {(case.args, case.expected) for case in one.cases[: one.published]}
    assert published == {(("hello",), 5), (("abc",), 3)}
    assert one.published == 2


def test_every_expected_result_is_the_references(sandbox):
    names: dict[str, object] = {}
    exec(MIDDLE.solution, names)
    [one] = strong(MIDDLE, sandbox=sandbox)
    assert len(one.cases) > one.published
    assert all(names["middle_value"](*case.args) == case.expected for case in one.cases)


def test_the_cases_are_the_same_for_any_workers_order_and_company_that_passes_nothing(sandbox):
    problems = [LAST_WORD, MIDDLE, FLIP]
    alone = [strong(one, sandbox=sandbox)[0] for one in problems]
    assert strong(*problems, sandbox=sandbox, workers=4) == alone
    assert strong(*problems[::-1], sandbox=sandbox, workers=2)[::-1] == alone
    assert strong(MIDDLE, sandbox=sandbox, seed=1)[0].cases != alone[1].cases


def test_a_kept_result_is_the_same_exactly(sandbox, tmp_path):
    kinds = problem(
        "kinds",
        "def kinds(pair, few, x):\n    return {'a': (pair, few | {1}, x, float('nan'), -0.0, 10**30, [None, b'x'])}\n",
        "kinds((1, 2), {3}, 1.5)", "kinds((2, 3), {4, 5}, 2.25)", "kinds((3, 1), {3, 5}, 1e300)",
    )  # fmt: skip
    [made] = strong(kinds, sandbox=sandbox, cache=tmp_path)
    [file] = tmp_path.iterdir()
    stamp = file.stat().st_mtime_ns
    [kept] = strong(kinds, sandbox=sandbox, cache=tmp_path)
    assert file.stat().st_mtime_ns == stamp
    assert len(kept.cases) > kept.published == 3
    assert [repr(case) for case in kept.cases] == [repr(case) for case in made.cases]
    assert (kept.ordinary, kept.kill_rate, dict(kept.kills)) == (made.ordinary, made.kill_rate, dict(made.kills))


@pytest.mark.parametrize("damage", ["", "{", '{"sha256":"0","content":{"d":[]}}', "[]", "null"])
def test_a_damaged_file_is_made_again(damage, sandbox, tmp_path):
    [made] = strong(SIZE, sandbox=sandbox, cache=tmp_path)
    [file] = tmp_path.iterdir()
    whole = file.read_bytes()
    file.write_text(damage)
    assert strong(SIZE, sandbox=sandbox, cache=tmp_path) == [made]
    assert file.read_bytes() == whole


def test_a_file_in_which_a_result_was_changed_is_made_again(sandbox, tmp_path):
    [made] = strong(SIZE, sandbox=sandbox, cache=tmp_path)
    [file] = tmp_path.iterdir()
    held = json.loads(file.read_bytes())
    rows = dict(held["content"]["d"])["cases"]
    rows[0]["t"][2] = 99
    file.write_text(json.dumps(held))
    assert strong(SIZE, sandbox=sandbox, cache=tmp_path) == [made]


def test_another_seed_or_problem_has_a_file_of_its_own(sandbox, tmp_path):
    strong(SIZE, sandbox=sandbox, cache=tmp_path)
    strong(SIZE, sandbox=sandbox, cache=tmp_path, seed=1)
    strong(SIZE, sandbox=sandbox, cache=tmp_path, max_cases=3)
    assert len(list(tmp_path.iterdir())) == 3


def test_a_cache_that_cannot_be_written_is_done_without(sandbox, tmp_path, caplog):
    (tmp_path / "file").write_text("no folder")
    [one] = strong(SIZE, sandbox=sandbox, cache=tmp_path / "file" / "below")
    assert one.cases
    assert "cannot be kept" in caplog.text


def test_the_cache_is_where_the_environment_says(sandbox, tmp_path, monkeypatch):
    monkeypatch.setenv("TEXTBOOKS_CACHE", str(tmp_path))
    strong(SIZE, sandbox=sandbox, cache=None)
    assert [file.suffix for file in (tmp_path / "strong_problems").iterdir()] == [".json"]


def test_a_reference_that_fails_says_why_and_stops_no_other(sandbox):
    wrong, nameless, objects, size = strong(WRONG, NAMELESS, OBJECTS, SIZE, sandbox=sandbox)
    assert (wrong.cases, nameless.cases, objects.cases) == ((), (), ())
    assert "does not pass its tests" in wrong.why_not
    assert "no entry point" in nameless.why_not
    assert "plain" in objects.why_not
    assert (size.why_not, bool(size.cases)) == ("", True)


def test_a_reference_of_chance_has_no_cases(sandbox):
    [one] = strong(DICE, sandbox=sandbox)
    assert one.cases == ()
    assert "different results" in one.why_not


def test_inputs_on_which_the_reference_never_ends_are_left_out(sandbox):
    [one] = strong(LOOP, sandbox=sandbox)
    assert {case.args[0] % 2 for case in one.cases} == {1}


def test_a_reference_that_takes_memory_or_ends_the_process_keeps_its_cases(sandbox):
    greedy, ends = strong(GREEDY, ENDS, sandbox=sandbox)
    assert greedy.published == 4
    assert ends.published == 4
    assert all(case.args[0] < 5 or case.args[0] > 15 for case in ends.cases)


def test_bits_are_those_of_the_shares_of_results():
    def of(*results):
        return StrongProblem(SIZE, tuple(Case((), {}, result) for result in results), len(results))

    assert of().bits == of(1, 1, 1).bits == 0.0
    assert math.copysign(1, of(1, 1).bits) == 1
    assert of(True, False).bits == 2.0
    assert of(1, 2, 3, 4).bits == 8.0
    assert of(1, 1.0).distinct_outputs == 2
    assert of(float("nan"), float("nan")).distinct_outputs == 1
    assert of(0, 0, 0, 1).bits == pytest.approx(3 * math.log2(4 / 3) + 2)


def test_kill_rate_is_told_apart_over_passing(sandbox):
    [one] = strong(MIDDLE, sandbox=sandbox)
    passing = sum(passed for passed, _ in one.kills.values())
    told = sum(told for _, told in one.kills.values())
    assert one.kill_rate == told / passing
    [none] = strong(MIDDLE, sandbox=sandbox, max_cases=0)
    assert len(none.cases) == none.published
    assert none.kill_rate == 0.0


@pytest.mark.parametrize(
    ("options", "message"),
    [({"max_cases": -1}, "max_cases"), ({"workers": 0}, "workers")],
)
def test_arguments_out_of_range_raise(options, message, sandbox):
    with pytest.raises(ValueError, match=message):
        strong(SIZE, sandbox=sandbox, **options)


def test_no_problem_and_one_given_twice_raise(sandbox):
    with pytest.raises(ValueError, match="no problems"):
        strong(sandbox=sandbox)
    with pytest.raises(ValueError, match="given 2 times"):
        strong(SIZE, SIZE, sandbox=sandbox)


def test_the_problems_that_ship_with_the_library_get_stronger(sandbox):
    problems = load_problems("unconventional")[:6]
    for one in strong(*problems, sandbox=sandbox, workers=2):
        assert one.why_not == ""
        assert one.ordinary == ()
        assert len(one.cases) > one.published
        assert one.bits > 0


FEW = problem("word_size", "def word_size(word):\n    return len(word.split()[-1])\n",
              "word_size('hello')", "word_size('be')", "word_size('good day' if 0 else 'lantern')")  # fmt: skip
TWIN = problem("characters", "def characters(text):\n    return sum(1 for _ in text)\n",
               "characters('bc')", "characters('hello there')", "characters('')")  # fmt: skip


def test_a_problem_that_gives_the_same_everywhere_is_a_twin(sandbox):
    size, twin = strong(SIZE, TWIN, sandbox=sandbox)
    assert size.twins == (("mine", "characters"),)
    assert twin.twins == (("mine", "size_of"),)
    several, last = strong(TWIN, LAST_WORD, sandbox=sandbox)
    assert (several.twins, last.twins) == ((), ())


def test_a_reference_that_passes_the_tests_of_another_problem_is_told_apart_or_a_twin(sandbox):
    few, size = strong(FEW, SIZE, sandbox=sandbox)
    assert few.kills["rival"] == (1, 0)  # no published text of it has two words
    assert few.twins == (("mine", "size_of"),)
    assert "rival" not in size.kills


def test_a_rival_that_hangs_or_ends_the_process_stops_nobody():
    hang = problem("hang", "def hang(x):\n    return x if x == 'a' else sum(range(10**12))\n", "hang('a')")
    leave = problem("leave", "import os\ndef leave(x):\n    return x if x == 'a' else os._exit(0)\n", "leave('a')")
    with Sandbox(cpu_seconds=1.0) as impatient:
        [size, *_] = strong(SIZE, TWIN, leave, sandbox=impatient)
        assert size.twins == (("mine", "characters"),)
        assert [one.published for one in strong(hang, leave, sandbox=impatient)] == [1, 1]


def lengths(*texts: str) -> Problem:
    """A problem about lengths whose few texts hold neither blanks nor capitals, of its own name."""
    return problem("span", "def span(text):\n    return len(text)\n", *(f"span({text!r})" for text in texts))


def test_functions_that_read_words_or_capitals_are_told_from_one_to_which_characters_mean_nothing(sandbox):
    [one] = strong(lengths("", "q", "birdsong"), sandbox=sandbox)
    assert not agrees(lambda text: len(text.split()[-1]) if text.split() else 0, one)
    assert not agrees(lambda text: sum(character.islower() for character in text), one)
    assert one.ordinary == ("len",)


def test_a_reference_to_which_characters_mean_something_gets_none_that_were_not_published(sandbox):
    shifted = problem(
        "shifted", "def shifted(text):\n    return ''.join(chr((ord(c) - 96) % 26 + 97) for c in text)\n",
        "shifted('bead')", "shifted('cab')", "shifted('decade')", "shifted('fade')",
    )  # fmt: skip
    [one] = strong(shifted, sandbox=sandbox)
    assert len(one.cases) > one.published
    assert {character for case in one.cases for character in case.args[0]} <= set("abcdef")
