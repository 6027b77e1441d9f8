from datasets import load_dataset

from textbooks.filters import EduValueFilter

rows = load_dataset("json", data_files="corpus.jsonl", split="train")
kept = rows.filter(EduValueFilter().keep_batch, input_columns="text", batched=True)
print(kept["id"])
