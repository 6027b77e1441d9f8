"""Embeddings by a transformers model: tiny ones with random weights, made here."""

from __future__ import annotations

import functools
import io
import json
import logging
import re
import shutil
import subprocess
import sys
from pathlib import Path

import dill
import numpy as np
import pytest
from rich.console import Console

from tests.conftest import HOSTILE_TEXTS, TEXTBOOK
from tests.embedders.tiny_models import CONTEXT, needs_extra, save_bert, save_codegen, save_t5
from textbooks.embedders import Embedder, TransformersEmbedder
from textbooks.errors import InputError, MissingExtraError

TEXTS = ["def f(x):\n    return x\n", "x", "", "while True:\n    pass\n", TEXTBOOK, "é\0\U0001f600", "x = 1\n" * 8]
TOLERANCE = 2e-6


class TestWithoutTheExtra:
    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            ({"max_tokens": 0}, "max_tokens must be at least 1, got 0"),
            ({"batch_tokens": 0}, "batch_tokens must be at least 1, got 0"),
            ({"pooling": "max"}, "pooling must be one of 'mean', 'first', 'last', got 'max'"),
            ({"dtype": "int8"}, "dtype must be one of 'auto', 'float32', 'bfloat16', 'float16', got 'int8'"),
            ({"attention": "fast"}, "attention must be one of None, 'eager', 'sdpa', 'flash_attention_2', got 'fast'"),
        ],
    )
    def test_out_of_range(self, arguments, message):
        with pytest.raises(ValueError, match=re.escape(message)):
            TransformersEmbedder(**arguments)

    @pytest.mark.parametrize("package", ["torch", "transformers"])
    def test_what_is_missing_is_named(self, package, monkeypatch):
        monkeypatch.setitem(sys.modules, "torch", object())
        monkeypatch.setitem(sys.modules, "transformers", object())
        monkeypatch.setitem(sys.modules, package, None)  # as if it could not be imported
        with pytest.raises(MissingExtraError, match=rf"needs the package '{package}'.*\[embeddings\]"):
            TransformersEmbedder().embed(["x"])

    def test_the_default_is_the_model_of_the_paper(self):
        embedder = TransformersEmbedder()
        assert (embedder.model, embedder.pooling) == ("Salesforce/codegen-350M-mono", "mean")


def build(tmp_path_factory, save, **options):
    return save(tmp_path_factory.mktemp(save.__name__), **options)


@pytest.fixture(scope="module")
def codegen(tmp_path_factory):
    return build(tmp_path_factory, save_codegen)


@pytest.fixture(scope="module")
def bert(tmp_path_factory):
    return build(tmp_path_factory, save_bert)


@pytest.fixture(scope="module", params=["codegen", "bert", "roberta", "t5"])
def any_model(request, tmp_path_factory):
    """A folder with a model of each kind."""
    if request.param in ("codegen", "bert"):
        return request.getfixturevalue(request.param)
    return build(
        tmp_path_factory,
        *((save_t5,) if request.param == "t5" else (save_bert,)),
        **({} if request.param == "t5" else {"kind": request.param}),
    )


@functools.cache
def loaded(folder, **options):
    """An embedder that the tests share, for loading takes longest; T5 knows no longest text of its own."""
    return TransformersEmbedder(folder, max_tokens=CONTEXT, **options)


def naive(folder, texts, longest=CONTEXT, pooling="mean"):
    """Embed one text at a time, without padding, by the plainest attention, in double precision."""
    import torch
    from transformers import AutoModel, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    network = AutoModel.from_pretrained(folder, attn_implementation="eager").double().eval()
    network = network.get_encoder() if network.config.is_encoder_decoder else network
    rows = []
    for text in texts:
        ids = tokenizer(text, truncation=True, max_length=longest, return_tensors="pt")["input_ids"]
        if not text:
            rows.append(np.zeros(network.config.hidden_size))
            continue
        with torch.no_grad():
            hidden = network(input_ids=ids.long()).last_hidden_state[0].numpy()
        row = {"mean": hidden.mean(0), "first": hidden[0], "last": hidden[-1]}[pooling]
        rows.append(row / np.linalg.norm(row))
    return np.array(rows)


