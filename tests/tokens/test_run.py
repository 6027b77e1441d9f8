"""A corpus becomes token files: nothing is lost, nothing is injected, and the files depend on the input alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import HOSTILE_TEXTS, TEXTBOOK
from tests.curation.conftest import textbooks
from textbooks.errors import InputError, OutputError
from textbooks.mixtures import Mixture, MixtureDataset, Stage
from textbooks.storage import file_digest
from textbooks.tokens import END_OF_TEXT, TokenizedCorpus, load_tokenizer, tokenize, train_tokenizer

TEXTS = [
    TEXTBOOK,
    "x = 1\n",
    "print('é')\n",
    f"a = '{END_OF_TEXT}'\n",
    *(text[:5000] for text in HOSTILE_TEXTS.values()),
]


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    rows = [json.dumps({"text": text, "id": str(number)}) for number, text in enumerate(TEXTS)]
    path = tmp_path_factory.mktemp("corpus") / "texts.jsonl"
    path.write_text("\n".join([*rows, json.dumps({"text": 5}), "{broken"]) + "\n")
    return str(path)


@pytest.fixture(scope="module")
def corpus(path, tmp_path_factory):
    return tokenize([path], tmp_path_factory.mktemp("tokens") / "out", vocab_size=300, workers=1)


def texts_of(corpus):
    tokenizer = load_tokenizer(corpus.folder)
    units = corpus.as_documents()
    ids = [units[number].tolist() for number in range(len(units))]
    assert all(each.count(corpus.end_of_text) == 1 and each[-1] == corpus.end_of_text for each in ids)
    return [tokenizer.decode(each[:-1], skip_special_tokens=False) for each in ids]


def test_the_texts_come_back_each_once(corpus):
    found = texts_of(corpus)
    assert sorted(found) == sorted(TEXTS)
    assert found != TEXTS  # shuffled


def test_a_text_cannot_end_itself(corpus):
    """datatrove's own step makes the special token of the letters ``<|endoftext|>`` in a text."""
    assert f"a = '{END_OF_TEXT}'\n" in texts_of(corpus)


def test_the_notes_are_true(corpus):
    assert corpus == TokenizedCorpus.load(corpus.folder)
    assert (corpus.documents, corpus.quarantined) == (len(TEXTS), 2)
    assert corpus.bytes == sum(len(text.encode()) for text in TEXTS)
    assert corpus.tokens == corpus.as_documents().tokens
    assert corpus.bytes_per_token == corpus.bytes / corpus.tokens
    assert corpus.token_size == 2
    assert {f.name: file_digest(f) for f in corpus.folder.iterdir() if f.name != "tokens.json"} == corpus.digests
    assert str(corpus) == (
        f"{corpus.tokens:,} tokens of {len(TEXTS)} documents, {corpus.bytes_per_token:.2f} bytes a token, "
        f"vocabulary of {corpus.vocab_size}"
    )


def test_workers_do_not_matter(tmp_path, monkeypatch):
    monkeypatch.setattr("textbooks.readers.plan.SHARD_FILES", 1)
    for name, texts in {"a": TEXTS[:3], "b": TEXTS[3:], "c": []}.items():
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))
    paths = [str(tmp_path / f"{name}.jsonl") for name in "acb"]
    one, two = (tokenize(paths, tmp_path / f"out{n}", vocab_size=300, workers=n) for n in (1, 2))
    assert one.digests == two.digests
    assert sorted(texts_of(one)) == sorted(TEXTS)
    other = tokenize(paths, tmp_path / "seed", vocab_size=300, workers=1, seed=1)
    assert sorted(texts_of(other)) == sorted(TEXTS)
    assert other.digests != one.digests


def test_a_known_tokeniser_is_kept_as_it_is(path, tmp_path):
    made = train_tokenizer(["ab ab ab"] * 3, vocab_size=260, end_of_text="</s>")
    made.save(str(tmp_path / "made.json"))
    found = tokenize([path], tmp_path / "out", tokenizer=tmp_path / "made.json", end_of_text="</s>", workers=1)
    assert load_tokenizer(found.folder, end_of_text="</s>").to_str() == made.to_str()
    assert found.vocab_size == made.get_vocab_size()


