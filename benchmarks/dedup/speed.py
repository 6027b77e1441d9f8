"""How fast are signatures and bands, beside rensa, datasketch and datatrove? Interleaved; needs the package rensa.

All signatures have 128 slots, but for datatrove's, which have 112 (its default). rensa and datasketch are fed by the
fastest Python that cuts the same kind of shingles: a regular expression, tokens joined, a set. datatrove's stage runs
with its default for English, spaCy, where that is installed, and with the simplest tokenizer it accepts, `str.split`.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import random
import re
import sysconfig
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import rensa
from datasketch import MinHash, MinHashLSH
from datatrove.data import Document
from datatrove.pipeline.dedup.minhash import MinhashDedupSignature
from datatrove.utils.word_tokenizers import WordTokenizer

from textbooks.dedup import Shingler, jaccard, to_datasketch
from textbooks.dedup.minhash.bands import band_keys
from textbooks.dedup.semantic.greedy import candidates_of

HERE = Path(__file__).resolve().parent
TOKENS = re.compile(r"\w+|[^\w\s]+")
BANDS, ROWS = 16, 8
DOCUMENTS, BLOCK = 40_000, 2_000


def texts_of(megabytes: float) -> list[str]:
    """Return files of the standard library, some megabytes of them, by a fixed choice."""
    files = sorted(Path(sysconfig.get_path("stdlib")).glob("*.py"))
    random.Random(0).shuffle(files)
    texts: list[str] = []
    for file in files:
        if sum(map(len, texts)) > megabytes * 1e6:
            break
        texts.append(file.read_text(encoding="utf-8", errors="replace"))
    return texts


def shingles(text: str) -> list[str]:
    tokens = TOKENS.findall(text)
    return list({" ".join(tokens[i : i + 5]) for i in range(max(1, len(tokens) - 4))})


class Split(WordTokenizer):
    """Splits at white space."""

    def word_tokenize(self, text: str) -> list[str]:
        """Return the words."""
        return text.split()

    def sent_tokenize(self, text: str) -> list[str]:
        """Return one sentence."""
        return [text]

    def span_tokenize(self, text: str) -> list[tuple[int, int]]:
        """Return one span."""
        return [(0, len(text))]


def by_textbooks(texts: list[str]) -> None:
    Shingler().signatures(texts)


def by_rensa(texts: list[str]) -> None:
    for text in texts:
        sketch = rensa.RMinHash(128, 1)
        sketch.update(shingles(text))
        sketch.digest()


def by_datasketch(texts: list[str]) -> None:
    MinHash.bulk([[one.encode() for one in shingles(text)] for text in texts], num_perm=128)


def by_datatrove(texts: list[str], language: str | WordTokenizer = "en") -> None:
    with tempfile.TemporaryDirectory() as folder:
        step = MinhashDedupSignature(folder, language=language)
        list(step.run((Document(text=text, id=str(i)) for i, text in enumerate(texts)), 0, 1) or ())


def interleaved(contenders: dict[str, Callable[[], None]], rounds: int) -> dict[str, float]:
    """Return the least seconds of each; they take turns."""
    least = dict.fromkeys(contenders, float("inf"))
    for _ in range(rounds):
        for name, run in contenders.items():
            start = time.perf_counter()
            run()
            least[name] = min(least[name], time.perf_counter() - start)
    return least


def signatures(texts: list[str], rounds: int) -> dict[str, dict[str, float]]:
    split = partial(by_datatrove, language=Split())
    runs = {"textbooks": by_textbooks, "rensa": by_rensa, "datasketch.bulk": by_datasketch, "datatrove, split": split}
    if importlib.util.find_spec("spacy"):
        runs["datatrove, spaCy"] = by_datatrove
    least = interleaved({name: lambda run=run: run(texts) for name, run in runs.items()}, rounds)
    size = sum(len(text.encode()) for text in texts) / 1e6
    ours = least["textbooks"]
    return {n: {"MB/s": round(size / s, 2), "times slower": round(s / ours, 1)} for n, s in least.items()}


def bands(texts: list[str], rounds: int) -> dict[str, object]:
    """Find the candidates among signatures that are there already: half of them differ from another in a few slots."""
    shingler, generator = Shingler(), np.random.default_rng(0)
    rows = generator.integers(0, 2**32, (DOCUMENTS, 128), dtype=np.uint32)
    rows[DOCUMENTS // 2 :] = rows[: DOCUMENTS // 2]
    rows[DOCUMENTS // 2 :, generator.integers(0, 128, 20)] ^= np.uint32(1)
    sketches = [to_datasketch(row, shingler) for row in rows]

    def ours() -> None:
        keys = np.empty((BANDS, len(rows)), dtype=np.uint64)
        for begin in range(0, len(rows), BLOCK):
            keys[:, begin : begin + BLOCK] = band_keys(rows[begin : begin + BLOCK], BANDS, ROWS).T
        candidates_of(keys)

    def theirs() -> None:
        index = MinHashLSH(num_perm=128, params=(BANDS, ROWS))
        with index.insertion_session() as session:
            for number, sketch in enumerate(sketches):
                session.insert(number, sketch)
        for sketch in sketches:
            index.query(sketch)

    least = interleaved({"textbooks": ours, "datasketch": theirs}, rounds)
    tracemalloc.start()
    ours()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return {
        "documents": DOCUMENTS,
        "bands x rows": f"{BANDS} x {ROWS}",
        "textbooks documents/s": round(DOCUMENTS / least["textbooks"]),
        "datasketch documents/s": round(DOCUMENTS / least["datasketch"]),
        "times slower": round(least["datasketch"] / least["textbooks"], 1),
        "textbooks bytes a document at the peak": round(peak / DOCUMENTS),
    }


def error_of_estimates(texts: list[str]) -> dict[str, float]:
    """Return the root mean square error over pairs of a text and itself with lines removed, over that of theory."""
    randomness, shingler = random.Random(1), Shingler()
    pairs = []
    for text in texts:
        lines = text.split("\n")
        for step in range(1, 11):
            pairs.append((text, "\n".join(line for line in lines if randomness.random() > step / 20)))
    first, second = (shingler.signatures([pair[side] for pair in pairs]) for side in (0, 1))
    estimates = (first == second).mean(axis=1)
    true = np.array([jaccard(*pair) for pair in pairs])
    error = float(np.sqrt(np.mean((estimates - true) ** 2)))
    theory = float(np.sqrt(np.mean(true * (1 - true) / 128)))
    return {
        "pairs": len(pairs),
        "error": round(error, 4),
        "theory": round(theory, 4),
        "ratio": round(error / theory, 3),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args().rounds
    texts = texts_of(1.0)
    by_textbooks(texts[:1])
    shown = {
        "text to signature": signatures(texts, rounds),
        "bands": bands(texts, rounds),
        "estimates": error_of_estimates(texts_of(4.0)),
        "rounds, of which the fastest counts": rounds,
        "files": {"number": len(texts), "MB": round(sum(len(text.encode()) for text in texts) / 1e6, 2)},
    }
    (HERE / "results_speed.json").write_text(json.dumps(shown, indent=2) + "\n")
    print(json.dumps(shown, indent=2))


if __name__ == "__main__":
    main()
