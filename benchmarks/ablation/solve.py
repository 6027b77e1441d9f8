"""Completions of a trained model, and bits per byte of single texts; `run.py` starts it once for each model.

python benchmarks/ablation/solve.py MODEL --out FILE.json --problems FILE.jsonl --samples 10 --temperature 0.2
python benchmarks/ablation/solve.py MODEL --out FILE.json --texts FILE.jsonl
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from corpora import read_rows

from textbooks.evaluation import TransformersGenerator, evaluate
from textbooks.problems import Problem, load_problems
from textbooks.storage import write_atomically

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "examples" / "pretrain"))

MAX_NEW_TOKENS = 128
EACH = 10
"""Problems of each benchmark: those with the shortest solutions."""

BENCHMARKS = ("humaneval", "mbpp", "unconventional")


def easiest(problems: Sequence[Problem], number: int) -> list[Problem]:
    """Return the problems with the shortest reference solutions, the shortest first."""
    return sorted(problems, key=lambda problem: (len(problem.solution), problem.id))[:number]


def asked(name: str) -> list[Problem]:
    """Return the problems of a set: ``"easiest"`` of all benchmarks, or all of one."""
    if name != "easiest":
        return load_problems(name)
    return [problem for benchmark in BENCHMARKS for problem in easiest(load_problems(benchmark), EACH)]


def solve(model: Path, problems: Sequence[Problem], samples: int, temperature: float, device: str) -> dict[str, Any]:
    """Complete problems and run the completions; return the shares that pass and how many of which problem."""
    generator = TransformersGenerator(
        model, max_new_tokens=MAX_NEW_TOKENS, temperature=temperature, batch_size=60, device=device
    )
    rows = list(generator.complete(problems, samples=samples))
    found = evaluate(problems, rows, ks=(1, samples), workers=1)
    return {
        "pass": {str(k): estimate.value for k, estimate in found.pass_at.items()},
        "passed": {row.id: row.passed for row in found.problems if row.passed},
        "problems": len(found.problems),
        "samples": samples,
        "temperature": temperature,
        "examples": [row["completion"] for row in rows[:: max(1, len(rows) // 5)]][:5],
    }


def bits_of(model: Path, rows: Sequence[dict[str, Any]], device: str) -> dict[str, list[float]]:
    """Return the bits that the model needs for each text, and its bytes, by id.

    They are read as the trainer reads documents that are held out.
    """
    import torch
    from trainer.held_out import document_loss, windows
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(model, local_files_only=True)
    network = AutoModelForCausalLM.from_pretrained(model, local_files_only=True).to(device).eval()
    context, end, found = network.config.max_position_embeddings, network.config.eos_token_id, {}
    for row in rows:
        document = np.array([*tokenizer(row["text"], add_special_tokens=False)["input_ids"], end])
        nats = 0.0
        with torch.no_grad():
            for window in windows(document, context, end):
                nats += float(document_loss(lambda ids: network(ids).logits, [window], torch.device(device)))
        found[row["id"]] = [nats / math.log(2), len(row["text"].encode())]
    return found


def main() -> None:
    """Do what is asked of one model."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("model", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--problems", help="easiest, or a benchmark")
    parser.add_argument("--samples", type=int, default=10)
    parser.add_argument("--temperature", type=float, action="append", default=[])
    parser.add_argument("--texts", type=Path, help="JSON lines with id and text")
    parser.add_argument("--device", default="cpu")
    given = parser.parse_args()
    found: dict[str, Any] = {}
    if given.problems:
        problems = asked(given.problems)
        found["solved"] = [
            solve(given.model, problems, given.samples, temperature, given.device) for temperature in given.temperature
        ]
    if given.texts:
        found["bits"] = bits_of(given.model, read_rows(given.texts), given.device)
    write_atomically(given.out, json.dumps(found, indent=1).encode())


if __name__ == "__main__":
    main()
