"""CodeExercises: one parquet file of prompts and completions."""

from __future__ import annotations

import pyarrow.parquet as pq

from tests.synthesizers.speaker import speak
from textbooks.curation.benchmarks import Benchmarks
from textbooks.llm import ManagedChatClient, ScriptedChatClient
from textbooks.synthesizers import CODE_EXERCISES_SCHEMA, CodeExercises, SynthesisOptions, answers_path, exercise_seeds


def make(out, n):
    options = SynthesisOptions(out=out, n=n, block_size=8)
    with ManagedChatClient(ScriptedChatClient(speak), model="m", cache=answers_path(out)) as client:
        recipe = CodeExercises(client=client, options=options, seeds=exercise_seeds(seed=1), benchmarks=Benchmarks())
        return recipe.run()


def test_the_set_holds_what_was_kept_in_the_papers_format(tmp_path):
    outcome = make(tmp_path / "out", 20)
    table = pq.read_table(tmp_path / "out" / "code_exercises.parquet")
    assert table.schema.equals(CODE_EXERCISES_SCHEMA)
    rows = table.to_pylist()
    assert len(rows) == outcome.stats["kept"] > 0
    seeds = {seed.id: seed for seed in exercise_seeds(seed=1).draw(20)}
    for row in rows:
        assert row["prompt"] + row["completion"] == row["text"]
        assert row["prompt"].rstrip().endswith(('"""', "'''"))
        assert {name: row[name] for name in seeds[row["id"]].fields} == dict(seeds[row["id"]].fields)


def test_its_card_tells_what_was_not_kept_and_why(tmp_path):
    outcome = make(tmp_path / "out", 20)
    card = (tmp_path / "out" / "README.md").read_text()
    assert f"{outcome.stats['kept']:,} exercises" in card
    for slug, count in outcome.stats["reasons"].items():
        assert f"| {slug} | {count} |" in card


def test_it_grows_when_more_is_asked_for(tmp_path):
    make(tmp_path / "out", 8)
    first = pq.read_table(tmp_path / "out" / "code_exercises.parquet")
    make(tmp_path / "out", 16)
    grown = pq.read_table(tmp_path / "out" / "code_exercises.parquet")
    assert grown.slice(0, len(first)).equals(first)
    assert len(grown) > len(first)
