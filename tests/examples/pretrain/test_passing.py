"""Pass@k of a model: which problems, completions that a kill does not lose, accuracy apart."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from trainer import passing
from trainer.passing import COMPLETIONS, Sampling, complete, easiest, find_problems, pass_rates, split_rates

from textbooks.errors import InputError, ParametersChangedError
from textbooks.problems import Problem


def problem(name, solution="    return 2 * x\n"):
    prompt = f"def {name}(x):\n"
    return Problem(
        "exam", f"exam/{name}", prompt, solution, "def check(candidate):\n    assert candidate(3) == 6\n", name
    )


TWICE, DOUBLE, BOTH = problem("twice"), problem("double", "    return x + x + 0\n"), problem("both", "    return x*2\n")
PROBLEMS = [TWICE, DOUBLE, BOTH]


class Model:
    """Stands for `TransformersGenerator`: says what it was asked, and solves every second sample of all but `both`."""

    def __init__(self, model, **settings):
        self.seed, self.settings = 0, settings
        self.asked = []
        Model.last = self

    def complete(self, problems, samples):
        self.asked.append(([one.entry_point for one in problems], self.seed))
        if len(self.asked) > getattr(Model, "blocks_until_kill", 99):
            raise KeyboardInterrupt
        for one in problems:
            for number in range(samples):
                right = number % 2 == 0 and one.entry_point != "both"
                yield {
                    "task_id": one.id,
                    "completion": f"    return {'2 *' if right else ''} x  # {self.seed} \u2028\n",
                }


@pytest.fixture
def model(monkeypatch, tmp_path):
    """A folder that looks like a model's, which nobody loads."""
    monkeypatch.setattr(passing, "TransformersGenerator", Model)
    monkeypatch.setattr(Model, "blocks_until_kill", 99, raising=False)
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "model.safetensors").write_bytes(b"weights")
    return folder


class TestProblems:
    def test_the_easiest_have_the_shortest_solutions_and_keep_their_order(self):
        assert easiest(PROBLEMS, 2) == [TWICE, BOTH]
        assert easiest(PROBLEMS, 1) == [BOTH]
        assert easiest(PROBLEMS, 9) == PROBLEMS

    @given(st.lists(st.text("ab ", max_size=5), max_size=8), st.integers(1, 9))
    def test_none_that_is_left_out_is_shorter(self, solutions, number):
        problems = [problem(f"p{place}", text) for place, text in enumerate(solutions)]
        chosen = easiest(problems, number)
        lengths = [len(one.solution.strip()) for one in problems if one not in chosen]
        assert all(len(one.solution.strip()) <= min(lengths, default=99) for one in chosen)
        assert len(chosen) == min(number, len(problems))

    def test_a_benchmark_that_is_not_here_is_named_and_not_asked_for(self, monkeypatch):
        monkeypatch.delenv("TEXTBOOKS_DATA", raising=False)
        found = find_problems(["unconventional", "mbpp"], number=3)
        assert (found.sizes, found.missing) == ({"unconventional": 3}, ["mbpp"])

    def test_two_files_of_one_name_are_refused(self, tmp_path):
        rows = {
            "task_id": 1,
            "text": "Halve.",
            "code": "def halve(x): return x / 2",
            "test_list": ["assert halve(2) == 1"],
        }
        for folder in ("a", "b"):
            (tmp_path / folder).mkdir()
            (tmp_path / folder / "exam.jsonl").write_text(json.dumps(rows) + "\n")
        paths = [str(tmp_path / folder / "exam.jsonl") for folder in ("a", "b")]
        assert find_problems(paths[:1]).sizes == {"exam": 1}
        with pytest.raises(InputError, match="two benchmarks are called 'exam'"):
            find_problems(paths)

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            ({"samples": 0}, "samples must be at least 1, got 0"),
            ({"samples": 5}, "k must be between 1 and samples = 5, got 10: take more samples"),
            ({"ks": (0,)}, "k must be between 1 and samples = 10, got 0"),
            ({"temperature": -0.1}, "temperature must be at least 0, got -0.1"),
            ({"max_new_tokens": 0}, "max_new_tokens must be at least 1, got 0"),
            ({"seed": -1}, "seed must be at least 0, got -1"),
            ({"batch_size": 0}, "batch_size must be at least 1, got 0"),
            ({"workers": 0}, "workers must be at least 1, got 0"),
        ],
    )
    def test_what_cannot_be_is_refused_with_its_name(self, arguments, message):
        with pytest.raises(ValueError, match=message):
            Sampling(**arguments)


