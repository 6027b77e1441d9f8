"""Tokenisers that are trained give back every text; those that cannot be had are refused with a reason."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import HOSTILE_TEXTS, TEXTBOOK
from textbooks.errors import InputError
from textbooks.tokens import END_OF_TEXT, load_tokenizer, train_tokenizer

TEXTS = [TEXTBOOK, "def add(first, second):\n    return first + second\n" * 5, "for number in range(10):\n" * 4]


@pytest.fixture(scope="module")
def tokenizer():
    return train_tokenizer(TEXTS, vocab_size=400)


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_every_text_comes_back(tokenizer, text):
    tokenizer.encode_special_tokens = True
    assert tokenizer.decode(tokenizer.encode(text).ids, skip_special_tokens=False) == text


def test_hostile_texts_come_back(tokenizer):
    tokenizer.encode_special_tokens = True
    for text in [*HOSTILE_TEXTS.values(), END_OF_TEXT, f"a{END_OF_TEXT}b"]:
        short = text[:100_000]
        assert tokenizer.decode(tokenizer.encode(short).ids, skip_special_tokens=False) == short


def test_words_of_the_corpus_become_single_tokens(tokenizer):
    assert tokenizer.get_vocab_size() <= 400
    assert len(tokenizer.encode(" return").ids) == 1
    assert len(tokenizer.encode("def add(first, second):").ids) < len("def add(first, second):") / 2


def test_the_same_texts_give_the_same_tokeniser(tokenizer):
    assert train_tokenizer(TEXTS, vocab_size=400).to_str() == train_tokenizer(iter(TEXTS), vocab_size=400).to_str()


def test_of_no_texts_only_bytes_are_learnt():
    bare = train_tokenizer([], vocab_size=400)
    assert bare.get_vocab_size() == 257
    assert len(bare.encode("é\n").ids) == 3


@pytest.mark.parametrize("size", [256, 0, -1])
def test_a_vocabulary_without_room_for_the_bytes_is_refused(size):
    with pytest.raises(ValueError, match=f"vocab_size must be at least 257, got {size}"):
        train_tokenizer([], vocab_size=size)


def test_an_empty_end_of_text_is_refused():
    with pytest.raises(ValueError, match="end_of_text must not be empty"):
        train_tokenizer([], end_of_text="")


def test_a_file_and_its_folder_are_loaded(tokenizer, tmp_path):
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    for path in (tmp_path, tmp_path / "tokenizer.json", str(tmp_path)):
        assert load_tokenizer(path).encode(TEXTBOOK).ids == tokenizer.encode(TEXTBOOK).ids


def test_what_is_no_tokeniser_is_refused(tokenizer, tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    damaged = tmp_path / "damaged.json"
    damaged.write_text(tokenizer.to_str()[:-100])
    with pytest.raises(InputError, match=r"damaged\.json is no tokeniser"):
        load_tokenizer(damaged)
    with pytest.raises(InputError, match="there is no file 'nobody/nothing', and no such name"):
        load_tokenizer("nobody/nothing")
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    with pytest.raises(InputError, match="has no token '</s>': name the one that ends its documents"):
        load_tokenizer(tmp_path, end_of_text="</s>")
