from textbooks.diversity import compression_ratio, distinct_n, entropy, nearest_jaccard, rarefied_entropy, vendi_score
from textbooks.embedders import StaticEmbedder

texts = [f"def add_{i}(a, b):\n    total = a + b\n    return total + {i}\n" for i in range(8)]
texts += ["import math\n\n\ndef area(r):\n    return math.pi * r * r\n"]
print(f"distinct-2 of all, of 40 tokens: {distinct_n(texts, 2):.2f} {distinct_n(texts, 2, max_tokens=40):.2f}")
print(f"zstd: {compression_ratio(texts):.1f}, gzip: {compression_ratio(texts, method='gzip'):.1f}")
print(f"Vendi score: {vendi_score(StaticEmbedder().embed(texts)):.1f}")
print("nearest:", nearest_jaccard(texts).round(2))
names = entropy([5, 3, 1, 1])
print(f"{names.bits:.2f} bits, {names.effective:.1f} names; of 4 drawn {rarefied_entropy([5, 3, 1, 1], 4):.2f} bits")
