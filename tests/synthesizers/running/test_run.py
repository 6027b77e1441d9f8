"""Runs: what they publish, how they go on, and that nothing is asked or lost twice."""

from __future__ import annotations

import json
import shutil

import pyarrow.parquet as pq
import pytest

from tests.synthesizers.speaker import speak
from textbooks.errors import BudgetExceededError, ParametersChangedError, RefusedKeyError, ServerUnreachableError
from textbooks.llm import Budget, ManagedChatClient, Price, RetryPolicy, ScriptedChatClient
from textbooks.synthesizers import (
    ExerciseSynthesizer,
    SynthesisOptions,
    answers_path,
    exercise_seeds,
    synthesize,
)

SEEDS = exercise_seeds(seed=3)
N = 36


class Model(ScriptedChatClient):
    """Counts what it is asked, and fails where it is told to."""

    def __init__(self, fails=lambda number: None):
        super().__init__(self._answer)
        self._fails = fails

    def _answer(self, messages):
        error = self._fails(len(self.requests))
        return error or speak(messages)


def run(out, sandbox, *, n=N, model=None, budget=None, watch=lambda _: None, begin=lambda _: None, **more):
    """Run in blocks of ten, with the answers kept."""
    model = model or Model()
    options = {
        "n": n,
        "block_size": 10,
        **{key: more.pop(key) for key in ("restart", "block_size", "price") if key in more},
    }
    with ManagedChatClient(
        model, model="m", cache=answers_path(out), concurrency=2, budget=budget, retry=RetryPolicy(attempts=1)
    ) as client:
        synthesizer = ExerciseSynthesizer(client, sandbox=sandbox, workers=1, **more)
        return synthesize(synthesizer, SEEDS, SynthesisOptions(out=out, **options), watch=watch, begin=begin)


def files_of(out):
    """Every byte of the output, by name."""
    found = [*out.glob("kept/*"), *out.glob("dropped/*"), *out.glob("quarantine/*"), out / "stats.json"]
    return {str(path.relative_to(out)): path.read_bytes() for path in found}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory, sandbox):
    """The output of a run that nothing disturbed, and the number of requests."""
    out, model = tmp_path_factory.mktemp("whole") / "out", Model()
    run(out, sandbox, model=model)
    return files_of(out), len(model.requests)


def test_every_seed_ends_in_one_file_with_where_it_comes_from(tmp_path, sandbox, undisturbed):
    outcome = run(tmp_path / "out", sandbox)
    stats = outcome.stats
    assert stats["read"] == N == stats["kept"] + stats["dropped"] + stats["quarantined"]
    assert sum(stats["reasons"].values()) == stats["dropped"]
    rows = [
        row
        for folder in ("kept", "dropped")
        for file in sorted((tmp_path / "out" / folder).glob("*.parquet"))
        for row in pq.read_table(file).to_pylist()
    ]
    assert sorted(row["id"] for row in rows) == [seed.id for seed in SEEDS.draw(N)]
    metadata = json.loads(rows[0]["metadata"])
    number = json.loads(metadata["seed"])["number"]
    assert json.loads(metadata["seed"]) == SEEDS[number].to_json()
    assert files_of(tmp_path / "out") == undisturbed[0]


def test_a_finished_run_asks_nothing_more(tmp_path, sandbox):
    first = run(tmp_path / "out", sandbox)
    model = Model()
    again = run(tmp_path / "out", sandbox, model=model)
    assert again.already_finished
    assert (again.stats, model.requests) == (first.stats, [])


def test_more_seeds_add_to_what_is_there(tmp_path, sandbox, undisturbed):
    first, second = Model(), Model()
    run(tmp_path / "out", sandbox, n=14, model=first)
    outcome = run(tmp_path / "out", sandbox, model=second)
    assert files_of(tmp_path / "out") == undisturbed[0]
    assert len(first.requests) + len(second.requests) == undisturbed[1]
    assert not outcome.already_finished


def test_fewer_seeds_than_there_are_are_refused(tmp_path, sandbox):
    run(tmp_path / "out", sandbox, n=14)
    with pytest.raises(ParametersChangedError, match="holds 14 seeds, more than the 5"):
        run(tmp_path / "out", sandbox, n=5)


