from __future__ import annotations

import builtins
import keyword
import os
import re
from collections import Counter
from pathlib import Path

import pytest

from textbooks.problems import load_problems
from textbooks.synthesizers import exercise_seeds, load_vocabulary, textbook_seeds, topic_tree
from textbooks.synthesizers.seeding.vocabularies import VOCABULARIES, read_vocabulary

AT_LEAST = {
    "audiences": 60,
    "constraints": 40,
    "function_names": 2000,
    "levels": 5,
    "styles": 24,
    "topics": 400,
    "words": 1000,
}
UNWANTED = re.compile(
    r"(?i)\b(kill|murder|weapon|gun|rifle|pistol|bomb|bullet|blood|corpse|slave|drug|cocaine|heroin|whore|sex|nude|"
    r"porn|rape|suicide|nazi|hitler|terror|torture|racist|idiot|stupid|moron|cripple|retard|bastard|damn|hell)"
)


@pytest.mark.parametrize("name", VOCABULARIES)
def test_a_vocabulary_is_large_plain_and_without_repeats(name):
    entries = load_vocabulary(name)
    assert len(entries) >= AT_LEAST[name]
    assert [entry for entry, count in Counter(map(str.casefold, entries)).items() if count > 1] == []
    for entry in entries:
        assert entry.isascii()
        assert entry.isprintable()
        assert entry == " ".join(entry.split())
        assert not UNWANTED.search(entry.replace("_", " ")), entry


def test_function_names_are_a_verb_and_a_noun_and_nothing_of_python():
    names = load_vocabulary("function_names")
    assert list(names) == sorted(names)
    for name in names:
        assert re.fullmatch(r"[a-z]+(_[a-z]+){1,2}", name)
        assert not keyword.iskeyword(name)
        assert not hasattr(builtins, name)


def test_no_few_verbs_or_nouns_make_up_the_function_names():
    names = load_vocabulary("function_names")
    verbs = Counter(name.split("_")[0] for name in names)
    nouns = Counter(name.split("_", 1)[1] for name in names)
    assert len(verbs) >= 200
    assert len(nouns) >= 350
    assert max(verbs.values()) <= len(names) * 0.06
    assert max(nouns.values()) <= len(names) * 0.01


@pytest.mark.parametrize("benchmark", ["humaneval", "mbpp"])
@pytest.mark.skipif("TEXTBOOKS_DATA" not in os.environ, reason="needs the benchmarks")
def test_no_function_name_is_that_of_a_benchmark_problem(benchmark):
    names = set(load_vocabulary("function_names"))
    assert [problem.id for problem in load_problems(benchmark) if problem.entry_point in names] == []


def test_words_are_single_words():
    assert [word for word in load_vocabulary("words") if not re.fullmatch(r"[a-z]{3,14}", word)] == []


def test_topics_are_a_tree_of_three_levels_whose_leaves_are_unique():
    tree = topic_tree()
    subjects = [subject for area in tree.values() for subject in area]
    leaves = [leaf for area in tree.values() for subject in area.values() for leaf in subject]
    assert len(tree) >= 12
    assert len(subjects) >= 70
    assert max(Counter(map(str.casefold, subjects)).values()) == 1
    assert max(Counter(map(str.casefold, leaves)).values()) == 1
    for area, below in tree.items():
        assert len(below) >= 3, area
        assert all(len(found) >= 3 for found in below.values())
    assert load_vocabulary("topics")[0] == f"{subjects[0]}: {leaves[0]}"
    assert len(load_vocabulary("topics")) == len(leaves)


def test_an_unknown_vocabulary_is_refused():
    with pytest.raises(ValueError, match="there is no vocabulary 'verbs'; there are audiences, constraints"):
        load_vocabulary("verbs")


def test_seeds_have_exactly_the_fields_that_prompts_know():
    exercise, textbook = exercise_seeds()[0], textbook_seeds()[0]
    assert list(exercise.fields) == ["function_name", "topic", "level", "audience", "constraint"]
    assert exercise.kind == "exercise"
    assert list(textbook.fields) == ["topic", "audience", "style", "words"]
    assert textbook.kind == "textbook"
    assert len(set(textbook.fields["words"])) == 3
    for name in ("function_name", "topic", "level", "audience", "constraint"):
        assert exercise.fields[name] in load_vocabulary(f"{name}s")


def test_each_round_uses_every_function_name_once():
    names = load_vocabulary("function_names")
    drawn = [seed.fields["function_name"] for seed in exercise_seeds(seed=7).draw(2 * len(names))]
    assert sorted(drawn[: len(names)]) == sorted(drawn[len(names) :]) == list(names)
    assert drawn[: len(names)] != drawn[len(names) :]


def test_vocabularies_of_the_user_come_from_lists_and_files(tmp_path):
    file = tmp_path / "topics.txt"
    file.write_text("\ufeff# mine\nknots\n\n  sails  \nétoiles\n", encoding="utf-8")
    for source in (file, str(file), iter(["knots", "sails", "étoiles"])):
        assert read_vocabulary("topics", source) == ["knots", "sails", "étoiles"]
    space = textbook_seeds(topics=file, audiences=["a sailor"], styles=["a song"], words=["a", "b"], words_each=2)
    assert space.size == 3
    assert {seed.fields["topic"] for seed in space} == {"knots", "sails", "étoiles"}
    assert space[0].fields["words"] == ["a", "b"]
    assert {seed.fields["function_name"] for seed in exercise_seeds(function_names=["f"]).draw(9)} == {"f"}


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({"topics": []}, ValueError, "topics: no entries"),
        ({"topics": ["a", "a"]}, ValueError, "topics: 'a' comes twice"),
        ({"topics": ["a", 3]}, TypeError, "topics: entries must be strings, got 3"),
        ({"audiences": ["a", " "]}, ValueError, "audiences: ' ' is blank"),
        ({"levels": ["a\nb"]}, ValueError, r"levels: 'a\\nb' holds what cannot be printed"),
        ({"constraints": ["\ud800"]}, ValueError, r"'\\ud800' holds what cannot be printed"),
        ({"function_names": ["sort it"]}, ValueError, "function_names: 'sort it' cannot name a function"),
        ({"function_names": ["lambda"]}, ValueError, "'lambda' cannot name a function"),
        ({"function_names": Path("nowhere.txt")}, FileNotFoundError, "nowhere.txt"),
    ],
)
def test_a_damaged_vocabulary_is_refused_with_what_is_wrong(given, error, message):
    with pytest.raises(error, match=message):
        exercise_seeds(**given)


def test_a_damaged_file_is_named(tmp_path):
    (tmp_path / "mine.txt").write_text("a\nb\na\n")
    with pytest.raises(ValueError, match=r"words in .*mine\.txt: 'a' comes twice"):
        textbook_seeds(words=tmp_path / "mine.txt")


@pytest.mark.parametrize("words_each", [0, 4])
def test_words_that_there_are_not_cannot_be_drawn(words_each):
    with pytest.raises(ValueError, match=f"k must be between 1 and 3, the number of values, got {words_each}"):
        textbook_seeds(words=["a", "b", "c"], words_each=words_each)


def test_the_page_gives_the_sizes_of_the_vocabularies():
    page = (Path(__file__).resolve().parents[3] / "docs" / "seeds.md").read_text()
    told = re.findall(r"^\| `(\w+)` \| ([\d,]+)", page, re.MULTILINE)
    assert {name: int(size.replace(",", "")) for name, size in told} == {
        name: len(load_vocabulary(name)) for name in VOCABULARIES
    }
