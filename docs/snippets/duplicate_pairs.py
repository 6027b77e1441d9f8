from textbooks.dedup import MinHashDeduplicator

mean = "def mean(values):\n    return sum(values) / len(values)\n"
texts = [mean, "# The mean.\n" + mean, mean.replace("values", "numbers"), mean.replace("    ", "\t"), "import os\n"]
result = MinHashDeduplicator(threshold=0.6).fit_apply(texts)
for pair in result.pairs():
    print(pair.kept_position, pair.dropped_position, round(pair.similarity, 3))
print([(cluster.size, cluster.least_similarity) for cluster in result.clusters()])
