"""Vectors of words: which words come out alike, and pooling against a naive mean."""

from __future__ import annotations

import math

import numpy as np
import pytest

from textbooks.scoring.word_model import count_words
from textbooks.scoring.word_vectors import WordVectors, inverse_document_frequencies

ANIMALS = ["the cat eats fish", "the dog eats meat", "a cat drinks milk", "a dog drinks water"] * 6
NUMBERS = ["add one plus two", "add three plus four", "take one minus three", "take two minus four"] * 6


@pytest.fixture(scope="module")
def parts():
    batch = [text.split() for text in ANIMALS + NUMBERS] + [["\n    ", "cat"], []]
    words = sorted({word for text in batch for word in text})
    counts = count_words(batch, {word: column for column, word in enumerate(words)})
    return batch, words, counts, WordVectors.fit(batch, counts, words, dimensions=6, seed=0)


def cosine(table, words, one, other):
    first, second = (table[words.index(word)].astype(float) for word in (one, other))
    return first @ second / math.sqrt((first @ first) * (second @ second))


def test_words_of_the_same_places_and_of_the_same_texts_are_alike(parts):
    _, words, _, vectors = parts
    assert cosine(vectors.contexts, words, "cat", "dog") > cosine(vectors.contexts, words, "cat", "plus") + 0.3
    assert cosine(vectors.topics, words, "plus", "add") > cosine(vectors.topics, words, "plus", "eats") + 0.3


def test_line_ends_have_no_context(parts):
    _, words, _, vectors = parts
    assert not vectors.contexts[words.index("\n    ")].any()


def test_pooling_is_the_weighted_mean(parts):
    batch, words, counts, vectors = parts
    rarity = inverse_document_frequencies(counts)
    pooled = vectors.pool(counts, rarity)
    for text in (0, 30, len(batch) - 2):
        weight = {w: math.log1p(batch[text].count(w)) * float(rarity[words.index(w)]) for w in set(batch[text])}
        spoken = sum(value for word, value in weight.items() if vectors.contexts[words.index(word)].any())
        mean = sum(vectors.contexts[words.index(w)].astype(float) * value for w, value in weight.items()) / spoken
        norm = math.sqrt(sum(value * value for value in weight.values()))
        place = sum(vectors.topics[words.index(w)].astype(float) * value for w, value in weight.items()) / norm
        assert np.allclose(pooled[text], np.concatenate((mean, place)), rtol=1e-4, atol=1e-3)
    assert not pooled[-1].any()


def test_pooling_rounds_as_the_sums_of_two_tables(parts):
    batch, _, counts, vectors = parts
    rarity = inverse_document_frequencies(counts)
    pooled = vectors.pool(counts, rarity)
    weight = (np.log1p(counts.count) * rarity[counts.word]).astype(np.float32)
    for text in range(len(batch) - 1):
        own = counts.text == text
        word, part = counts.word[own], weight[own, None]
        spoken = part[np.any(vectors.contexts[word] != 0, axis=1)].sum()
        mean = (vectors.contexts[word] * part).sum(axis=0) / float(spoken)
        place = (vectors.topics[word] * part).sum(axis=0) / np.sqrt((part * part).sum())
        assert pooled[text].tolist() == np.concatenate((mean, place)).tolist()


def test_the_frequencies_are_those_of_the_texts(parts):
    batch, words, counts, _ = parts
    rarity = inverse_document_frequencies(counts)
    having = sum("cat" in text for text in batch)
    assert rarity[words.index("cat")] == pytest.approx(math.log((len(batch) + 1) / (having + 1)) + 1)


def test_more_dimensions_than_words_leave_zeros():
    batch = [["one", "two"], ["two", "one"]]
    counts = count_words(batch, {"one": 0, "two": 1})
    vectors = WordVectors.fit(batch, counts, ["one", "two"], dimensions=5)
    assert vectors.inputs == 10
    assert not vectors.contexts[:, 2:].any()
    assert vectors.pool(counts, np.ones(2, dtype=np.float32)).shape == (2, 10)


def test_texts_without_words_can_be_fitted():
    counts = count_words([[], []], {"": 0})
    vectors = WordVectors.fit([[], []], counts, [""], dimensions=3)
    assert not vectors.pool(counts, np.ones(1, dtype=np.float32)).any()


def test_tables_of_another_shape_or_type_are_refused():
    good = np.zeros((3, 2), dtype=np.int8)
    for bad in (np.zeros((3, 2)), np.zeros((4, 2), dtype=np.int8)):
        with pytest.raises(ValueError, match="int8"):
            WordVectors(good, bad)
