textbooks diversity seeded.jsonl --against unseeded.jsonl --out report.html
