"""Measure the score without a network against a 125M encoder, and how well the embedder uses a GPU.

python benchmarks/embedders/transformers_speed.py --texts DIR [--documents 32] [--gpu-documents 20000]

DIR holds the labelled texts (``benchmarks/edu_value/rebuild_texts.py``). Weights are random, which makes no difference
to the time, and the tokenizer is trained on the texts. The encoder has the size of StarEncoder, the head of
python-edu's scorer (one number), 1,024 tokens of context, float32 on a processor, batches of similar length,
tokenization counted. The sides take turns, each on one thread. The encoder scores a few of the texts that our model
scores, evenly spaced by size. Seconds of the processor are compared, for other programs may run beside.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ |= {"OMP_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false"}  # before numpy and torch read them

import numpy as np
import torch
import transformers
from tokenizers import ByteLevelBPETokenizer

from textbooks.embedders import TransformersEmbedder
from textbooks.embedders.batching import batches_by_length
from textbooks.scoring import EduValueModel

WORDS = 49_152
CONTEXT = 1_024
PADDED_TOKENS = 8_192
DENSE_PEAK = {"H200": 989e12, "H100": 989e12, "A100": 312e12, "L40S": 362e12, "L4": 121e12}  # bfloat16, data sheets


def train_tokenizer(texts: list[str], folder: Path) -> transformers.PreTrainedTokenizerFast:
    """Return a byte-level tokenizer with as many words as StarEncoder's, saved in a folder."""
    tokenizer = ByteLevelBPETokenizer()
    tokenizer.train_from_iterator(texts, vocab_size=WORDS, special_tokens=["<|endoftext|>"], show_progress=False)
    fast = transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer._tokenizer, eos_token="<|endoftext|>", pad_token="<|endoftext|>"
    )
    fast.save_pretrained(folder)
    return fast


def encoder() -> transformers.BertForSequenceClassification:
    """Return a regression model of 125 million parameters."""
    config = transformers.BertConfig(
        vocab_size=WORDS, hidden_size=768, num_hidden_layers=12, num_attention_heads=12, intermediate_size=3_072,
        max_position_embeddings=CONTEXT, num_labels=1, pad_token_id=0,
    )  # fmt: skip
    return transformers.BertForSequenceClassification(config).eval()


def score_by_encoder(
    network: transformers.BertForSequenceClassification,
    tokenizer: transformers.PreTrainedTokenizerFast,
    texts: list[str],
) -> np.ndarray:
    """Return the encoder's number for each text."""
    tokens = tokenizer(texts, truncation=True, max_length=CONTEXT)["input_ids"]
    scores = np.empty(len(texts))
    with torch.inference_mode():
        for rows in batches_by_length(np.array([max(len(ids), 1) for ids in tokens]), PADDED_TOKENS):
            batch = tokenizer.pad({"input_ids": [tokens[row] or [0] for row in rows]}, return_tensors="pt")
            scores[rows] = network(batch["input_ids"], attention_mask=batch["attention_mask"]).logits[:, 0].numpy()
    return scores


@dataclass(slots=True)
class Side:
    """Something that scores, its texts, and the time that it took."""

    score: Callable[[list[str]], object]
    texts: list[str]
    processor: float = 0.0
    clock: float = 0.0

    def take_turn(self, part: list[str]) -> None:
        """Score some of the texts, and add the time."""
        began = time.process_time(), time.perf_counter()
        self.score(part)
        self.processor += time.process_time() - began[0]
        self.clock += time.perf_counter() - began[1]

    def figures(self) -> dict[str, float]:
        """Return what was measured so far."""
        size = sum(len(text.encode("utf-8", "replace")) for text in self.texts)
        return {
            "documents": len(self.texts),
            "mean_bytes": size // len(self.texts),
            "documents_per_cpu_second": len(self.texts) / self.processor,
            "kilobytes_per_cpu_second": size / self.processor / 1_000,
            "documents_per_second": len(self.texts) / self.clock,
        }


