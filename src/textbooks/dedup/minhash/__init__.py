"""Near-duplicates: shingles, MinHash signatures, their bands, and what follows from them; in memory, over shards."""
