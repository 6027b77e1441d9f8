textbooks annotate corpus.jsonl binary_search.py --out labels.jsonl --n 4 \
    --model qwen --base-url http://localhost:8000/v1 --price 0.15/0.60 --dry-run
