"""Steps 4 and 5: pretraining and finetuning, each by the command of its own and a TOML file that says everything."""

from __future__ import annotations

import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from trainer.command import STOPPED

from steps.options import FINETUNED, PRETRAINED, TOKENS, Options
from steps.tokenising import HELD_OUT
from textbooks.errors import InputError, ParametersChangedError, TaskFailedError, TextbooksError
from textbooks.mixtures import PRESETS, Mixture, Source, preset
from textbooks.storage import write_atomically
from textbooks.tokens import TokenizedCorpus

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from textbooks.mixtures import MixturePlan

__all__ = ["FINETUNING", "PRETRAINING", "Step", "TrainingStoppedError", "plan_training", "run_training"]

_COMMANDS: Final = Path(__file__).resolve().parents[1]
_EVALUATIONS: Final = 8  # of a training


@dataclass(frozen=True)
class Step:
    """One of the two trainings.

    Attributes
    ----------
    preset : str
        The paper's mixture, by its name in `textbooks.mixtures.PRESETS`.
    roles : mapping
        Which source has which role in it.
    folder, command, words : str
        Where it happens, which command does it, and what that is called.
    weight_decay : float
        "Textbooks Are All You Need", section 2.3.
    """

    preset: str
    roles: Mapping[str, str]
    folder: str
    command: str
    words: str
    weight_decay: float


PRETRAINING: Final = Step(
    "code-textbook", {"code": "filtered code", "textbooks": "textbooks"}, PRETRAINED, "pretrain", "pretraining", 0.1
)
FINETUNING: Final = Step("code-exercises", {"exercises": "exercises"}, FINETUNED, "finetune", "finetuning", 0.01)


class TrainingStoppedError(TextbooksError):
    """A signal has stopped a training, after a checkpoint."""


def plan_training(step: Step, options: Options, counts: Mapping[str, Any]) -> MixturePlan:
    """Write the TOML file of a step, and return what is drawn when.

    Parameters
    ----------
    step : Step
    options : Options
    counts : mapping
        What `tokenise` returned: which sources there are.

    Raises
    ------
    InputError
        If the sources do not suffice for so many tokens.
    ParametersChangedError
        If the folder holds another file.
    """
    mixture = _mixture(step, options, [name for name in step.roles if name in counts])
    plan = mixture.plan()
    held_out = [name.removeprefix(HELD_OUT) for name in counts if name.startswith(HELD_OUT)]
    steps = max(1, plan.steps(options.batch_size))
    _write(options.out / step.folder / f"{step.command}.toml", _toml(step, options, mixture, held_out, steps))
    return plan


def _mixture(step: Step, options: Options, names: Sequence[str]) -> Mixture:
    corpora = {name: TokenizedCorpus.load(options.out / TOKENS / name).blocks(options.context) for name in names}
    sources = [corpora[name].source(step.roles[name], max_epochs=options.max_epochs) for name in names]
    available = sum(source.tokens for source in sources)
    if step is PRETRAINING:
        field, tokens, peak = "tokens", options.tokens, options.peak
    else:
        field, tokens, peak = "finetune_tokens", options.finetune_tokens or 4 * available, options.finetune_peak
    _check_epochs(field, tokens, available, options)
    # The stages of a preset do not depend on how large its sources are; here one may be left out.
    roles = [Source(name=role, tokens=1, units=1) for role in PRESETS[step.preset].roles]
    stages = preset(step.preset, roles, tokens=tokens, peak=peak).stages
    return Mixture(sources=sources, stages=stages, seed=options.seed)


def _check_epochs(field: str, tokens: int, available: int, options: Options) -> None:
    if tokens > options.max_epochs * available:
        msg = (
            f"{field} = {tokens:,} would read the {available:,} tokens that there are {tokens / available:.1f} times, "
            f"more than max_epochs = {options.max_epochs:g}: ask for fewer tokens, or give more texts"
        )
        raise InputError(msg)
    if tokens < options.batch_size * options.context:
        msg = f"{field} = {tokens:,} is less than a batch, batch_size x context: give more texts, or a smaller batch"
        raise InputError(msg)


