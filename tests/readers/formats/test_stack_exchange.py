"""Dumps of Stack Exchange, made up here: threads joined however far apart, damage set aside row by row."""

from __future__ import annotations

import bz2
import gzip
import lzma
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from textbooks.readers import CorpusReader, InputFile, find_inputs
from textbooks.readers.formats.stack_exchange import site_of
from textbooks.readers.found import Damaged, Found

HEAD, END = b'\xef\xbb\xbf<?xml version="1.0" encoding="utf-8"?>\n<posts>\n', b"</posts>\n"


def row(number: int, kind: int = 1, **fields: Any) -> bytes:
    known = {"Id": number, "PostTypeId": kind, "CreationDate": "2020-01-02T03:04:05.678", "Score": 5, **fields}
    known.setdefault("Body", f"<p>post {number}</p>\n")
    shown = " ".join(
        f"{name}={quoteattr(str(value), {chr(10): '&#xA;'})}" for name, value in known.items() if value is not None
    )
    return f"  <row {shown} />\n".encode()


def question(number: int, **fields: Any) -> bytes:
    return row(number, Title=f"Question {number}?", Tags="<python><list>", **fields)


def answer(number: int, parent: int, **fields: Any) -> bytes:
    return row(number, 2, ParentId=parent, **fields)


def dump(*rows: bytes) -> bytes:
    return HEAD + b"".join(rows) + END


def read(tmp_path: Path, data: bytes, name: str = "Posts.xml", **options: Any) -> list[Found]:
    path = tmp_path / "python.stackexchange.com" / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
    return list(CorpusReader("", **options).read_file(InputFile(str(path), "stack_exchange", len(data), "")))


def test_a_thread_is_a_lesson_with_its_attribution(tmp_path: Path) -> None:
    rows = [
        question(
            1,
            Body="<p>How?</p>\n\n<pre><code>x = [1,\n     2]\n</code></pre>\n",
            AcceptedAnswerId=3,
            OwnerUserId=7,
            ContentLicense="CC BY-SA 3.0",
        ),
        answer(2, 1, Score=9, Body="<p>Thus.</p>", OwnerUserId=8, ContentLicense="CC BY-SA 4.0"),
        answer(3, 1, Score=0, Body="<p>So.</p>", OwnerDisplayName="gone user", ContentLicense="CC BY-SA 3.0"),
    ]
    (found,) = read(tmp_path, dump(*rows))
    assert found.text == (
        "# Question 1?\n\nHow?\n\n```\nx = [1,\n     2]\n```\n\n## Accepted answer\n\nSo.\n\n## Answer\n\nThus.\n"
    )
    site = "https://python.stackexchange.com"
    assert found.metadata == {
        "source": f"{tmp_path}/python.stackexchange.com/Posts.xml#3",
        "url": f"{site}/questions/1",
        "answers": [f"{site}/a/3", f"{site}/a/2"],
        "license": "CC-BY-SA-3.0 AND CC-BY-SA-4.0",
        "tags": ["python", "list"],
        "score": 5,
        "answer_scores": [0, 9],
        "accepted": True,
        "created": "2020-01-02T03:04:05.678",
        "authors": [f"{site}/users/7", "gone user", f"{site}/users/8"],
        "text_format": "markdown",
    }
    assert found.id == f"{site}/questions/1"  # type: ignore[union-attr]


def test_answers_are_the_accepted_one_then_the_best(tmp_path: Path) -> None:
    scores = {11: 3, 12: 8, 13: -1, 14: 0, 15: 8, 16: 1}
    rows = [question(10, AcceptedAnswerId=13), *(answer(n, 10, Score=score) for n, score in scores.items())]

    def chosen(**options: Any) -> list[int]:
        (found,) = read(tmp_path, dump(*rows), **options)
        return [int(url.rsplit("/", 1)[1]) for url in found.metadata["answers"]]

    assert chosen() == [13, 12, 15]
    assert chosen(max_answers=1) == [13]
    assert chosen(max_answers=9) == [13, 12, 15, 11, 16]
    assert chosen(max_answers=9, min_score=-5) == [13, 12, 15, 11, 16, 14]
    assert chosen(max_answers=9, min_score=99) == [13]


