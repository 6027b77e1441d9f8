from pathlib import Path

from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.writers import JsonlWriter

from textbooks.filters import BoilerplateFilter, SelfContainedFilter, UndocumentedComplexityFilter
from textbooks.readers import CorpusReader, find_inputs, write_plan

plan = write_plan(find_inputs(["corpus.jsonl"]), Path("plan"))
drawbacks = [SelfContainedFilter(), BoilerplateFilter(), UndocumentedComplexityFilter()]
steps = [CorpusReader("plan"), *drawbacks, JsonlWriter("kept", compression=None)]
LocalPipelineExecutor(pipeline=steps, tasks=plan.shards, logging_dir="logs").run()
print(len(Path("kept/00000.jsonl").read_text().splitlines()))
