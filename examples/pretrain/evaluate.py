"""Measure a model that pretrain.py or finetune.py has left: bits per byte on held-out texts, and pass@k.

    python examples/pretrain/evaluate.py runs/nano/model --held-out code=tokens/held-out --out runs/nano-evaluated
    python examples/pretrain/evaluate.py runs/nano/model --benchmark mbpp --easiest 100 --out runs/nano-easiest
    python examples/pretrain/evaluate.py runs/phi-1/model --train-data exercises.parquet --out runs/phi-1-apart

This RUNS what the model writes, each program confined by the sandbox. Run it again to go on where it was stopped.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from trainer.passing import Sampling, find_problems
from trainer.tables import evaluation_table

from textbooks.curation.decontamination import decontaminate
from textbooks.curation.options import DecontaminationOptions
from textbooks.curation.progress import Display
from textbooks.decontaminators import DecontaminationReport
from textbooks.errors import InputError, TextbooksError

if TYPE_CHECKING:
    from textbooks.curation.benchmarks import Benchmarks

screen = Console()


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("model", type=Path, help="folder that `transformers` loads, such as RUN/model")
    parser.add_argument("--out", type=Path, required=True, help="folder of the results; one that was stopped goes on")
    parser.add_argument("--held-out", action="append", default=[], metavar="NAME=FOLDER", help="held-out tokens")
    parser.add_argument(
        "--benchmark",
        action="append",
        metavar="humaneval|mbpp|unconventional|PATH",
        help="problems to solve; repeatable. Default: those on this machine",
    )
    parser.add_argument("--no-benchmarks", action="store_true", help="bits per byte alone")
    parser.add_argument("--easiest", type=int, metavar="N", help="of each benchmark the N with the shortest solutions")
    add_sampling(parser)
    parser.add_argument(
        "--train-data", action="append", default=[], metavar="CORPUS", help="say pass@1 apart on what is similar to it"
    )
    parser.add_argument("--match-rate", type=float, default=0.9, help="what counts as similar, 0.7 to 1 (0.9)")
    parser.add_argument("--threads", type=int, help="threads of a processor; default: PyTorch's choice")
    return parser.parse_args()


def add_sampling(parser: argparse.ArgumentParser) -> None:
    """Add the options that `sampling` reads."""
    parser.add_argument("--samples", type=int, default=10, help="completions of a problem (10)")
    parser.add_argument("--temperature", type=float, default=0.2, help="0 takes the likeliest token (0.2)")
    parser.add_argument("--k", type=int, action="append", help="which pass@k; repeatable. Default: 1, and --samples")
    parser.add_argument("--max-new-tokens", type=int, default=256, help="of a completion at most (256)")
    parser.add_argument("--batch-size", type=int, default=10, help="completions at a time (10)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=Sampling.workers, help="programs that run at a time")


def sampling(asked: argparse.Namespace) -> Sampling:
    """Return how the model is asked."""
    names = ("samples", "temperature", "max_new_tokens", "batch_size", "seed", "workers")
    ks = sorted(set(asked.k or (1, asked.samples)))
    return Sampling(ks=tuple(ks), **{name: getattr(asked, name) for name in names})


def held_out(pairs: list[str]) -> dict[str, Path]:
    """Return folders by name."""
    found = {}
    for pair in pairs:
        name, equals, folder = pair.partition("=")
        if not (name and equals and folder) or "/" in name or name in found:
            msg = f"--held-out must be NAME=FOLDER, each name once and without a slash, got {pair!r}"
            raise InputError(msg)
        found[name] = Path(folder)
    return found


def similar_problems(asked: argparse.Namespace, benchmarks: Benchmarks) -> dict[str, list[str]] | None:
    """Return the problems of each benchmark that the training data holds, None where no data is given."""
    if not asked.train_data or not benchmarks.problems:
        return None
    screen.print("Looking for the problems in the training data ...")
    options = DecontaminationOptions(
        out=asked.out / "training-data",
        paths=asked.train_data,
        problems=[name for name in asked.benchmark or benchmarks.problems if name not in benchmarks.missing],
        min_match_rate=asked.match_rate,
        workers=asked.workers,
    )
    decontaminate(options, display=Display(screen))
    report = DecontaminationReport.load(options.out / "decontamination.json")
    return {name: report.tainted(name) for name in benchmarks.problems}


def run(asked: argparse.Namespace) -> None:
    """Measure, and print a table."""
    how, sets = sampling(asked), held_out(asked.held_out)
    benchmarks = find_problems([] if asked.no_benchmarks else asked.benchmark, number=asked.easiest)
    for name in benchmarks.missing:
        text = f"WARNING: {name} is not on this machine and is SKIPPED: name its folder in TEXTBOOKS_DATA"
        screen.print(text, style="bold yellow")
    if not sets and not benchmarks.problems:
        msg = "there is nothing to measure: give --held-out NAME=FOLDER, or a --benchmark that is on this machine"
        raise InputError(msg)
    import torch
    from trainer.evaluation import check_model, evaluate_model

    if asked.threads:
        torch.set_num_threads(asked.threads)
    check_model(asked.model, sets, how if benchmarks.problems else None)
    similar = similar_problems(asked, benchmarks)
    found = evaluate_model(
        asked.model, asked.out, held_out=sets, benchmarks=benchmarks, sampling=how, similar=similar, console=screen
    )
    screen.print(evaluation_table({"model": found}))
    screen.print(f"Results: {asked.out / 'evaluation.json'}", highlight=False, soft_wrap=True)


def main() -> int:
    """Run, and say what is wrong in one line."""
    from trainer.command import ignore_warnings_of_others

    ignore_warnings_of_others()
    try:
        run(arguments())
    except KeyboardInterrupt:
        print("interrupted: run the same command again to go on", file=sys.stderr)
        return 130
    except (TextbooksError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
