"""The main job: a folder of code in, a curated corpus with its evidence out."""

__all__: list[str] = []
