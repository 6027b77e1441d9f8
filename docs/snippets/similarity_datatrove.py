from pathlib import Path

from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.writers import JsonlWriter

from textbooks.decontaminators import SimilarityDecontaminator
from textbooks.problems import load_problems
from textbooks.readers import CorpusReader, find_inputs, write_plan

plan = write_plan(find_inputs(["corpus.jsonl"]), Path("plan"))
similarity = SimilarityDecontaminator(exclusion_writer=JsonlWriter("dropped", compression=None))
steps = [CorpusReader("plan"), similarity.fit(load_problems("problems.jsonl")), JsonlWriter("kept")]
LocalPipelineExecutor(pipeline=steps, tasks=plan.shards, logging_dir="logs").run()
print(len(Path("dropped/00000.jsonl").read_text().splitlines()))
