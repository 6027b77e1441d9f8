from textbooks.dedup import Shingler, from_datasketch, to_datasketch

shingler = Shingler(shingle_size=3, num_perm=128, seed=1)
first, second = shingler.signatures(["total = a + b + c", "total = a + b + d"])
sketch = to_datasketch(first, shingler)
print(sketch.jaccard(to_datasketch(second, shingler)), (first == second).mean())
print((from_datasketch(sketch, shingler) == first).all())
