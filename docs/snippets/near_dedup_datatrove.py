from pathlib import Path

from datatrove.executor import LocalPipelineExecutor

from textbooks.dedup import MinHashBuckets, MinHashClusters, MinHashFilter, MinHashSignature
from textbooks.readers import CorpusReader, find_inputs, write_plan

tasks = write_plan(find_inputs(["corpus.jsonl"]), Path("plan")).shards
stages = {
    "sign": (tasks, [CorpusReader("plan"), MinHashSignature("near", threshold=0.7)]),
    "band": (1, [MinHashBuckets("near")]),
    "decide": (1, [MinHashClusters("near")]),
    "drop": (tasks, [CorpusReader("plan"), MinHashFilter("near")]),
}
for name, (count, steps) in stages.items():
    stats = LocalPipelineExecutor(pipeline=steps, tasks=count, logging_dir=f"logs/{name}").run()
print(stats.stats[-1].stats["forwarded"].total, stats.stats[-1].stats["dropped_near_duplicate"].total)