def test_questions_without_a_wanted_answer_and_other_posts_are_counted_not_read(tmp_path: Path) -> None:
    (tmp_path / "Posts.xml").write_bytes(dump(question(1), question(2), answer(3, 2, Score=0), row(4, 5), row(5, 4)))
    reader = CorpusReader("")
    assert list(reader.read_file(InputFile(str(tmp_path / "Posts.xml"), "stack_exchange", 0, ""))) == []
    assert reader._counts == {"posts": 5, "questions_without_answer": 2}


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(1, 6), st.booleans(), st.integers(-3, 9)), max_size=25), st.randoms())
def test_the_order_of_the_rows_has_no_say(tmp_path_factory: Any, posts: list[Any], shuffle: random.Random) -> None:
    folder = tmp_path_factory.mktemp("dump")
    rows = [question(n, AcceptedAnswerId=100) for n in range(1, 7)]
    rows += [answer(100 + n, parent, Score=score) for n, (parent, _, score) in enumerate(posts)]
    found = read(folder, dump(*rows))
    expected = {}
    for number in range(1, 7):
        own = [(100 + n, score) for n, (parent, _, score) in enumerate(posts) if parent == number]
        wanted = [(n != 100, -score, n) for n, score in own if n == 100 or score >= 1]
        if wanted:
            expected[number] = [n for *_, n in sorted(wanted)[:3]]
    shuffle.shuffle(rows)
    for again in (found, read(folder, dump(*rows))):
        assert {
            int(one.metadata["url"].rsplit("/", 1)[1]): [int(a.rsplit("/", 1)[1]) for a in one.metadata["answers"]]
            for one in again
        } == expected


BAD_ROWS: list[tuple[str, bytes, str]] = [
    ("no XML", b"  <row Id=\n", "malformed_row"),
    ("two rows in a line", question(5).strip() + question(6), "malformed_row"),
    ("no number", row(5, Id=None), "malformed_row"),
    ("a number of words", row(5, Id="five"), "malformed_row"),
    ("a number beyond 64 bits", row(5, Id="9" * 30), "malformed_row"),
    ("thousands of digits", row(5, Id="9" * 9_000), "malformed_row"),
    ("no kind", row(5, PostTypeId=None), "malformed_row"),
    ("no body", row(5, Body=None), "text_missing"),
    ("no question", row(5, 2), "malformed_row"),
    ("a score of words", row(5, Score="high"), "malformed_row"),
    ("an answer without its question", answer(5, 77), "malformed_row"),
    ("a number twice", question(1), "malformed_row"),
    ("not UTF-8", b'  <row Id="5" PostTypeId="1" Body="\xff" />\n', "invalid_unicode"),
    ("a surrogate", b'  <row Id="5" PostTypeId="1" Body="&#xD800;" />\n', "malformed_row"),
    ("a NUL", b'  <row Id="5" PostTypeId="1" Body="&#0;" />\n', "malformed_row"),
    ("a raw NUL", b'  <row Id="5" PostTypeId="1" Body="\0" />\n', "malformed_row"),
    ("a foreign entity", b'  <row Id="5" PostTypeId="1" Body="&xxe;" />\n', "malformed_row"),
    ("a document type", b'<!DOCTYPE posts [<!ENTITY xxe SYSTEM "file:///etc/passwd">]>\n', "malformed_row"),
    ("another element", b"  <post />\n", "malformed_row"),
    ("an attribute twice", b'  <row Id="5" Id="6" PostTypeId="1" Body="x" />\n', "malformed_row"),
    ("words", b"hello\n", "malformed_row"),
    ("a long line", row(5, Body="x" * 60_000), "too_large"),
    ("a frame with rows in it", b'<posts><row Id="5" PostTypeId="1" Body="x" /></posts>\n', "malformed_row"),
]


@pytest.mark.parametrize(("bad", "reason"), [kind[1:] for kind in BAD_ROWS], ids=[kind[0] for kind in BAD_ROWS])
def test_a_bad_row_is_set_aside_and_the_others_are_read(tmp_path: Path, bad: bytes, reason: str) -> None:
    found = read(tmp_path, dump(question(1), bad, answer(2, 1)), max_bytes=50_000)
    assert [one.reason for one in found if isinstance(one, Damaged)] == [reason]
    assert [one.metadata["url"] for one in found if not isinstance(one, Damaged)] == [
        "https://python.stackexchange.com/questions/1"
    ]


BOMB = (
    b'<?xml version="1.0"?>\n<!DOCTYPE posts [\n<!ENTITY a "aaaaaaaaaa">\n'
    + b"".join(b'<!ENTITY %c "%s">\n' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(20))
    + b']>\n<posts>\n<row Id="1" PostTypeId="1" Body="&t;" />\n</posts>\n'
)


def test_an_xml_bomb_does_not_unfold(tmp_path: Path) -> None:
    assert {one.reason for one in read(tmp_path, BOMB)} == {"malformed_row"}  # type: ignore[union-attr]


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".zst": zstandard.compress,
}


