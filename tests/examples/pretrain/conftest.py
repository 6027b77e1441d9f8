"""The trainer on the import path, as its commands have it, and token files to train on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PRETRAIN = ROOT / "examples" / "pretrain"
if str(PRETRAIN) not in sys.path:
    sys.path.insert(0, str(PRETRAIN))

TEXTS = [f"def add_{n}(x):\n    return x + {n}  # {'the sum ' * (n % 5)}\n" for n in range(120)]


def write_tokens(folder, texts=TEXTS, tokenizer=None):
    """Tokenise some texts, with a vocabulary of 300 when no tokeniser is given."""
    pytest.importorskip("tokenizers")
    from textbooks.tokens import tokenize

    folder.parent.mkdir(parents=True, exist_ok=True)
    rows = folder.with_suffix(".jsonl")
    rows.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))
    return tokenize([str(rows)], folder, vocab_size=300, tokenizer=tokenizer, workers=1)


@pytest.fixture(scope="session")
def tokens(tmp_path_factory):
    """A folder with tokens to train on, others that are held out, and some of another tokeniser."""
    folder = tmp_path_factory.mktemp("tokens")
    write_tokens(folder / "code")
    write_tokens(
        folder / "books", [f"Lesson {n}. Adding is putting together.\n" * 3 for n in range(40)], folder / "code"
    )
    write_tokens(folder / "held-out", TEXTS[:5], folder / "code")
    write_tokens(folder / "foreign", ["zzz yyy xxx " * 50])
    return folder


def config_text(tokens, *, tokens_in_stage=4096, training="", **replaced):
    """A small run as TOML; `replaced` are whole tables by name."""
    tables = {
        "model": 'size = "nano-1m"\ncontext = 32',
        "sources.code": f'tokens = "{tokens}/code"',
        "held_out": f'held = "{tokens}/held-out"',
        **replaced,
    }
    stage = (
        f'[[stages]]\nname = "pretrain"\ntokens = {tokens_in_stage}\nlearning_rate = {{ peak = 1e-3, warmup = 0.1 }}'
    )
    settings = f'[training]\nbatch_size = 8\nmicro_batch = 4\nprecision = "fp32"\nevaluate_every = 0\n{training}'
    return "\n".join([*(f"[{name}]\n{body}" for name, body in tables.items() if body is not None), stage, settings])


def command(name, *arguments, launcher=(), **keywords):
    """Run one of the commands; warnings are errors but those it ignores by name."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "OMP_NUM_THREADS": "1", "COLUMNS": "100"}
    environment.pop("TEXTBOOKS_DATA", None)
    start = [
        *(launcher or [sys.executable, "-W", "error"]),
        str(PRETRAIN / name),
        *map(str, arguments),
        "--threads",
        "1",
    ]
    return subprocess.Popen(
        start, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **keywords
    )


def finished(process, seconds=300):
    """Wait, and return code, output and errors."""
    out, err = process.communicate(timeout=seconds)
    return process.returncode, out, err
