from textbooks.mixtures import Mixture, Stage
from textbooks.tokens import tokenize

if __name__ == "__main__":  # worker processes import this file
    corpus = tokenize(["corpus.jsonl"], "tokens", vocab_size=400)
    print(corpus)
    blocks = corpus.blocks(64)
    stage = Stage(name="pretrain", tokens=3 * blocks.tokens)
    print(Mixture(sources=[blocks.source("code")], stages=[stage]).plan())