class TestCompletions:
    HOW = Sampling(samples=2, ks=(1, 2), batch_size=2, seed=7)

    def test_every_block_has_a_seed_of_its_own(self, model, tmp_path):
        rows = complete(model, PROBLEMS, tmp_path / COMPLETIONS, self.HOW)
        assert Model.last.asked == [(["twice"], 7), (["double"], 9), (["both"], 11)]
        assert [row["task_id"] for row in rows] == [name for one in PROBLEMS for name in [one.id] * 2]
        assert Model.last.settings["temperature"] == 0.2

    def test_small_problems_share_a_batch(self, model, tmp_path):
        complete(model, PROBLEMS, tmp_path / COMPLETIONS, Sampling(samples=2, ks=(1,), batch_size=5))
        assert Model.last.asked == [(["twice", "double"], 0), (["both"], 4)]

    @pytest.mark.parametrize("torn", [b"", b'{"task_id": "exam/double", "compl'])
    def test_a_killed_run_goes_on_and_leaves_the_bytes_of_one_that_was_not(self, model, tmp_path, torn, monkeypatch):
        whole, killed = tmp_path / "whole.jsonl", tmp_path / "killed.jsonl"
        complete(model, PROBLEMS, whole, self.HOW)
        monkeypatch.setattr(Model, "blocks_until_kill", 1)
        with pytest.raises(KeyboardInterrupt):
            complete(model, PROBLEMS, killed, self.HOW)
        with killed.open("ab") as file:
            file.write(torn)
        monkeypatch.setattr(Model, "blocks_until_kill", 99)
        complete(model, PROBLEMS, killed, self.HOW)
        assert [names for names, _ in Model.last.asked] == [["double"], ["both"]]
        assert killed.read_bytes() == whole.read_bytes()

    def test_half_a_block_is_made_again(self, model, tmp_path):
        whole, path = tmp_path / "whole.jsonl", tmp_path / COMPLETIONS
        complete(model, PROBLEMS, whole, self.HOW)
        path.write_text("".join(whole.read_text().splitlines(keepends=True)[:3]))
        complete(model, PROBLEMS, path, self.HOW)
        assert Model.last.asked[0] == (["double"], 9)
        assert path.read_bytes() == whole.read_bytes()


class TestRates:
    HOW = Sampling(samples=2, ks=(1, 2), workers=1)

    def test_pass_at_k_is_of_programs_that_ran(self, model, tmp_path):
        rates = pass_rates(model, PROBLEMS, tmp_path / "exam", self.HOW)
        assert rates["solved"] == {"exam/twice": 1, "exam/double": 1, "exam/both": 0}
        assert {k: round(found["value"], 4) for k, found in rates["pass_at"].items()} == {"1": 0.3333, "2": 0.6667}
        assert rates["counts"] == {"passed": 2, "failed": 4, "timed out": 0}

    def test_what_is_done_is_not_done_again(self, model, tmp_path, monkeypatch):
        first = pass_rates(model, PROBLEMS, tmp_path / "exam", self.HOW)
        monkeypatch.setattr(Model, "blocks_until_kill", 0)
        monkeypatch.setattr(passing, "evaluate", None)
        assert pass_rates(model, PROBLEMS, tmp_path / "exam", self.HOW) == first

    @pytest.mark.parametrize("changed", ["samples", "model", "problems"])
    def test_a_folder_of_another_evaluation_is_refused_by_what_differs(self, model, tmp_path, changed):
        pass_rates(model, PROBLEMS, tmp_path / "exam", self.HOW)
        if changed == "model":
            (model / "model.safetensors").write_bytes(b"others")
        how = Sampling(samples=3, ks=(1, 2), workers=1) if changed == "samples" else self.HOW
        problems = PROBLEMS[:2] if changed == "problems" else PROBLEMS
        with pytest.raises(ParametersChangedError, match=rf"other parameters \({changed}: "):
            pass_rates(model, problems, tmp_path / "exam", how)

    def test_accuracy_apart_is_of_the_problems_that_were_asked(self):
        rates = {"solved": {"exam/twice": 2, "exam/double": 1, "exam/both": 0}}
        split = split_rates(rates, ["exam/twice", "exam/not-asked"], samples=2)
        assert (split.similar.value, split.similar.size) == (1.0, 1)
        assert (split.not_similar.value, split.not_similar.size) == (0.25, 2)
