"""The parts of the recipe: what is refused, what is held out, and the files that the trainings are given."""

from __future__ import annotations

import fcntl
import importlib.machinery
import importlib.util
import json
import os
import re
import shutil
import signal
import threading
import time
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import recipe
from hypothesis import given
from hypothesis import strategies as st
from steps import training
from steps.options import CURATED, FINETUNED, PRETRAINED, SYNTHETIC, TOKENS, Options
from steps.tokenising import held_out_part, text_digest, tokenise
from steps.training import FINETUNING, PRETRAINING, TrainingStoppedError, plan_training, run_training
from trainer.config_file import load_config
from trainer.passing import Sampling

from textbooks.errors import InputError, MissingExtraError, ParametersChangedError, TaskFailedError
from textbooks.mixtures import PRESETS
from textbooks.tokens import load_tokenizer

SMALL = {"vocab_size": 300, "size": "nano-1m", "context": 32, "batch_size": 4, "micro_batch": 4, "tokens": 1024}


FIND_SPEC = importlib.util.find_spec


def installed(name):
    """Find a module, deepspeed also where it is not installed."""
    return FIND_SPEC(name) or importlib.machinery.ModuleSpec(name, None)


def write_kept(folder, texts):
    """Stand in for a run of `curate`: two files of kept texts, and a manifest."""
    (folder / "kept").mkdir(parents=True)
    for number in (0, 1):
        pq.write_table(
            pa.table({"id": texts[number::2], "text": texts[number::2]}), folder / "kept" / f"{number}.parquet"
        )
    (folder / "manifest.json").write_text(json.dumps(len(texts)))