@pytest.mark.parametrize("point", [1, 9, 10, 11, 25, 35])
def test_an_interrupted_run_goes_on_to_the_same_bytes(point, tmp_path, sandbox, undisturbed):
    first, second, seen = Model(), Model(), []

    def stop(one):
        seen.append(one)
        if len(seen) == point:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "out", sandbox, model=first, watch=stop)
    earlier = []
    run(tmp_path / "out", sandbox, model=second, begin=earlier.append)
    assert files_of(tmp_path / "out") == undisturbed[0]
    assert len(first.requests) + len(second.requests) == undisturbed[1]
    assert sum(earlier[0].values()) == (point - 1) // 10 * 10


def test_a_budget_ends_the_run_cleanly_and_the_next_goes_on(tmp_path, sandbox, undisturbed):
    outcome = run(tmp_path / "out", sandbox, budget=Budget(requests=15))
    assert isinstance(outcome.ended_by, BudgetExceededError)
    assert outcome.unanswered == N - 15
    assert outcome.stats["reasons"]["no_answer"] == 5
    second = Model()
    assert run(tmp_path / "out", sandbox, model=second).unanswered == 0
    assert files_of(tmp_path / "out") == undisturbed[0]
    assert len(second.requests) == undisturbed[1] - 15


def test_seeds_without_an_answer_are_asked_for_again_and_only_those(tmp_path, sandbox, undisturbed):
    failing = {4, 13, 14, 30}
    outcome = run(
        tmp_path / "out", sandbox, model=Model(lambda n: ServerUnreachableError("down") if n in failing else None)
    )
    assert (outcome.unanswered, outcome.stats["quarantined"]) == (len(failing), len(failing))
    second = Model()
    assert run(tmp_path / "out", sandbox, model=second).unanswered == 0
    assert len(second.requests) == len(failing)
    assert files_of(tmp_path / "out") == undisturbed[0]


def test_a_server_that_is_down_stops_the_run(tmp_path, sandbox, undisturbed):
    with pytest.raises(ServerUnreachableError):
        run(tmp_path / "out", sandbox, model=Model(lambda n: ServerUnreachableError("down") if n > 10 else None))
    run(tmp_path / "out", sandbox)
    assert files_of(tmp_path / "out") == undisturbed[0]


def test_a_refused_key_ends_the_run_at_once(tmp_path, sandbox):
    model = Model(lambda n: RefusedKeyError("no") if n > 3 else None)
    assert isinstance(run(tmp_path / "out", sandbox, model=model).ended_by, RefusedKeyError)
    assert not (tmp_path / "out" / "kept" / "00001.parquet").exists()


def test_other_parameters_are_refused_and_a_restart_pays_nothing_twice(tmp_path, sandbox):
    run(tmp_path / "out", sandbox, n=10)
    with pytest.raises(ParametersChangedError, match=r"max_similarity was 0.7, now 0.5"):
        run(tmp_path / "out", sandbox, n=10, max_similarity=0.5)
    model = Model()
    outcome = run(tmp_path / "out", sandbox, n=10, max_similarity=0.5, restart=True, model=model)
    assert outcome.stats["read"] == 10
    assert model.requests == []


def test_a_damaged_note_costs_only_its_block_and_those_behind(tmp_path, sandbox, undisturbed):
    run(tmp_path / "out", sandbox)
    note = tmp_path / "out" / ".textbooks" / "blocks" / "00001.json"
    note.write_bytes(note.read_bytes()[:20])
    earlier = []
    run(tmp_path / "out", sandbox, begin=earlier.append)
    assert sum(earlier[0].values()) == 10
    assert files_of(tmp_path / "out") == undisturbed[0]


def test_what_all_answers_cost_is_told_also_when_they_come_from_the_cache(tmp_path, sandbox):
    price = Price(1_000_000, 0)
    first = run(tmp_path / "out", sandbox, n=4, price=price)
    shutil.rmtree(tmp_path / "out" / "kept")
    again = run(tmp_path / "out", sandbox, n=4, price=price, restart=True)
    assert first.stats["cost"] == again.stats["cost"] == first.stats["prompt_tokens"]


@pytest.mark.parametrize("options", [{"n": 0}, {"n": 1, "block_size": 0}])
def test_what_is_out_of_range_is_refused(options, tmp_path):
    with pytest.raises(ValueError, match="at least 1, got 0"):
        SynthesisOptions(out=tmp_path, **options)
