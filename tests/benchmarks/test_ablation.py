"""The ablation: what is held out, which runs there are, and how many tokens raw code needs."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textbooks.mixtures import LearningRate, Mixture, Source, Stage

ROOT = Path(__file__).resolve().parents[2]
ABLATION = ROOT / "benchmarks" / "ablation"
sys.path.append(str(ABLATION))

import arms  # noqa: E402
import draws  # noqa: E402
import figures  # noqa: E402
import jobs  # noqa: E402
import plans  # noqa: E402
import run as ablation  # noqa: E402
import summary  # noqa: E402

SETS = {"raw": 5_000_000, "kept": 1_000_000, "textbooks": 70_000, "exercises": 175_000, "prose": 300_000} | {
    arms.pruned_folder(way): 200_000 for way in arms.PRUNED
}
PLAN = plans.Plan()


class TestHeldOut:
    @given(st.dictionaries(st.text(min_size=1), st.integers(1, 10_000), min_size=1, max_size=60), st.floats(0.01, 0.99))
    def test_whole_packages_never_pass_their_share_and_come_in_any_order_the_same(self, sizes, share):
        if min(sizes.values()) > share * sum(sizes.values()) / draws.FEWEST_PACKAGES:
            with pytest.raises(ValueError, match="give more packages"):
                draws.held_out_packages(sizes, share)
            return
        drawn = draws.held_out_packages(sizes, share)
        assert drawn
        assert sum(sizes[name] for name in drawn) <= share * sum(sizes.values())
        assert drawn == draws.held_out_packages(dict(reversed(sizes.items())), share)

    def test_a_large_package_is_not_all_that_is_held_out(self):
        sizes = {"large": 400} | {f"small{number}": 10 for number in range(60)}
        assert "large" not in draws.held_out_packages(sizes, 0.5)
        assert sum(sizes[name] for name in draws.held_out_packages(sizes, 0.2)) == 200

    @pytest.mark.parametrize("share", [0, 1, -0.1, float("nan")])
    def test_a_share_of_nothing_or_all_is_refused(self, share):
        with pytest.raises(ValueError, match=r"share must be above 0 and below 1, got"):
            draws.held_out_packages({"a": 1}, share)

    def test_one_in_eight_is_the_same_eighth_whatever_else_is_there(self):
        names = [f"ex{number:04d}" for number in range(640)]
        drawn = draws.one_in(names, 8)
        assert len(drawn) == 80
        assert draws.one_in(reversed(names), 8) == drawn
        assert draws.one_in(names[:1], 8) == {"ex0000"}

    def test_a_sample_is_cut_at_a_line_and_stops_before_it_is_too_long(self):
        texts = {name: "line of twenty chars\n" * 30 for name in "abcdef"}
        sample = draws.sample_of(texts, 700, longest=330)
        assert set(sample.values()) == {"line of twenty chars\n" * 15}
        assert len(sample) == 2
        assert draws.cut_at_line("no end of line at all", 5) == ""


def test_the_threshold_falls_only_as_far_as_it_must():
    scores, sizes = [4.0, 3.0, 2.0, 1.0], [10, 10, 10, 10]
    assert draws.best_share(scores, sizes, 20, start=2.5) == 2.5
    assert draws.best_share(scores, sizes, 30, start=2.5) == 2.0
    with pytest.raises(ValueError, match=r"40 bytes of text in all, and 41 are needed"):
        draws.best_share(scores, sizes, 41, start=2.5)


class TestArms:
    def test_all_arms_train_on_as_many_tokens_with_one_learning_rate(self):
        runs = [run for run in arms.main_runs(PLAN, SETS) if run.base is None and " " not in run.about["arm"]]
        assert {run.about["arm"] for run in runs} == {"raw", "filtered", "textbooks"}
        assert {run.tokens for run in runs} == {PLAN.tokens}
        assert len({json.dumps(run.config["stages"][0]["learning_rate"]) for run in runs}) == 1
        assert {run.config["training"]["seed"] for run in runs} == {0, 1}

    def test_each_arm_is_finetuned_on_the_same_exercises(self):
        runs = [run for run in arms.main_runs(PLAN, SETS) if run.base is not None]
        bases = [f"main-{arm}-{seed}" for arm in ("raw", "filtered", "textbooks") for seed in (0, 1)]
        for way, how in arms.FINETUNED.items():
            chosen = [run for run in runs if run.about["way"] == way]
            assert sorted(run.base for run in chosen) == sorted(bases)
            stages = [run.config["stages"][0] for run in chosen]
            assert {stage["learning_rate"]["peak"] for stage in stages} == {how.rate * PLAN.finetune_peak}
            read = {stage["tokens"] * stage["weights"].get("exercises", 0) for stage in stages}
            assert read == {0 if way.startswith("no ") else 175_000}
        assert len({run.name for run in runs}) == len(runs)

    def test_replay_is_of_what_the_arm_was_pretrained_on(self):
        runs = {run.name: run for run in arms.main_runs(PLAN, SETS)}
        for arm in ("raw", "filtered", "textbooks"):
            base = runs[f"main-{arm}-0"]
            tuned, without = (
                runs[f"{base.name}-{way}"] for way in ("exercises-gently-with-replay", "no-exercises-gently")
            )
            weights = dict(tuned.config["stages"][0]["weights"])
            assert weights.pop("exercises") == 0.5
            assert weights == {name: weight / 2 for name, weight in base.config["stages"][0]["weights"].items()}
            assert tuned.needs == base.needs | {"exercises"}
            assert set(tuned.config["sources"]) == set(weights) | {"exercises"}
            assert without.config["stages"][0]["weights"] == base.config["stages"][0]["weights"]
            assert (without.needs, without.tokens) == (base.needs, tuned.tokens)

    def test_textbooks_are_read_eight_times_at_most(self):
        few = {**SETS, "textbooks": 1_000}
        weights = next(run for run in arms.main_runs(PLAN, few) if run.about["arm"] == "textbooks").about["weights"]
        assert weights["textbooks"] * PLAN.tokens == pytest.approx(8_000)

    def test_the_cooldown_reads_of_each_source_what_the_constant_mixture_reads(self):
        constant, cooldown = (
            {name: sum(stage["tokens"] * stage["weights"][name] for stage in run.config["stages"]) for name in weights}
            for run in arms.cooldown_runs(plans.Plan(seeds=1), SETS)
            for weights in [run.config["stages"][0]["weights"]]
        )
        assert constant == pytest.approx(cooldown)
        assert sum(constant.values()) == pytest.approx(PLAN.smaller)

    def test_a_cooldown_that_takes_more_than_there_is_is_refused(self):
        with pytest.raises(ValueError, match=r"takes more than 0\.050 of all tokens"):
            arms.early_share(0.05, 0.2, 0.5)

    def test_shares_are_those_of_the_paper(self):
        runs = arms.share_runs(PLAN, SETS)
        found = [run.config["stages"][0]["weights"].get("code", 0.0) for run in runs]
        assert found == pytest.approx([0, 0.25, 0.5, 0.75, 0.9, 1])
        assert list(runs[0].config["sources"]) == ["text"]
        assert list(runs[-1].config["sources"]) == ["code"]

    def test_pruning_alone_trains_the_model_that_it_finetunes(self):
        runs = arms.all_runs(plans.Plan(parts=("prune",)), SETS)
        assert [run.name for run in runs if run.base is None] == ["main-textbooks-0"]
        assert {run.base for run in runs if run.base} == {"main-textbooks-0"}
        assert len(runs) == 1 + len(arms.PRUNED)

    def test_what_is_needed_of_a_set_is_what_the_hungriest_run_draws(self):
        runs = arms.main_runs(PLAN, SETS)
        assert arms.needed(runs, "raw") == 2 * PLAN.tokens
        assert arms.needed(runs, "kept") == PLAN.tokens
        assert arms.needed(runs, "prose") == 0

    def test_an_unknown_part_is_refused(self):
        with pytest.raises(ValueError, match=r"parts must be some of main, cooldown, shares, prune, got all"):
            plans.Plan(parts=("all",))

    def test_every_stage_is_one_that_the_library_takes(self):
        for run in arms.all_runs(PLAN, SETS):
            sources = [
                Source(name=name, tokens=SETS[table["tokens"].split("/")[-1]], units=100, max_epochs=8)
                for name, table in run.config["sources"].items()
            ]
            stages = [
                Stage(**{**stage, "learning_rate": LearningRate(**stage["learning_rate"])})
                for stage in run.config["stages"]
            ]
            assert Mixture(sources=sources, stages=stages).plan().rows()

    def test_a_configuration_comes_back_from_its_toml(self):
        for run in arms.all_runs(PLAN, SETS):
            assert tomllib.loads(plans.to_toml(run.config)) == run.config


class TestTokensToReach:
    def test_it_lies_between_two_points_in_the_logarithm(self):
        assert summary.tokens_to_reach([(100, 3.0), (400, 1.0)], 2.0) == pytest.approx(200)

    def test_what_is_never_reached_is_none(self):
        assert summary.tokens_to_reach([(100, 3.0), (400, 2.5)], 2.4) is None

    def test_what_the_first_point_has_needs_no_more_than_it(self):
        assert summary.tokens_to_reach([(100, 3.0), (400, 2.5)], 3.5) == 100

    def test_tokens_that_do_not_ascend_are_refused(self):
        with pytest.raises(ValueError, match=r"tokens must ascend, got \[100, 100\]"):
            summary.tokens_to_reach([(100, 3.0), (100, 2.5)], 2.7)

    @given(st.floats(1.01, 2.99), st.integers(2, 10**9))
    def test_a_higher_target_never_needs_more(self, target, last):
        curve = [(1, 3.0), (last, 1.0)]
        assert summary.tokens_to_reach(curve, target + 0.005) <= summary.tokens_to_reach(curve, target)


def row(arm, seed, value, *, tokens=100, way=None):
    return {
        "part": "main",
        "arm": arm,
        "seed": seed,
        "tokens": tokens,
        "finetuned": way and "exercises",
        "way": way,
        "held_out": dict.fromkeys(plans.HELD_OUT, value),
    }


class TestSummary:
    def test_an_arm_has_mean_and_range_over_its_seeds(self):
        found = summary.by_arm([row("raw", 0, 3.0), row("raw", 1, 2.0), row("raw", 0, 1.0, way="exercises")], "main")
        assert found["raw"]["humaneval"] == {"mean": 2.5, "low": 2.0, "high": 3.0}
        assert found["raw + exercises"]["educational"]["mean"] == 1.0

    def test_raw_code_that_never_gets_there_has_no_number(self):
        runs = [row("raw", 0, 3.0), row("raw double", 0, 2.0, tokens=200), row("filtered", 0, 1.0)]
        assert summary.raw_needs(runs, "filtered")["mbpp"] == {
            "target": 1.0,
            "needs": None,
            "at most": 200,
            "raw at most": 2.0,
        }
        runs[2] = row("filtered", 0, 2.5)
        assert summary.raw_needs(runs, "filtered")["mbpp"]["needs"] == pytest.approx(100 * 2**0.5)

    def test_bits_are_weighed_by_bytes_and_a_part_without_problems_is_nan(self):
        bits = {"a": [10, 10], "b": [60, 20]}
        assert summary.split_bits(bits, ["a", "not asked"]) == {"similar": 1.0, "other": 3.0, "all": 70 / 30}
        assert summary.split_bits(bits, [])["similar"] != summary.split_bits(bits, [])["similar"]


class TestFigures:
    def test_a_long_name_breaks_behind_its_commas_and_stays_inside_the_picture(self):
        """Names of groups that were wider than their bars ran into each other."""
        bars = {"one": (1.0, 1.0, 1.0)}
        short = figures.grouped_bars("t", "u", {"a": bars})
        long = figures.grouped_bars("t", "u", {"a": bars, "b, c, d": bars})
        heights = [int(re.search(r'height="(\d+)" viewBox', picture)[1]) for picture in (short, long)]
        lowest = max(float(y) for y in re.findall(r'<text x="[\d.]+" y="([\d.]+)"[^>]*>[bcd],?<', long))
        assert heights[1] == heights[0] + 28
        assert re.findall(r">([bcd],?)</text>", long) == ["b,", "c,", "d"]
        assert lowest < heights[1]

    def test_a_bar_that_is_half_as_much_is_half_as_high(self):
        picture = figures.grouped_bars("t", "u", {"g<": {"one": (1.0, 1.0, 1.0), "two": (2.0, 1.5, 2.0)}})
        heights = [float(part.split('height="')[1].split('"')[0]) for part in picture.split("<rect x=")[1:]]
        assert heights[0] == pytest.approx(heights[1] / 2, abs=0.1)
        assert "g&lt;" in picture

    def test_a_curve_falls_when_its_values_do(self):
        picture = figures.curves("t", "x", "y", {"line": [(1, 3.0), (10, 2.0), (100, 1.0)]}, logarithmic=True)
        points = [tuple(map(float, p.split(","))) for p in picture.split('points="')[1].split('"')[0].split()]
        assert points[0][1] < points[1][1] < points[2][1]
        assert points[1][0] - points[0][0] == pytest.approx(points[2][0] - points[1][0], abs=0.2)


class TestJobs:
    def script(self, tmp_path, name, *, after=(), fails=False):
        order = tmp_path / "order.txt"
        code = f"open({str(order)!r}, 'a').write('{name} ')" + (
            "; raise SystemExit('no such luck')" if fails else f"; open({str(tmp_path / name)!r}, 'w')"
        )
        return jobs.Job(
            name=name, command=["-c", code], done=tmp_path / name, log=tmp_path / f"{name}.log", after=frozenset(after)
        )

    def test_a_job_waits_for_what_it_needs_and_is_not_done_again(self, tmp_path):
        todo = [self.script(tmp_path, "second", after=["first"]), self.script(tmp_path, "first")]
        for _ in range(2):
            jobs.run_all(todo, workers=2, threads=1, say=lambda _: None)
        assert (tmp_path / "order.txt").read_text() == "first second "

    def test_a_job_that_fails_is_named_with_its_last_words(self, tmp_path):
        with pytest.raises(jobs.JobFailedError, match=r"bad ended with code 1: no such luck"):
            jobs.run_all([self.script(tmp_path, "bad", fails=True)], workers=1, threads=1, say=lambda _: None)

    def test_jobs_that_wait_for_each_other_are_refused(self, tmp_path):
        todo = [self.script(tmp_path, "a", after=["b"]), self.script(tmp_path, "b", after=["a"])]
        with pytest.raises(ValueError, match="a, b wait for each other"):
            jobs.run_all(todo, workers=1, threads=1, say=lambda _: None)
        with pytest.raises(ValueError, match="no job is called b"):
            jobs.run_all(todo[:1], workers=1, threads=1, say=lambda _: None)


def test_only_a_smoke_run_holds_out_little():
    """A run that was no smoke run took the field of a class with slots for its default."""
    whole = ablation.sizes_of(ablation.parse(["--work", "x", "--workers", "3"]))
    assert (whole.raw_bytes, whole.held_out_bytes, whole.workers, whole.execute) == (None, 45_000, 3, True)
    smoke = ablation.sizes_of(ablation.parse(["--work", "x", "--smoke"]))
    assert (smoke.raw_bytes, smoke.held_out_bytes, smoke.workers, smoke.execute) == (1_500_000, 8_000, 2, False)


def run(*arguments, cwd):
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    command = [sys.executable, str(ABLATION / "run.py"), *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)


def test_help_names_every_part_of_the_plan(tmp_path):
    shown = run("--help", cwd=tmp_path).stdout
    assert all(
        option in shown for option in ("--work", "--size", "--tokens", "--seeds", "--parts", "--smoke", "--device")
    )


def test_a_plan_that_cannot_be_is_refused_in_one_line(tmp_path):
    done = run("--work", tmp_path, "--parts", "main,everything", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "error: parts must be some of main, cooldown, shares, prune, got everything\n"
