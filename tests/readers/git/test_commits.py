"""Commits as lessons: message and change, nobody's name, merges left out."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textbooks.readers import CorpusReader, find_inputs
from textbooks.readers.found import Damaged, Found
from textbooks.readers.git import commits, find


def read(maker: Any, formats: tuple[str, ...] = ("python",), **options: Any) -> list[Found]:
    reader = CorpusReader("", **options)
    files = find_inputs([f"commits:{maker.folder}"], formats=formats)
    return [found for file in files for found in reader.read_file(file)]


def test_a_commit_is_its_message_and_its_diff(maker: Any) -> None:
    maker.commit({"a.py": b"x = 1\ny = 2\n", "b.txt": b"b\n"}, "Begin\n\nWith two numbers.\n")
    second = maker.commit({"a.py": b"x = 1\ny = 3\n", "b.txt": b"c\n"}, "Mend y\n")
    mended, begun = read(maker)
    assert mended.text == "Mend y\n\n```diff\n--- a/a.py\n+++ b/a.py\n@@ -1,2 +1,2 @@\n x = 1\n-y = 2\n+y = 3\n```\n"
    assert begun.text == (
        "Begin\n\nWith two numbers.\n\n```diff\n--- /dev/null\n+++ b/a.py\n@@ -0,0 +1,2 @@\n+x = 1\n+y = 2\n```\n"
    )
    assert mended.metadata == {
        "repository": "things",
        "revision": second,
        "files": ["a.py"],
        "committed": "2023-11-14T22:13:20+00:00",
        "text_format": "markdown",
        "source": f"commits:{maker.folder}@{second}",
    }


def test_before_and_after_can_be_shown_instead(maker: Any) -> None:
    maker.commit({"a.py": b"x = 1\n"}, "Begin")
    maker.commit({"a.py": b"x = 2\n", "b.md": b"```\n"}, "Change")
    maker.commit({"b.md": b"```\n"}, "Remove")
    removed, changed, begun = read(maker, ("python", "markdown"), changes="before_after")
    assert changed.text == (
        "Change\n\n`a.py`\n\nBefore:\n\n```python\nx = 1\n```\n\nAfter:\n\n```python\nx = 2\n```\n\n"
        "`b.md`\n\nAfter:\n\n````\n```\n````\n"
    )
    assert begun.text == "Begin\n\n`a.py`\n\nAfter:\n\n```python\nx = 1\n```\n"
    assert removed.text == "Remove\n\n`a.py`\n\nBefore:\n\n```python\nx = 2\n```\n"


def test_nobody_is_named(maker: Any) -> None:
    message = (
        "Mend it\n\nSeen by Ada Example (ada@example.org), <bob.b@mail.example.com> agrees.\n\n"
        "Signed-off-by: Ada Example <ada@example.org>\nCo-authored-by: Bob <b@example.org>\nReported-by: Eve\n"
        "Fixes: #12\n"
    )
    maker.commit({"a.py": b"x\n"}, message)
    (found,) = read(maker)
    assert found.text is not None
    assert found.text.startswith("Mend it\n\nSeen by the author (<email>), <email> agrees.\n\nFixes: #12\n\n```diff")
    assert not any(word in found.text for word in ("Ada", "Bob", "Eve", "@example"))


def test_merges_and_commits_of_other_files_are_no_records(maker: Any) -> None:
    first = maker.commit({"a.py": b"1\n"}, "one")
    side = maker.commit({"a.py": b"1\n", "b.py": b"2\n"}, "side", parents=[first], ref="refs/heads/side")
    maker.commit({"a.py": b"1\n", "c.txt": b"3\n"}, "text alone")
    main = maker.commit({"a.py": b"4\n", "c.txt": b"3\n"}, "main")
    maker.commit({"a.py": b"4\n", "b.py": b"2\n"}, "merge", parents=[main, side])
    assert sorted(str(found.text).split("\n")[0] for found in read(maker)) == ["main", "one", "side"]


def test_large_changes_are_set_aside(maker: Any) -> None:
    maker.commit({"a.py": b"x = 1\n" * 100}, "large")
    maker.commit({"a.py": b"x = 1\n" * 99}, "small")
    for changes in ("diff", "before_after"):
        small, large = read(maker, max_change_bytes=599, changes=changes)
        assert isinstance(large, Damaged)
        assert large.reason == "too_large"
        if changes == "diff":
            assert small.text.startswith("small")  # type: ignore[union-attr]


def test_binary_and_moved_files(maker: Any) -> None:
    maker.commit({"a.py": b"\0\1", "b.py": b"x\n"}, "binary")
    maker.commit({"a.py": b"\0\2"}, "binary again")
    for changes in ("diff", "before_after"):
        again, first = read(maker, changes=changes)
        assert again.metadata["files"] == ["b.py"]
        assert first.metadata["files"] == ["b.py"]


@pytest.mark.parametrize("changes", ["diff", "before_after"])
def test_what_is_missing_or_no_text_is_set_aside(maker: Any, changes: str) -> None:
    maker.commit({"a.py": b"gone\n"}, "gone")
    gone = maker.repository.revparse_single("HEAD").tree["a.py"].id
    maker.commit({"a.py": b"\xe9\n"}, "latin")
    maker.commit({"a.py": b"fine\n"}, "fine")
    maker.commit({"a.py": b"fine\nand more\n"}, "finer")
    maker.remove(gone)
    found = read(maker, changes=changes)
    assert [getattr(one, "reason", None) for one in found] == [None, "invalid_unicode", "unreadable", "unreadable"]


def test_a_history_that_breaks_off_is_one_more_damaged_record(maker: Any) -> None:
    first = maker.commit({"a.py": b"1\n"}, "one")
    maker.commit({"a.py": b"2\n"}, "two")
    maker.commit({"a.py": b"3\n"}, "three")
    maker.remove(first)
    found = read(maker)
    assert "unreadable" in [getattr(one, "reason", None) for one in found]
    assert any(isinstance(one, Damaged) for one in found)


def test_a_long_history_is_read_in_parts(maker: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(find, "PART_COMMITS", 4)
    for number in range(10):
        maker.commit({"a.py": b"%d\n" % number}, f"number {number}")
    files = list(find_inputs([f"commits:{maker.folder}"]))
    assert [len(file.part["entries"]) for file in files] == [4, 4, 2]
    texts = [str(one.text) for file in files for one in CorpusReader("").read_file(file)]
    assert [text.split("\n")[0] for text in texts] == [f"number {number}" for number in reversed(range(10))]


@settings(deadline=None)
@given(st.text(st.characters(codec="utf-8"), max_size=80))
def test_no_address_survives_in_any_message(around: str) -> None:
    shown = commits._EMAIL.sub("<email>", f"{around} someone@example.org {around}")
    assert "someone@example.org" not in shown


@pytest.mark.parametrize(("name", "value"), [("changes", "both"), ("max_change_bytes", 0)])
def test_bad_arguments_are_refused(name: str, value: Any) -> None:
    with pytest.raises(ValueError, match=f"{name} must be"):
        CorpusReader("", **{name: value})
