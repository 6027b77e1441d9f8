from pathlib import Path

from datatrove.executor import LocalPipelineExecutor

from textbooks.dedup import ExactDedupBuckets, ExactDedupFilter, ExactDedupSignature
from textbooks.readers import CorpusReader, find_inputs, write_plan

tasks = write_plan(find_inputs(["corpus.jsonl"]), Path("plan")).shards
hash_texts = [CorpusReader("plan"), ExactDedupSignature("duplicates")]
find_duplicates = [ExactDedupBuckets("duplicates")]
drop_them = [CorpusReader("plan"), ExactDedupFilter("duplicates")]
for name, steps in {"hash": hash_texts, "find": find_duplicates, "drop": drop_them}.items():
    stats = LocalPipelineExecutor(pipeline=steps, tasks=tasks, logging_dir=f"logs/{name}").run()
print(stats.stats[-1].stats["dropped_exact_duplicate"].total)
