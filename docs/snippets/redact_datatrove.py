from pathlib import Path

from datatrove.data import Document
from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.writers import JsonlWriter

from textbooks.filters import LicenceFilter, PersonalDataRedactor, SecretsRedactor

text = "# by ada@lovelace.org\nPASSWORD = 'hunter2!'\n"
documents = [Document(text=text, id=name, metadata={"license": name}) for name in ("MIT", "GPL-3.0-only")]
steps = [documents, LicenceFilter(), SecretsRedactor(), PersonalDataRedactor()]
steps.append(JsonlWriter("clean", compression=None))
LocalPipelineExecutor(pipeline=steps, logging_dir="logs").run()
print(Path("clean/00000.jsonl").read_text()[:79])
