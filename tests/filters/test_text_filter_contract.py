"""What every text filter keeps, those there are and those to come: one contract, run over all of them."""

from __future__ import annotations

import copy
import importlib
import inspect
import json
import math
import pkgutil
import random

import dill
import pytest
from datatrove.data import Document
from datatrove.executor.local import LocalPipelineExecutor
from datatrove.pipeline.writers import JsonlWriter

import textbooks
from tests.conftest import BROKEN, CONFIGURATION, HOSTILE_TEXTS, NOT_TEXTS, TEXTBOOK
from textbooks.filters import ScoreFilter, TextFilter
from textbooks.problems import Problem
from textbooks.verdicts import Status, Verdict

PROBLEM = Problem(
    benchmark="invented",
    id="invented/0",
    prompt='def count_vowels(text):\n    """Return how many of the letters of text are vowels, of any case."""\n',
    solution="    return sum(letter in 'aeiou' for letter in text.lower())\n",
    tests="assert count_vowels('Ada') == 2\n",
    entry_point="count_vowels",
)
LEAKED = "import os\n\n\n" + PROBLEM.prompt + PROBLEM.solution
TEXTS = [TEXTBOOK, CONFIGURATION, BROKEN, LEAKED, "x = 1\n", *HOSTILE_TEXTS.values()]
RECORDS = [*TEXTS, *NOT_TEXTS.values()]


def all_text_filters() -> list[type[TextFilter]]:
    for module in pkgutil.walk_packages(textbooks.__path__, "textbooks."):
        importlib.import_module(module.name)
    pending, found = [TextFilter], []
    while pending:
        subclasses = pending.pop().__subclasses__()
        pending += subclasses
        found += [c for c in subclasses if not inspect.isabstract(c) and c.__module__.startswith("textbooks.")]
    return sorted(set(found), key=lambda c: c.__name__)


def make(cls: type[TextFilter], **arguments) -> TextFilter:
    made = cls(**arguments)
    return made.fit([PROBLEM]) if hasattr(made, "fit") else made


FILTERS = all_text_filters()


@pytest.fixture(params=FILTERS, ids=lambda c: c.__name__)
def cls(request):
    return request.param


@pytest.fixture
def judge(cls):
    return make(cls)


def test_the_contract_covers_the_filters_of_the_library():
    expected = {"EduValueFilter", "NGramDecontaminator", "SizeFilter", "SyntaxFilter"}
    expected |= {"BoilerplateFilter", "SelfContainedFilter", "UndocumentedComplexityFilter"}
    expected |= {"PersonalDataFilter", "SecretsFilter"}
    assert expected <= {c.__name__ for c in FILTERS}


def test_names_are_unique():
    assert len({c.name for c in FILTERS}) == len(FILTERS)


def test_one_by_one_and_batched_verdicts_are_the_same(judge):
    assert judge.judge_batch(RECORDS) == [judge.judge(record) for record in RECORDS]


def test_order_and_batch_size_do_not_matter(judge):
    expected = dict(enumerate(judge.judge_batch(RECORDS)))
    order = random.Random(7).sample(range(len(RECORDS)), len(RECORDS))
    for size in (1, 3, len(RECORDS)):
        for start in range(0, len(order), size):
            chunk = order[start : start + size]
            assert judge.judge_batch([RECORDS[i] for i in chunk]) == [expected[i] for i in chunk]


@pytest.mark.parametrize("kind", ["string", "mapping", "document"])
def test_apply_gives_the_bare_verdict_on_every_kind_of_record(judge, kind):
    records = {
        "string": list(TEXTS),
        "mapping": [{"text": text, "stars": i} for i, text in enumerate(TEXTS)],
        "document": [Document(text=text, id=str(i), metadata={"stars": i}) for i, text in enumerate(TEXTS)],
    }[kind]
    before = [repr(record) for record in records]
    result = judge.apply(records)
    assert result.verdicts == judge.judge_batch(TEXTS)
    assert all(mine is given for mine, given in zip(result.records, records, strict=True))
    assert [repr(record) for record in records] == before
    assert len(result.kept) + len(result.dropped) + len(result.quarantined) == len(records)


