"""The whole way of "Textbooks Are All You Need" in one run: from code and textbooks to a model that is measured.

    python examples/pretrain/recipe.py --smoke --out runs/smoke --threads 1
    python examples/pretrain/recipe.py code/ --textbooks books.jsonl --exercises exercises.parquet --out runs/first
    python examples/pretrain/recipe.py code/ --size nano-30m --tokens 50000000 --precision bf16 --nproc 8 --out runs/gpu

1. filter the code by educational value, drop duplicates, take out the problems of the benchmarks;
2. take the problems out of the textbooks and the exercises, too;
3. hold out some documents of each, and make tokens of all by one tokeniser;
4. pretrain on code and textbooks; 5. finetune on the exercises; 6. measure both models.

Each step has its folder. What is done is not done again: run the same command to go on where it was stopped, at any
place. This RUNS what the models write, and with --execute also the texts, each program confined by the sandbox.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import json
import sys
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from rich.console import Console
from steps.curating import clean_synthetic, curate_code
from steps.options import EVALUATED, TOKENS, Options
from steps.smoke import smoke_defaults, smoke_texts
from steps.summary import summarise, tables
from steps.tokenising import HELD_OUT, tokenise
from steps.training import FINETUNING, PRETRAINING, TrainingStoppedError, plan_training, run_training
from trainer.command import STOPPED, ignore_warnings_of_others
from trainer.passing import Sampling, find_problems

from textbooks.errors import OutputError, TextbooksError
from textbooks.storage import write_atomically

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from textbooks.curation.benchmarks import Benchmarks

INTERRUPTED: Final = 130
OPTIONS: Final = {
    "min_score": (float, "drop code below this educational value, 0 to 5"),
    "vocab_size": (int, "of the tokeniser"),
    "held_out": (float, "share of the documents of each source that no model reads"),
    "size": (str, "of the model: nano-1m, nano-3m, nano-10m, nano-30m, nano-100m, phi-1-small or phi-1"),
    "context": (int, "tokens of a sequence"),
    "tokens": (int, "that pretraining reads"),
    "finetune_tokens": (int, "that finetuning reads; None: four epochs of the exercises"),
    "max_epochs": (float, "how often a text is read at most"),
    "batch_size": (int, "sequences of a step"),
    "micro_batch": (int, "sequences that a device takes at a time"),
    "peak": (float, "learning rate of pretraining; phi-1: 1e-3"),
    "finetune_peak": (float, "learning rate of finetuning; phi-1: 1e-4"),
    "precision": (str, "fp32, bf16 (GPUs, and processors with units for it) or fp16 (with DeepSpeed)"),
    "engine": (str, "auto, torch or deepspeed"),
    "easiest": (int, "of each benchmark only so many problems, those with the shortest solutions; None: all"),
    "seed": (int, "of everything that is drawn"),
    "workers": (int, "processes that curate, tokenise, and run what the models write"),
    "threads": (int, "of a training process; None: PyTorch's choice"),
    "nproc": (int, "training processes, above 1 by torchrun"),
    "samples": (int, "completions of a problem"),
    "temperature": (float, "of the sampling; 0 takes the likeliest token"),
    "max_new_tokens": (int, "of a completion at most"),
}
screen = Console()


def read_options() -> Options:
    """Return what is asked for on the command line, checked."""
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0], argument_default=argparse.SUPPRESS)
    parser.add_argument("code", nargs="*", help="files, folders or URLs; the installed packages when none is given")
    parser.add_argument("--out", type=Path, required=True, help="folder of the run; one that was stopped goes on")
    parser.add_argument("--textbooks", nargs="+", metavar="PATH", help="synthetic textbooks, texts in a column `text`")
    parser.add_argument("--exercises", nargs="+", metavar="PATH", help="synthetic exercises, likewise")
    known = "humaneval|mbpp|unconventional|PATH"
    words = "what texts are cleaned of and models measured on; default: those on this machine"
    parser.add_argument("--benchmark", action="append", dest="benchmarks", metavar=known, help=words)
    parser.add_argument("--execute", action="store_true", help="RUN the texts, too, to find what solves a problem")
    parser.add_argument("--smoke", action="store_true", help="a few texts, 1M parameters: does everything work here?")
    for name, (kind, words) in OPTIONS.items():
        default = getattr(Options, name, getattr(Sampling, name, None))
        parser.add_argument(f"--{name.replace('_', '-')}", type=kind, help=f"{words} ({default})")
    given = vars(parser.parse_args())
    given = {name: tuple(value) if isinstance(value, list) else value for name, value in given.items()}
    return make_options(given, smoke=given.pop("smoke", False))


def make_options(given: Mapping[str, Any], *, smoke: bool) -> Options:
    """Return options of names and values, of which some are those of the sampling."""
    if smoke:
        given = {**smoke_defaults(given.get("nproc", 1)), **smoke_texts(given["out"]), **given}
    how = {each.name for each in fields(Sampling)} & {*given}
    samples = given.get("samples", Sampling.samples)
    sampling = Sampling(ks=tuple(sorted({1, samples})), **{name: given[name] for name in how})
    own = {each.name for each in fields(Options)} & {*given}
    return Options(sampling=sampling, **{name: given[name] for name in own})


def run(options: Options, benchmarks: Benchmarks, lock: int) -> None:
    """Go the whole way, or what is left of it."""
    synthetic = [name for name in ("textbooks", "exercises") if getattr(options, name)]
    texts, counts = read_texts(options, synthetic, benchmarks)
    trainings = {"pretrained": PRETRAINING} | ({"finetuned": FINETUNING} if "exercises" in synthetic else {})
    plans = {name: plan_training(step, options, counts) for name, step in trainings.items()}
    models: dict[str, Path] = {}
    for number, (name, step) in enumerate(trainings.items(), 4):
        say(f"{number}  {step.words}: {options.size}, by the mixture {step.preset!r}")
        models[name] = run_training(step, options, lock=lock, initial=models.get("pretrained"))
    say("6  measuring")
    found = {name: measure(name, model, options, benchmarks, counts) for name, model in models.items()}
    summary = summarise(options, texts, counts, plans, found)
    write_atomically(options.out / "summary.json", json.dumps(summary, indent=1).encode())
    for table in tables(summary):
        screen.print(table)
    say(f"Models and results: {options.out}")


def read_texts(
    options: Options, synthetic: list[str], benchmarks: Benchmarks
) -> tuple[dict[str, dict[str, Any]], dict[str, dict[str, int]]]:
    """Do the steps 1 to 3; return what became of the texts, and their tokens."""
    problems = [name for name in options.benchmarks or benchmarks.problems if name not in benchmarks.missing]
    say("1  curating the code")
    texts = {"code": curate_code(options, problems, screen)}
    for name in ("textbooks", "exercises"):
        if name in synthetic:
            say(f"2  taking the problems out of the {name}")
            texts[name] = clean_synthetic(name, options, problems, screen)
        else:
            without = "without finetuning" if name == "exercises" else "on code alone"
            say(f"2  no {name} are given: {without} (--{name})", style="bold yellow")
    say("3  tokenising")
    return texts, tokenise(options, ["code", *synthetic], say)


def measure(
    name: str, model: Path, options: Options, benchmarks: Benchmarks, counts: Mapping[str, Any]
) -> dict[str, Any]:
    """Do step 6 for one of the models."""
    import torch
    from trainer.evaluation import evaluate_model

    if options.threads:
        torch.set_num_threads(options.threads)
    folder = options.out / TOKENS
    held_out = {each.removeprefix(HELD_OUT): folder / each for each in counts if each.startswith(HELD_OUT)}
    found = evaluate_model(
        model,
        options.out / EVALUATED / name,
        held_out=held_out,
        benchmarks=benchmarks,
        sampling=options.sampling,
        console=screen,
    )
    return {each: found[each] for each in ("model", "held_out", "benchmarks", "not_on_this_machine")}


def say(text: str, *, style: str | None = None) -> None:
    """Print a line as it is."""
    screen.print(text, style=style, markup=False, highlight=False, soft_wrap=True)


@contextlib.contextmanager
def alone_in(out: Path) -> Iterator[int]:
    """Keep other processes out of the folder; yield the descriptor of the lock, for those that may come in."""
    out.mkdir(parents=True, exist_ok=True)
    with (out / ".lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            msg = f"another process works in {out}, perhaps the training of a run that was killed: wait, or stop it"
            raise OutputError(msg) from error
        yield file.fileno()


def main() -> int:
    """Run, and say in one line what is wrong."""
    ignore_warnings_of_others()
    try:
        options = read_options()
        benchmarks = find_problems(options.benchmarks, number=options.easiest)
        for name in benchmarks.missing:
            text = f"WARNING: {name} is not on this machine: NO text is cleaned of it, and no model is measured on it"
            say(text, style="bold yellow")
        with alone_in(options.out) as lock:
            run(options, benchmarks, lock)
    except TrainingStoppedError as stopped:
        print(stopped, file=sys.stderr)
        return STOPPED
    except KeyboardInterrupt:
        print("interrupted: run the same command again to go on", file=sys.stderr)
        return INTERRUPTED
    except (TextbooksError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
