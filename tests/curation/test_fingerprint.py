"""Every parameter of every step bears on the fingerprint of a run, so that none can be forgotten."""

from __future__ import annotations

import importlib
import inspect
import json
import pkgutil
import re
import sys
from functools import partial
from types import UnionType
from typing import Literal, Union, get_args, get_origin

import numpy as np
import pytest
from datatrove.pipeline.base import PipelineStep
from datatrove.pipeline.filters import LambdaFilter
from datatrove.pipeline.readers import JsonlReader

import textbooks
from textbooks.curation.blocks import Blocks
from textbooks.curation.fingerprint import WITHOUT_INFLUENCE, describe, describe_pipeline
from textbooks.curation.markers import Markers
from textbooks.curation.shard_writer import ShardWriter
from textbooks.decontaminators import BehaviouralDecontaminator, NGramDecontaminator, SimilarityDecontaminator
from textbooks.embedders import StaticEmbedder
from textbooks.filters import CorpusFilter, EduValueFilter, SizeFilter
from textbooks.sandbox import Sandbox
from textbooks.schema import KEPT_SCHEMA, REJECTED_SCHEMA

ELSEWHERE = {"EndpointRunner"}  # its arguments are datatrove's configuration, and it takes part in no run over a corpus


class Scorer:
    """A model of somebody's own."""

    identity = "scorer-1"

    def score(self, texts):
        return np.zeros(len(texts))


OTHERS = {
    "allowed": ("MIT",),
    "band_name": "x",
    "behaviour": BehaviouralDecontaminator(min_bits=11.0),
    "best_by": len,
    "combine": "any",
    "embedder": type("Embedder", (), {"identity": "another embedder"})(),
    "end_of_text": "</s>",
    "engine": "numpy",
    "id_key": "key",
    "index": ("prompt",),
    "key": "edu_value_score",
    "method": "tree",
    "model": Scorer(),
    "ngram": NGramDecontaminator(n=14),
    "sandbox": Sandbox(cpu_seconds=4.0),
    "schema": REJECTED_SCHEMA,
    "score_key": "other_score",
    "similarity": SimilarityDecontaminator(min_nodes=13),
    "steps": [SizeFilter()],
    "suffix": "-x",
    "text_format": "markdown",
    "text_key": "content",
}
"""Another value of each parameter that is no number; a name that stands here serves every class."""

TOGETHER = {"max_share": {"max_ratio": None}, "bands": {"rows": 4}, "rows": {"bands": 4}}
"""What has to be changed with a parameter, and has a fingerprint of its own to differ from."""

NUMBERS = {"max_ratio": 3.0, "max_share": 0.5, "threshold": 0.8, "bands": 8, "rows": 8, "min_score": 1.0}
"""Another value of each number whose range is narrow."""


def space():
    from textbooks.synthesizers.seeding.vocabularies import exercise_seeds

    return exercise_seeds()


REQUIRED = {
    "folder": "folder",
    "markers": Markers("a", "b"),
    "n": 3,
    "plan": "plan",
    "schema": KEPT_SCHEMA,
    "space": space,
    "steps": [],
    "tokenizer_path": "tokenizer.json",
    "writers": [],
}
"""Arguments without a default."""


def classes():
    """Every step and corpus filter of the package that can be made."""
    found = {}
    for module in pkgutil.walk_packages(textbooks.__path__, "textbooks."):
        for name, thing in vars(importlib.import_module(module.name)).items():
            if (
                inspect.isclass(thing)
                and issubclass(thing, PipelineStep | CorpusFilter)
                and thing.__module__.startswith("textbooks.")
                and not inspect.isabstract(thing)
                and not name.startswith("_")
            ):
                found[thing.__qualname__] = thing
    return [thing for name, thing in sorted(found.items()) if name not in ELSEWHERE]


def parameters(thing):
    return {
        name: parameter
        for name, parameter in inspect.signature(thing.__init__).parameters.items()
        if name != "self" and parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
    }


def required(thing):
    given = {
        name: REQUIRED[name]
        for name, parameter in parameters(thing).items()
        if parameter.default is inspect.Parameter.empty
    }
    return {name: value() if callable(value) else value for name, value in given.items()}


def another(thing, name, default):
    """Return another value than the default, by its type; a parameter of which none is known fails the test."""
    if name in OTHERS:
        return OTHERS[name]
    if name in NUMBERS:
        return NUMBERS[name]
    if choices := [choice for choice in allowed(thing, name) if choice != default]:
        return choices[0]
    if isinstance(default, bool):
        return not default
    if isinstance(default, int):
        return default + 1
    if isinstance(default, float):
        return default * 0.9 or 0.05
    if isinstance(default, tuple) and len(default) > 1:
        return default[1:]
    if isinstance(default, str):
        return another_string(thing, name, default)
    pytest.fail(f"say in this test what another value of {name!r} is, or that it has no influence")


def another_string(thing, name, default):
    """Return another string; where only some are allowed, the error says which."""
    try:
        thing(**{**required(thing), name: f"{default}x"})
    except ValueError as error:
        listed = str(error).partition("must be one of ")[2].partition(", got")[0]
        return next(choice for choice in re.findall(r"[\w-]+", listed) if choice != default)
    return f"{default}x"


