textbooks decontaminate leaks.jsonl --out clean --problems exams.jsonl --execute --report