@pytest.mark.parametrize("suffix", PACKERS)
def test_packed_dumps_are_read_and_their_ends_missed(tmp_path: Path, suffix: str) -> None:
    rows = [
        part for n in range(1, 900, 2) for part in (question(n, Body=f"{random.Random(n).random()}"), answer(n + 1, n))
    ]
    whole = PACKERS[suffix](dump(*rows))
    assert len(read(tmp_path, whole, f"Posts.xml{suffix}")) == 450
    cut = read(tmp_path, whole[: len(whole) * 9 // 10], f"Posts.xml{suffix}")
    damaged = [one for one in cut if isinstance(one, Damaged)]
    assert damaged[-1].reason in ("truncated", "unreadable")
    assert any(one.reason == "truncated" for one in damaged) or len(cut) == 1
    assert suffix == ".bz2" or 300 < len(cut) - len(damaged) < 450 or len(cut) == 1


@pytest.mark.parametrize("suffix", [".bz2", ".xz"])
def test_packed_bombs_unfold_piecewise_to_one_record(tmp_path: Path, suffix: str) -> None:
    data = PACKERS[suffix](HEAD + b"<row " + bytes(30_000_000) + b"\n" + END)
    (found,) = read(tmp_path, data, f"Posts.xml{suffix}", max_bytes=1_000_000)
    assert isinstance(found, Damaged)
    assert found.reason == "too_large"


@pytest.mark.parametrize(
    ("data", "reasons"),
    [
        (b"", ["truncated"]),
        (HEAD, ["truncated"]),
        (HEAD.replace(b"<posts>", b"<posts />"), []),
        (dump(), []),
        (dump(question(1), answer(2, 1))[:-9], ["truncated", None]),
        (dump(question(1), answer(2, 1)).replace(b"\n", b"\r\n"), [None]),
    ],
)
def test_whole_files_that_are_odd(tmp_path: Path, data: bytes, reasons: list[str | None]) -> None:
    assert [getattr(one, "reason", None) for one in read(tmp_path, data)] == reasons


def test_a_dump_in_another_encoding_is_damaged_line_by_line(tmp_path: Path) -> None:
    found = read(tmp_path, dump(question(1), answer(2, 1)).decode().encode("utf-16"))
    assert {one.reason for one in found} == {"malformed_row", "truncated"}  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("fields", "licence"),
    [
        ({"ContentLicense": "CC BY-SA 2.5"}, "CC-BY-SA-2.5"),
        ({"CreationDate": "2011-04-07T23:59:59"}, "CC-BY-SA-2.5"),
        ({"CreationDate": "2011-04-08T00:00:00"}, "CC-BY-SA-3.0"),
        ({"CreationDate": "2018-05-01T23:59:59"}, "CC-BY-SA-3.0"),
        ({"CreationDate": "2011-01-01", "LastEditDate": "2018-05-02T00:00:00"}, "CC-BY-SA-4.0"),
        ({"CreationDate": None}, "CC-BY-SA-2.5"),
        ({"ContentLicense": "public domain"}, "CC-BY-SA-4.0"),
    ],
)
def test_the_licence_is_that_of_the_dump_or_of_the_day(tmp_path: Path, fields: dict[str, Any], licence: str) -> None:
    (found,) = read(tmp_path, dump(question(1, **fields), answer(2, 1, **fields)))
    assert found.metadata["license"] == licence


@pytest.mark.parametrize(
    ("path", "site"),
    [
        ("dumps/stackoverflow.com-Posts.xml.zst", "stackoverflow.com"),
        ("s3://bucket.org/data/ai.stackexchange.com/Posts.xml", "ai.stackexchange.com"),
        ("data/Posts.xml", ""),
        ("/srv/askubuntu.com/2024.09/Posts.xml", "askubuntu.com"),
    ],
)
def test_the_site_is_told_by_the_folder_or_file(path: str, site: str) -> None:
    assert site_of(path) == site


def test_without_a_site_authors_are_numbers_and_the_source_is_the_id(tmp_path: Path) -> None:
    (tmp_path / "Posts.xml").write_bytes(dump(question(1, OwnerUserId=7), answer(2, 1)))
    (file,) = find_inputs([str(tmp_path)], formats=["stack_exchange"])
    (found,) = CorpusReader("").read_file(file)
    assert found.metadata["authors"] == ["user 7"]
    assert found.id == found.metadata["source"]  # type: ignore[union-attr]


def test_a_thread_that_is_too_large_is_set_aside(tmp_path: Path) -> None:
    rows = [question(1, Body="x" * 700), answer(2, 1, Body="y" * 700), question(3), answer(4, 3)]
    large, small = read(tmp_path, dump(*rows), max_bytes=1_100)
    assert isinstance(large, Damaged)
    assert large.reason == "too_large"
    assert small.text is not None


@pytest.mark.parametrize("max_answers", [0, -1])
def test_bad_arguments_are_refused(max_answers: int) -> None:
    with pytest.raises(ValueError, match="max_answers must be at least 1"):
        CorpusReader("", max_answers=max_answers)
