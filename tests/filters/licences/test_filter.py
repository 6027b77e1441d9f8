"""Licences: what is understood of them, and what is allowed."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from datatrove.data import Document
from hypothesis import given
from hypothesis import strategies as st

from textbooks.filters import LicenceFilter
from textbooks.filters.licences.reading import canonical, licensing, permissive_licences, read_licence, weigh
from textbooks.verdicts import Reason, Status

APACHE_HEADER = '# Licensed under the Apache License, Version 2.0 (the "License");\nimport os\n'
GPL_HEADER = '''"""A tool.

This program is free software; you can redistribute it and/or modify it under the terms of the
GNU General Public License as published by the Free Software Foundation; either version 2 of the
License, or (at your option) any later version.
"""
'''
NAMES = {
    "MIT": "MIT",
    "mit": "MIT",
    "The MIT License (MIT)": "MIT",
    "License :: OSI Approved :: MIT License": "MIT",
    "Apache License, Version 2.0": "Apache-2.0",
    "License :: OSI Approved :: Apache Software License": "Apache-2.0",
    "BSD": "BSD-3-Clause",
    "BSD (3-clause)": "BSD-3-Clause",
    "Simplified BSD": "BSD-2-Clause",
    "ISC License (ISCL)": "ISC",
    "Python Software Foundation License": "PSF-2.0",
    "Public Domain": "LicenseRef-scancode-public-domain",
    "GPLv3+": "GPL-3.0-or-later",
    "GPL": "GPL-1.0-or-later",
    "gpl-2.0": "GPL-2.0-only",
    "GNU Lesser General Public License v2 or later (LGPLv2+)": "LGPL-2.0-or-later",
    "License :: OSI Approved :: GNU Affero General Public License v3": "AGPL-3.0-only",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "BSD or Apache License, Version 2.0": "BSD-3-Clause OR Apache-2.0",
    "MIT/Apache-2.0": "MIT OR Apache-2.0",
    "MIT, Apache 2.0": "MIT AND Apache-2.0",
    "MIT or GPLv3": "MIT OR GPL-3.0-only",
    "Apache-2.0 OR (MIT AND foo-bar)": "Apache-2.0 OR (MIT AND foo-bar)",
    "Apache-2.0 WITH LLVM-exception": "Apache-2.0 WITH LLVM-exception",
}


@pytest.mark.parametrize(("name", "expression"), NAMES.items())
def test_names_as_people_write_them(name, expression):
    reading = read_licence(name)
    assert (reading.expression, reading.unknown, reading.missing) == (expression, (), False)


@pytest.mark.parametrize("nothing", [None, "", "  ", "UNKNOWN", "None", [], (), [None], math.nan])
def test_nothing_stated_is_missing(nothing):
    assert read_licence(nothing).missing
    assert LicenceFilter().judge(nothing).reason is Reason.LICENCE_UNKNOWN
    assert LicenceFilter(on_missing="keep").judge(nothing).keep


@pytest.mark.parametrize(
    "unclear", ["Dual License", "other", "NOASSERTION", "LICENSE.txt", "License :: OSI Approved", 3]
)
def test_what_is_not_understood_is_unknown(unclear):
    verdict = LicenceFilter().judge(unclear)
    assert verdict.reason is Reason.LICENCE_UNKNOWN
    assert verdict.evidence["unknown"] == [str(unclear)]
    assert LicenceFilter(on_unknown="keep").judge(unclear).keep


KEPT = [
    *("MIT", "GPL-2.0-only OR MIT", "Apache-2.0 WITH LLVM-exception", "Apache-2.0+", "Apache-2.0 OR (MIT AND foo)"),
    *(["MIT", "Apache-2.0"], ("MIT", "LicenseRef-scancode-generic-cla"), "MIT AND (GPL-2.0-only OR ISC)"),
    ["License :: OSI Approved", "License :: OSI Approved :: BSD License"],
]
REFUSED = {
    "GPL-3.0-only": ["GPL-3.0-only"],
    "GPL-2.0-only WITH Classpath-exception-2.0": ["GPL-2.0-only WITH Classpath-exception-2.0"],
    "MIT WITH LicenseRef-scancode-commons-clause": ["MIT WITH LicenseRef-scancode-commons-clause"],
    "MIT AND GPL-3.0-only": ["GPL-3.0-only"],
    "MPL-2.0 AND (Apache-2.0 OR MIT)": ["MPL-2.0"],
    "GPL-2.0-only OR LGPL-2.1-only": ["GPL-2.0-only", "LGPL-2.1-only"],
    "GPL-2.0-only AND foo": ["GPL-2.0-only"],
    ("MIT", "GPL-2.0-only"): ["GPL-2.0-only"],
}


@pytest.mark.parametrize("licence", KEPT, ids=str)
def test_permissive_ones_stay(licence):
    assert LicenceFilter().judge(licence).status is Status.KEPT


@pytest.mark.parametrize(("licence", "parts"), REFUSED.items(), ids=str)
def test_others_go_and_the_evidence_names_the_part(licence, parts):
    verdict = LicenceFilter().judge(licence)
    assert verdict.reason is Reason.LICENCE_NOT_ALLOWED
    assert verdict.evidence["not_allowed"] == parts
    assert verdict.evidence["understood"] == read_licence(licence).expression


def test_an_unknown_part_decides_only_where_it_has_to():
    verdict = LicenceFilter().judge("MIT AND foo")
    assert (verdict.reason, verdict.evidence["unknown"]) == (Reason.LICENCE_UNKNOWN, ["foo"])
    assert LicenceFilter().judge(["MIT", "something of our own"]).evidence["unknown"] == ["something of our own"]


def test_allowed_is_a_list_of_ones_own_in_any_case():
    licence = LicenceFilter(allowed=["gpl-3.0", "GPL-2.0-only WITH Classpath-exception-2.0"])
    kept = licence.keep_batch(["GPL-3.0-only", "MIT", "GPL-2.0-only", "GPL-2.0-only WITH Classpath-exception-2.0"])
    assert kept == [True, False, False, True]


def leaves():
    return st.sampled_from(["MIT", "ISC", "GPL-3.0-only", "MPL-2.0", "nonsense-1"])


def expressions():
    return st.recursive(leaves(), lambda inner: st.tuples(st.sampled_from(["AND", "OR"]), inner, inner), max_leaves=8)


def written(expression):
    if isinstance(expression, str):
        return expression
    operator, left, right = expression
    return f"({written(left)} {operator} {written(right)})"


def truth(expression, nonsense):
    """Whether an expression is allowed when the unknown licence is (`nonsense`) or is not."""
    if isinstance(expression, str):
        return nonsense if expression == "nonsense-1" else expression in ("MIT", "ISC")
    operator, left, right = expression
    sides = truth(left, nonsense), truth(right, nonsense)
    return all(sides) if operator == "AND" else any(sides)


@given(expressions())
def test_boolean_logic_is_that_of_both_worlds(expression):
    """Allowed when it is whatever the unknown licence says, refused when it is not, else unknown."""
    standing, parts = weigh(licensing().parse(written(expression)), permissive_licences())
    worlds = {truth(expression, True), truth(expression, False)}
    assert standing is (worlds.pop() if len(worlds) == 1 else None)
    assert bool(parts) is (standing is not True)


@given(
    st.one_of(st.text(max_size=80), st.lists(st.text(max_size=20), max_size=4), st.integers(), st.binary(max_size=9))
)
def test_any_value_gets_a_verdict(value):
    verdict = LicenceFilter().judge(value)
    assert verdict.status is not Status.QUARANTINED
    json.dumps(dict(verdict.evidence))


@pytest.mark.parametrize(
    "hostile", ["(" * 200 + "MIT" + ")" * 200, "(" * 10**6, "MIT OR " * 10**5, "MIT\0", "\ud800", "a b " * 10**5]
)
def test_hostile_strings_get_a_verdict(hostile):
    assert LicenceFilter().judge(hostile).status is not Status.QUARANTINED


def test_permissive_list_holds_valid_identifiers_and_no_copyleft():
    assert len(permissive_licences()) == 947
    assert all(canonical(identifier) == identifier for identifier in permissive_licences())
    assert not [
        name for name in permissive_licences() if name.startswith(("GPL", "LGPL", "AGPL", "MPL", "EPL", "CC-BY-N"))
    ]
    assert {"MIT", "Apache-2.0", "BSD-3-Clause", "ISC", "Unlicense", "CC0-1.0", "PSF-2.0"} <= permissive_licences()


HEADERS = {
    "# SPDX-License-Identifier: GPL-2.0-or-later\nx = 1\n": "GPL-2.0-or-later",
    "/* SPDX-License-Identifier: MIT */\n": "MIT",
    APACHE_HEADER: "Apache-2.0",
    GPL_HEADER: "GPL-2.0-or-later",
    "__license__ = 'LGPLv3'\n": "LGPL-3.0-only",
    "# Author: A\n# License: BSD 3 clause\n": "BSD-3-Clause",
    "# Permission is hereby granted, free of charge, to any person obtaining a copy\n": "MIT",
    "# This is free and unencumbered software\n# released into the public domain.\n": "Unlicense",
    "# Redistribution and use in source and binary forms, with or\n# without modification, are\n": "BSD-2-Clause",
}


@pytest.mark.parametrize(("text", "expression"), HEADERS.items())
def test_the_head_of_a_text_speaks_where_metadata_are_silent(text, expression):
    [verdict] = LicenceFilter().judge_documents([Document(text=text, id="0")])
    assert (verdict.evidence["understood"], verdict.evidence["from"]) == (expression, "text")


@pytest.mark.parametrize("text", ["license: str\n", "x = 1\n", "# see LICENSE\n", "def license(self): ...\n", None, 5])
def test_a_text_that_names_no_licence_says_nothing(text):
    [verdict] = LicenceFilter().judge_documents([Document(text=text, id="0")])
    assert verdict.evidence == {"missing": True}


@pytest.mark.parametrize(("headers", "kept"), [("always", False), ("missing", True), ("never", True)])
def test_a_copied_file_under_another_licence(headers, kept):
    document = Document(text=GPL_HEADER, id="0", metadata={"license": "MIT"})
    assert LicenceFilter(headers=headers).judge_documents([document])[0].keep is kept


def test_apply_takes_mappings_documents_and_strings_and_another_key():
    records = [
        {"text": "x", "licences": ["MIT"]},
        Document(text="x", id="1", metadata={"licences": "GPL-3.0-only"}),
        "x",
    ]
    result = LicenceFilter(key="licences").apply(records)
    assert result.kept == records[:1]
    assert dict(result.counts) == {"kept": 1, "licence_not_allowed": 1, "licence_unknown": 1}
    assert len(result.rethreshold(allowed=["GPL-3.0-only"], on_missing="keep").kept) == 2
    with pytest.raises(TypeError, match="no threshold 'key'"):
        result.rethreshold(key="x")


def test_as_a_step_it_writes_three_fields_and_leaves_the_text():
    documents = [Document(text="x", id="0", metadata={"license": name}) for name in ("MIT", "GPL-3.0-only")]
    step = LicenceFilter()
    assert [document.metadata["license"] for document in step.run(documents)] == ["MIT"]
    assert [document.metadata["licence_reason"] for document in documents] == ["", "licence_not_allowed"]
    assert json.loads(documents[1].metadata["licence_evidence"])["not_allowed"] == ["GPL-3.0-only"]
    assert step.stats["dropped_licence_not_allowed"].total == 1


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"allowed": ["MIT", "nonsense"]}, ValueError, "not an SPDX licence identifier: 'nonsense'"),
        ({"allowed": ["MIT OR ISC"]}, ValueError, "not an SPDX licence identifier: 'MIT OR ISC'"),
        ({"allowed": "MIT"}, ValueError, "allowed must be one of 'permissive', got 'MIT'"),
        ({"allowed": 3}, TypeError, "allowed must be 'permissive' or a sequence"),
        ({"on_unknown": "ask"}, ValueError, "on_unknown must be one of 'drop', 'keep', got 'ask'"),
        ({"on_missing": None}, ValueError, "on_missing must be one of"),
        ({"headers": True}, ValueError, "headers must be one of 'always', 'missing', 'never', got True"),
        ({"batch_size": 0}, ValueError, "batch_size must be at least 1"),
    ],
)
def test_bad_arguments_are_refused(arguments, error, message):
    with pytest.raises(error, match=message):
        LicenceFilter(**arguments)


def test_a_single_string_is_no_batch():
    with pytest.raises(TypeError, match="wrap it in a list"):
        LicenceFilter().judge_batch("MIT")


LABELLED = Path(__file__).parents[3] / "benchmarks" / "privacy" / "licences.jsonl"
STATEMENTS = [row for row in map(json.loads, LABELLED.read_text().splitlines()) if not row.get("contested")]


@pytest.mark.parametrize("row", STATEMENTS, ids=lambda row: row["given"])
def test_labelled_statements_are_told_apart(row):
    """Thirteen classifiers and an address of permissive licences were not understood."""
    assert LicenceFilter().judge(row["given"]).keep == row["permissive"]


@pytest.mark.parametrize(
    ("address", "licence"),
    [
        ("https://opensource.org/licenses/MIT", "MIT"),
        ("http://www.opensource.org/licences/BSD-3-Clause/", "BSD-3-Clause"),
        ("https://spdx.org/licenses/GPL-3.0-only.html", "GPL-3.0-only"),
    ],
)
def test_addresses_of_the_lists_of_licences_are_read(address, licence):
    assert LicenceFilter().judge(address).evidence["understood"] == licence
    assert "unknown" in LicenceFilter().judge("https://example.com/licenses/MIT").evidence
