"""Near-duplicates over shards: the same as in memory, whatever the tasks and the order."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence

import pytest
from datatrove.data import Document
from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.readers import JsonlReader
from datatrove.pipeline.writers import JsonlWriter
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.dedup.minhash.texts import edited, program, snippets
from tests.dedup.test_exact import Kept
from textbooks.dedup import MinHashBuckets, MinHashClusters, MinHashDeduplicator, MinHashFilter, MinHashSignature
from textbooks.errors import InputError, ParametersChangedError

shards_of_texts = st.lists(st.lists(snippets, max_size=5), min_size=1, max_size=4)


def documents(shards: Sequence[Sequence[object]], rank: int) -> list[Document]:
    return [
        Document(text=text, id=f"{rank}/{i}", metadata={"source": f"{rank}/{i}", "score": (7 * i + rank) % 5})
        for i, text in enumerate(shards[rank])
    ]


def decide(folder, shards, *, tasks=(1, 1), order=None, decide_at=None, **arguments):
    """Run the first three stages, the tasks of the first in `order`."""
    for rank in order or range(len(shards)):
        assert list(MinHashSignature(folder, **arguments).run(documents(shards, rank), rank)) == []
    for rank in reversed(range(tasks[0])):
        assert list(MinHashBuckets(folder).run(None, rank, tasks[0])) == []
    for rank in reversed(range(tasks[1])):
        assert list(MinHashClusters(folder, threshold=decide_at).run(None, rank, tasks[1])) == []


def verdicts(folder, shards):
    """Run the last stage; returns score and evidence by id, and the ids of those that stay."""
    said, kept = {}, []
    for rank in range(len(shards)):
        excluded = Kept()
        step = MinHashFilter(folder, exclusion_writer=excluded, batch_size=3)
        stay = list(step.run(documents(shards, rank), rank))
        kept += [document.id for document in stay]
        for document in [*stay, *excluded]:
            said[document.id] = json.loads(document.metadata["near_duplicate_evidence"])
    return said, kept


def in_memory(shards, **arguments):
    everything = [document for rank in range(len(shards)) for document in documents(shards, rank)]
    result = MinHashDeduplicator(**arguments).fit_apply(everything)
    said = {}
    for document, verdict in result:
        evidence = dict(verdict.evidence)
        if "duplicate_of" in evidence:
            evidence["duplicate_of"] = everything[evidence["duplicate_of"]].id
        said[document.id] = evidence
    return said, [document.id for document in result.kept]


def family(seed, size):
    randomness = random.Random(seed)
    roots = [program(randomness, 15) for _ in range(6)]
    return [edited(randomness.choice(roots), randomness, randomness.choice([0, 0.1, 0.3])) for _ in range(size)]


@settings(deadline=None, max_examples=15)
@given(shards_of_texts, st.integers(1, 3), st.integers(1, 3), st.randoms(use_true_random=False))
def test_stages_say_what_the_memory_says(tmp_path_factory, shards, buckets, clusters, randomness):
    folder = tmp_path_factory.mktemp("near")
    arguments = {"threshold": 0.5, "key": randomness.choice(["score", None]), "num_perm": 32}
    order = randomness.sample(range(len(shards)), len(shards))
    decide(folder, shards, tasks=(buckets, clusters), order=order, **arguments)
    assert verdicts(folder, shards) == in_memory(shards, **arguments)


@pytest.mark.parametrize(("tasks", "workers"), [(1, 1), (2, 1), (3, 1), pytest.param(3, 2, marks=pytest.mark.slow)])
def test_a_run_of_datatrove_keeps_what_the_memory_keeps(tmp_path, tasks, workers):
    texts = [*family(1, 60), " ", "x"]
    shards = [texts[:20], texts[20:21], texts[21:]]
    (tmp_path / "in").mkdir()
    for rank in range(3):
        rows = [{"text": d.text, "id": d.id, "metadata": d.metadata} for d in documents(shards, rank)]
        (tmp_path / "in" / f"{rank}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))

    def reader():
        return JsonlReader(str(tmp_path / "in"), glob_pattern="*.jsonl")

    folder = str(tmp_path / "near")
    writer = JsonlWriter(str(tmp_path / "out"), compression=None)
    pipelines = [
        (3, [reader(), MinHashSignature(folder, threshold=0.6, key="score")]),
        (tasks, [MinHashBuckets(folder)]),
        (tasks, [MinHashClusters(folder)]),
        (3, [reader(), MinHashFilter(folder), writer]),
    ]
    for number, (count, pipeline) in enumerate(pipelines):
        logs = str(tmp_path / "logs" / str(number))
        LocalPipelineExecutor(pipeline=pipeline, tasks=count, workers=workers, logging_dir=logs).run()
    written = [
        json.loads(line)["id"] for file in (tmp_path / "out").glob("*.jsonl") for line in file.read_text().splitlines()
    ]
    _, kept = in_memory(shards, threshold=0.6, key="score")
    assert 3 < len(kept) < 60
    assert sorted(written) == sorted(kept)


def test_what_is_no_text_is_quarantined_and_takes_no_part(tmp_path):
    shards = [["a b", None, "\ud800"], [5, "a  b", ""]]
    decide(tmp_path, shards)
    said, kept = verdicts(tmp_path, shards)
    assert said == in_memory(shards)[0]
    assert kept == ["1/1", "1/2"]


def test_a_higher_threshold_decides_as_in_memory_and_a_lower_one_is_refused(tmp_path):
    shards = [family(2, 30), family(2, 45)[20:]]
    decide(tmp_path, shards, decide_at=0.9)
    everything = [document for rank in range(2) for document in documents(shards, rank)]
    expected = MinHashDeduplicator().fit_apply(everything).rethreshold(threshold=0.9)
    assert verdicts(tmp_path, shards)[1] == [document.id for document in expected.kept]
    with pytest.raises(ValueError, match=r"threshold must be at least 0\.7, that of the fit, got 0\.5"):
        list(MinHashClusters(tmp_path, threshold=0.5).run())


@pytest.mark.parametrize(
    ("other", "difference"),
    [
        ({"seed": 2}, "seed 1 and 2"),
        ({"num_perm": 200, "bands": 25, "rows": 5}, "num_perm 128 and 200"),
        ({"shingle_size": 4}, "shingle_size 5 and 4"),
        ({"threshold": 0.71, "bands": 25, "rows": 5}, "threshold 0.7 and 0.71"),
    ],
)
def test_shards_of_different_schemes_are_refused(tmp_path, other, difference):
    list(MinHashSignature(tmp_path).run([Document(text="a", id="0")], 0))
    list(MinHashSignature(tmp_path, **other).run([Document(text="a", id="1")], 1))
    with pytest.raises(ParametersChangedError, match=f"cannot be mixed: .*{difference}"):
        list(MinHashBuckets(tmp_path).run())


def test_a_stage_before_the_one_it_needs_says_so(tmp_path):
    with pytest.raises(InputError, match="run MinHashSignature first"):
        list(MinHashBuckets(tmp_path).run())
    list(MinHashSignature(tmp_path).run([Document(text="a", id="0")], 0))
    with pytest.raises(InputError, match="an earlier stage did not finish"):
        list(MinHashClusters(tmp_path).run())
    with pytest.raises(InputError, match="MinHashClusters did not finish"):
        list(MinHashFilter(tmp_path).run([], 0))


def test_buckets_of_other_signatures_are_refused(tmp_path):
    decide(tmp_path, [["a"], ["b"]])
    list(MinHashSignature(tmp_path).run([], 1))
    with pytest.raises(InputError, match="run MinHashBuckets again"):
        list(MinHashClusters(tmp_path).run())


def test_decisions_on_other_texts_or_ranks_are_refused(tmp_path):
    def signed(text, score):
        document = Document(text=text, id="0", metadata={"score": score})
        list(MinHashSignature(tmp_path, key="score").run([document], 0))

    signed("a", 1)
    list(MinHashBuckets(tmp_path).run())
    list(MinHashClusters(tmp_path).run())
    list(MinHashFilter(tmp_path).run([Document(text="a", id="0")], 0))
    for text, score in [("b", 1), ("a", 2)]:
        signed(text, score)
        with pytest.raises(InputError, match="run MinHashClusters again"):
            list(MinHashFilter(tmp_path).run([Document(text="a", id="0")], 0))


def test_decisions_of_different_numbers_of_tasks_are_refused(tmp_path):
    decide(tmp_path, [["a"]])
    list(MinHashClusters(tmp_path).run(None, 1, 2))
    with pytest.raises(InputError, match="different numbers of tasks"):
        list(MinHashFilter(tmp_path).run([], 0))


def test_a_shard_that_changed_since_is_noticed(tmp_path):
    decide(tmp_path, [["a", "b"]])
    with pytest.raises(InputError, match="shard 0 has 1 documents, but had 2"):
        list(MinHashFilter(tmp_path).run([Document(text="a", id="0")], 0))


def test_a_damaged_file_is_named(tmp_path):
    decide(tmp_path, [["a", "b"]])
    (tmp_path / "buckets" / "003.parquet").write_bytes(b"PAR1")
    with pytest.raises(InputError, match=r"003\.parquet is no file of near-deduplication"):
        list(MinHashClusters(tmp_path).run())
