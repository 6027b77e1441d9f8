"""Semantic duplicates: vectors in cells, sketches, pairs that are alike; in memory and over shards."""
