"""The main job: a folder of code in, a curated corpus with its evidence out."""
