"""Finetune a model that pretrain.py has left: the paper's second step, on exercises.

    python examples/pretrain/finetune.py configs/nano-3m-finetune.toml --from runs/nano/model --out runs/exercises

The same trainer and the same configuration files as pretrain.py; only the weights are not random. Loss is taken of all
tokens: the paper does not say whether prompts were masked.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from trainer.command import add_options, run

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("--from", dest="initial", type=Path, required=True, help="folder of the model to begin with")
    add_options(parser)
    asked = parser.parse_args()
    if asked.config is None:
        parser.error("give a configuration")
    sys.exit(run(asked, initial=asked.initial))
