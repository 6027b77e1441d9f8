"""The steps of recipe.py, in their order: `options`, `curating`, `tokenising`, `training`, `summary`."""
