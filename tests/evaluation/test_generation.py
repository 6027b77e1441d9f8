"""Completions by a local model: a tiny one with random weights, made here."""

from __future__ import annotations

import importlib.util
import shutil
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.evaluation.conftest import HALVE, TWICE
from textbooks.errors import InputError, MissingExtraError
from textbooks.evaluation import TransformersGenerator, prompt_of, read_completions, stops_of, truncate_at_stop
from textbooks.evaluation.results import write_completions

MISSING = [name for name in ("torch", "transformers") if importlib.util.find_spec(name) is None]
needs_extra = pytest.mark.skipif(bool(MISSING), reason=f"the extra [embeddings] is not installed: {MISSING}")


class TestStops:
    @pytest.mark.parametrize(
        ("text", "stops", "cut"),
        [
            ("    return 1\n\ndef g():", ("\nclass", "\ndef"), "    return 1\n"),
            ("a\nprint(1)\nif x", ("\nif", "\nprint"), "a"),
            ("no stop", ("\ndef",), "no stop"),
            ("no stop", (), "no stop"),
            ("text", ("",), "text"),
            ("", ("x",), ""),
        ],
    )
    def test_cut_at_the_first(self, text, stops, cut):
        assert truncate_at_stop(text, stops) == cut

    @given(st.text("ab\n"), st.lists(st.text("ab\n", min_size=1, max_size=3), max_size=4))
    def test_what_is_left_is_a_beginning_without_any_stop(self, text, stops):
        cut = truncate_at_stop(text, stops)
        assert text.startswith(cut)
        assert not any(stop in cut for stop in stops)
        assert cut == text or any(text[len(cut) :].startswith(stop) for stop in stops)

    def test_prompts_and_stops_of_both_formats(self):
        assert prompt_of(TWICE) == TWICE.prompt
        assert prompt_of(HALVE) == '"""\nHalve a number.\nassert halve(4) == 2\n"""\n'
        assert "\ndef" in stops_of(TWICE)
        assert "\ndef" not in stops_of(HALVE)


class TestArguments:
    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            ({"max_new_tokens": 0}, "max_new_tokens must be at least 1, got 0"),
            ({"batch_size": 0}, "batch_size must be at least 1, got 0"),
            ({"temperature": -0.1}, "temperature must be at least 0, got -0.1"),
            ({"temperature": float("nan")}, "temperature must be at least 0, got nan"),
            ({"top_p": 0}, "top_p must be above 0 and at most 1, got 0"),
            ({"top_p": 1.1}, "top_p must be above 0 and at most 1, got 1.1"),
        ],
    )
    def test_out_of_range(self, arguments, message):
        with pytest.raises(ValueError, match=message):
            TransformersGenerator("model", **arguments)

    @pytest.mark.parametrize("package", ["torch", "transformers"])
    def test_without_the_extra(self, package, monkeypatch):
        monkeypatch.setitem(sys.modules, "torch", object())
        monkeypatch.setitem(sys.modules, package, None)  # as if it could not be imported
        with pytest.raises(MissingExtraError, match=rf"needs the package '{package}'.*\[embeddings\]"):
            TransformersGenerator("model").generate(["x"])


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """A folder with a language model over single bytes: two layers of width 32, weights random."""
    import torch
    import transformers
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers

    folder = tmp_path_factory.mktemp("model")
    letters = {letter: number for number, letter in enumerate(sorted(pre_tokenizers.ByteLevel.alphabet()))}
    tokenizer = Tokenizer(models.BPE(letters, []))
    tokenizer.pre_tokenizer, tokenizer.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
    fast = transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="<|end|>")
    fast.save_pretrained(folder)
    torch.manual_seed(0)
    config = transformers.GPT2Config(
        vocab_size=len(fast), n_positions=64, n_embd=32, n_layer=2, n_head=2, eos_token_id=fast.eos_token_id
    )
    transformers.GPT2LMHeadModel(config).save_pretrained(folder)
    return folder