def tokens_of(options, *sources):
    return tokenise(options, sources or ("code", "textbooks", "exercises"), lambda _: None)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A run whose first three steps are done: forty texts of code, twenty textbooks, thirty exercises."""
    pytest.importorskip("tokenizers")
    out = tmp_path_factory.mktemp("made")
    write_kept(out / CURATED, [f"def add_{n}(x):\n    return x + {n}\n" * 3 for n in range(40)])
    write_kept(out / SYNTHETIC / "textbooks", [f"# Lesson {n}\n\nTo add {n} is to count on.\n" * 3 for n in range(20)])
    write_kept(out / SYNTHETIC / "exercises", [f"def f_{n}(y):\n    return y - {n}\n" * 3 for n in range(30)])
    options = Options(out=out, sampling=Sampling(max_new_tokens=8), workers=1, held_out=0.1, **SMALL)
    tokens_of(options)
    return options


@pytest.fixture
def options(made, tmp_path):
    """The same in a folder of its own."""
    out = tmp_path / "run"
    shutil.copytree(made.out, out)
    return replace(made, out=out)


class TestHeldOut:
    @given(st.lists(st.text(max_size=5), max_size=30), st.floats(0.01, 0.5), st.randoms())
    def test_some_never_all_and_whatever_the_order(self, texts, share, random):
        limit = held_out_part(texts, share)
        shuffled = random.sample(texts, len(texts))
        assert held_out_part(shuffled, share) == limit
        different = {*texts}
        if limit is None:
            assert len(different) < 2
            return
        out = [text for text in different if text_digest(text) <= limit]
        assert len(out) == max(1, round(share * len(different))) < len(different)

    def test_the_parts_share_no_text_and_lose_none(self, options):
        counts = tokens_of(options)
        for name, number in (("code", 40), ("textbooks", 20), ("exercises", 30)):
            folder = options.out / TOKENS / "texts" / name
            parts = [
                {
                    json.loads(line)["text"]
                    for file in (folder / part).iterdir()
                    for line in file.read_text().splitlines()
                }
                for part in ("read", "held-out")
            ]
            assert len(parts[0]) + len(parts[1]) == len(parts[0] | parts[1]) == number
            assert counts[f"held-out-{name}"]["documents"] == len(parts[1]) == number // 10
            assert counts[name]["documents"] == len(parts[0])

    def test_all_have_the_tokeniser_of_the_code(self, options):
        tokens_of(options)
        files = {path.read_bytes() for path in (options.out / TOKENS).glob("*/tokenizer.json")}
        assert len(files) == 1
        assert load_tokenizer(options.out / TOKENS / "code").get_vocab_size() <= 300

    def test_a_single_text_is_too_few(self, options):
        shutil.rmtree(options.out / TOKENS)
        (options.out / SYNTHETIC / "exercises" / "kept" / "0.parquet").unlink()
        pq.write_table(
            pa.table({"text": ["def f(): ..."]}), options.out / SYNTHETIC / "exercises" / "kept" / "1.parquet"
        )
        with pytest.raises(InputError, match="exercises: fewer than two texts are left"):
            tokens_of(options)

    def test_what_is_done_stays_and_other_texts_are_refused(self, options):
        first = tokens_of(options)
        (options.out / TOKENS / "code" / "tokenizer.json").write_text("marked")
        assert tokens_of(options) == first
        (options.out / CURATED / "manifest.json").write_text("other")
        with pytest.raises(ParametersChangedError, match=r"sources\.code: "):
            tokens_of(options)


class TestConfigurations:
    def test_the_pretraining_is_the_papers_mixture(self, options):
        plan = plan_training(PRETRAINING, options, tokens_of(options))
        config = load_config(options.out / PRETRAINED / "pretrain.toml")
        assert [row.source for row in plan.rows()] == ["filtered code", "textbooks"]
        first, second = plan.rows()
        assert first.epochs == pytest.approx(second.epochs, rel=0.3)  # by their tokens; whole blocks are few here
        (stage,) = config.stages
        assert (stage.tokens, stage.weights) == (1024, None)
        assert (stage.learning_rate.peak, stage.learning_rate.end) == (2e-3, 0.0)
        assert stage.learning_rate.warmup == PRESETS["code-textbook"].stages[0].warmup
        assert sorted(config.held_out) == ["code", "exercises", "textbooks"]
        assert (config.training.weight_decay, config.training.batch_size, config.model.context) == (0.1, 4, 32)
        assert {source.max_epochs for source in config.sources.values()} == {8}

    def test_the_finetuning_keeps_the_model_that_is_best_on_exercises(self, options):
        plan = plan_training(FINETUNING, options, tokens_of(options))
        config = load_config(options.out / FINETUNED / "finetune.toml")
        assert [row.source for row in plan.rows()] == ["exercises"]
        assert plan.rows()[0].epochs == pytest.approx(4)
        assert (config.training.best_of, config.training.weight_decay) == ("exercises", 0.01)
        assert config.stages[0].learning_rate.peak == 5e-4

    def test_without_textbooks_it_is_code_alone(self, options):
        counts = {name: found for name, found in tokens_of(options).items() if name.endswith("code")}
        plan = plan_training(PRETRAINING, options, counts)
        assert [row.source for row in plan.rows()] == ["filtered code"]

    def test_more_epochs_than_allowed_are_refused_with_what_there_is(self, options):
        counts = tokens_of(options)
        many = replace(options, tokens=10_000_000)
        with pytest.raises(
            InputError, match=r"tokens = 10,000,000 would read the .* more than max_epochs = 8: ask for"
        ):
            plan_training(PRETRAINING, many, counts)
        assert not (options.out / PRETRAINED).exists()

    def test_a_file_that_was_changed_is_neither_used_nor_overwritten(self, options):
        counts = tokens_of(options)
        plan_training(PRETRAINING, options, counts)
        path = options.out / PRETRAINED / "pretrain.toml"
        before = path.read_text()
        plan_training(PRETRAINING, options, counts)
        path.write_text(before.replace("tokens = 1024", "tokens = 2048"))
        with pytest.raises(
            ParametersChangedError, match="says 'tokens = 2048', and these parameters say 'tokens = 1024'"
        ):
            plan_training(PRETRAINING, options, counts)
        assert "tokens = 2048" in path.read_text()


class TestTheCommand:
    """`run_training` with a stand-in for the command."""

    @pytest.fixture
    def train(self, options, monkeypatch, tmp_path):
        (tmp_path / "commands").mkdir()
        monkeypatch.setattr(training, "_COMMANDS", tmp_path / "commands")

        def run(program, **changed):
            (tmp_path / "commands" / "pretrain.py").write_text(program)
            with (tmp_path / ".lock").open("a") as lock:
                return run_training(PRETRAINING, replace(options, **changed), lock=lock.fileno())

        return run

    def test_it_is_given_folder_and_threads(self, train, options):
        program = "import json, sys, pathlib; pathlib.Path(sys.argv[3], 'said').write_text(json.dumps(sys.argv[1:]))"
        (options.out / PRETRAINED).mkdir()
        assert train(program, threads=3) == options.out / PRETRAINED / "model"
        said = json.loads((options.out / PRETRAINED / "said").read_text())
        folder = str(options.out / PRETRAINED)
        assert said == [f"{folder}/pretrain.toml", "--out", folder, "--threads", "3"]

    def test_its_failure_is_an_error(self, train):
        with pytest.raises(TaskFailedError, match=r"pretrain\.py ended with exit code 7"):
            train("raise SystemExit(7)")

    def test_a_signal_is_passed_on_and_the_run_can_go_on(self, train, tmp_path):
        ready = tmp_path / "ready"
        program = (
            "import pathlib, signal, sys, time\n"
            "signal.signal(signal.SIGTERM, lambda *_: sys.exit(75))\n"
            f"pathlib.Path({str(ready)!r}).touch()\n"
            "time.sleep(60)\n"
        )

        def interrupt():
            while not ready.exists():
                time.sleep(0.05)
            os.kill(os.getpid(), signal.SIGTERM)

        threading.Thread(target=interrupt, daemon=True).start()
        with pytest.raises(TrainingStoppedError, match="pretraining was stopped after a checkpoint"):
            train(program)
        assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL

    def test_it_holds_the_lock_of_the_run(self, train, tmp_path):
        """The command goes on when the recipe is killed by SIGKILL; nobody else must train into its folder."""
        program = (
            "import os, sys\n"
            "held = {os.path.realpath(f'/proc/self/fd/{fd}') for fd in os.listdir('/proc/self/fd')}\n"
            f"sys.exit(0 if {str(tmp_path / '.lock')!r} in held else 9)\n"
        )
        if not Path("/proc/self/fd").is_dir():
            pytest.skip("no /proc here")
        train(program)


class TestOptions:
    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (["--size", "nano-2m"], "model.size must be one of phi-1, .*got 'nano-2m'"),
            (["--context", "1"], "model.context must be at least 2, got 1"),
            (["--tokens", "100"], "tokens must be at least a batch, batch_size x context = 1,024, got 100"),
            (["--finetune-tokens", "5"], "finetune_tokens must be at least a batch, .* got 5"),
            (["--batch-size", "9"], "training.batch_size must be a multiple of training.micro_batch = 8, got 9"),
            (["--nproc", "3"], "batch_size must be a multiple of micro_batch x nproc = 6, got 8"),
            (["--held-out", "0.6"], "held_out must be between 0 and 0.5, got 0.6"),
            (["--held-out", "0"], "held_out must be above 0, got 0"),
            (["--peak", "0"], "peak must be above 0, got 0"),
            (["--finetune-peak", "nan"], "finetune_peak must be between 0 and 1, got nan"),
            (["--max-epochs", "0"], "max_epochs must be above 0, got 0"),
            (["--min-score", "6"], "min_score must be between 0 and 5, got 6"),
            (["--vocab-size", "100"], "vocab_size must be at least 257, got 100"),
            (["--precision", "fp8"], "training.precision must be one of fp32, bf16, fp16, got 'fp8'"),
            (["--engine", "jax"], "training.engine must be one of auto, deepspeed, torch, got 'jax'"),
            (["--samples", "0"], "samples must be at least 1, got 0"),
            (["--max-new-tokens", "128"], "max_new_tokens must be below context = 128, got 128"),
            (["--easiest", "0"], "easiest must be at least 1, got 0"),
            (["--seed", "-1"], "seed must be at least 0, got -1"),
            (["--threads", "0"], "threads must be at least 1, got 0"),
            (["--nproc", "0"], "nproc must be at least 1, got 0"),
            (["--nproc", "2", "--engine", "torch"], "engine must be auto or deepspeed where nproc is above 1"),
            (["--textbooks", "nowhere.jsonl"], "textbooks: there is no 'nowhere.jsonl'"),
            (["nowhere"], "code: there is no 'nowhere'"),
            (["--benchmark", "humanevil"], "'humanevil' is neither a file nor a known benchmark"),
        ],
    )
    def test_wrong_arguments_are_refused_before_anything_is_computed(
        self, monkeypatch, capsys, tmp_path, arguments, message
    ):
        monkeypatch.setattr("sys.argv", ["recipe.py", "--smoke", "--out", str(tmp_path / "out"), *arguments])
        assert recipe.main() == 2
        assert re.match(f"error: {message}", capsys.readouterr().err)
        assert not (tmp_path / "out" / CURATED).exists()

    def test_what_is_given_goes_before_the_smoke_run(self, tmp_path):
        options = recipe.make_options({"out": tmp_path, "tokens": 4096, "samples": 3}, smoke=True)
        assert (options.tokens, options.size, options.context) == (4096, "nano-1m", 128)
        assert (options.sampling.samples, options.sampling.ks, options.sampling.max_new_tokens) == (3, (1, 3), 16)

    @pytest.mark.parametrize(("processes", "engine", "each"), [(1, "torch", 8), (2, "auto", 4), (8, "auto", 1)])
    def test_a_smoke_run_shares_its_batch_among_all_processes(self, monkeypatch, tmp_path, processes, engine, each):
        """Two processes were refused: each was to take the whole batch, without the engine that they need."""
        monkeypatch.setattr("importlib.util.find_spec", installed)
        options = recipe.make_options({"out": tmp_path, "nproc": processes}, smoke=True)
        assert (options.batch_size, options.micro_batch, options.engine) == (8, each, engine)

    def test_more_processes_than_one_need_deepspeed_before_anything_is_computed(self, monkeypatch, tmp_path):
        monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "deepspeed" else FIND_SPEC(name))
        with pytest.raises(MissingExtraError, match=r"nproc = 2 needs the package 'deepspeed'.*\[train\]"):
            recipe.make_options({"out": tmp_path, "nproc": 2}, smoke=True)

    def test_the_defaults_are_those_that_help_shows(self, monkeypatch, capsys):
        monkeypatch.setattr("sys.argv", ["recipe.py", "--help"])
        with pytest.raises(SystemExit):
            recipe.main()
        shown = " ".join(capsys.readouterr().out.split())
        for name in recipe.OPTIONS:
            assert f"--{name.replace('_', '-')} " in shown
        for default in ("(nano-3m)", "(2000000)", "(0.05)", "(0.002)", "(256)"):
            assert default in shown

    def test_two_runs_in_one_folder_are_one_too_many(self, monkeypatch, capsys, tmp_path):
        with (tmp_path / ".lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            monkeypatch.setattr("sys.argv", ["recipe.py", "--smoke", "--out", str(tmp_path)])
            assert recipe.main() == 2
        assert f"error: another process works in {tmp_path}" in capsys.readouterr().err
