"""Textbooks and exercises, written by a language model from seeds, and checked by running them."""

from textbooks.synthesizers.base import Synthesizer
from textbooks.synthesizers.code_seeds import code_seeds
from textbooks.synthesizers.combinations import Combinations, CrossPairs
from textbooks.synthesizers.concept_pairs import concept_pair_seeds
from textbooks.synthesizers.exercise import ExerciseSynthesizer
from textbooks.synthesizers.recipe import CODE_EXERCISES_SCHEMA, CodeExercises, export_code_exercises
from textbooks.synthesizers.rollouts import SeedReader, seed_of
from textbooks.synthesizers.run import SynthesisOptions, SynthesisOutcome, answers_path, synthesize
from textbooks.synthesizers.seed_space import SeedSpace
from textbooks.synthesizers.seeds import Seed
from textbooks.synthesizers.syntheses import Synthesis
from textbooks.synthesizers.textbook import TextbookSynthesizer
from textbooks.synthesizers.vocabularies import exercise_seeds, load_vocabulary, textbook_seeds, topic_tree

__all__ = [
    "CODE_EXERCISES_SCHEMA",
    "CodeExercises",
    "Combinations",
    "CrossPairs",
    "ExerciseSynthesizer",
    "Seed",
    "SeedReader",
    "SeedSpace",
    "Synthesis",
    "SynthesisOptions",
    "SynthesisOutcome",
    "Synthesizer",
    "TextbookSynthesizer",
    "answers_path",
    "code_seeds",
    "concept_pair_seeds",
    "exercise_seeds",
    "export_code_exercises",
    "load_vocabulary",
    "seed_of",
    "synthesize",
    "textbook_seeds",
    "topic_tree",
]
