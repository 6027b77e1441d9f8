textbooks tokenize corpus.jsonl --out tokens --vocab-size 400
