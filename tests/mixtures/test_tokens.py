"""Token files of datatrove's own tokeniser, cut into units, and read in the order of a plan."""

from __future__ import annotations

import numpy as np
import pytest
from datatrove.data import Document
from datatrove.executor.local import LocalPipelineExecutor

from textbooks.errors import InputError
from textbooks.mixtures import Mixture, MixtureDataset, Source, Stage, TokenFile

DOCUMENTS = [[1, 2, 3], [4], [5, 6, 7, 8, 9], [10, 11]]


def write(path, documents, dtype="<u2", index=True):
    np.array([token for document in documents for token in document], dtype=dtype).tofile(path)
    if index:
        np.cumsum([len(document) for document in documents]).astype("<u8").tofile(f"{path}.index")
    return path


def units_of(tokens):
    return [tokens[unit].tolist() for unit in range(len(tokens))]


@pytest.mark.parametrize("dtype", ["<u2", "<u4"])
def test_blocks_and_documents(tmp_path, dtype):
    path = write(tmp_path / "a.ds", DOCUMENTS, dtype)
    size = int(dtype[-1])
    blocks = TokenFile(path, block_size=4, token_size=size)
    assert units_of(blocks) == [[1, 2, 3, 4], [5, 6, 7, 8]]
    assert (len(blocks), blocks.tokens) == (2, 8)
    documents = TokenFile(path, units="documents", token_size=size)
    assert units_of(documents) == DOCUMENTS
    assert (len(documents), documents.tokens) == (4, 11)


def test_several_files_and_a_folder(tmp_path):
    first, second = write(tmp_path / "b.ds", DOCUMENTS), write(tmp_path / "a.ds", [[20, 21, 22]])
    write(tmp_path / "c.ds", [])
    (tmp_path / "notes.txt").write_text("not read")
    assert units_of(TokenFile(tmp_path, block_size=3)) == [[20, 21, 22], [1, 2, 3], [4, 5, 6], [7, 8, 9]]
    assert units_of(TokenFile([first, second], block_size=5)) == [[1, 2, 3, 4, 5], [6, 7, 8, 9, 10]]
    assert units_of(TokenFile([second, first], units="documents")) == [[20, 21, 22], *DOCUMENTS]


def test_units_out_of_range_are_refused(tmp_path):
    tokens = TokenFile(write(tmp_path / "a.ds", DOCUMENTS), block_size=4)
    for unit in (-1, 2):
        with pytest.raises(IndexError, match=rf"{unit} is not in range\(2\)"):
            tokens[unit]


def test_damaged_files_are_refused(tmp_path):
    with pytest.raises(InputError, match=r"there is no token file .*missing.ds"):
        len(TokenFile(tmp_path / "missing.ds"))
    with pytest.raises(InputError, match="there is no token file"):
        len(TokenFile(tmp_path))
    path = write(tmp_path / "a.ds", DOCUMENTS)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(InputError, match="has 21 bytes, which is no whole number of tokens of 2 bytes"):
        len(TokenFile(path))
    with pytest.raises(InputError, match=r"a\.ds holds not one unit of 2048 tokens"):
        TokenFile(write(path, DOCUMENTS)).source("code")


@pytest.mark.parametrize("ends", [[3, 4, 9], [3, 4, 9, 12], [3, 3, 9, 11], [4, 3, 9, 11]])
def test_an_index_that_does_not_fit_is_refused(tmp_path, ends):
    path = write(tmp_path / "a.ds", DOCUMENTS)
    np.array(ends, dtype="<u8").tofile(f"{path}.index")
    with pytest.raises(InputError, match=r"a\.ds\.index does not fit .*a\.ds, which has 11 tokens"):
        len(TokenFile(path, units="documents"))


