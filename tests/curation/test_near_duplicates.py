"""The end of the main job: of near-duplicates only the best is kept, whatever the workers, shards and order."""

from __future__ import annotations

import json
from collections import Counter

import pyarrow.parquet as pq
import pytest
from datatrove.data import Document

from tests.conftest import TEXTBOOK
from tests.curation.conftest import digest_of, textbooks
from textbooks.curation.candidates import CandidateReader, document_of
from textbooks.curation.options import CurationOptions
from textbooks.curation.run import curate
from textbooks.curation.shard_writer import row_of
from textbooks.dedup import MinHashDeduplicator, jaccard
from textbooks.schema import KEPT_SCHEMA
from textbooks.verdicts import Verdict

POORER = TEXTBOOK.replace('"""', "'''").rstrip() + "\n\n\nDEBUG = True\nPORT = 80\nHOST = 'localhost'\n"
OTHER = '''"""Count words."""


def count_words(text):
    """Return how often each word occurs in a text.

    >>> count_words("a b a")
    {'a': 2, 'b': 1}
    """
    counts = {}
    for word in text.split():
        counts[word] = counts.get(word, 0) + 1
    return counts
'''
TEXTS = [POORER, OTHER, TEXTBOOK, TEXTBOOK + "\n# The end.\n", OTHER.replace("word", "token"), OTHER + "\n\nx = 1\n"]


def rows(folder):
    return [row for file in sorted(folder.glob("*.parquet")) for row in pq.read_table(file).to_pylist()]


def write(path, texts, start=0):
    lines = [json.dumps({"text": text, "id": str(i), "stars": i}) for i, text in enumerate(texts, start)]
    path.write_text("\n".join(lines) + "\n")
    return str(path)


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return write(tmp_path_factory.mktemp("near") / "texts.jsonl", TEXTS)


@pytest.fixture(scope="module")
def without(path, tmp_path_factory):
    out = tmp_path_factory.mktemp("without") / "out"
    curate(CurationOptions(out=out, paths=[path], problems=[], workers=1, near_threshold=None))
    return rows(out / "kept")


@pytest.fixture(scope="module")
def compared(path, tmp_path_factory):
    out = tmp_path_factory.mktemp("compared") / "out"
    outcome = curate(CurationOptions(out=out, paths=[path], problems=[], workers=1, near_threshold=0.6))
    return out, outcome.stats


def test_what_stays_is_what_stays_in_memory(compared, without):
    out, stats = compared
    judge = MinHashDeduplicator(threshold=0.6, key="score")
    expected = judge.fit_apply([{"text": row["text"], "score": row["score"], "row": row} for row in without])
    assert len(expected.dropped) >= 2
    kept = rows(out / "kept")
    assert [row["text"] for row in kept] == [record["text"] for record in expected.kept]
    assert [row["score"] for row in kept] == [record["score"] for record in expected.kept]
    assert stats["read"] == len(TEXTS) == stats["kept"] + stats["dropped"]
    assert stats["reasons"]["near_duplicate"] == len(expected.dropped)


def test_what_goes_names_the_better_one_that_stays(compared):
    out, _ = compared
    by_source = {row["source"]: row for row in rows(out / "kept")}
    gone = [row for row in rows(out / "dropped") if row["reason"] == "near_duplicate"]
    represented = Counter({source: 1 for source in by_source})
    for row in gone:
        evidence = json.loads(row["evidence"])["near_duplicate"]
        better = by_source[evidence["duplicate_of"]]
        assert better["score"] >= row["score"]
        assert evidence["jaccard"] == jaccard(row["text"], better["text"]) >= 0.6
        assert row["reasons"] == ["near_duplicate"]
        represented[evidence["duplicate_of"]] += 1
    assert {s: json.loads(r["evidence"])["near_duplicate"]["cluster_size"] for s, r in by_source.items()} == represented


