"""The library's recipe as plain datatrove pipelines: what `textbooks curate` does, in parts that you can change.

    python examples/curate.py PATH OUT

Reads the .py, .jsonl and .parquet files below PATH. Writes OUT/kept and, for every step, OUT/dropped/<step>. Offline.
"""

from __future__ import annotations

import sys
from pathlib import Path

from datatrove.data import Document
from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.base import PipelineStep
from datatrove.pipeline.readers import ParquetReader
from datatrove.pipeline.writers import ParquetWriter

from textbooks.decontaminators import NGramDecontaminator
from textbooks.dedup import (
    ExactDedupBuckets,
    ExactDedupFilter,
    ExactDedupSignature,
    MinHashBuckets,
    MinHashClusters,
    MinHashFilter,
    MinHashSignature,
)
from textbooks.filters import EduValueFilter, SizeFilter, SyntaxFilter
from textbooks.problems import available_benchmarks, load_problems
from textbooks.readers import CorpusReader, find_inputs, write_plan


def columns(_: ParquetWriter, document: Document) -> dict[str, object]:
    """Return one row: the same columns for every document, as parquet wants it."""
    score = document.metadata.get("edu_value_score", document.metadata.get("score"))
    found = {"score": score, "reason": document.metadata.get("filter_reason", "")}
    return {"id": document.id, "text": document.text, "source": document.metadata["source"], **found}


def main(path: str, out: Path) -> None:
    """Curate what lies below `path`."""
    plan = write_plan(find_inputs([path], exclude=out), out / "plan")
    problems = [problem for name in available_benchmarks() for problem in load_problems(name)]

    def run(name: str, tasks: int, *steps: PipelineStep) -> None:
        LocalPipelineExecutor(pipeline=list(steps), tasks=tasks, logging_dir=str(out / "logs" / name)).run()

    def dropped(step: str) -> ParquetWriter:  # a folder for each step: datatrove's writers cannot be shared
        return ParquetWriter(str(out / "dropped" / step), adapter=columns)

    run("hash", plan.shards, CorpusReader(out / "plan"), ExactDedupSignature(out / "duplicates"))
    run("buckets", 1, ExactDedupBuckets(out / "duplicates"))
    steps = [
        CorpusReader(out / "plan"),
        ExactDedupFilter(out / "duplicates", exclusion_writer=dropped("exact_duplicate")),
        SizeFilter(exclusion_writer=dropped("size")),
        SyntaxFilter(exclusion_writer=dropped("syntax")),
        EduValueFilter(min_score=2.5, exclusion_writer=dropped("edu_value")),
    ]
    if problems:
        steps.append(NGramDecontaminator(exclusion_writer=dropped("ngram")).fit(problems))
    else:
        print("WARNING: no benchmark on this machine, so nothing is decontaminated: set TEXTBOOKS_DATA")
    run("judge", plan.shards, *steps, ParquetWriter(str(out / "judged"), adapter=columns))

    def judged() -> ParquetReader:
        return ParquetReader(str(out / "judged"))

    near = out / "near_duplicates"  # of texts that are nearly the same the one with the highest score stays
    run("signatures", plan.shards, judged(), MinHashSignature(near, key="score"))
    run("bands", 1, MinHashBuckets(near))
    run("clusters", 1, MinHashClusters(near))
    similar = MinHashFilter(near, exclusion_writer=dropped("near_duplicate"))
    run("near", plan.shards, judged(), similar, ParquetWriter(str(out / "kept"), adapter=columns))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