def test_records_of_other_formats_are_judged_as_what_they_are_or_left_alone(judge):
    lessons = ["Add:\n\n```python\ntotal = 1 + 2\nprint(total)\n```\n", "Words alone.\n", *HOSTILE_TEXTS.values()]
    other = judge._for_format("markdown")
    records = [{"text": text, "text_format": "markdown"} for text in lessons]
    verdicts = judge.apply(records).verdicts
    if other is None:
        assert verdicts == [Verdict.kept(not_applicable="markdown") for _ in lessons]
    else:
        assert verdicts == other.judge_batch(lessons)
    mixed = judge.apply([TEXTS[0], records[0], TEXTS[1], *NOT_TEXTS.values()]).verdicts
    assert mixed[:3] == [judge.judge(TEXTS[0]), verdicts[0], judge.judge(TEXTS[1])]
    documents = [Document(text=text, id="0", metadata={"text_format": "markdown"}) for text in NOT_TEXTS.values()]
    assert [v.status for v in judge.judge_documents(documents)] == [Status.QUARANTINED] * len(NOT_TEXTS)


@pytest.mark.parametrize("named", [None, 5, "rust", ["markdown"], "python"])
def test_what_names_no_format_is_judged_as_python(judge, named):
    records = [{"text": text, "text_format": named} for text in TEXTS]
    assert judge.apply(records).verdicts == judge.judge_batch(TEXTS)


def test_a_step_gives_the_bare_verdict_and_writes_three_fields(judge):
    documents = [Document(text=record, id=str(i)) for i, record in enumerate(RECORDS)]
    answers = judge.filter_batch(documents)
    for document, record, answer, verdict in zip(documents, RECORDS, answers, judge.judge_batch(RECORDS), strict=True):
        assert document.text is record
        assert sorted(document.metadata) == [f"{judge.name}_{field}" for field in ("evidence", "reason", "score")]
        score = document.metadata[f"{judge.name}_score"]
        assert isinstance(score, float)
        assert score == verdict.score or (math.isnan(score) and math.isnan(verdict.score))
        assert document.metadata[f"{judge.name}_reason"] == (verdict.reason or "")
        assert json.loads(document.metadata[f"{judge.name}_evidence"]) == json.loads(json.dumps(dict(verdict.evidence)))
        assert answer == (True if verdict.keep else (False, verdict.reason.value))


def test_a_real_datatrove_run_gives_the_bare_verdict(cls, tmp_path):
    documents = [Document(text=text, id=str(i)) for i, text in enumerate(TEXTS)]
    step = make(cls, exclusion_writer=JsonlWriter(str(tmp_path / "dropped"), compression=None), batch_size=4)
    LocalPipelineExecutor(
        pipeline=[documents, step, JsonlWriter(str(tmp_path / "kept"), compression=None)],
        logging_dir=str(tmp_path / "logs"),
        workers=1,
    ).run()
    expected = make(cls).judge_batch(TEXTS)
    rows = {
        folder: [
            json.loads(line) for file in (tmp_path / folder).glob("*") for line in file.read_text().split("\n") if line
        ]
        for folder in ("kept", "dropped")
    }
    assert [int(row["id"]) for row in rows["kept"]] == [i for i, verdict in enumerate(expected) if verdict.keep]
    assert {int(row["id"]): row["metadata"]["filter_reason"] for row in rows["dropped"]} == {
        i: verdict.reason.value for i, verdict in enumerate(expected) if not verdict.keep
    }
    stats = json.loads((tmp_path / "logs" / "stats.json").read_text())
    counted = next(step["stats"] for step in stats if step["name"].endswith(cls.name))
    assert counted["total"] == len(TEXTS)
    for reason in {verdict.reason for verdict in expected if verdict.status is Status.DROPPED}:
        assert counted[f"dropped_{reason.value}"] == sum(verdict.reason is reason for verdict in expected)


def test_dataset_filter_keeps_what_judge_keeps(judge):
    datasets = pytest.importorskip("datasets")
    dataset = datasets.Dataset.from_dict({"text": TEXTS, "row": list(range(len(TEXTS)))})
    kept = dataset.filter(judge.keep_batch, batched=True, batch_size=5, input_columns="text", keep_in_memory=True)
    assert kept["row"] == [i for i, verdict in enumerate(judge.judge_batch(TEXTS)) if verdict.keep]


def test_survives_dill(judge):
    expected = judge.judge_batch(RECORDS)
    assert dill.loads(dill.dumps(judge)).judge_batch(RECORDS) == expected


