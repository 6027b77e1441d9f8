"""Posts by question: the order of a plain sort, whatever the order in which they came; nothing left behind."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textbooks.readers.formats.post_store import PostStore
from textbooks.readers.formats.posts import Post


def post(number: int, question: int, *, is_question: bool, score: int = 0) -> Post:
    return Post(number, question, is_question, score, 0, "t\u00e9", "b\0", ("x",), "", "CC-BY-SA-4.0", "")


POSTS = st.lists(
    st.builds(
        post, st.integers(0, 50), st.integers(-(2**63), 2**63 - 1), is_question=st.booleans(), score=st.integers(-9, 9)
    ),
    max_size=30,
)


@settings(deadline=None)
@given(POSTS)
def test_posts_come_by_question_the_best_first(posts: list[Post]) -> None:
    with PostStore() as store:
        for line, one in enumerate(posts):
            store.add(one, line)
        found = list(store.in_threads())
    numbered = [(one, line) for line, one in enumerate(posts)]
    expected = sorted(numbered, key=lambda n: (n[0].question, not n[0].is_question, -n[0].score, n[0].id, n[1]))
    assert [(one._replace(tags=("x",)), line) for one, line in found] == expected


def test_many_posts_are_written_in_batches() -> None:
    with PostStore() as store:
        for number in range(2_500):
            store.add(post(number, number, is_question=True), number)
        assert [line for _, line in store.in_threads()] == list(range(2_500))


def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with PostStore() as store:
        store.add(post(1, 1, is_question=True), 1)
        assert list(tmp_path.iterdir())
        next(store.in_threads())  # not read to its end
    assert not list(tmp_path.iterdir())
