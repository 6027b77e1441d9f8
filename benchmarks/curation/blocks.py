"""What it costs to judge and publish in blocks: processor time beside that of the same steps in one block.

    python benchmarks/curation/blocks.py

The same records go through size, syntax and educational value into parquet files, in blocks of several sizes,
interleaved; of 8 rounds the least counts. Writes results_blocks.json beside itself.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path

from datatrove.data import Document

from textbooks.curation.blocks import Blocks, DamagedInbox
from textbooks.curation.markers import Markers
from textbooks.curation.shard_writer import ShardWriter
from textbooks.filters import EduValueFilter, SizeFilter, SyntaxFilter
from textbooks.schema import SCHEMAS

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
from kills import functions  # noqa: E402

RECORDS, ROUNDS = 1_500, 8
SIZES = (50, 200, 1_000, RECORDS)


def seconds(texts: list[str], size: int) -> float:
    """Judge and publish the texts in blocks of `size`; returns the processor time."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        kept, dropped, quarantine = writers = [ShardWriter(out / name, schema) for name, schema in SCHEMAS.items()]
        to = {"exclusion_writer": dropped, "quarantine_writer": quarantine}
        steps = [SizeFilter(**to), SyntaxFilter(**to), EduValueFilter(**to), kept]
        markers = Markers(out, out / "markers")
        blocks = Blocks(steps, writers, markers, damaged=DamagedInbox(quarantine), block_records=size)
        documents = [Document(text=text, id=str(number), metadata={}) for number, text in enumerate(texts)]
        started = time.process_time()
        list(blocks.run(documents))
        return time.process_time() - started


def main() -> None:
    """Measure and print."""
    texts = list(islice(functions(), RECORDS))
    seconds(texts[:100], 100)
    rounds = []
    for number in range(ROUNDS):
        first = number % len(SIZES)  # none is always the first, nor always behind another
        rounds.append({size: seconds(texts, size) for size in SIZES[first:] + SIZES[:first]})
    least = {size: min(one[size] for one in rounds) for size in SIZES}
    found = {
        "setting": {"records": len(texts), "megabytes": round(sum(map(len, texts)) / 1e6, 2), "rounds": ROUNDS},
        "processor_time_beside_one_block": {f"blocks_of_{size}": least[size] / least[RECORDS] for size in SIZES[:-1]},
    }
    print(json.dumps(found, indent=2))
    (HERE / "results_blocks.json").write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
