"""The shortcuts that measuring takes, each against the plain way."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textbooks.scoring import Forest, extract_features
from textbooks.scoring.explanation_features import _name_shapes
from textbooks.scoring.features import BATCH_TEXTS, measure
from textbooks.scoring.forest import LEAF
from textbooks.scoring.identifiers import find_identifiers
from textbooks.scoring.marks import Mark
from textbooks.scoring.memo import MAX_ENTRIES, MAX_KEY_LENGTH, Memo
from textbooks.scoring.name_traits import Trait, traits_of
from textbooks.scoring.prose_features import _MARK_NAMES, _mark_counts
from textbooks.scoring.syntax_tree import parse_batch
from textbooks.scoring.term_counts import count_terms
from textbooks.scoring.topic_terms import TOPICS
from textbooks.scoring.word_model import WordModel, count_words, normalise, split_windows, split_words

PLAIN_MARKS = {
    "licence_mark_count": r"licen[cs]e|copyright|all rights reserved|warranty",
    "generated_mark_count": r"generated (?:by|from|code|file)|do not (?:edit|modify)",
    "todo_mark_count": r"\b(?:todo|fixme|xxx|hack)\b",
    "complexity_mark_count": r"\bo\(|complexity|algorithm|theorem|recursi|iterat",
    "example_mark_count": r"\bexamples?\b|\be\.g\.|\bfor instance|output:|input:",
    "section_mark_count": (
        r"(?m)^\s*(?:args|arguments|parameters|params|returns?|raises|yields)\s*:|:param|:return|@param|^\s*-{4,}$"
    ),
    "exercise_mark_count": (
        r"\b(?:given|problem|exercise|question|solution|write a|your task|assignment|challenge|chapter|tutorial)\b"
    ),
    "explanation_mark_count": (
        r"\b(?:because|so that|note that|we can|let's|means|first|next|finally|step|otherwise|instead)\b"
    ),
    "link_mark_count": r"https?://",
    "author_mark_count": r"@?\bauthors?\b|created (?:on|by)|\bdate\b",
    "linter_mark_count": r"noqa|pylint|type: ignore|pragma|mypy|flake8",
}
PIECES = re.findall(
    r"[\w'@.:/-]+", " ".join(PLAIN_MARKS.values())
) + "@author input: ---- \n _ 1 é o( ( args: licence".split(" ")
PROSE = st.lists(st.sampled_from([*PIECES, "\n", " ", " "]), max_size=30).map("".join)
CODE = st.text(alphabet="()[]{}:,.='\"\n \tdefifclass@#1x_Aé", max_size=200)
TERMS = sorted({word for terms in TOPICS.values() for term in terms for word in term.split()})
WORDY = st.lists(
    st.sampled_from([*TERMS[::7], "binary", "search", "Two", "pointers", "_", ".", "\n", "xyz", "9"]), max_size=40
)


@settings(max_examples=200, deadline=None)
@given(PROSE)
def test_marks_are_counted_as_their_expressions_count_them(prose: str) -> None:
    plain = [len(re.findall(PLAIN_MARKS[name], prose.lower())) for name in _MARK_NAMES]
    assert _mark_counts(prose.lower()) == plain


def test_a_mark_counts_matches_only_where_it_is_needed() -> None:
    assert Mark.of_strings("a.b|c").count("a.b axb c") == 2
    assert Mark.of_phrases("so that").count("so that, also that, so that") == 2
    assert Mark("x+", ["x"]).count("no match") == 0


@settings(max_examples=100, deadline=None)
@given(st.lists(WORDY.map(" ".join), max_size=4))
def test_terms_are_the_words_and_pairs_of_words_that_topics_list(texts: list[str]) -> None:
    counts = count_terms(split_windows(texts))
    for row, text in zip(counts, texts, strict=True):
        words = [word for word in split_words(text) if word[0].isalnum()]
        found = {*words, *map(" ".join, pairwise(words))}
        assert row.tolist() == [len(found & terms) for terms in TOPICS.values()]


@given(st.lists(st.lists(st.sampled_from("abcdef")), max_size=5))
def test_words_are_counted_by_text_and_column(batch: list[list[str]]) -> None:
    columns = {"a": 0, "b": 2, "c": 1}
    counts = count_words(batch, columns)
    plain = Counter((text, columns[word]) for text, words in enumerate(batch) for word in words if word in columns)
    found = zip(counts.text.tolist(), counts.word.tolist(), counts.count.tolist(), strict=True)
    assert [((text, word), count) for text, word, count in found] == sorted(plain.items())


@settings(deadline=None)
@given(st.lists(CODE, max_size=3))
def test_split_texts_are_predicted_as_texts(texts: list[str]) -> None:
    generator = np.random.default_rng(0)
    coefficients = generator.normal(size=(4, 2)).astype(np.float32)
    model = WordModel(("if", "x", "(", "a"), np.ones(4, dtype=np.float32), coefficients, np.zeros(2))
    expected = model.predict(count_words([split_words(text) for text in texts], model.columns))
    np.testing.assert_array_equal(model.predict_texts(texts), expected)


@given(CODE)
def test_raw_words_become_words(text: str) -> None:
    assert [normalise(raw) for raw in split_windows([text])[0]] == split_words(text)


@given(st.text(alphabet="aB1_ .é\n\x1c"))
def test_names_become_one_letter_as_with_the_expression(text: str) -> None:
    assert _name_shapes(text) == re.sub(r"\w+", "w", text)


@settings(max_examples=50, deadline=None)
@given(st.lists(CODE, min_size=1, max_size=3))
def test_descendants_are_counted_as_by_hand(texts: list[str]) -> None:
    forest = parse_batch(texts)
    rows, members = np.arange(len(forest.kind)), forest.rows_of("identifier", "call", "ERROR")
    plain = [sum(row < member < forest.subtree_end[row] for member in members.tolist()) for row in rows.tolist()]
    assert forest.count_rows_within(rows, members).tolist() == plain
    assert forest.count_rows_within(rows[:1], members).tolist() == plain[:1]


def test_identifiers_of_one_text_and_name_share_a_key() -> None:
    names = find_identifiers(parse_batch(["a = b\nb = a\n", "a\n"]))
    assert names.key.tolist() == [0, 1, 1, 0, 2]
    assert names.first.tolist() == [0, 1, 4]


@pytest.mark.parametrize(
    ("name", "traits"),
    [
        ("print", Trait.PRINT | Trait.BUILTIN),
        ("x", Trait.ONE_LETTER),
        ("__", Trait.UNDERSCORES | Trait.STARTS_WITH_DUNDER | Trait.CAMEL_CASE),
        ("test_2", Trait.STARTS_WITH_TEST | Trait.SNAKE_CASE | Trait.NUMBERED),
        ("assertEqual", Trait.STARTS_WITH_ASSERT | Trait.CAMEL_CASE),
        ("MAX", Trait.UPPER_CASE),
        ("django", Trait.WEB_FRAMEWORK),
        ("", Trait.CAMEL_CASE),
    ],
)
def test_traits_of_names(name: str, traits: Trait) -> None:
    assert traits_of(name) == int(traits)


def test_a_memo_is_bounded_and_keeps_no_long_keys() -> None:
    memo: Memo[str, int] = Memo(len)
    assert [memo["a" * length] for length in (3, MAX_KEY_LENGTH + 1)] == [3, MAX_KEY_LENGTH + 1]
    assert list(memo) == ["aaa"]
    for number in range(MAX_ENTRIES + 1):
        assert memo[str(number)] == len(str(number))
    assert len(memo) <= MAX_ENTRIES


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(width=32), min_size=1, max_size=8), st.floats(width=32))
def test_any_float_goes_the_way_of_the_comparison(values: list[float], threshold: float) -> None:
    forest = Forest(
        feature=np.array([0, LEAF, LEAF], dtype=np.int16),
        threshold=np.array([threshold, 0, 0], dtype=np.float32),
        left=np.array([1, 1, 2], dtype=np.int32),
        right=np.array([2, 1, 2], dtype=np.int32),
        value=np.array([0.5, 0.0, 1.0]),
        roots=np.array([0], dtype=np.int32),
        features=1,
    )
    expected = [float(not value <= threshold) for value in values]
    assert forest.predict(np.array(values, dtype=np.float32)[:, None]).tolist() == expected


def test_measuring_gives_features_and_words_of_every_batch() -> None:
    texts = [f"value_{number} = {number}\n" for number in range(BATCH_TEXTS + 3)]
    features, words, windows = measure(texts)
    np.testing.assert_array_equal(features, extract_features(texts))
    assert windows == texts
    assert words == split_windows(texts)
    assert measure([]).features.shape == extract_features([]).shape
