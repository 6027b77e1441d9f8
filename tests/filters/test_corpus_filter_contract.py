"""What every corpus filter keeps: one contract, run over all of them."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import random

import dill
import pytest
from datatrove.data import Document

import textbooks
from tests.conftest import CONFIGURATION, HOSTILE_TEXTS, NOT_TEXTS, TEXTBOOK
from tests.filters.hashing import HashingEmbedder
from textbooks.filters import CorpusFilter
from textbooks.verdicts import Status

TEXTS = [TEXTBOOK, CONFIGURATION, TEXTBOOK, "x = 1\n", *HOSTILE_TEXTS.values(), CONFIGURATION, TEXTBOOK]
RECORDS = [*TEXTS, *NOT_TEXTS.values()]


def all_corpus_filters() -> list[type[CorpusFilter]]:
    for module in pkgutil.walk_packages(textbooks.__path__, "textbooks."):
        importlib.import_module(module.name)
    pending, found = [CorpusFilter], []
    while pending:
        subclasses = pending.pop().__subclasses__()
        pending += subclasses
        found += [c for c in subclasses if not inspect.isabstract(c) and c.__module__.startswith("textbooks.")]
    return sorted(set(found), key=lambda c: c.__name__)


def make(cls: type[CorpusFilter]) -> CorpusFilter:
    parameters = inspect.signature(cls.__init__).parameters
    return cls(embedder=HashingEmbedder()) if "embedder" in parameters else cls()


@pytest.fixture(params=all_corpus_filters(), ids=lambda c: c.__name__)
def judge(request):
    return make(request.param)


def test_the_contract_covers_the_corpus_filters_of_the_library():
    assert {"ExactDeduplicator", "TopicBalancer"} <= {c.__name__ for c in all_corpus_filters()}


def test_every_record_gets_one_verdict_and_comes_back_itself(judge):
    result = judge.fit_apply(RECORDS)
    assert all(mine is given for mine, given in zip(result.records, RECORDS, strict=True))
    assert len(result.kept) + len(result.dropped) + len(result.quarantined) == len(RECORDS)


def test_the_kept_set_does_not_depend_on_the_order(judge):
    expected = sorted(judge.fit_apply(TEXTS).kept)
    for seed in range(5):
        shuffled = random.Random(seed).sample(TEXTS, len(TEXTS))
        assert sorted(judge.fit_apply(shuffled).kept) == expected


def test_what_is_no_text_is_quarantined_and_takes_no_part(judge):
    result = judge.fit_apply(RECORDS)
    assert [verdict.status for verdict in result.verdicts[len(TEXTS) :]] == [Status.QUARANTINED] * len(NOT_TEXTS)
    assert result.verdicts[: len(TEXTS)] == judge.fit_apply(TEXTS).verdicts


def test_mappings_and_documents_get_the_verdicts_of_their_texts(judge):
    expected = judge.fit_apply(TEXTS).verdicts
    assert judge.fit_apply([{"code": text} for text in TEXTS], text_key="code").verdicts == expected
    assert judge.fit_apply([Document(text=text, id=str(i)) for i, text in enumerate(TEXTS)]).verdicts == expected


def test_survives_dill(judge):
    assert dill.loads(dill.dumps(judge)).fit_apply(TEXTS).verdicts == judge.fit_apply(TEXTS).verdicts


def test_nothing_in_nothing_out(judge):
    assert len(judge.fit_apply([])) == 0


def test_a_single_string_is_refused(judge):
    with pytest.raises(TypeError, match="wrap it in a list"):
        judge.fit_apply(TEXTBOOK)
