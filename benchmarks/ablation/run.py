"""Whether curation pays: the same model on raw code, on what the filter keeps, and on that with textbooks.

    python benchmarks/ablation/run.py --work DIR [--size nano-3m] [--tokens 2000000] [--seeds 2]
                                      [--parts main,cooldown,shares,prune] [--workers 2]

Everything is made in ``DIR``: the texts, the token files, the runs. What is finished is not done again, so the same
command goes on where it was stopped. The figures go to ``benchmarks/ablation/results``, or ``--out``. ``--smoke`` does
all of it in minutes, with a model that learns nothing. On a GPU: ``--device cuda --size nano-30m --tokens 50000000``.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import corpora
import prune
import report
import token_sets
from arms import all_runs, needed
from jobs import Job, JobFailedError, run_all
from plans import MAX_EPOCHS, PARTS, Plan, Run, to_toml

HERE = Path(__file__).resolve().parent
TRAINER = HERE.parents[1] / "examples" / "pretrain"
SMOKE = {
    "size": "nano-1m",
    "tokens": 16_384,
    "seeds": 1,
    "context": 256,
    "batch_size": 4,
    "micro_batch": 4,
    "evaluations": 2,
    "finetune_epochs": 0.05,
    "prune_epochs": 0.05,
}
SMOKE_BYTES = 1_500_000
TEMPERATURES = (0.2, 0.8)


def make_plan(given: argparse.Namespace) -> Plan:
    """Return what is asked for; the defaults of a GPU are those of larger models."""
    asked = {
        field.name: getattr(given, field.name)
        for field in fields(Plan)
        if field.name != "parts" and getattr(given, field.name) is not None
    }
    if given.device == "cuda":
        asked = {"precision": "bf16", "batch_size": 64, "micro_batch": 32, "peak": 2e-3, "context": 1024} | asked
    if given.smoke:
        asked |= SMOKE
    return Plan(**asked, parts=tuple(given.parts.split(",")))


def prepare(work: Path, run: Run) -> Path:
    """Write the configuration of a run and return its path.

    Raises
    ------
    ValueError
        If the folder holds a run that was configured otherwise.
    """
    path, config = work / "runs" / run.name / "config.toml", to_toml(run.config)
    if path.is_file() and path.read_text() != config:
        msg = f"{path.parent} was begun with another plan: choose another --work, or remove it"
        raise ValueError(msg)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(config)
    return path


def jobs_of(work: Path, run: Run, given: argparse.Namespace, device: str) -> list[Job]:
    """Return the training of a run, and the problems that its model is asked."""
    config = prepare(work, run)
    folder = config.parent
    script = "pretrain.py" if run.base is None else "finetune.py"
    command = [str(TRAINER / script), str(config), "--out", str(folder / "out"), "--threads", str(given.threads)]
    if run.base is not None:
        command += ["--from", str(work / "runs" / run.base / "out" / "model")]
    after = frozenset() if run.base is None else frozenset({run.base})
    log = folder / "log.txt"
    done = folder / "out" / "metrics.json"
    found = [Job(name=run.name, command=command, done=done, log=log, after=after, cost=run.tokens)]
    asked = _asked(run, work, given)
    if asked:
        command = [str(HERE / "solve.py"), str(folder / "out" / "model"), "--out", str(folder / "solved.json"), *asked]
        command += ["--device", device]
        job = Job(
            name=f"{run.name}: problems",
            command=command,
            done=folder / "solved.json",
            log=log,
            after=frozenset({run.name}),
            cost=run.tokens / 20,
        )
        found.append(job)
    return found


def _asked(run: Run, work: Path, given: argparse.Namespace) -> list[str]:
    """Return what a model is asked: the first of each arm the easiest problems, the pruned ones all of HumanEval."""
    if _is_asked(run):
        heat = [part for temperature in TEMPERATURES for part in ("--temperature", str(temperature))]
        return ["--problems", "easiest", "--samples", "1" if given.smoke else str(given.samples), *heat]
    if run.about["part"] == "prune":
        texts = str(work / "texts" / "held_out_humaneval.jsonl")
        problems = "easiest" if given.smoke else "humaneval"
        return ["--problems", problems, "--samples", "1", "--temperature", "0", "--texts", texts]
    return []


def _is_asked(run: Run) -> bool:
    """Whether a run is the first of one of the three arms, as it was pretrained or finetuned."""
    about = run.about
    return about["part"] == "main" and about["seed"] == 0 and " " not in about["arm"] + about.get("way", "")


def sizes_of(given: argparse.Namespace) -> corpora.Sizes:
    """Return how much is read and held out."""
    if given.smoke:
        return corpora.Sizes(raw_bytes=SMOKE_BYTES, held_out_bytes=8_000, workers=given.workers, execute=False)
    return corpora.Sizes(workers=given.workers)


def build(given: argparse.Namespace, plan: Plan, say: Callable[[str], object]) -> dict[str, Any]:
    """Make the texts and the token files, and return what is known of them."""
    known: dict[str, Any] = {"texts": corpora.build(given.work, given.packages, sizes_of(given), say)}
    if "prune" in plan.parts:
        known["pruned"] = prune.build(given.work, say, execute=not given.smoke)
    return known | token_sets.build_sets(given.work, 2 * plan.tokens, MAX_EPOCHS, say)


def order(runs: Sequence[Run]) -> list[Run]:
    """Return the runs part by part, but the longest of each part first, so that no core is idle in the end."""
    parts = {part: number for number, part in enumerate(PARTS)}
    return sorted(runs, key=lambda run: (parts[run.about["part"]], run.about["seed"], -run.tokens))


def _later(job: Job) -> int:
    """Return where a job stands: what is trained matters more than answers of small models, which are slow to come."""
    return 0 if "problems" not in job.name else 1 if job.name.startswith("prune") else 2


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Return the arguments."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    parser.add_argument("--work", type=Path, required=True, help="folder of everything that is made on the way")
    parser.add_argument("--out", type=Path, help="folder of the results; default: results beside this file")
    parser.add_argument(
        "--packages", type=Path, nargs="+", default=[], help="folders of packages; default: this Python's"
    )
    parser.add_argument("--parts", default=",".join(PARTS), help="default: %(default)s")
    parser.add_argument("--workers", type=int, default=2, help="runs at a time (default: 2)")
    parser.add_argument("--threads", type=int, default=1, help="threads of a run (default: 1)")
    parser.add_argument("--samples", type=int, default=10, help="completions of each of the easiest problems")
    parser.add_argument("--smoke", action="store_true", help="all of it, tiny")
    parser.add_argument("--report", action="store_true", help="only write the results of what is finished")
    for field in fields(Plan):
        if field.name != "parts":
            kind = type(field.default)
            name = f"--{field.name.replace('_', '-')}"
            parser.add_argument(name, type=kind, help=f"of the plan; default: {field.default}")
    return parser.parse_args(arguments)


def main() -> int:
    """Do what is asked, or say in one line why not."""
    given, begin = parse(), time.monotonic()

    def say(text: str) -> None:
        print(f"[{time.monotonic() - begin:6.0f} s] {text}", flush=True)

    try:
        plan = make_plan(given)
        if plan.device == "cpu":
            os.environ["CUDA_VISIBLE_DEVICES"] = ""
        known = build(given, plan, say)
        runs = order(all_runs(plan, {name: about["tokens"] for name, about in known["sets"].items()}))
        short = [name for name in ("raw", "kept") if needed(runs, name) > MAX_EPOCHS * known["sets"][name]["tokens"]]
        if short:
            say(f"WARNING: {' and '.join(short)} would be read more than {MAX_EPOCHS} times: give more packages")
        jobs = [job for run in runs for job in jobs_of(given.work, run, given, plan.device)]
        jobs.sort(key=_later)
        if not given.report:
            run_all(jobs, workers=given.workers, threads=given.threads, say=say)
        out = given.out or (given.work / "results" if given.smoke else report.RESULTS.parent)
        report.write(given.work, out, plan, runs, known)
    except (ValueError, OSError, JobFailedError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    say(f"results: {out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
