"""Measure the trainer: tokens a second, which fraction of the device's peak that is, and the memory of a step.

python benchmarks/pretrain/speed.py [--sizes phi-1-small phi-1] [--context 2048] [--out FILE]

On a GPU: phi-1-small and phi-1 with their vocabulary of 51,200, sequences of 2,048 tokens, bf16; on a processor, where
that would take days, nano-1m and nano-3m, 4,096 entries, 512 tokens. Every kernel of attention that can run here takes
its turn in each round; a step is the shortest of all rounds (min of N). Tokens are random and so are weights: neither
makes a difference to the time. --compile and --checkpointing do what they say in the configuration of a run.
"""

from __future__ import annotations

import argparse
import gc
import json
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "examples" / "pretrain"))

from trainer.attention import choose_attention, flash_kernel
from trainer.config import Training
from trainer.engine import TorchEngine, World, make_engine
from trainer.sizes import SIZES, flops_per_token, parameters, phi_config
from trainer.speed import peak_flops, versions
from transformers import PhiForCausalLM

from textbooks.errors import InputError

ON_GPU = torch.cuda.is_available()
DEVICE = torch.device("cuda" if ON_GPU else "cpu")
PRECISION = "bf16"
KERNELS = ("flash-attn", "sdpa", "eager")


@dataclass(slots=True)
class Setting:
    """A model with a kernel, and the seconds of its steps."""

    size: str
    kernel: str
    sequences: int
    seconds: list[float] = field(default_factory=list)
    memory: float | None = None
    failure: str = ""


def engine(setting: Setting, asked: argparse.Namespace) -> TorchEngine:
    """Return the trainer's own engine with random weights."""
    config = phi_config(
        SIZES[setting.size], vocab_size=asked.vocab_size, context=asked.context, dropout=0.0, end_of_text=0
    )
    config._attn_implementation = choose_attention(setting.kernel, device=DEVICE, precision=PRECISION)
    training = Training(
        batch_size=setting.sequences,
        micro_batch=setting.sequences,
        precision=PRECISION,
        engine="torch",
        compile=asked.compile,
        activation_checkpointing=asked.checkpointing,
    )
    torch.manual_seed(0)
    return make_engine(PhiForCausalLM(config), training, World(0, 1, DEVICE, deepspeed=False))


def measure(setting: Setting, asked: argparse.Namespace) -> None:
    """Take one round of steps; the first is not counted."""
    made = engine(setting, asked)
    ids = torch.randint(0, asked.vocab_size, (setting.sequences, asked.context), device=DEVICE)
    kernel = choose_attention(setting.kernel, device=DEVICE, precision=PRECISION)
    if ON_GPU:
        torch.cuda.reset_peak_memory_stats()
    with flash_kernel(kernel, device=DEVICE, precision=PRECISION):
        for number in range(asked.steps + 1):
            start = time.perf_counter()
            made.step([ids], 1e-4)
            if ON_GPU:
                torch.cuda.synchronize()
            if number:
                setting.seconds.append(time.perf_counter() - start)
    if ON_GPU:
        setting.memory = torch.cuda.max_memory_allocated() / 1e9


def try_to_measure(setting: Setting, asked: argparse.Namespace) -> None:
    """Measure, and note what is too large for the device, which is a result too."""
    if setting.failure:
        return
    try:
        measure(setting, asked)
    except torch.OutOfMemoryError:
        setting.failure = "out of memory"
    gc.collect()
    if ON_GPU:
        torch.cuda.empty_cache()


def row(setting: Setting, asked: argparse.Namespace) -> dict[str, object]:
    """Return the figures of a setting."""
    if not setting.seconds:
        return {"failure": setting.failure, "sequences": setting.sequences}
    speed = setting.sequences * asked.context / min(setting.seconds)
    flops = flops_per_token(SIZES[setting.size], asked.vocab_size, asked.context)
    found = {"tokens_per_second": round(speed), "tflops": round(speed * flops / 1e12, 3)}
    utilisation = speed * flops / peak_flops(DEVICE, PRECISION)
    if utilisation == utilisation:  # a peak is known
        found["mfu"] = round(utilisation, 4)
    memory = {} if setting.memory is None else {"peak_memory_gb": round(setting.memory, 1)}
    return {**found, **memory, "sequences": setting.sequences, "steps": len(setting.seconds)}


def possible(kernel: str) -> bool:
    """Return whether a kernel can run here."""
    try:
        choose_attention(kernel, device=DEVICE, precision=PRECISION)
    except InputError as error:
        print(f"left out: {error}")
        return False
    return True


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    sizes = ["phi-1-small", "phi-1"] if ON_GPU else ["nano-1m", "nano-3m"]
    parser.add_argument("--sizes", nargs="+", choices=SIZES, default=sizes)
    parser.add_argument("--context", type=int, default=2048 if ON_GPU else 512)
    parser.add_argument("--vocab-size", type=int, default=51_200 if ON_GPU else 4096)
    parser.add_argument("--sequences", type=int, default=16 if ON_GPU else 8, help="of a step (phi-1: half as many)")
    parser.add_argument("--steps", type=int, default=8, help="of a round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1, help="of a processor")
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--checkpointing", action="store_true")
    parser.add_argument("--out", type=Path, default=Path(__file__).with_name("results_speed.json"))
    return parser.parse_args()


def main() -> None:
    """Measure all settings, in turns."""
    asked = arguments()
    torch.set_num_threads(asked.threads)
    kernels = [kernel for kernel in KERNELS if possible(kernel)]
    settings = [
        Setting(size, kernel, max(1, asked.sequences // (2 if size == "phi-1" else 1)))
        for size in asked.sizes
        for kernel in kernels
    ]
    for number in range(asked.rounds):
        for setting in settings:
            try_to_measure(setting, asked)
            print(f"round {number + 1}: {setting.size}, {setting.kernel}: {row(setting, asked)}", flush=True)
    device = torch.cuda.get_device_name() if ON_GPU else f"{asked.threads} threads of a CPU"
    best = {s.size: {o.kernel: min(o.seconds) for o in settings if o.size == s.size and o.seconds} for s in settings}
    result = {
        "setting": {
            "device": device, "precision": PRECISION, "context": asked.context, "vocab_size": asked.vocab_size,
            "compile": asked.compile, "checkpointing": asked.checkpointing, **versions(),
        },
        "parameters": {size: parameters(SIZES[size], asked.vocab_size) for size in asked.sizes},
        "steps": {f"{setting.size}, {setting.kernel}": row(setting, asked) for setting in settings},
        "times_eager": {
            size: {kernel: round(found["eager"] / seconds, 3) for kernel, seconds in found.items()}
            for size, found in best.items() if "eager" in found
        },
    }  # fmt: skip
    asked.out.write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
