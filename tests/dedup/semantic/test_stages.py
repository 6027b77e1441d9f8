"""Semantic duplicates over shards: the same as in memory, whatever the tasks, cells and order."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
import pytest
from datatrove.data import Document
from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.readers import JsonlReader
from datatrove.pipeline.writers import JsonlWriter
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.dedup.semantic.spaces import VectorOf, scattered
from tests.dedup.test_exact import Kept
from textbooks.dedup import (
    SemanticCells,
    SemanticCentres,
    SemanticClusters,
    SemanticDeduplicator,
    SemanticEmbeddings,
    SemanticFilter,
)
from textbooks.errors import InputError, ParametersChangedError

EMBEDDER = VectorOf(scattered)
texts_of = st.text(alphabet="abc 1\n", max_size=4)
shards_of_texts = st.lists(st.lists(texts_of, max_size=7), min_size=1, max_size=4)


def documents(shards: Sequence[Sequence[object]], rank: int) -> list[Document]:
    return [
        Document(text=text, id=f"{rank}/{i}", metadata={"source": f"{rank}/{i}", "score": (7 * i + rank) % 5})
        for i, text in enumerate(shards[rank])
    ]


def decide(
    folder, shards, *, threshold=0.8, tasks=1, order=None, decide_at=None, key=None, cells=None, embedder=EMBEDDER
):
    """Run the first four stages, the tasks of the first in `order`."""
    for rank in order or range(len(shards)):
        assert list(SemanticEmbeddings(folder, embedder=embedder, key=key).run(documents(shards, rank), rank)) == []
    assert list(SemanticCentres(folder, cells=cells, engine="numpy").run()) == []
    for rank in reversed(range(tasks)):
        assert list(SemanticCells(folder, threshold=threshold, engine="numpy").run(None, rank, tasks)) == []
    assert list(SemanticClusters(folder, threshold=decide_at, engine="numpy").run(None, 0, 2)) == []
    assert list(SemanticClusters(folder).run(None, 1, 2)) == []


def verdicts(folder, shards):
    """Run the last stage; returns status, score and evidence by id, and the ids of those that stay."""
    said, kept = {}, []
    for rank in range(len(shards)):
        excluded = Kept()
        stay = list(SemanticFilter(folder, exclusion_writer=excluded, batch_size=3).run(documents(shards, rank), rank))
        kept += [document.id for document in stay]
        for document in [*stay, *excluded]:
            said[document.id] = json.loads(document.metadata["semantic_duplicate_evidence"])
    return said, kept


def in_memory(shards, *, embedder=EMBEDDER, **arguments):
    everything = [document for rank in range(len(shards)) for document in documents(shards, rank)]
    result = SemanticDeduplicator(embedder=embedder, engine="numpy", **arguments).fit_apply(everything)
    said = {}
    for document, verdict in result:
        evidence = dict(verdict.evidence)
        if "duplicate_of" in evidence:
            evidence["duplicate_of"] = everything[evidence["duplicate_of"]].id
        said[document.id] = evidence
    return said, [document.id for document in result.kept]


@settings(deadline=None, max_examples=12)
@given(shards_of_texts, st.integers(1, 3), st.sampled_from([None, 2, 9]), st.randoms(use_true_random=False))
def test_stages_say_what_the_memory_says(tmp_path_factory, shards, tasks, cells, randomness):
    folder = tmp_path_factory.mktemp("semantic")
    key, threshold = randomness.choice(["score", None]), randomness.choice([0.6, 0.9])
    order = randomness.sample(range(len(shards)), len(shards))
    decide(folder, shards, threshold=threshold, tasks=tasks, order=order, key=key, cells=cells)
    assert verdicts(folder, shards) == in_memory(shards, threshold=threshold, key=key)


@pytest.mark.parametrize("workers", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_a_run_of_datatrove_keeps_what_the_memory_keeps(tmp_path, workers):
    shards = [[f"{letter}{number}" for number in range(20)] for letter in "abc"]
    shards[1] += ["a3", "", " "]
    (tmp_path / "in").mkdir()
    for rank in range(3):
        rows = [{"text": d.text, "id": d.id, "metadata": d.metadata} for d in documents(shards, rank)]
        (tmp_path / "in" / f"{rank}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))

    def reader():
        return JsonlReader(str(tmp_path / "in"), glob_pattern="*.jsonl")

    folder = str(tmp_path / "semantic")
    writer = JsonlWriter(str(tmp_path / "out"), compression=None)
    pipelines = [
        (3, [reader(), SemanticEmbeddings(folder, embedder=EMBEDDER, key="score")]),
        (1, [SemanticCentres(folder, cells=5)]),
        (2, [SemanticCells(folder, threshold=0.95)]),
        (1, [SemanticClusters(folder)]),
        (3, [reader(), SemanticFilter(folder), writer]),
    ]
    for number, (count, pipeline) in enumerate(pipelines):
        logs = str(tmp_path / "logs" / str(number))
        LocalPipelineExecutor(pipeline=pipeline, tasks=count, workers=workers, logging_dir=logs).run()
    written = [
        json.loads(line)["id"] for file in (tmp_path / "out").glob("*.jsonl") for line in file.read_text().splitlines()
    ]
    _, kept = in_memory([[text for text in shard if text] for shard in shards], threshold=0.95, key="score")
    assert 3 < len(kept) < 60
    assert len(written) == len(kept)


def test_what_is_no_text_or_has_no_finite_vector_is_quarantined_and_takes_no_part(tmp_path):
    bad = VectorOf(lambda text: np.array([np.nan, *np.ones(7)]) if text == "bad" else scattered(text))
    shards = [["a", None, "bad", "\ud800"], [5, "a", "bad", ""]]
    decide(tmp_path, shards, embedder=bad)
    said, kept = verdicts(tmp_path, shards)
    assert said == in_memory(shards, embedder=bad, threshold=0.8)[0]
    assert kept == ["0/0", "1/3"]
    assert said["1/2"] == {"error": "the vector of the text holds NaN or infinity"}


def test_a_higher_threshold_decides_as_in_memory_and_a_lower_one_is_refused(tmp_path):
    shards = [[f"{letter}{number}" for number in range(30)] for letter in "ab"]
    decide(tmp_path, shards, threshold=0.7, decide_at=0.96)
    assert verdicts(tmp_path, shards) == in_memory(shards, threshold=0.96)
    with pytest.raises(ValueError, match=r"threshold must be at least 0\.7, that of the fit, got 0\.5"):
        list(SemanticClusters(tmp_path, threshold=0.5).run())


def embed(folder, text, rank=0, **arguments):
    arguments = {"embedder": EMBEDDER, **arguments}
    document = Document(text=text, id="0", metadata={"score": 1})
    list(SemanticEmbeddings(folder, **arguments).run([document], rank))


class Other(VectorOf):
    identity = "another"


class Long(VectorOf):
    dimensions = 9


@pytest.mark.parametrize(
    ("other", "difference"),
    [
        ({"embedder": Other(scattered)}, "embedder 'vectors by a function' and 'another'"),
        ({"embedder": Long(lambda _: np.ones(9))}, "dimensions 8 and 9"),
        ({"key": "score"}, "key None and 'score'"),
        ({"key": len}, r"key None and '\(a function\)'"),
    ],
)
def test_shards_of_different_embedders_or_keys_are_refused(tmp_path, other, difference):
    embed(tmp_path, "a", 0)
    embed(tmp_path, "a", 1, **{"key": None, **other, **({"key": lambda _: 1} if other.get("key") is len else {})})
    with pytest.raises(ParametersChangedError, match=f"cannot be mixed: .*{difference}"):
        list(SemanticCentres(tmp_path).run())


def test_a_stage_before_the_one_it_needs_says_so(tmp_path):
    with pytest.raises(InputError, match="run SemanticEmbeddings first"):
        list(SemanticCentres(tmp_path).run())
    embed(tmp_path, "a")
    for stage in (SemanticCells, SemanticClusters, SemanticFilter):
        with pytest.raises(InputError, match="an earlier stage did not finish"):
            list(stage(tmp_path).run([]))


def test_leavings_of_other_vectors_are_refused(tmp_path):
    decide(tmp_path, [["a"], ["b"]])
    embed(tmp_path, "c", 1)
    with pytest.raises(InputError, match="run SemanticCentres again"):
        list(SemanticCells(tmp_path).run())
    with pytest.raises(InputError, match="run SemanticCells again"):
        list(SemanticClusters(tmp_path).run())
    with pytest.raises(InputError, match="run SemanticClusters again"):
        list(SemanticFilter(tmp_path).run([Document(text="c", id="0")], 1))


def test_cells_of_different_thresholds_are_refused(tmp_path):
    decide(tmp_path, [["a"], ["b"]])
    list(SemanticCells(tmp_path, threshold=0.9).run(None, 1, 2))
    with pytest.raises(ParametersChangedError, match="of different thresholds or centres"):
        list(SemanticClusters(tmp_path).run())


def test_a_shard_that_changed_since_is_noticed_and_a_damaged_file_is_named(tmp_path):
    decide(tmp_path, [["a", "b"]])
    with pytest.raises(InputError, match="shard 0 has 1 documents, but had 2"):
        list(SemanticFilter(tmp_path).run([Document(text="a", id="0")], 0))
    (tmp_path / "frame.npz").write_bytes(b"PK\x03\x04")
    with pytest.raises(InputError, match=r"frame\.npz is no file of semantic deduplication"):
        list(SemanticCells(tmp_path).run())


@pytest.mark.parametrize(
    ("stage", "arguments", "message"),
    [
        (SemanticCentres, {"cells": 0}, "cells must be at least 1"),
        (SemanticCentres, {"seed": -1}, "seed must be between 0"),
        (SemanticCentres, {"engine": "x"}, "engine must be one of"),
        (SemanticCells, {"threshold": 0}, "threshold must be above 0"),
        (SemanticClusters, {"threshold": 2}, "threshold must be between 0 and 1"),
    ],
)
def test_arguments_out_of_range_are_refused(tmp_path, stage, arguments, message):
    with pytest.raises(ValueError, match=message):
        stage(tmp_path, **arguments)
