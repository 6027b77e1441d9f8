textbooks evaluate --problems exam.jsonl --completions completions.jsonl \
    --ks 1,2,10 --timeout 1 --workers 1 2>&1
grep -o '"result": .*' completions.jsonl_results.jsonl
