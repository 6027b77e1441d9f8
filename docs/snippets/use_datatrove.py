from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.readers import JsonlReader
from datatrove.pipeline.writers import JsonlWriter

from textbooks.filters import EduValueFilter

edu_value = EduValueFilter(exclusion_writer=JsonlWriter("dropped"))
steps = [JsonlReader(".", glob_pattern="corpus.jsonl"), edu_value, JsonlWriter("kept")]
LocalPipelineExecutor(pipeline=steps, tasks=1, logging_dir="logs").run()
