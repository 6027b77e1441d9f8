"""Vectors for the tests of semantic deduplication, embedders that give them, and what is true of them, the slow way."""

from __future__ import annotations

import hashlib

import numpy as np

from textbooks.dedup.semantic.vectors import cosines, rounded


def random_vectors(seed: int, count: int, dimensions: int, *, families: int = 0, spread: float = 0.2):
    """Vectors all about, or about the centres of some families."""
    randomness = np.random.default_rng(seed)
    noise = randomness.normal(size=(count, dimensions))
    if not families:
        return rounded(noise)
    centres = randomness.normal(size=(families, dimensions))
    size = randomness.choice([0.0, 0.3, 1.0], size=(count, 1))  # some are equal
    return rounded(centres[randomness.integers(families, size=count)] + spread * size * noise)


def greedy(vectors, threshold):
    """The oracle: each vector, the best first, beside all that stay."""
    kept, partner, similarity = [], [], []
    for number, vector in enumerate(vectors):
        values = cosines(np.repeat(vector[None], len(kept), axis=0), vectors[kept]) if kept else np.empty(0)
        best = int(np.argmax(values)) if len(values) else -1
        if best >= 0 and values[best] >= threshold:
            partner.append(kept[best])
            similarity.append(values[best])
        else:
            kept.append(number)
            partner.append(number)
            similarity.append(1.0)
    return partner, similarity


class VectorOf:
    """An embedder that gives to each text what a function says."""

    dimensions = 8
    identity = "vectors by a function"

    def __init__(self, function):
        self.function = function
        self.texts = 0

    def embed(self, texts):
        self.texts += len(texts)
        rows = [self.function(text) for text in texts]
        return np.array(rows, dtype=np.float32).reshape(len(texts), self.dimensions)


def scattered(text: str):
    """A direction by the first letter, turned a little by the rest."""
    centre = _direction(text[:1])
    vector = centre + 0.35 * _direction(text) if text.strip() else 0.0 * centre
    return vector / max(np.linalg.norm(vector), 1e-12)


def _direction(text: str):
    seed = int.from_bytes(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:8], "little")
    vector = np.random.default_rng(seed).normal(size=8)
    return vector / np.linalg.norm(vector)
