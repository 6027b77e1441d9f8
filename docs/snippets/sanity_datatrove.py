from pathlib import Path

from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.writers import JsonlWriter

from textbooks.filters import SizeFilter, SyntaxFilter
from textbooks.readers import CorpusReader, find_inputs, write_plan

plan = write_plan(find_inputs(["corpus.jsonl"]), Path("plan"))
size = SizeFilter(exclusion_writer=JsonlWriter("dropped/size", compression=None))
syntax = SyntaxFilter(exclusion_writer=JsonlWriter("dropped/syntax", compression=None))
steps = [CorpusReader("plan"), size, syntax, JsonlWriter("kept")]
LocalPipelineExecutor(pipeline=steps, tasks=plan.shards, logging_dir="logs").run()
for file in sorted(Path("dropped").glob("*/*.jsonl")):
    print(file, len(file.read_text().splitlines()))