def test_the_other_columns_are_those_of_a_run_that_compares_nothing(compared, without):
    out, _ = compared
    before = {row["source"]: row for row in without}
    for row in [*rows(out / "kept"), *(r for r in rows(out / "dropped") if r["reason"] == "near_duplicate")]:
        same = before[row["source"]]
        for name in ("id", "text", "score", "metadata"):
            assert row[name] == same[name]
        evidence = json.loads(row["evidence"])
        assert evidence.pop("near_duplicate")
        assert evidence == json.loads(same["evidence"])


def test_shards_and_workers_do_not_matter(path, compared, tmp_path, monkeypatch):
    first, second = write(tmp_path / "a.jsonl", TEXTS[:3]), write(tmp_path / "b.jsonl", TEXTS[3:], start=3)
    monkeypatch.setattr("textbooks.readers.plan.SHARD_FILES", 1)
    outs = []
    for workers in (1, 2):
        outs.append(tmp_path / f"out{workers}")
        curate(CurationOptions(out=outs[-1], paths=[first, second], problems=[], workers=workers, near_threshold=0.6))
    assert sorted(file.name for file in (outs[0] / "kept").iterdir()) == ["00000-00000.parquet", "00001-00000.parquet"]
    one, two = (digest_of(out) for out in outs)
    assert {name: d for name, d in one.items() if "parquet" in name} == {n: d for n, d in two.items() if "parquet" in n}
    assert {row["text"] for row in rows(outs[0] / "kept")} == {row["text"] for row in rows(compared[0] / "kept")}


def test_the_command_line_can_leave_near_duplicates(path, without, tmp_path):
    run = textbooks("curate", path, "--out", tmp_path / "out", "--keep-near-duplicates")
    assert run.returncode == 0, run.stderr
    assert rows(tmp_path / "out" / "kept") == without
    again = textbooks("curate", path, "--out", tmp_path / "out")
    assert again.returncode == 2
    assert "parameters.near_threshold was None, now 0.7" in again.stderr


@pytest.mark.parametrize("threshold", [0, -0.1, 1.1])
def test_a_threshold_out_of_range_is_refused(threshold, tmp_path):
    with pytest.raises(ValueError, match="threshold must be"):
        CurationOptions(out=tmp_path, near_threshold=threshold)


def test_nothing_is_left_of_what_was_in_between(compared):
    out, _ = compared
    assert not {"candidates", "near_dedup", "exact_dedup"} & {entry.name for entry in (out / ".textbooks").iterdir()}


@pytest.mark.parametrize("evidence", [{}, {"why": "it is long", "n": 3, "list": [1, None]}])
@pytest.mark.parametrize("metadata", [{}, {"stars": 3, "edu_value_input": 7, "nested": {"a": [1.5, True, None]}}])
def test_a_candidate_is_written_again_as_it_was(evidence, metadata):
    document = Document(text="x = 'é'\n", id="a", metadata={**metadata, "source": "a.py#1"})
    document.metadata |= Verdict.kept(3.25, **evidence).as_metadata("edu_value")
    document.metadata |= Verdict.kept(0.5).as_metadata("size")
    row = row_of(document, KEPT_SCHEMA, "edu_value_score")
    assert row_of(document_of(row, "edu_value_score"), KEPT_SCHEMA, "edu_value_score") == row


def test_candidates_of_a_task_are_read_in_order_and_no_others(tmp_path):
    def row(text):
        return {
            "id": text,
            "text": text,
            "score": 1.0,
            "reasons": [],
            "evidence": "{}",
            "source": text,
            "metadata": "{}",
        }

    import pyarrow as pa

    for name in ("00001-00002", "00001-00000", "00001", "000010", "10000", "00002"):
        pq.write_table(pa.Table.from_pylist([row(name)], schema=KEPT_SCHEMA), tmp_path / f"{name}.parquet")
    reader = CandidateReader(tmp_path)
    assert [document.text for document in reader.run(rank=1)] == ["00001-00000", "00001-00002", "00001"]
    assert list(reader.run(rank=7)) == []