@needs_extra
@pytest.mark.filterwarnings("default")  # those of foreign packages
class TestVectors:
    def test_they_are_what_one_text_at_a_time_gives(self, any_model):
        kind = json.loads((any_model / "config.json").read_text())["model_type"]
        vectors = loaded(any_model).embed(TEXTS)
        assert vectors.dtype == np.float32
        longest = CONTEXT - 1 if kind == "roberta" else CONTEXT  # its positions are counted from behind the padding's
        np.testing.assert_allclose(vectors, naive(any_model, TEXTS, longest), atol=TOLERANCE)

    @pytest.mark.parametrize("attention", [None, "eager"])
    def test_padding_and_order_have_no_influence(self, any_model, attention, monkeypatch):
        embedder = loaded(any_model) if attention is None else loaded(any_model, attention=attention)
        alone = np.concatenate([embedder.embed([text]) for text in TEXTS])
        for batch_tokens in (60, 100_000):
            monkeypatch.setattr(embedder._loaded, "batch_tokens", batch_tokens)
            np.testing.assert_allclose(embedder.embed(TEXTS), alone, atol=TOLERANCE)
            np.testing.assert_allclose(embedder.embed(TEXTS[::-1])[::-1], alone, atol=TOLERANCE)

    @pytest.mark.parametrize("pooling", ["first", "last"])
    def test_other_poolings(self, codegen, bert, pooling):
        for folder in (codegen, bert):
            vectors = TransformersEmbedder(folder, pooling=pooling).embed(TEXTS)
            np.testing.assert_allclose(vectors, naive(folder, TEXTS, pooling=pooling), atol=TOLERANCE)

    def test_the_contract(self, codegen):
        embedder = loaded(codegen)
        assert isinstance(embedder, Embedder)
        vectors = embedder.embed([*TEXTS, TEXTS[0]])
        assert vectors.shape == (8, 64) == (8, embedder.dimensions)
        assert not vectors[2].any()
        np.testing.assert_allclose(np.linalg.norm(np.delete(vectors, 2, axis=0), axis=1), 1, atol=1e-6)
        assert vectors[0].tolist() == vectors[7].tolist()
        assert len(np.unique(vectors.round(3), axis=0)) == len(TEXTS)
        assert embedder.embed([]).shape == (0, 64)
        with pytest.raises(TypeError, match="got a single str"):
            embedder.embed("x = 1")

    def test_hostile_texts_have_vectors(self, codegen):
        texts = [*HOSTILE_TEXTS.values(), "x = '\ud800'"]
        norms = np.linalg.norm(loaded(codegen).embed(texts), axis=1)
        np.testing.assert_allclose(norms, [bool(text) for text in texts], atol=1e-6)

    def test_a_text_is_cut_at_max_tokens_and_at_the_context(self, codegen):
        embedder = TransformersEmbedder(codegen, max_tokens=10)
        np.testing.assert_array_equal(embedder.embed(["a" * 9 + "bc"]), embedder.embed(["a" * 9 + "bd"]))
        assert np.abs(embedder.embed(["a" * 8 + "bc"]) - embedder.embed(["a" * 8 + "cc"])).max() > 1e-3
        whole = loaded(codegen)
        np.testing.assert_array_equal(whole.embed(["a" * CONTEXT]), whole.embed(["a" * CONTEXT + "b" * 100]))

    def test_more_texts_than_are_tokenized_at_once(self, codegen, monkeypatch):
        monkeypatch.setattr("textbooks.embedders.transformer_model._TEXTS_AT_ONCE", 3)
        texts = [f"x = {number}" * (number % 5) for number in range(20)]
        np.testing.assert_allclose(loaded(codegen).embed(texts), naive(codegen, texts), atol=TOLERANCE)

    def test_what_overflows_has_the_zero_vector(self, codegen, caplog):
        embedder = TransformersEmbedder(codegen)
        embedder.embed(["x"])
        network = embedder._loaded.network
        embedder._loaded.network = lambda **given: spoil(network(**given))

        def spoil(output):
            output.last_hidden_state[0] = float("nan")
            return output

        vectors = embedder.embed(["longest", "x"])
        assert not vectors[0].any()
        assert np.linalg.norm(vectors[1]) == pytest.approx(1)
        assert "overflow for 1 texts" in caplog.text

    def test_half_precision_is_near(self, codegen):
        half = TransformersEmbedder(codegen, dtype="bfloat16")
        vectors = half.embed(TEXTS)
        assert vectors.dtype == np.float32
        np.testing.assert_allclose(vectors, loaded(codegen).embed(TEXTS), atol=0.03)
        assert half._loaded.network.h[0].attn.embed_positions.dtype.itemsize == 4
        assert half.identity != TransformersEmbedder(codegen).identity


