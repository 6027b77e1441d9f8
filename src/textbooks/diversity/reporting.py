"""`diversity_report`: one set of texts, or two side by side."""

from __future__ import annotations

import importlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from textbooks.diversity.checks import check_whole
from textbooks.diversity.entropy import entropy
from textbooks.diversity.estimates import Estimate, estimate, topic_estimates
from textbooks.diversity.features import Features, read_features
from textbooks.diversity.measures import SOURCES, Limits, limits_for
from textbooks.diversity.neighbours import near_duplicate_rates, nearest_of
from textbooks.diversity.report import DiversityReport, DiversitySet, LeftOut, Overlap
from textbooks.records import as_records, to_document, why_unjudgeable

if TYPE_CHECKING:
    from textbooks.embedders.base import Embedder

__all__ = ["diversity_report"]

BINS: Final = 20


@dataclass(frozen=True, slots=True)
class _Given:
    """The valid texts of a set, at most as many as are looked at, and what was left out."""

    texts: list[str]
    labels: list[str] | None
    valid: int
    left_out: tuple[LeftOut, ...]


def diversity_report(
    texts: Iterable[Any],
    *,
    against: Iterable[Any] | None = None,
    names: tuple[str, str] = ("first", "second"),
    labels: Sequence[str] | None = None,
    against_labels: Sequence[str] | None = None,
    embedder: Embedder | None = None,
    subsamples: int = 20,
    max_texts: int = 2000,
    seed: int = 0,
    text_key: str = "text",
) -> DiversityReport:
    """Measure how diverse a set of texts is, or two sets at equal numbers of texts.

    Parameters
    ----------
    texts : iterable of str, mapping or Document
        Code, or Markdown with code. What holds no valid text is listed in the report and left out.
    against : iterable of str, mapping or Document, optional
        A second set. Both are then measured at the number of texts of the smaller one, and at equal numbers of tokens,
        bytes and names: nearly every measure depends on those.
    names : (str, str)
        What the sets are called; the second has no use without `against`.
    labels, against_labels : sequence of str, optional
        A topic a record, left-out ones too. Without them embeddings are clustered into 20 topics, fewer for
        less than 120 texts: as many texts of each of two sets, drawn anew for each subset.
    embedder : Embedder, optional
        For topics and Vendi scores; `StaticEmbedder` by default.
    subsamples : int, default=20
        Random subsets behind each standard error; 0 for none and no error. Time grows with it.
    max_texts : int, default=2000
        Larger sets are measured on that many texts drawn at random, near-duplicates too: their rate in the whole set is
        higher. Memory grows with its square.
    seed : int, default=0
        The same texts, options and seed give the same report.
    text_key : str, default="text"
        Where mappings keep their text.

    Returns
    -------
    DiversityReport

    Raises
    ------
    TypeError
        If `texts` or `against` is a single record, or a number is no whole one.
    ValueError
        If a number is out of range, the two names are equal, or there are not as many labels as records.
    """
    check_whole("subsamples", subsamples, 0)
    check_whole("max_texts", max_texts, 2)
    check_whole("seed", seed, 0)
    _check_names(names, two=against is not None)
    given = [_given(texts, labels, max_texts, seed, text_key)]
    if against is not None:
        given.append(_given(against, against_labels, max_texts, seed, text_key))
    used = embedder or importlib.import_module("textbooks.embedders.static").StaticEmbedder()
    labelled = all(one.labels is not None for one in given)
    topics = [label for one in given for label in one.labels or ()] if labelled else None
    ends = np.cumsum([len(one.texts) for one in given])
    members = np.split(np.arange(int(ends[-1])), ends[:-1])
    size = min(len(one.texts) for one in given)
    everything = [text for one in given for text in one.texts]
    drawn = np.concatenate([_draw(each, size, seed) for each in members])
    features = read_features(everything, used, topics, seed=seed, drawn=drawn)
    limits = limits_for(features, members, size)
    parts = zip(given, names, members, strict=False)
    sets = tuple(_measured(features, *part, size, limits, subsamples, seed) for part in parts)
    if not labelled:
        found = topic_estimates(features, members, size, times=subsamples, seed=seed)
        sets = tuple(_with_topics(*pair) for pair in zip(sets, found, strict=True))
    return DiversityReport(
        sets=sets,
        overlap=_overlap(features, *members) if len(members) == 2 else None,
        texts_compared=size,
        tokens_compared=limits.tokens,
        bytes_compared=limits.bytes,
        subsamples=subsamples,
        seed=seed,
        embedder=used.identity,
        topics="labels" if labelled else "clusters",
    )


