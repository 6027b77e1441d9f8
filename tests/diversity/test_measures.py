"""All measures at once: each is the one that stands alone, at the limits."""

from __future__ import annotations

import math

import numpy as np
import pytest

from textbooks.diversity import (
    MEASURES,
    USUAL_IMPORTS,
    compression_ratio,
    distinct_n,
    near_duplicate_rates,
    nearest_jaccard,
    rarefied_entropy,
    read_content,
    vendi_score,
)
from textbooks.diversity.features import NO_IMPORT, read_features
from textbooks.diversity.measures import limits_for, measure
from textbooks.embedders import StaticEmbedder


@pytest.fixture(scope="module")
def features(exercises):
    return read_features(exercises, StaticEmbedder(), None, seed=0)


def test_keys_are_those_of_the_table_in_its_order(features):
    everything = np.arange(40)
    found = measure(features, everything, limits_for(features, [everything], 40))
    assert list(found) == [each.key for each in MEASURES]
    assert len(set(found)) == len(found)
    assert {each.diverse for each in MEASURES} == {"higher", "lower", "neither"}


def test_each_is_the_measure_that_stands_alone(features, exercises):
    order = np.random.default_rng(5).permutation(40)[:30]
    texts = [exercises[i] for i in order]
    limits = limits_for(features, [np.arange(40)], 30)
    found = measure(features, order, limits)
    for n in (1, 2, 3, 4):
        assert found[f"distinct_{n}"] == pytest.approx(distinct_n(texts, n, max_tokens=limits.tokens))
    for method in ("zstd", "gzip"):
        assert found[method] == pytest.approx(compression_ratio(texts, method=method, max_bytes=limits.bytes))
    vectors = StaticEmbedder().embed(texts)
    assert (found["vendi"], found["vendi_2"]) == pytest.approx(
        (vendi_score(vectors), vendi_score(vectors, q=2)), rel=1e-5
    )
    nearest = nearest_jaccard(texts)
    assert found["nearest"] == pytest.approx(nearest.mean())
    assert [found[f"near_{t:g}"] for t in (0.5, 0.9)] == list(near_duplicate_rates(nearest, (0.5, 0.9)).values())
    contents = read_content(texts)
    imports = [content.imports for content in contents]
    assert found["imports_a_text"] == pytest.approx(np.mean([len(each) for each in imports]))
    assert found["usual_imports"] == pytest.approx(np.mean([each <= USUAL_IMPORTS for each in imports]))
    counts = [
        sum(package in (each or {NO_IMPORT}) for each in imports) for package in ("math", "collections", NO_IMPORT)
    ]
    assert found["imports"] == pytest.approx(2 ** rarefied_entropy(counts, limits.items["imports"]))


def test_limits_are_nine_tenths_of_the_poorer_set(features):
    lengths = features.tokens.lengths
    short, long = np.argsort(lengths)[:20], np.argsort(lengths)[20:]
    limits = limits_for(features, [short, long], 10)
    assert limits.tokens == int(0.9 * 10 * lengths[short].mean())
    assert limits.halved().tokens == limits.tokens // 2
    assert limits.items["topics"] == 9
    assert limits.halved().items["topics"] == 4


def test_every_direction_is_that_of_copies(exercises):
    """Sixteen different texts are more diverse than four of them, each four times."""
    embedder = StaticEmbedder()
    apart = read_features(exercises[:16], embedder, None, seed=0)
    copies = read_features(exercises[:4] * 4, embedder, None, seed=0)
    order = np.arange(16)
    limits = limits_for(copies, [order], 10)
    first, second = (measure(each, order, limits) for each in (apart, copies))
    for each in MEASURES:
        gain = first[each.key] - second[each.key]
        if each.key.startswith("distinct") or each.diverse == "neither" or each.key in ("gzip", "topics"):
            continue  # these read fewer texts or make two clusters of sixteen, or say nothing
        assert (gain >= 0) == (each.diverse == "higher") or gain == 0, each.key
    assert first["near_0.9"] == 0
    assert second["near_0.9"] == 1


@pytest.mark.parametrize("texts", [[], [""], ["\n", ""]])
def test_nothing_gives_numbers_that_say_so(texts):
    features = read_features(texts, StaticEmbedder(), None, seed=0)
    order = np.arange(len(texts))
    found = measure(features, order, limits_for(features, [order], len(texts)))
    assert math.isnan(found["distinct_1"])
    assert math.isnan(found["self_bleu"])
    assert found["vendi"] == found["function_names"] == 0


def test_labels_take_the_place_of_clusters(exercises):
    labels = ["even" if i % 2 else "odd" for i in range(40)]
    features = read_features(exercises, StaticEmbedder(), labels, seed=0)
    assert features.counts["topics"].types == ("even", "odd")
    assert features.counts["topics"].total(np.arange(0, 40, 2)).tolist() == [0, 20]