def _toml(step: Step, options: Options, mixture: Mixture, held_out: Sequence[str], steps: int) -> str:
    """Return the configuration; paths in it begin at its folder, so that the whole may be moved."""
    names = {role: name for name, role in step.roles.items()}
    lines = [
        f"# {PRESETS[step.preset].source}",
        "# Written by recipe.py, which goes on only while this file is as it was. To train otherwise, copy it here,",
        f"# change the copy, and give it to {step.command}.py with an --out of its own.",
        f'[model]\nsize = "{options.size}"\ncontext = {options.context}\n',
    ]
    for source in mixture.sources:
        lines.append(f'[sources."{source.name}"]\ntokens = "../{TOKENS}/{names[source.name]}"')
        lines.append(f"max_epochs = {options.max_epochs}\n")
    for stage in mixture.stages:
        lines.append(f'[[stages]]\nname = "{stage.name}"\ntokens = {stage.tokens}')
        if stage.weights is None:
            lines.append("# no weights: every source by its tokens, so that all are read as often")
        rate = stage.learning_rate
        assert rate is not None
        shape = f'end = {rate.end}, warmup = {rate.warmup}, decay = "{rate.decay}"'
        lines.append(f"learning_rate = {{ peak = {rate.peak}, {shape} }}\n")
    lines += ["[held_out]", *(f'{name} = "../{TOKENS}/{HELD_OUT}{name}"' for name in held_out), ""]
    return "\n".join([*lines, "[training]", *_training(step, options, held_out, steps), ""])


def _training(step: Step, options: Options, held_out: Sequence[str], steps: int) -> list[str]:
    every = max(1, steps // _EVALUATIONS)
    best = ['best_of = "exercises"'] if step is FINETUNING and "exercises" in held_out else []
    return [
        f"batch_size = {options.batch_size}",
        f"micro_batch = {options.micro_batch}",
        f"weight_decay = {step.weight_decay}",
        f'precision = "{options.precision}"',
        f'engine = "{options.engine}"',
        f"evaluate_every = {every}",
        f"checkpoint_every = {every}",
        *best,
        f"seed = {options.seed}",
    ]


def _write(path: Path, text: str) -> None:
    """Write the file, or refuse where another one is."""
    if path.is_file():
        before, now = path.read_text(encoding="utf-8").splitlines(), text.splitlines()
        if before != now:
            changed = next((pair for pair in zip(before, now, strict=False) if pair[0] != pair[1]), ("", ""))
            msg = (
                f"{path} says {changed[0]!r}, and these parameters say {changed[1]!r}: it was changed, or they were. "
                f"Remove {path.parent} and the folders after it to train anew, or choose another --out"
            )
            raise ParametersChangedError(msg)
    write_atomically(path, text.encode())


def run_training(step: Step, options: Options, *, lock: int, initial: Path | None = None) -> Path:
    """Train by the command, or go on, and return the folder of the model.

    Parameters
    ----------
    step : Step
    options : Options
    lock : int
        The descriptor that keeps others out of the folder. The command inherits it, so that they stay out when this
        process is killed and the command is not.
    initial : Path, optional
        The model to begin with.

    Raises
    ------
    TrainingStoppedError
        If a signal stopped it.
    TaskFailedError
        If the command failed; it has said why.
    """
    folder = options.out / step.folder
    launcher = ["-m", "torch.distributed.run", "--nproc-per-node", str(options.nproc)] if options.nproc > 1 else []
    command = [sys.executable, *launcher, str(_COMMANDS / f"{step.command}.py"), str(folder / f"{step.command}.toml")]
    command += ["--out", str(folder)]
    command += [] if initial is None else ["--from", str(initial)]
    command += [] if options.threads is None else ["--threads", str(options.threads)]
    code = _wait(command, lock)
    if code == STOPPED:
        msg = f"{step.words} was stopped after a checkpoint: run the same command again to go on"
        raise TrainingStoppedError(msg)
    if code:
        msg = f"{step.command}.py ended with exit code {code}; what it says stands above. It resumes when run again"
        raise TaskFailedError(msg)
    return folder / "model"


def _wait(command: Sequence[str], lock: int) -> int:
    """Run a command to its end; signals that would end this process are passed on to it, and it ends in good order."""
    with subprocess.Popen(command, pass_fds=(lock,)) as process:

        def pass_on(*_: object) -> None:
            """Let the command stop after its step."""
            process.send_signal(signal.SIGTERM)

        before = {number: signal.signal(number, pass_on) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            return process.wait()
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