@needs_extra
@pytest.mark.filterwarnings("default")
class TestLoading:
    def test_attention_that_a_model_lacks_falls_back_with_a_line(self, bert, codegen, caplog):
        caplog.set_level(logging.INFO, logger="textbooks")
        embedder = TransformersEmbedder(bert, attention="flash_attention_2")
        assert embedder.used_attention == "sdpa"
        assert "attention 'flash_attention_2' is not to be had, trying 'sdpa'" in caplog.text
        assert TransformersEmbedder(bert, attention="eager").used_attention == "eager"
        assert TransformersEmbedder(codegen).used_attention == "causal sdpa"
        assert TransformersEmbedder(codegen, attention="eager").used_attention == "eager"

    def test_a_batch_too_large_for_the_memory_is_halved(self, codegen, caplog):
        import torch

        embedder = TransformersEmbedder(codegen)
        wanted = embedder.embed(TEXTS)
        inner = embedder._loaded
        forward = inner._forward

        def small(batch):
            if len(batch) > 2:
                raise torch.cuda.OutOfMemoryError("no room")
            return forward(batch)

        inner._forward = small
        np.testing.assert_allclose(embedder.embed(TEXTS), wanted, atol=TOLERANCE)
        assert "out of memory: batch_tokens is now 2048" in caplog.text
        inner._forward = lambda batch: small([[0]] * 3)
        with pytest.raises(torch.cuda.OutOfMemoryError):
            embedder.embed(["x"])

    def test_the_identity_is_that_of_the_content(self, codegen, tmp_path, tmp_path_factory):
        identity = TransformersEmbedder(codegen).identity
        assert re.fullmatch(
            r"transformers-v1 codegen sha256=[0-9a-f]{16} pooling=mean max_tokens=2048 dtype=float32", identity
        )
        copy = shutil.copytree(codegen, tmp_path / "copy")
        (copy / "README.md").write_text("something else")
        assert TransformersEmbedder(copy).identity == identity
        different = [
            TransformersEmbedder(codegen, pooling="last"),
            TransformersEmbedder(codegen, max_tokens=10),
            TransformersEmbedder(build(tmp_path_factory, save_codegen, seed=1)),
        ]
        (copy / "tokenizer.json").write_text((copy / "tokenizer.json").read_text() + " ")
        assert len({identity, TransformersEmbedder(copy).identity, *(other.identity for other in different)}) == 5

    def test_options_that_do_not_bear_on_vectors_are_no_part_of_the_identity(self, codegen, tmp_path):
        other = TransformersEmbedder(codegen, batch_tokens=7, attention="eager", cache=tmp_path / "c", device="cpu")
        assert other.identity == TransformersEmbedder(codegen).identity

    def test_it_travels_without_its_model_and_loads_again(self, codegen, tmp_path):
        embedder = TransformersEmbedder(codegen, cache=tmp_path / "cache")
        wanted = embedder.embed(TEXTS)
        sent = dill.dumps(embedder)
        assert len(sent) < 2_000
        copy = dill.loads(sent)
        assert "_loaded" not in vars(copy)
        assert copy.identity == embedder.identity
        copy.cache = None
        np.testing.assert_array_equal(copy.embed(TEXTS), wanted)

    def test_pytorch_weights_are_read_where_there_are_no_others(self, codegen, tmp_path):
        import torch
        from safetensors.torch import load_file

        copy = shutil.copytree(codegen, tmp_path / "copy")
        torch.save(load_file(copy / "model.safetensors"), copy / "pytorch_model.bin")
        (copy / "model.safetensors").unlink()
        vectors = TransformersEmbedder(copy).embed(TEXTS)
        np.testing.assert_allclose(vectors, loaded(codegen).embed(TEXTS), atol=TOLERANCE)

    def test_pytorch_weights_cannot_run_code(self, codegen, tmp_path):
        import torch

        class Bomb:
            def __reduce__(self):
                return Path.write_text, (tmp_path / "ran", "code")

        copy = shutil.copytree(codegen, tmp_path / "copy")
        (copy / "model.safetensors").unlink()
        torch.save({"wte.weight": Bomb()}, copy / "pytorch_model.bin")
        with pytest.raises(InputError, match="no model can be loaded from"):
            TransformersEmbedder(copy).embed(["x"])
        assert not (tmp_path / "ran").exists()


