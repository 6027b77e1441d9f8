"""What is read: fits together or is refused, and is the same on any number of devices."""

from __future__ import annotations

import numpy as np
import pytest
from trainer.config_file import load_config
from trainer.data import load_data

from tests.examples.pretrain.conftest import config_text, write_tokens
from textbooks.errors import InputError
from textbooks.tokens import TokenizedCorpus


def load(tmp_path, text, world_size=1):
    path = tmp_path / "run.toml"
    path.write_text(text)
    return load_data(load_config(path), world_size)


def test_the_embedding_has_a_row_for_every_token(tokens, tmp_path):
    count = TokenizedCorpus.load(tokens / "code").vocab_size
    assert 257 < count < 320
    assert load(tmp_path, config_text(tokens)).vocab_size == 320
    model = f'size = "nano-1m"\ncontext = 32\nvocab_size = {count}'
    assert load(tmp_path, config_text(tokens, model=model)).vocab_size == count
    said = rf"model.vocab_size must be at least the {count} tokens of the tokeniser, got {count - 1}: the embedding"
    with pytest.raises(InputError, match=said):
        load(tmp_path, config_text(tokens, model=model.replace(str(count), str(count - 1))))


@pytest.mark.parametrize(
    ("tables", "said"),
    [
        ({"sources.code": 'tokens = "{t}/missing"'}, r"sources.code.tokens: .*holds no tokens.json"),
        ({"held_out": 'held = "{t}/missing"'}, r"held_out.held: .*holds no tokens.json"),
        ({"held_out": 'held = "{t}/foreign"'}, "held_out.held has another tokeniser than sources.code.tokens"),
        ({"sources.books": 'tokens = "{t}/foreign"'}, "sources.books.tokens has another tokeniser"),
        ({"sources.code": 'tokens = "{t}/code"\nmax_epochs = 0.1'}, "stages: .*'code'"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_field(tokens, tmp_path, tables, said):
    filled = {name: body.replace("{t}", str(tokens)) for name, body in tables.items()}
    with pytest.raises(InputError, match=said):
        load(tmp_path, config_text(tokens, **filled))


def test_an_empty_source_is_refused(tokens, tmp_path):
    write_tokens(tmp_path / "tiny", ["x = 1\n"], tokens / "code")
    text = config_text(tokens, **{"sources.tiny": f'tokens = "{tmp_path}/tiny"'})
    with pytest.raises(InputError, match=r"sources.tiny: .* holds not one unit of 32 tokens"):
        load(tmp_path, text)


def test_a_held_out_set_of_empty_texts_is_refused(tokens, tmp_path):
    """It ended the first evaluation by a division by zero, after the model was made."""
    write_tokens(tmp_path / "empty", ["", ""], tokens / "code")
    with pytest.raises(InputError, match=r"held_out.held: .* holds only empty texts"):
        load(tmp_path, config_text(tokens, held_out=f'held = "{tmp_path}/empty"'))


def test_less_than_a_batch_is_refused(tokens, tmp_path):
    with pytest.raises(InputError, match=r"stages: the plan has 2 sequences of 32 tokens, fewer than one batch"):
        load(tmp_path, config_text(tokens, tokens_in_stage=64))


def test_a_batch_is_shared_evenly_or_refused(tokens, tmp_path):
    with pytest.raises(InputError, match=r"training.batch_size must be a multiple of .* the devices, 4 x 3, got 8"):
        load(tmp_path, config_text(tokens), world_size=3)


def test_any_number_of_devices_reads_the_same(tokens, tmp_path):
    data = load(tmp_path, config_text(tokens, **{"sources.books": f'tokens = "{tokens}/books"'}))

    def rows(step, micro_batch, world_size):
        parts = [
            np.concatenate(
                list(data.micro_batches(step, batch_size=8, micro_batch=micro_batch, rank=rank, world_size=world_size))
            )
            for rank in range(world_size)
        ]
        return sorted(map(tuple, np.concatenate(parts).tolist()))

    for step in (0, 7):
        alone = rows(step, 8, 1)
        assert len(alone) == 8
        assert rows(step, 2, 4) == rows(step, 4, 2) == rows(step, 1, 8) == alone
    assert rows(0, 8, 1) != rows(1, 8, 1)