def test_hostile_text_is_judged(judge, hostile_text):
    verdict = judge.judge(hostile_text)
    assert verdict.status in (Status.KEPT, Status.DROPPED)
    json.dumps(dict(verdict.evidence))


def test_what_is_no_text_is_quarantined(judge, not_text):
    verdict = judge.judge(not_text)
    assert verdict.status is Status.QUARANTINED
    assert not verdict.keep
    assert math.isnan(verdict.score)


def test_quarantined_documents_go_to_the_quarantine_writer(cls, tmp_path):
    class Kept(list):
        __enter__ = lambda self: self  # noqa: E731
        __exit__ = lambda self, *_: None  # noqa: E731
        write = lambda self, document, rank: self.append(document)  # noqa: E731

    dropped, quarantined = Kept(), Kept()
    step = make(cls, exclusion_writer=dropped, quarantine_writer=quarantined, batch_size=3)
    kept = list(step.run([Document(text=record, id=str(i)) for i, record in enumerate(RECORDS)]))
    assert sorted(int(d.id) for d in [*kept, *dropped, *quarantined]) == list(range(len(RECORDS)))
    assert [d.id for d in quarantined] == [str(i) for i in range(len(TEXTS), len(RECORDS))]


def test_a_failing_measurement_quarantines_only_its_own_text(judge, monkeypatch):
    original = judge._measure

    def fail_on_one(texts):
        if CONFIGURATION in texts:
            raise MemoryError("too much")
        return original(texts)

    expected = judge.judge_batch([TEXTBOOK, BROKEN])
    monkeypatch.setattr(judge, "_measure", fail_on_one)
    first, failed, last = judge.judge_batch([TEXTBOOK, CONFIGURATION, BROKEN])
    assert [first, last] == expected
    assert failed == Verdict.quarantined("judging_failed", error="MemoryError: too much")


def test_constructor_stores_its_arguments_and_loads_nothing(cls):
    parameters = inspect.signature(cls.__init__).parameters
    keyword_only = [p for name, p in parameters.items() if name != "self"]
    assert all(p.kind is inspect.Parameter.KEYWORD_ONLY for p in keyword_only)
    made = cls()
    for parameter in keyword_only:
        assert getattr(made, parameter.name) == parameter.default


def test_constructor_refuses_a_batch_size_of_nothing(cls):
    with pytest.raises(ValueError, match="batch_size must be at least 1, got 0"):
        cls(batch_size=0)


def test_rethreshold_equals_a_new_filter(judge):
    assert judge.thresholds
    result = judge.apply(TEXTS)
    for name in judge.thresholds:
        for changed in (0, 1, getattr(judge, name) * 2):
            try:
                other = make(type(judge), **{name: changed})
            except ValueError:
                with pytest.raises(ValueError, match=name):
                    result.rethreshold(**{name: changed})
                continue
            assert result.rethreshold(**{name: changed}).verdicts == other.judge_batch(TEXTS)


def test_rethreshold_refuses_an_unknown_threshold(judge):
    with pytest.raises(TypeError, match="no threshold 'colour'"):
        judge.apply(TEXTS[:1]).rethreshold(colour=1)


def test_a_single_string_is_refused(judge):
    with pytest.raises(TypeError, match="wrap it in a list"):
        judge.judge_batch(TEXTBOOK)
    with pytest.raises(TypeError, match="wrap it in a list"):
        judge.apply(TEXTBOOK)


def test_nothing_in_nothing_out(judge):
    assert judge.judge_batch([]) == []
    assert len(judge.apply([])) == 0
    assert list(judge.run([])) == []


def test_score_is_the_score_of_the_verdict(judge):
    if isinstance(judge, ScoreFilter):
        scores = judge.score(RECORDS)
        assert scores.shape == (len(RECORDS),)
        assert [Verdict.kept(s) for s in scores] == [Verdict.kept(v.score) for v in judge.judge_batch(RECORDS)]


def test_a_copy_is_fitted_without_a_change_to_the_first():
    """A copy shared what `fit` learned, so that fitting it fitted the first one anew."""
    other = Problem("other", "1", "Reverse a list of words and join them with one space between each.", "", "", "")
    for cls in FILTERS:
        if not hasattr(cls, "fit"):
            continue
        first = make(cls)
        before = first.judge_batch([LEAKED, other.prompt])
        copy.copy(first).fit([other])
        assert first.judge_batch([LEAKED, other.prompt]) == before
