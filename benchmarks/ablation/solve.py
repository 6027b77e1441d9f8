"""Completions of a trained model, and bits per byte of single texts; `run.py` starts it once for each model.

python benchmarks/ablation/solve.py MODEL --out FILE.json --problems FILE.jsonl --samples 10 --temperature 0.2
python benchmarks/ablation/solve.py MODEL --out FILE.json --texts FILE.jsonl
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from corpora import read_rows

from textbooks.evaluation import TransformersGenerator, evaluate
from textbooks.problems import Problem, load_problems
from textbooks.storage import write_atomically

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

    A text begins behind the end-of-text token, whose own prediction does not count; a text longer than the context is
    read in windows, each beginning with the last token of the one before.
    """
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(model, local_files_only=True)
    network = AutoModelForCausalLM.from_pretrained(model, local_files_only=True).to(device).eval()
    context, found = network.config.max_position_embeddings, {}
    for row in rows:
        ids = [network.config.eos_token_id, *tokenizer(row["text"], add_special_tokens=False)["input_ids"]]
        nats = 0.0
        for begin in range(0, len(ids) - 1, context):
            window = torch.tensor([ids[begin : begin + context + 1]], device=device)
            with torch.no_grad():
                logits = network(window[:, :-1]).logits.float()
            nats += torch.nn.functional.cross_entropy(logits[0], window[0, 1:], reduction="sum").item()
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
