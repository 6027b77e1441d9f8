"""Tiny transformers models with random weights, made on the spot; and how to skip where they cannot be made."""

from __future__ import annotations

import importlib.util

import pytest

MISSING = [name for name in ("torch", "transformers") if importlib.util.find_spec(name) is None]
needs_extra = pytest.mark.skipif(bool(MISSING), reason=f"the extra [embeddings] is not installed: {MISSING}")

CONTEXT = 64


def save_tokenizer(folder, **options):
    """Write a tokenizer over single bytes; return the size of its vocabulary."""
    import torch
    import transformers
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers

    torch.set_num_threads(1)  # more only wait for each other at this size
    letters = {letter: number for number, letter in enumerate(sorted(pre_tokenizers.ByteLevel.alphabet()))}
    tokenizer = Tokenizer(models.BPE(letters, []))
    tokenizer.pre_tokenizer, tokenizer.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
    fast = transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="<|end|>", **options)
    fast.save_pretrained(folder)
    return len(fast)


def save_codegen(folder, seed=0, layers=2):
    """Write a CodeGen of width 64 with the architecture of the paper's; its tokenizer knows no padding."""
    import torch
    import transformers

    words = save_tokenizer(folder)
    torch.manual_seed(seed)
    config = transformers.CodeGenConfig(
        vocab_size=words,
        n_positions=CONTEXT,
        n_ctx=CONTEXT,
        n_embd=64,
        n_layer=layers,
        n_head=4,
        rotary_dim=8,
        bos_token_id=words - 1,
        eos_token_id=words - 1,
    )
    network = transformers.CodeGenModel(config)
    with torch.no_grad():  # far from the near-identity of a fresh network, so that attention matters
        for parameter in network.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.2)
    network.save_pretrained(folder)
    return folder


def save_bert(folder, seed=0, kind="bert"):
    """Write an encoder of width 32 that sees to both sides; its tokenizer marks beginning and end of a text."""
    import torch
    import transformers
    from tokenizers import Tokenizer, models, pre_tokenizers, processors

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    marks = ["[PAD]", "[CLS]", "[SEP]"]
    tokenizer = Tokenizer(models.BPE({word: number for number, word in enumerate([*marks, *alphabet])}, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 2), ("[CLS]", 1))
    fast = transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="[PAD]", cls_token="[CLS]", sep_token="[SEP]"
    )
    fast.save_pretrained(folder)
    torch.manual_seed(seed)
    configure, build = {
        "bert": (transformers.BertConfig, transformers.BertModel),
        "roberta": (transformers.RobertaConfig, transformers.RobertaModel),
    }[kind]
    sizes = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
    config = configure(vocab_size=len(fast), max_position_embeddings=CONTEXT, pad_token_id=0, **sizes)
    build(config).save_pretrained(folder)
    return folder


def save_t5(folder):
    """Write a model with an encoder and a decoder."""
    import torch
    import transformers

    words = save_tokenizer(folder)
    torch.manual_seed(0)
    sizes = {"d_model": 32, "d_kv": 8, "d_ff": 64, "num_layers": 2, "num_heads": 4}
    config = transformers.T5Config(vocab_size=words, decoder_start_token_id=0, **sizes)
    transformers.T5Model(config).save_pretrained(folder)
    return folder
