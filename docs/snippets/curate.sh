textbooks curate --out curated --problems problems.jsonl corpus.jsonl