@needs_extra
@pytest.mark.filterwarnings("default")
class TestNoModel:
    def test_no_such_folder(self, tmp_path):
        for model in (tmp_path / "none", str(tmp_path / "none"), Path("none")):
            with pytest.raises(InputError, match=r"no model can be loaded from .*: there is no such folder"):
                TransformersEmbedder(model).embed(["x"])

    @pytest.mark.parametrize("missing", ["config.json", "model.safetensors"])
    def test_a_folder_that_is_not_whole(self, codegen, tmp_path, missing):
        copy = shutil.copytree(codegen, tmp_path / "copy")
        (copy / missing).unlink()
        with pytest.raises(InputError, match=r"config.json and weights .* are needed"):
            TransformersEmbedder(copy).embed(["x"])

    @pytest.mark.parametrize(
        ("name", "content"),
        [
            ("config.json", "{"),
            ("config.json", "[]"),
            ("config.json", '{"model_type": "codegen"}'),
            ("config.json", '{"model_type": "no such", "hidden_size": 4}'),
            ("tokenizer.json", "{"),
            ("model.safetensors", "not weights"),
        ],
    )
    def test_damaged_files_are_input_errors(self, codegen, tmp_path, name, content):
        copy = shutil.copytree(codegen, tmp_path / "copy")
        (copy / name).write_text(content)
        with pytest.raises(InputError, match=r"cannot be read|no model can be loaded|JSON object|tells no size"):
            TransformersEmbedder(copy).embed(["x"])

    @pytest.mark.parametrize("revision", [None, "v1"])
    def test_a_hub_that_cannot_be_reached(self, monkeypatch, revision):
        import huggingface_hub

        def unreachable(name, *, revision, allow_patterns):
            raise huggingface_hub.errors.LocalEntryNotFoundError("no network, and nothing cached")

        monkeypatch.setattr(huggingface_hub, "snapshot_download", unreachable)
        at = " at revision 'v1'" if revision else ""
        with pytest.raises(InputError, match=f"no model 'some/model'{at} is on this machine") as caught:
            TransformersEmbedder("some/model", revision=revision).embed(["x"])
        assert "`hf download some/model --local-dir FOLDER`" in str(caught.value)

    def test_a_model_of_the_hub_is_fetched_once_with_safe_weights_first(self, codegen, monkeypatch, tmp_path):
        import huggingface_hub

        asked = []

        def fetched(name, *, revision, allow_patterns):
            asked.append((name, revision, "*.safetensors" in allow_patterns, "*.py" in allow_patterns))
            return str(codegen)

        monkeypatch.setattr(huggingface_hub, "snapshot_download", fetched)
        embedder = TransformersEmbedder("some/model", revision="abc")
        assert embedder.identity == TransformersEmbedder(codegen).identity
        embedder.embed(["x"])
        assert asked == [("some/model", "abc", True, False)]


@needs_extra
@pytest.mark.filterwarnings("default")
class TestCached:
    def test_only_what_is_new_is_computed(self, codegen, tmp_path, monkeypatch):
        embedder = TransformersEmbedder(codegen, cache=tmp_path / "cache")
        wanted = embedder.embed(TEXTS)
        fresh = TransformersEmbedder(codegen, cache=tmp_path / "cache")
        np.testing.assert_array_equal(fresh.embed(TEXTS[::-1])[::-1], wanted)
        assert "_loaded" not in vars(fresh)
        ran = []
        tokenize = fresh._loaded._tokenize
        monkeypatch.setattr(fresh._loaded, "_tokenize", lambda texts: ran.extend(texts) or tokenize(texts))
        both = fresh.embed([TEXTS[0], "new", "new", TEXTS[1]])
        assert ran == ["new"]
        np.testing.assert_array_equal(both[[0, 3]], wanted[:2])
        np.testing.assert_array_equal(both[1], both[2])

    def test_another_embedder_finds_nothing_of_it(self, codegen, tmp_path):
        TransformersEmbedder(codegen, cache=tmp_path / "cache").embed(TEXTS)
        other = TransformersEmbedder(codegen, cache=tmp_path / "cache", pooling="last")
        np.testing.assert_array_equal(other.embed(TEXTS), TransformersEmbedder(codegen, pooling="last").embed(TEXTS))

    def test_work_that_is_stopped_is_not_lost(self, codegen, tmp_path, monkeypatch):
        monkeypatch.setattr("textbooks.embedders.transformer._SECONDS_BETWEEN_WRITES", 0)
        embedder = TransformersEmbedder(codegen, cache=tmp_path / "cache", batch_tokens=1)
        forward = embedder._loaded._forward
        left = [3]

        def stopped(batch):
            left[0] -= 1
            if left[0] < 0:
                raise KeyboardInterrupt
            return forward(batch)

        embedder._loaded._forward = stopped
        with pytest.raises(KeyboardInterrupt):
            embedder.embed(TEXTS)
        again = TransformersEmbedder(codegen, cache=tmp_path / "cache")
        found = np.zeros((len(TEXTS), 64), dtype=np.float32)
        assert len(again._look_up(TEXTS, found)) == len(TEXTS) - 2
        np.testing.assert_allclose(again.embed(TEXTS), naive(codegen, TEXTS), atol=TOLERANCE)


def test_a_bar_shows_on_a_terminal_when_it_takes_long(monkeypatch):
    from textbooks.embedders import progress

    for terminal, seconds, shown in ((True, 0.0, True), (True, 1e9, False), (False, 0.0, False)):
        monkeypatch.setattr(progress, "SECONDS_BEFORE_IT_SHOWS", seconds)
        screen = io.StringIO()
        console = Console(file=screen, force_terminal=terminal, width=80)
        with progress.show_progress("Embedding", total=3, console=console) as advance:
            advance(2)
            advance(1)
        assert ("Embedding" in screen.getvalue() and "3/3" in screen.getvalue()) is shown


def test_torch_is_imported_on_use_alone():
    program = "import sys, textbooks.embedders as e; e.TransformersEmbedder(); print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