@needs_extra
@pytest.mark.filterwarnings("default")  # those of foreign packages
class TestModel:
    def test_as_many_as_asked_and_the_same_each_time(self, model):
        generator = TransformersGenerator(model, max_new_tokens=12, temperature=0.8, batch_size=3)
        first = generator.generate(["def f(x):\n", "", "x = 1\n"], 4)
        assert [len(found) for found in first] == [4, 4, 4]
        assert generator.generate(["def f(x):\n", "", "x = 1\n"], 4) == first
        assert len(set(first[0])) > 1
        other = TransformersGenerator(model, max_new_tokens=12, temperature=0.8, batch_size=3, seed=1)
        assert other.generate(["def f(x):\n"], 4) != first[:1]

    def test_greedy_is_the_same_in_any_batch(self, model):
        prompts = ["def f(x):\n", "a", "while True:\n    pass\n", "é", "x = 1"]
        alone = TransformersGenerator(model, max_new_tokens=10, temperature=0, batch_size=1).generate(prompts)
        together = TransformersGenerator(model, max_new_tokens=10, temperature=0, batch_size=5).generate(prompts)
        assert together == alone

    def test_a_token_costs_one_token_even_where_a_trainer_left_the_cache_off(self, model, tmp_path):
        folder = shutil.copytree(model, tmp_path / "model")
        (folder / "generation_config.json").write_text('{"use_cache": false}')
        generator = TransformersGenerator(folder, max_new_tokens=6, temperature=0)
        widths = []
        network = generator._loaded.model
        network.register_forward_pre_hook(
            lambda _, __, given: widths.append(given["input_ids"].shape[1]), with_kwargs=True
        )
        generator.generate(["def f(x):\n    return x"])
        assert widths[0] > 1
        assert widths[1:] == [1] * 5

    def test_greedy_is_what_a_naive_loop_finds(self, model):
        import torch
        from transformers import AutoModelForCausalLM, AutoTokenizer

        tokenizer, network = AutoTokenizer.from_pretrained(model), AutoModelForCausalLM.from_pretrained(model)
        ids = tokenizer("def f(x):\n", return_tensors="pt")["input_ids"]
        for _ in range(10):
            with torch.no_grad():
                ids = torch.cat([ids, network(ids).logits[:, -1:].argmax(-1)], dim=1)
        wanted = tokenizer.decode(ids[0, -10:])
        generator = TransformersGenerator(model, max_new_tokens=10, temperature=0)
        assert generator.generate(["def f(x):\n"]) == [[wanted]]

    def test_stops_cut_and_end_the_work(self, model):
        generator = TransformersGenerator(model, max_new_tokens=40, temperature=1.0, seed=3)
        whole = generator.generate(["def f(x):\n"])[0][0]
        stop = whole[4:6]
        before = []
        loaded = generator._loaded.model
        original = loaded.forward
        loaded.forward = lambda *a, **k: before.append(1) or original(*a, **k)
        try:
            cut = generator.generate(["def f(x):\n"], stops=[stop])[0][0]
        finally:
            loaded.forward = original
        assert cut == whole[: whole.index(stop)]
        assert len(before) < 40

    def test_a_prompt_longer_than_the_context_loses_its_beginning(self, model):
        generator = TransformersGenerator(model, max_new_tokens=8, temperature=0)
        assert generator.generate(["y" * 500 + "abc" * 18]) == generator.generate([("abc" * 40)[-56:]])

    def test_rows_for_evaluate(self, model, tmp_path):
        generator = TransformersGenerator(model, max_new_tokens=8)
        rows = list(generator.complete([TWICE, HALVE], samples=2))
        assert [r["task_id"] for r in rows] == ["own/0", "own/0", "11", "11"]
        write_completions(tmp_path / "c.jsonl", rows)
        assert read_completions(tmp_path / "c.jsonl") == rows

    def test_what_is_no_model_is_an_input_error(self, model, tmp_path):
        with pytest.raises(InputError, match="no model can be loaded from"):
            TransformersGenerator(tmp_path).generate(["x"])
        with pytest.raises(InputError, match="leaves no room in the model's context of 64"):
            TransformersGenerator(model, max_new_tokens=64).generate(["x"])
        with pytest.raises(ValueError, match="samples must be at least 1, got 0"):
            TransformersGenerator(model).generate(["x"], 0)
