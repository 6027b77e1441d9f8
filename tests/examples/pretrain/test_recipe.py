"""The whole way in one run, in small; and one that is killed."""

from __future__ import annotations

import json
import os
import shutil
import signal
import time

import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")
pytest.importorskip("tokenizers")

from steps.options import CURATED, EVALUATED, FINETUNED, PRETRAINED, SYNTHETIC, TOKENS

from tests.examples.pretrain.conftest import command, finished

SMOKE = ("--smoke", "--workers", 1)
UNDER_WAY = (PRETRAINED, FINETUNED, EVALUATED)


def read(path):
    return json.loads(path.read_text())


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()] if path.is_file() else []


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """A smoke run from the beginning to the end, with what it printed."""
    out = tmp_path_factory.mktemp("recipe") / "run"
    code, shown, errors = finished(command("recipe.py", *SMOKE, "--out", out), seconds=900)
    assert code == 0, errors
    return out, shown


@pytest.mark.slow
@pytest.mark.xdist_group("recipe")  # one worker, for they share one run
class TestSmoke:
    def test_every_text_is_accounted_for(self, done):
        out, shown = done
        texts = read(out / "summary.json")["texts"]
        assert {name: counts["read"] for name, counts in texts.items()} == {"code": 10, "textbooks": 8, "exercises": 40}
        for counts in texts.values():
            assert counts["read"] == counts["kept"] + counts["dropped"] + counts["quarantined"]
            assert counts["dropped"] + counts["quarantined"] == sum(counts["reasons"].values())
        assert texts["code"]["reasons"] == {"low_edu_value": 1}  # the list of keywords
        assert "low_edu_value" in shown

    def test_what_is_kept_becomes_tokens(self, done):
        out, _ = done
        summary = read(out / "summary.json")
        for name, counts in summary["texts"].items():
            parts = [summary["tokens"][part]["documents"] for part in (name, f"held-out-{name}")]
            assert sum(parts) == counts["kept"]
            assert min(parts) >= 1
        assert {path.name for path in (out / SYNTHETIC).iterdir()} == {"textbooks", "exercises"}
        assert (out / CURATED / "report.html").is_file()

    def test_tokens_and_epochs_of_each_source_are_those_of_the_training(self, done):
        summary = read(done[0] / "summary.json")
        (code, books), (exercises,) = (summary["training"][name] for name in ("pretrained", "finetuned"))
        assert [row["source"] for row in (code, books, exercises)] == ["filtered code", "textbooks", "exercises"]
        assert code["tokens"] + books["tokens"] == 20_480
        assert code["epochs"] == pytest.approx(code["tokens"] / summary["tokens"]["code"]["tokens"], rel=0.02)
        assert lines(done[0] / PRETRAINED / "log.jsonl")[-1]["tokens"] == 20_480

    def test_the_model_learns_and_both_are_measured(self, done):
        out, shown = done
        models = read(out / "summary.json")["models"]
        before = lines(out / PRETRAINED / "evaluations.jsonl")[0]["held_out"]["code"]["bits_per_byte"]
        after = {name: found["held_out"]["code"]["bits_per_byte"] for name, found in models.items()}
        assert after["pretrained"] < before - 0.3
        exercises = [models[name]["held_out"]["exercises"]["bits_per_byte"] for name in ("pretrained", "finetuned")]
        assert exercises[1] < exercises[0]
        assert f"{exercises[0]:.4f}" in shown
        for found in models.values():
            assert found["benchmarks"]["unconventional"]["samples"] == 6
        assert "pass@1, unconventional" in shown

    def test_the_evaluation_agrees_with_that_of_the_trainer(self, done):
        last = lines(done[0] / PRETRAINED / "evaluations.jsonl")[-1]["held_out"]
        found = read(done[0] / "summary.json")["models"]["pretrained"]["held_out"]
        for name, one in last.items():
            assert found[name]["bits_per_byte"] == pytest.approx(one["bits_per_byte"], rel=1e-5)

    def test_killed_in_the_middle_of_pretraining_it_comes_to_the_same(self, done):
        """Both are stopped, then the recipe alone is killed: its training still keeps others out, until it ends."""
        out, summary = done[0], read(done[0] / "summary.json")
        for name in UNDER_WAY:
            shutil.rmtree(out / name)
        (out / "summary.json").unlink()
        first = command("recipe.py", *SMOKE, "--out", out, start_new_session=True)
        wait_for(lambda: len(lines(out / PRETRAINED / "log.jsonl")) >= 5, first)
        os.killpg(first.pid, signal.SIGSTOP)
        first.kill()
        code, _, errors = finished(command("recipe.py", *SMOKE, "--out", out))
        assert (code, "another process works in" in errors) == (2, True), errors
        os.killpg(first.pid, signal.SIGKILL)
        first.communicate(timeout=60)
        assert not (out / "summary.json").exists()
        code, _, errors = finished(command("recipe.py", *SMOKE, "--out", out), seconds=900)
        assert code == 0, errors
        assert "going on at step" in errors
        assert read(out / "summary.json") == summary
        assert [row["step"] for row in lines(out / PRETRAINED / "log.jsonl")] == list(range(1, 21))

    def test_a_run_that_is_done_computes_nothing(self, done):
        out, _ = done
        files = [
            path for name in (*UNDER_WAY, TOKENS) for path in (out / name).rglob("*") if path.name != "config.json"
        ]
        before = {path: path.stat().st_mtime_ns for path in files if path.suffix in (".jsonl", ".safetensors", ".ds")}
        summary = (out / "summary.json").read_bytes()
        code, shown, errors = finished(command("recipe.py", *SMOKE, "--out", out), seconds=900)
        assert code == 0, errors
        assert errors.count("Nothing to do") == 2
        assert {path: path.stat().st_mtime_ns for path in before} == before
        assert (out / "summary.json").read_bytes() == summary
        assert "pass@1, unconventional" in shown


def wait_for(condition, process, seconds=600):
    """Wait until the condition holds; fail when the process ends before."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.05)
