import numpy as np

from textbooks.scoring import EmbeddingClassifier


class Letters:  # in the place of TransformersEmbedder(): no torch, no model
    dimensions, identity = 128, "letters"

    def embed(self, texts):
        rows = [np.bincount(list(text.encode("ascii", "replace")), minlength=128) for text in texts]
        return np.array([row / np.linalg.norm(row) for row in rows], dtype=np.float32)


texts = ["for item in items:\n    total += item\n"] * 10 + ["DEBUG = True\nPORT = 8080\n"] * 10
classifier = EmbeddingClassifier.fit(texts, [4] * 10 + [0] * 10, embedder=Letters())
classifier.save("paper.npz")
print(EmbeddingClassifier.load("paper.npz", embedder=Letters()).score(["for x in rows:\n    s += x\n", "PORT = 80\n"]))
