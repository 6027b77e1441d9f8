import json
from pathlib import Path

from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.readers import JsonlReader
from datatrove.pipeline.writers import JsonlWriter

from textbooks.filters import EduValueFilter

edu_value = EduValueFilter(exclusion_writer=JsonlWriter("dropped", compression=None))
steps = [JsonlReader(".", glob_pattern="corpus.jsonl"), edu_value, JsonlWriter("kept", compression=None)]
LocalPipelineExecutor(pipeline=steps, tasks=1, logging_dir="logs").run()
for line in Path("dropped/00000.jsonl").read_text().splitlines():
    row = json.loads(line)
    print(row["id"], {key: row["metadata"][key] for key in ("edu_value_reason", "edu_value_evidence", "filter_reason")})
