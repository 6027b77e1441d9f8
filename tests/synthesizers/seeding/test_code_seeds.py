from __future__ import annotations

import pytest
from datatrove.data import Document
from hypothesis import given
from hypothesis import strategies as st

from textbooks.synthesizers import code_seeds

DOUBLE = "def double(x):\n    return 2 * x\n"


def told(space):
    return {(seed.fields["inspiration"], seed.fields["source"]) for seed in space.draw(len(space.fields["code"]))}


def test_records_of_all_kinds_inspire_and_are_named():
    records = [DOUBLE, {"text": "x = 1\n", "id": "a.py", "stars": 3}, Document(text="y = 2\n", id="b.py")]
    space = code_seeds(records)
    assert told(space) == {(DOUBLE, "0"), ("x = 1\n", "a.py"), ("y = 2\n", "b.py")}
    assert list(space[0].fields) == ["inspiration", "source", "level", "audience", "constraint"]
    assert space.skipped == 0


def test_a_textbook_gets_an_audience_and_a_style():
    space = code_seeds([{"code": DOUBLE, "path": "c.py"}], kind="textbook", text_key="code", id_key="path")
    assert list(space[0].fields) == ["inspiration", "source", "audience", "style"]
    assert (space[0].kind, space[0].fields["source"]) == ("textbook", "c.py")


def test_what_inspires_nothing_is_left_out_and_counted():
    records = [DOUBLE, None, 7, "", " \n", "\ud800", {"id": "x"}, DOUBLE, "x" * 3000, b"x = 1"]
    space = code_seeds(records)
    assert told(space) == {(DOUBLE, "0")}
    assert space.skipped == 9


@given(st.text(alphabet="ab\n", min_size=1), st.integers(1, 12))
def test_code_is_cut_at_the_end_of_the_last_line_that_fits(text, most):
    try:
        found = code_seeds([text], max_chars=most)[0].fields["inspiration"]
    except ValueError:
        found = ""
    if len(text) <= most:
        wanted = text
    else:
        wanted = ""
        for line in text.splitlines(keepends=True):
            if len(wanted) + len(line) > most:
                break
            wanted += line
    assert found == (wanted if wanted.strip() else "")


def test_the_drawing_is_that_of_its_seed_and_balanced():
    records = [f"x = {i}\n" for i in range(40)]
    one, same, other = (code_seeds(records, seed=seed) for seed in (1, 1, 2))
    drawn = [seed.fields["source"] for seed in one.draw(80)]
    assert drawn == [seed.fields["source"] for seed in same.draw(80)]
    assert drawn != [seed.fields["source"] for seed in other.draw(80)]
    assert sorted(drawn[:40]) == sorted(drawn[40:]) == sorted(str(i) for i in range(40))


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"records": [""]}, ValueError, "none of the 1 records holds code"),
        ({"records": []}, ValueError, "none of the 0 records"),
        ({"records": DOUBLE}, TypeError, "wrap it in a list"),
        ({"records": [DOUBLE], "max_chars": 0}, ValueError, "max_chars must be at least 1, got 0"),
        ({"records": [DOUBLE], "styles": ["a song"]}, ValueError, "seeds of kind 'exercise' have no styles"),
        ({"records": [DOUBLE], "kind": "textbook", "levels": ["easy"]}, ValueError, "'textbook' have no levels"),
        ({"records": [DOUBLE], "kind": "poem"}, ValueError, "kind must be one of exercise, textbook, got 'poem'"),
    ],
)
def test_what_cannot_be_used_is_refused(arguments, error, message):
    with pytest.raises(error, match=message):
        code_seeds(**arguments)