def test_a_large_vocabulary_takes_four_bytes(tmp_path):
    import tokenizers

    vocabulary = {f"w{number}": number for number in range(70_000)} | {END_OF_TEXT: 70_000, "?": 70_001}
    large = tokenizers.Tokenizer(tokenizers.models.WordLevel(vocabulary, unk_token="?"))
    large.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    large.save(str(tmp_path / "large.json"))
    (tmp_path / "a.py").write_text("w69999 w3 w42\n")
    found = tokenize([str(tmp_path / "a.py")], tmp_path / "out", tokenizer=tmp_path / "large.json", workers=1)
    assert found.token_size == 4
    assert found.as_documents()[0].tolist() == [69_999, 3, 42, 70_000]


def test_a_mixture_draws_from_it(corpus):
    blocks = corpus.blocks(64)
    stage = Stage(name="pretrain", tokens=3 * blocks.tokens)
    plan = Mixture(sources=[blocks.source("code")], stages=[stage]).plan()
    dataset = MixtureDataset(plan, {"code": blocks})
    assert plan.rows()[0].epochs == 3
    assert all(len(block) == 64 for block in dataset.take(0, len(dataset)))


def test_a_sample_is_drawn_by_content(path, tmp_path, monkeypatch):
    from textbooks.tokens import run

    seen = []
    monkeypatch.setattr(run, "train_tokenizer", lambda texts, **_: seen.append(sorted(texts)) or train_tokenizer([]))
    for share in (10**9, 1, 4_000):
        tokenize([path], tmp_path / str(share), sample_bytes=share, workers=1)
    assert seen[0] == sorted(TEXTS)
    assert seen[1] == []
    assert seen[2] == sorted(text for text in TEXTS if run._drawn(text, 4_000 / Path(path).stat().st_size))


def test_what_is_there_is_not_overwritten_unasked(corpus, path, tmp_path):
    with pytest.raises(OutputError, match="is there already: choose another folder, or replace it"):
        tokenize([path], corpus.folder)
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "mine.txt").write_text("mine")
    with pytest.raises(OutputError, match="holds other things than tokens"):
        tokenize([path], tmp_path / "notes", restart=True)
    assert (tmp_path / "notes" / "mine.txt").read_text() == "mine"


def test_an_error_leaves_what_was_there(path, tmp_path):
    first = tokenize([path], tmp_path / "out", vocab_size=300, workers=1)
    with pytest.raises(InputError, match=r"texts\.jsonl is no tokeniser"):
        tokenize([path], tmp_path / "out", tokenizer=path, restart=True)
    assert TokenizedCorpus.load(tmp_path / "out") == first
    assert [entry.name for entry in tmp_path.iterdir()] == ["out"]


def test_nothing_readable_is_an_error(path, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="nothing to read below"):
        tokenize([str(tmp_path / "empty")], tmp_path / "out")
    with pytest.raises(InputError, match=r"nothing readable among \d+ records: check the paths, and the column 'code'"):
        tokenize([path], tmp_path / "out", text_column="code", workers=1)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "holds no tokens.json"),
        ("{", "is damaged"),
        ('{"format": 2}', "another version"),
        ('{"format": 1}', "damaged"),
    ],
)
def test_notes_that_are_not_ours_are_refused(content, message, tmp_path):
    if content is not None:
        (tmp_path / "tokens.json").write_text(content)
    with pytest.raises(InputError, match=message):
        TokenizedCorpus.load(tmp_path)


def test_the_command(path, tmp_path):
    done = textbooks("tokenize", path, "--out", tmp_path / "out", "--vocab-size", 300, "--workers", 1)
    assert done.returncode == 0, done.stderr
    assert f"{tmp_path / 'out'}: {TokenizedCorpus.load(tmp_path / 'out')}" in done.stdout
    assert "left out: 2 records that are no text" in done.stdout
    again = textbooks("tokenize", path, "--out", tmp_path / "out")
    assert (again.returncode, again.stderr.count("\n")) == (2, 1)
    assert "is there already" in again.stderr
