textbooks synthesize exercises --n 1000 --out exercises \
    --model qwen --base-url http://localhost:8000/v1 --price 0.15/0.60 --dry-run
