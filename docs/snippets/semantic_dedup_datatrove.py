from pathlib import Path

from datatrove.executor import LocalPipelineExecutor

from textbooks.dedup import SemanticCells, SemanticCentres, SemanticClusters, SemanticEmbeddings, SemanticFilter
from textbooks.readers import CorpusReader, find_inputs, write_plan

tasks = write_plan(find_inputs(["corpus.jsonl"]), Path("plan")).shards
stages = {
    "embed": (tasks, [CorpusReader("plan"), SemanticEmbeddings("semantic")]),
    "centres": (1, [SemanticCentres("semantic")]),
    "cells": (tasks, [SemanticCells("semantic", threshold=0.9)]),
    "decide": (1, [SemanticClusters("semantic")]),
    "drop": (tasks, [CorpusReader("plan"), SemanticFilter("semantic")]),
}
for name, (count, steps) in stages.items():
    stats = LocalPipelineExecutor(pipeline=steps, tasks=count, logging_dir=f"logs/{name}").run()
print(stats.stats[-1].stats["forwarded"].total, stats.stats[-1].stats["dropped_semantic_duplicate"].total)
