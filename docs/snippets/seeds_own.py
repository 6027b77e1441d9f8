from pathlib import Path

from textbooks.synthesizers import Combinations, SeedSpace, exercise_seeds

Path("names.txt").write_text("# one a line\nmerge_trays\nsplit badges\n")
try:
    exercise_seeds(function_names="names.txt")
except ValueError as error:
    print(error)

fields = {"function_name": ["merge_trays", "split_badges"], "words": Combinations(["tide", "fern", "gear"], 2)}
space = SeedSpace("exercise", fields, primary="function_name", seed=3)
for seed in space:
    print(seed.number, *seed.fields.values())
