textbooks curate --out curated --problems problems.jsonl corpus.jsonl > log.txt
textbooks verify curated
rm curated/kept/00000-00000.parquet
textbooks verify curated 2>&1 || echo "exit code $?"
