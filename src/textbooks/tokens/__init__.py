"""From texts to token files: a tokeniser of one's own or a known one, and a run over a corpus."""

from textbooks.tokens.corpus import TokenizedCorpus
from textbooks.tokens.run import tokenize
from textbooks.tokens.tokenizer import END_OF_TEXT, load_tokenizer, train_tokenizer

__all__ = ["END_OF_TEXT", "TokenizedCorpus", "load_tokenizer", "tokenize", "train_tokenizer"]
