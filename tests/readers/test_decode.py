"""The encoding of source files, against the interpreter's own opinion."""

from __future__ import annotations

import ast
import codecs
import encodings.aliases
import io
import sysconfig
import tokenize
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textbooks.readers.decode import COOKIE_WITHIN, SAFE_CODECS, UndecodableError, decode_as, decode_source

STANDARD_LIBRARY = Path(sysconfig.get_paths()["stdlib"])


def python_reads(data: bytes) -> str | None:
    """Return what `tokenize` would decode, without its translation of line endings; None where it refuses."""
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        return data.decode(encoding)
    except (SyntaxError, UnicodeDecodeError, LookupError):
        return None


def ours(data: bytes) -> str | None:
    try:
        return decode_source(data)
    except UndecodableError:
        return None


def test_the_standard_library_decodes_as_python_opens_it() -> None:
    files = [*sorted(STANDARD_LIBRARY.glob("*.py")), *sorted((STANDARD_LIBRARY / "test").glob("*cod*.py"))]
    assert len(files) > 100
    for file in files:
        data = file.read_bytes()
        expected = python_reads(data)
        if expected is not None:
            assert decode_source(data) == expected, file
            with tokenize.open(file) as opened:
                assert opened.read() == io.StringIO(expected, newline=None).read()


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "cp1252", "koi8-r", "shift_jis", "euc-jp", "gb18030", "big5"])
def test_a_file_in_its_stated_encoding_means_to_us_what_it_means_to_python(encoding: str) -> None:
    word = {"koi8-r": "слово", "shift_jis": "日本", "euc-jp": "日本", "gb18030": "汉字", "big5": "漢字"}.get(
        encoding, "é"
    )
    source = f"# -*- coding: {encoding} -*-\nword = '{word}'\n"
    data = source.encode(encoding)
    assert decode_source(data) == source
    assert ast.dump(ast.parse(data)) == ast.dump(ast.parse(decode_source(data)))


first_lines = st.lists(
    st.sampled_from(
        [
            b"#",
            b"\n",
            b"\r\n",
            b" ",
            b"\x0c",
            b"x = 1",
            b"#!/usr/bin/env python",
            b"coding",
            b":",
            b"=",
            b"utf-8",
            b"latin-1",
            b"ascii",
            b"cp1252",
            b"-*-",
            b"'''",
            b"\xe9",
            "é".encode(),
            b"coding: latin-1",
            b"# coding=utf-8",
        ]
    ),
    max_size=10,
).map(b"".join)


@given(st.sampled_from([b"", codecs.BOM_UTF8]), first_lines)
def test_what_python_reads_we_read_the_same(bom: bytes, data: bytes) -> None:
    expected = python_reads(bom + data)
    if expected is not None:
        assert ours(bom + data) == expected


@given(st.binary(max_size=300))
def test_any_bytes_are_decoded_or_refused(data: bytes) -> None:
    text = ours(data)
    assert text is None or text.encode("utf-8") is not None


@given(st.sampled_from(SAFE_CODECS), st.from_regex(r"[-\w.]{0,12}", fullmatch=True), st.binary(max_size=60))
def test_any_stated_codec_is_obeyed_or_refused(stem: str, rest: str, body: bytes) -> None:
    ours(f"# coding: {stem}{rest}\n".encode() + body)


@pytest.mark.parametrize(
    "codec", sorted({*encodings.aliases.aliases, *encodings.aliases.aliases.values(), "undefined"})
)
def test_every_codec_of_python_gives_text_with_a_utf8_form_or_is_refused(codec: str) -> None:
    for body in (
        bytes(range(128, 256)),
        b"\x83\x36\xc7\x38",
        b"\xed\xa0\x80",
        b"\\ud800",
        b"+2AA-",
        b"\x1b$B",
        b"A" * 9,
    ):
        text = ours(f"# coding: {codec}\n".encode() + body)
        assert text is None or text.encode("utf-8")


@pytest.mark.parametrize(
    "codec",
    [
        "idna",
        "punycode",
        "zlib",
        "bz2",
        "hex",
        "base64",
        "rot13",
        "quopri",
        "uu",
        "undefined",
        "unicode_escape",
        "raw_unicode_escape",
        "utf-7",
        "utf-16",
        "utf-32",
        "mbcs",
        "nosuch",
        "-",
        ".",
        "..",
        "_",
        "a" * 900,
        "__init__",
    ],
)
def test_a_hostile_codec_is_refused(codec: str) -> None:
    with pytest.raises(UndecodableError):
        decode_source(f"# coding: {codec}\nx = 1\n".encode())


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xfex\x00",
        b"\xfe\xff\x00x",
        b"x = '\xe9'",
        b"# coding: ascii\n\xe9",
        b"\xed\xa0\x80",
        b"# coding: utf-8\n\xff",
        "x = 1".encode("utf-16"),
        b"\x89PNG\r\n\x1a\n",
        b"\n\n# coding: latin-1\n\xe9",
    ],
)
def test_what_is_no_text_is_refused(data: bytes) -> None:
    assert python_reads(data) is None
    with pytest.raises(UndecodableError):
        decode_source(data)


@pytest.mark.parametrize("data", [b"", b"\0\0", codecs.BOM_UTF8, b"x = 1\0\r\n", b"\r\r\n", b"#" * 5_000_000])
def test_odd_but_valid_text_stays_as_it_is(data: bytes) -> None:
    assert decode_source(data) == data.removeprefix(codecs.BOM_UTF8).decode()


@pytest.mark.parametrize("filler", range(COOKIE_WITHIN - 40, COOKIE_WITHIN + 5))
def test_a_codec_name_is_never_cut(filler: int) -> None:
    """Bug: where only part of the comment was looked at, ``latin-1`` became ``lat`` and the file was refused."""
    data = b"#" * filler + b"\n# coding: utf-8-sig\nx = 1\n" + b"#" * 2_000
    assert decode_source(data) == data.decode()


def test_a_long_line_is_searched_in_no_time() -> None:
    data = b"#" + b" coding" * 7_000_000
    assert decode_source(data) == data.decode()


@given(st.text(st.characters(codec="utf-8"), max_size=40), st.sampled_from(["UTF-8", "utf-16", "utf-32", "utf-8-sig"]))
@settings(deadline=None)
def test_a_stated_encoding_is_obeyed_and_the_mark_left_out(text: str, encoding: str) -> None:
    assert decode_as(text.encode(encoding), encoding) == text.removeprefix("\ufeff")


@pytest.mark.parametrize(
    "encoding", ["idna", "punycode", "rot13", "hex", "zip", "utf-7", "nosuch", "", "a\0b", "x" * 999]
)
def test_what_is_no_encoding_of_text_is_refused(encoding: str) -> None:
    with pytest.raises(UndecodableError):
        decode_as(b"abc", encoding)
