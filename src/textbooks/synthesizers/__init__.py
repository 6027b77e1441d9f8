"""Textbooks and exercises, written by a language model from seeds."""

from textbooks.synthesizers.code_seeds import code_seeds
from textbooks.synthesizers.combinations import Combinations, CrossPairs
from textbooks.synthesizers.concept_pairs import concept_pair_seeds
from textbooks.synthesizers.rollouts import SeedReader, seed_of
from textbooks.synthesizers.seed_space import SeedSpace
from textbooks.synthesizers.seeds import Seed
from textbooks.synthesizers.vocabularies import exercise_seeds, load_vocabulary, textbook_seeds, topic_tree

__all__ = [
    "Combinations",
    "CrossPairs",
    "Seed",
    "SeedReader",
    "SeedSpace",
    "code_seeds",
    "concept_pair_seeds",
    "exercise_seeds",
    "load_vocabulary",
    "seed_of",
    "textbook_seeds",
    "topic_tree",
]