def _check_names(names: tuple[str, str], *, two: bool) -> None:
    if two and (len(names) != 2 or names[0] == names[1]):
        msg = f"names must be two different ones, got {names!r}"
        raise ValueError(msg)


def _given(records: Iterable[Any], labels: Sequence[str] | None, most: int, seed: int, text_key: str) -> _Given:
    """Return what is looked at of a set."""
    documents = [to_document(record, index=i, text_key=text_key) for i, record in enumerate(as_records(records))]
    if labels is not None and len(labels) != len(documents):
        msg = f"labels must be one a record, got {len(labels)} for {len(documents)} records"
        raise ValueError(msg)
    why = [why_unjudgeable(document.text) for document in documents]
    left_out = [
        LeftOut(str(document.id), str(reason)) for document, reason in zip(documents, why, strict=True) if reason
    ]
    valid = np.flatnonzero([reason is None for reason in why])
    chosen = np.sort(np.random.default_rng(seed).permutation(valid)[:most]).tolist()
    return _Given(
        [documents[i].text for i in chosen],
        None if labels is None else [str(labels[i]) for i in chosen],
        len(valid),
        tuple(left_out),
    )


def _with_topics(one: DiversitySet, topics: Estimate) -> DiversitySet:
    return replace(one, measures={**one.measures, "topics": topics})


def _draw(members: NDArray[np.int64], size: int, seed: int) -> NDArray[np.int64]:
    return np.random.default_rng(seed).permutation(members)[:size]


def _measured(
    features: Features,
    given: _Given,
    name: str,
    members: NDArray[np.int64],
    size: int,
    limits: Limits,
    subsamples: int,
    seed: int,
) -> DiversitySet:
    one_draw = _draw(members, size, seed)
    nearest = nearest_of(features.near, one_draw)
    counts = {source: features.counts[source].total(one_draw) for source in SOURCES}
    imports = Counter(package for i in members.tolist() for package in features.contents[i].imports)
    whole = max(len(members), 1)
    return DiversitySet(
        name=name,
        texts=given.valid,
        left_out=given.left_out,
        measures=estimate(features, members, size, limits, times=subsamples, seed=seed),
        entropies={source: entropy(some.tolist()) for source, some in counts.items()},
        nearest=tuple(np.histogram(nearest, BINS, (0.0, 1.0))[0].tolist()),
        imports={package: n / whole for package, n in _by_falling(imports.items())},
        without_imports=sum(not features.contents[i].imports for i in members.tolist()) / whole,
        names=_counted(features, "function_names", counts),
        words=_counted(features, "name_words", counts),
    )


def _counted(features: Features, source: str, counts: Mapping[str, NDArray[np.int64]]) -> dict[str, int]:
    pairs = zip(features.counts[source].types, counts[source].tolist(), strict=True)
    return dict(_by_falling((name, n) for name, n in pairs if n))


def _by_falling(counts: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
    return sorted(counts, key=lambda item: (-item[1], item[0]))


def _overlap(features: Features, first: NDArray[np.int64], second: NDArray[np.int64]) -> Overlap:
    own = [{name for i in each.tolist() for name in features.contents[i].functions} for each in (first, second)]
    shared = own[0] & own[1]
    forth, back = _rates(features, first, second), _rates(features, second, first)
    parts = [len(shared) / max(len(each), 1) for each in own]
    return Overlap(forth, back, tuple(sorted(shared)), *parts)


def _rates(features: Features, some: NDArray[np.int64], others: NDArray[np.int64]) -> dict[str, float]:
    if not len(some):
        return {}
    return {f"{t:g}": rate for t, rate in near_duplicate_rates(nearest_of(features.near, some, others)).items()}
