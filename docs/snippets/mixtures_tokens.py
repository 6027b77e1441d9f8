import numpy as np

from textbooks.mixtures import Mixture, MixtureDataset, Stage, TokenFile

np.arange(40, dtype="<u2").tofile("code.ds")  # datatrove's DocumentTokenizer writes such files
np.arange(1000, 1020, dtype="<u2").tofile("books.ds")
data = {name: TokenFile(f"{name}.ds", block_size=4) for name in ("code", "books")}
sources = [tokens.source(name) for name, tokens in data.items()]
stage = Stage(name="pretrain", tokens=64, weights={"code": 1, "books": 1})
dataset = MixtureDataset(Mixture(sources=sources, stages=[stage], seed=1).plan(), data)
print(len(dataset), "blocks:", [block.tolist() for block in dataset.take(0, 3)])
