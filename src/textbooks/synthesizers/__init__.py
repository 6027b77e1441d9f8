"""Textbooks and exercises, written by a language model from seeds, and checked by running them."""

from textbooks.synthesizers.base import Synthesizer
from textbooks.synthesizers.exercise import ExerciseSynthesizer
from textbooks.synthesizers.running.recipe import CODE_EXERCISES_SCHEMA, CodeExercises, export_code_exercises
from textbooks.synthesizers.running.run import SynthesisOptions, SynthesisOutcome, answers_path, synthesize
from textbooks.synthesizers.seeding.code_seeds import code_seeds
from textbooks.synthesizers.seeding.combinations import Combinations, CrossPairs
from textbooks.synthesizers.seeding.concept_pairs import concept_pair_seeds
from textbooks.synthesizers.seeding.rollouts import SeedReader, seed_of
from textbooks.synthesizers.seeding.seed_space import SeedSpace
from textbooks.synthesizers.seeding.seeds import Seed
from textbooks.synthesizers.seeding.vocabularies import exercise_seeds, load_vocabulary, textbook_seeds, topic_tree
from textbooks.synthesizers.syntheses import Synthesis
from textbooks.synthesizers.textbook import TextbookSynthesizer

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
