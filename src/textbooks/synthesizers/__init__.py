"""Textbooks and exercises, written by a language model from seeds."""

from textbooks.synthesizers.combinations import Combinations
from textbooks.synthesizers.seed_space import SeedSpace
from textbooks.synthesizers.seeds import Seed
from textbooks.synthesizers.vocabularies import exercise_seeds, load_vocabulary, textbook_seeds, topic_tree

__all__ = ["Combinations", "Seed", "SeedSpace", "exercise_seeds", "load_vocabulary", "textbook_seeds", "topic_tree"]
