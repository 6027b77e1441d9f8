"""A trainer of small causal language models, to be read from top to bottom.

In the order of a run: `config` and `config_file` (what is asked for) -> `sizes` and `model` -> `data` (which tokens in
which order) -> `attention` -> `engine` (PyTorch alone, or DeepSpeed) -> `loop` -> `held_out` (bits per byte)
-> `checkpoint` -> `speed` and `plots`. What is trained is measured by `evaluation` and `passing` (pass@k), whose
results `once` keeps. The commands beside this folder are short.
"""