def test_an_index_that_is_missing_is_refused(tmp_path):
    path = write(tmp_path / "a.ds", DOCUMENTS, index=False)
    assert len(TokenFile(path, block_size=5)) == 2
    with pytest.raises(InputError, match=r"a\.ds\.index is missing"):
        len(TokenFile(path, units="documents"))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"block_size": 0}, "block_size must be at least 1, got 0"),
        ({"units": "pages"}, "units must be blocks or documents, got 'pages'"),
        ({"token_size": 8}, "token_size must be 2 or 4, got 8"),
    ],
)
def test_values_out_of_range_are_refused(values, message):
    with pytest.raises(ValueError, match=message):
        TokenFile("a.ds", **values)


def test_tokens_survive_being_sent_to_another_process(tmp_path):
    import dill

    tokens = TokenFile(write(tmp_path / "a.ds", DOCUMENTS), block_size=4)
    assert units_of(tokens) == units_of(dill.loads(dill.dumps(tokens)))
    assert len(dill.dumps(tokens)) < 1000


def test_a_plan_is_read_in_its_order(tmp_path):
    code = TokenFile(write(tmp_path / "code.ds", [list(range(100))]), block_size=4)
    books = TokenFile(write(tmp_path / "books.ds", [list(range(1000, 1040))]), block_size=4)
    sources = [code.source("code"), books.source("books", max_epochs=3)]
    stages = [Stage(name="pretrain", tokens=160, weights={"code": 1, "books": 1})]
    plan = Mixture(sources=sources, stages=stages).plan()
    dataset = MixtureDataset(plan, {"code": code, "books": books})
    draws = plan.draws(0, len(plan))
    expected = [
        [code, books][source][unit].tolist()
        for source, unit in zip(draws.sources.tolist(), draws.units.tolist(), strict=True)
    ]
    assert [dataset[place].tolist() for place in range(len(dataset))] == expected
    assert [tokens.tolist() for tokens in dataset.take(3, 11)] == expected[3:11]
    ranks = [[tokens.tolist() for tokens in dataset.batch(1, 8, rank=rank, world_size=2)] for rank in range(2)]
    assert [tokens for turn in zip(*ranks, strict=True) for tokens in turn] == expected[8:16]
    with pytest.raises(IndexError):
        dataset[len(dataset)]


def test_data_that_does_not_fit_the_plan_is_refused():
    plan = Mixture(sources=[Source(name="a", tokens=9, units=3)], stages=[Stage(name="s", tokens=9)]).plan()
    with pytest.raises(ValueError, match="the data of source 'a' is missing, but the plan was made for 3 units"):
        MixtureDataset(plan, {})
    with pytest.raises(ValueError, match="the data of source 'a' has 2 units, but the plan was made for 3 units"):
        MixtureDataset(plan, {"a": [[1], [2]]})


def test_what_datatrove_tokenises_is_read(tmp_path):
    """A real run of datatrove's `DocumentTokenizer` with a byte-level tokeniser made here."""
    tokenizers = pytest.importorskip("tokenizers")
    from datatrove.pipeline.tokens import DocumentTokenizer

    tokenizer = tokenizers.Tokenizer(tokenizers.models.BPE())
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = tokenizers.trainers.BpeTrainer(
        vocab_size=260,
        special_tokens=["<|endoftext|>"],
        initial_alphabet=tokenizers.pre_tokenizers.ByteLevel.alphabet(),
    )
    tokenizer.train_from_iterator([], trainer)
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    texts = ["x = 1\n", "def f():\n    return 2\n", "print('é')\n"]
    step = DocumentTokenizer(
        str(tmp_path / "out"),
        tokenizer_name_or_path=str(tmp_path / "tokenizer.json"),
        eos_token="<|endoftext|>",
        shuffle_documents=False,
        save_filename="code",
    )
    documents = [Document(text=text, id=str(number)) for number, text in enumerate(texts)]
    LocalPipelineExecutor([documents, step], logging_dir=str(tmp_path / "logs"), workers=1).run()
    found = units_of(TokenFile(tmp_path / "out", units="documents"))
    end = tokenizer.token_to_id("<|endoftext|>")
    assert found == [[*tokenizer.encode(text).ids, end] for text in texts]