def allowed(thing, name):
    """Return the choices that the type of a parameter names, or a number where it may be None or one."""
    written = parameters(thing)[name].annotation
    try:
        hint = eval(written, vars(sys.modules[thing.__init__.__module__])) if isinstance(written, str) else written
    except NameError:  # imported for type checkers alone
        return []
    parts = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
    choices = [choice for part in parts if get_origin(part) is Literal for choice in get_args(part)]
    return choices or [7 if part is int else 0.5 for part in parts if part in (int, float) and type(None) in parts]


CASES = [(thing, name) for thing in classes() for name in parameters(thing) if name not in WITHOUT_INFLUENCE]


@pytest.mark.parametrize(("thing", "name"), CASES, ids=[f"{thing.__name__}-{name}" for thing, name in CASES])
def test_every_parameter_of_every_step_bears_on_the_fingerprint(thing, name):
    given = {**required(thing), **TOGETHER.get(name, {})}
    before = given.get(name, parameters(thing)[name].default)
    if name == "space":
        from textbooks.synthesizers.seeding.vocabularies import textbook_seeds

        value = textbook_seeds()
    else:
        value = another(thing, name, before)
    one = fingerprint(thing(**given)) if name not in TOGETHER else fingerprint(thing(**required(thing)))
    other = fingerprint(thing(**{**given, name: value}))
    assert one != other
    assert fingerprint(thing(**{**given, name: value})) == other


def fingerprint(step):
    return json.dumps(describe_pipeline([step]) if isinstance(step, PipelineStep) else describe(step), sort_keys=True)


def test_classes_are_found_and_all_their_parameters_are_stored_under_their_names():
    names = {thing.__name__ for thing in classes()}
    assert {"CorpusReader", "ExactDedupFilter", "MinHashSignature", "EduValueFilter", "TopicBalancer"} <= names
    for thing in classes():
        made = thing(**required(thing))
        for name in set(parameters(thing)) - WITHOUT_INFLUENCE:
            assert name in vars(made), f"{thing.__name__} does not store {name}"


def test_what_has_no_influence_is_left_out():
    writer = ShardWriter("a", KEPT_SCHEMA)
    assert describe(SizeFilter(exclusion_writer=writer, batch_size=9)) == describe(SizeFilter())
    assert describe(ShardWriter("b", KEPT_SCHEMA)) == describe(writer)


def test_steps_within_blocks_stand_beside_it_by_name_and_order():
    def pipeline(*steps):
        return describe_pipeline([Blocks(steps, [], Markers("a", "b"), block_records=7)])

    found = pipeline(SizeFilter(min_chars=3), SizeFilter(), EduValueFilter())
    assert found["order"] == ["blocks", "size", "size#2", "edu_value"]
    assert found["blocks"]["block_records"] == 7
    assert found["size"] == {
        "class": "textbooks.filters.size.SizeFilter",
        "min_chars": 3,
        "max_chars": 1_000_000,
        "max_line_chars": 1_000,
    }
    assert pipeline(SizeFilter(), EduValueFilter()) != pipeline(EduValueFilter(), SizeFilter())


def test_steps_of_datatrove_are_told_apart():
    assert describe(JsonlReader("a", text_key="text")) != describe(JsonlReader("a", text_key="content"))
    assert describe(LambdaFilter(lambda d: True)) != describe(LambdaFilter(lambda d: False))


def test_a_model_in_a_file_is_its_content(tmp_path):
    (tmp_path / "model.npz").write_bytes(b"one")
    judge = EduValueFilter(model=str(tmp_path / "model.npz"))
    before = describe(judge)
    assert describe(EduValueFilter(model=tmp_path / "model.npz")) == before
    (tmp_path / "model.npz").write_bytes(b"two")
    assert describe(judge) != before


def made_by(number):
    return lambda text: len(text) + number


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (made_by(1), made_by(2)),
        (lambda t: t in {"a", "b"}, lambda t: t in {"a", "c"}),
        (lambda t, n=1: n, lambda t, n=2: n),
        (partial(round, ndigits=1), partial(round, ndigits=2)),
        (min, max),
        ("x".join, "y".join),
        (np.arange(3), np.arange(4)),
        (np.arange(3), np.arange(3.0)),
        (np.float64(1), np.float64(2)),
        (b"x", b"y"),
        ({"a": 1}, {"a": 2}),
        ({1, 2}, {1, 3}),
        ((1, [2]), (1, [3])),
        (float("nan"), float("inf")),
        (True, 1.5),
        (int, float),
        (StaticEmbedder(), OTHERS["embedder"]),
    ],
)
def test_values_are_told_apart_and_known_again(one, other):
    assert describe(one) != describe(other)
    assert json.dumps(describe(one)) == json.dumps(describe(one))
    json.dumps(describe(other))


def test_what_cannot_be_told_is_an_error(tmp_path):
    cycle = []
    cycle.append(cycle)
    for value in (object(), cycle):
        with pytest.raises(TypeError):
            describe(value)
