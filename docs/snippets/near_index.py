from textbooks.dedup import NearDuplicateIndex, jaccard

index = NearDuplicateIndex(threshold=0.7)
index.add("def mean(values):\n    return sum(values) / len(values)\n", "statistics")
index.add("def area(width, height):\n    return width * height\n", "geometry")
print(index.find("def mean(values): return sum(values)/len(values)"))
print(index.find("def product(values): return math.prod(values)"))
print(jaccard("a = b + c * d - e", "a = b + c * d - f"))
