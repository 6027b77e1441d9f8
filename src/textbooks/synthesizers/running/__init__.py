"""Runs: blocks of texts in files, the recipe of a whole set, the command."""