def against_encoder(
    texts: list[str], tokenizer: transformers.PreTrainedTokenizerFast, documents: int, turns: int
) -> dict[str, Any]:
    """Measure both sides on the processor."""
    torch.set_num_threads(1)
    network, model = encoder(), EduValueModel.bundled()
    by_size = sorted(texts, key=len)
    spaced = [by_size[int((place + 0.5) * len(texts) / documents)] for place in range(documents)]
    sides = {
        "encoder_125m": Side(lambda part: score_by_encoder(network, tokenizer, part), spaced),
        "edu_value_model": Side(model.score, texts),
    }
    for side in sides.values():
        side.score(side.texts[:1])
    for turn in range(turns):
        for side in sides.values():
            side.take_turn(side.texts[turn::turns])
    rows = {name: side.figures() for name, side in sides.items()}
    ratio = rows["edu_value_model"]["documents_per_cpu_second"] / rows["encoder_125m"]["documents_per_cpu_second"]
    parameters = sum(parameter.numel() for parameter in network.parameters()) / 1e6
    return {"processor": {"million_parameters": parameters, "times_the_encoder": round(ratio, 1), **rows}}


def on_gpu(texts: list[str], folder: Path, documents: int) -> dict[str, Any]:
    """Measure `TransformersEmbedder` with a CodeGen of 350 million parameters."""
    config = transformers.CodeGenConfig(
        vocab_size=51_200, n_positions=2_048, n_ctx=2_048, n_embd=1_024, n_layer=20, n_head=16, rotary_dim=32
    )
    network = transformers.CodeGenModel(config)
    network.save_pretrained(folder)
    layers = sum(parameter.numel() for name, parameter in network.named_parameters() if not name.startswith("wte"))
    chosen = [f"# {number}\n{texts[number % len(texts)]}" for number in range(documents)]  # all different
    os.environ["TOKENIZERS_PARALLELISM"] = "true"
    embedder = TransformersEmbedder(folder)
    embedder.embed(chosen[:2_000])  # warm
    torch.cuda.synchronize()
    began = time.perf_counter()
    embedder.embed(chosen)
    seconds = time.perf_counter() - began
    lengths = np.array([len(ids) for ids in embedder._loaded._tokenize(chosen)], dtype=np.float64)
    # Two operations a weight and token; scores and their sums over half of all pairs of tokens.
    work = 2 * layers * lengths.sum() + 2 * config.n_layer * config.n_embd * (lengths**2).sum()
    name = torch.cuda.get_device_name()
    peak = next((value for part, value in DENSE_PEAK.items() if part in name), None)
    found = {
        "device": name,
        "attention": embedder.used_attention,
        "documents": documents,
        "documents_per_second": documents / seconds,
        "tokens_per_second": lengths.sum() / seconds,
        "teraflops": work / seconds / 1e12,
        "fraction_of_peak": work / seconds / peak if peak else "peak of this device not known",
    }
    return {"codegen_350m_on_gpu": found}


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", type=Path, required=True, help="folder of rebuild_texts.py: <id>.py")
    parser.add_argument("--documents", type=int, default=32, help="texts that the encoder scores")
    parser.add_argument("--model-documents", type=int, default=2_000, help="texts that our model scores")
    parser.add_argument("--turns", type=int, default=4, help="how often the sides take turns")
    parser.add_argument("--gpu-documents", type=int, default=20_000, help="texts that are embedded on a GPU")
    parser.add_argument("--out", type=Path, default=Path(__file__).with_name("results_transformers.json"))
    arguments = parser.parse_args()
    files = sorted(arguments.texts.glob("*.py"))
    texts = [file.read_bytes().decode("utf-8", "replace") for file in files]
    random.Random(0).shuffle(texts)
    versions = f"python {platform.python_version()}, torch {torch.__version__}, transformers {transformers.__version__}"
    results: dict[str, Any] = {"setting": versions}
    if arguments.out.exists():  # what this machine cannot measure stays
        results = {**json.loads(arguments.out.read_text()), **results}
    with tempfile.TemporaryDirectory() as folder:
        tokenizer = train_tokenizer(texts[:1_000], Path(folder))
        results |= against_encoder(texts[: arguments.model_documents], tokenizer, arguments.documents, arguments.turns)
        if torch.cuda.is_available():
            results |= on_gpu(texts, Path(folder), arguments.gpu_documents)
        else:
            print("WARNING: SKIPPED the 350M CodeGen: this machine has no GPU that torch can use")
            results.setdefault("codegen_350m_on_gpu", "not measured: no GPU")
    arguments.out.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(results, indent=2))


if __name__ == "__main__":
    main()
