"""Train a model on token files: the paper's pretraining at any size.

    python examples/pretrain/pretrain.py configs/nano-3m.toml --out runs/nano
    torchrun --nproc-per-node 8 examples/pretrain/pretrain.py configs/phi-1.toml --out runs/phi-1
    python examples/pretrain/pretrain.py --smoke --out runs/smoke      a minute on a processor, from two texts

Run it again to go on where it was stopped. Needs the extra [train]. Everything is read and written on this machine.
"""

from __future__ import annotations

import argparse
import sys

from trainer.command import add_options, run

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("--smoke", action="store_true", help="a model of 1M parameters on a few texts of its own")
    add_options(parser)
    asked = parser.parse_args()
    if asked.smoke == (asked.config is not None):
        parser.error("give a configuration, or --smoke")
    sys.exit(run(asked, initial=None))
