"""Lines against a naive oracle, over every cut and any chunking."""

from __future__ import annotations

import gzip
import io
import subprocess
import sys
import tracemalloc
import zlib
from collections.abc import Iterator
from typing import IO, cast

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from textbooks.readers import lines as module
from textbooks.readers.lines import DamagedStreamError, TruncatedStreamError, read_lines

COMPRESS = {
    "a.jsonl": lambda data: data,
    "a.jsonl.gz": lambda data: gzip.compress(data, mtime=0),
    "a.jsonl.zst": zstandard.compress,
}
COMPRESSED = [name for name in COMPRESS if name != "a.jsonl"]
TEXT = b"".join(b'{"text": "line %d of the file"}\n' % number for number in range(40))


class Dribble(io.BytesIO):
    """A file that gives at most `most` bytes at a time, as a network does."""

    most = 7

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(min(self.most, size) if size and size > 0 else self.most)


def oracle(data: bytes, max_bytes: int) -> list[tuple[int, bytes | None]]:
    data = data.removeprefix(b"\xef\xbb\xbf")
    numbered = enumerate(data.split(b"\n"), 1)
    return [
        (n, line.strip() if len(line) <= max_bytes else None)
        for n, line in numbered
        if line.strip() or len(line) > max_bytes
    ]


def read_until_damage(data: bytes, name: str) -> tuple[list[tuple[int, bytes | None]], DamagedStreamError | None]:
    got = []
    try:
        for line in read_lines(io.BytesIO(data), name, max_bytes=1_000):
            got.append(line)
    except DamagedStreamError as error:
        return got, error
    return got, None


pieces = st.lists(st.sampled_from([b"a", b"bc", b"\n", b"\r\n", b" ", b"\0", b"\xff", b"{}", b"x" * 9]), max_size=40)


@given(pieces.map(b"".join), st.sampled_from(sorted(COMPRESS)), st.integers(1, 12), st.integers(1, 30))
def test_any_bytes_in_any_chunks_give_the_lines_of_the_oracle(
    data: bytes, name: str, most: int, max_bytes: int
) -> None:
    file = Dribble(COMPRESS[name](data))
    file.most = most
    assert list(read_lines(file, name, max_bytes=max_bytes)) == oracle(data, max_bytes)


@given(st.lists(pieces.map(b"".join), min_size=1, max_size=5), st.sampled_from(COMPRESSED), st.integers(1, 40))
def test_members_one_after_another_read_like_one(parts: list[bytes], name: str, most: int) -> None:
    file = Dribble(b"".join(COMPRESS[name](part) for part in parts))
    file.most = most
    assert list(read_lines(file, name, max_bytes=1_000)) == oracle(b"".join(parts), 1_000)


@given(st.sampled_from(sorted(COMPRESS)), st.binary(max_size=30))
def test_a_byte_order_mark_is_no_part_of_the_first_line(name: str, data: bytes) -> None:
    """Bug: the first row of a JSONL file with a byte-order mark was quarantined as malformed."""
    file = io.BytesIO(COMPRESS[name](b"\xef\xbb\xbf" + data))
    assert list(read_lines(file, name, max_bytes=1_000)) == oracle(b"\xef\xbb\xbf" + data, 1_000)


@pytest.mark.parametrize("name", COMPRESSED)
def test_a_cut_at_any_byte_gives_a_prefix_and_an_error(name: str) -> None:
    whole = COMPRESS[name](TEXT)
    expected = oracle(TEXT, 1_000)
    for cut in range(len(whole) + 1):
        got, error = read_until_damage(whole[:cut], name)
        assert got == expected[: len(got)]
        assert isinstance(error, TruncatedStreamError) == (cut < len(whole)), cut
    assert got == expected


@pytest.mark.parametrize("name", COMPRESSED)
def test_a_cut_of_two_members_is_seen_unless_it_falls_between_them(name: str) -> None:
    first, second = COMPRESS[name](TEXT[: len(TEXT) // 2]), COMPRESS[name](TEXT[len(TEXT) // 2 :])
    expected = oracle(TEXT, 1_000)
    for cut in range(len(first), len(first) + len(second) + 1):
        got, error = read_until_damage((first + second)[:cut], name)
        assert (error is None) == (cut in (len(first), len(first) + len(second))), cut
        whole = got if error else got[:-1]  # at the seam the last line is a piece, as it would be in a plain file
        assert whole == expected[: len(whole)]


@pytest.mark.parametrize("name", COMPRESSED)
def test_a_flipped_bit_gives_lines_or_an_error_and_never_more(name: str) -> None:
    whole = COMPRESS[name](TEXT)
    for position in range(len(whole)):
        damaged = bytearray(whole)
        damaged[position] ^= 0x10
        got, _ = read_until_damage(bytes(damaged), name)
        assert len(got) < 1_000


@pytest.mark.parametrize("name", COMPRESSED)
@pytest.mark.parametrize("data", [b"\0" * 10_000, b"", b"\0"])
def test_a_file_of_zeros_is_not_an_empty_one(name: str, data: bytes) -> None:
    """Bug: a compressed file that a crash had filled with zeros, or emptied, gave no line and no error."""
    with pytest.raises(DamagedStreamError):
        list(read_lines(io.BytesIO(data), name, max_bytes=1_000))


@pytest.mark.parametrize("zeros", [1, 511, 4095, 4096, 4097, 10_000])
def test_gzip_may_be_padded_with_zeros_and_go_on_behind_them(zeros: int) -> None:
    """Bug: a member behind zeros was taken for damage when both were read in one piece."""
    member = gzip.compress(TEXT, mtime=0)
    padded = member + b"\0" * zeros
    assert list(read_lines(io.BytesIO(padded), "a.gz", max_bytes=1_000)) == oracle(TEXT, 1_000)
    assert list(read_lines(io.BytesIO(padded + member), "a.gz", max_bytes=1_000)) == oracle(TEXT + TEXT, 1_000)
    assert gzip.decompress(padded + member) == TEXT + TEXT  # so says Python, too


@pytest.mark.parametrize("name", COMPRESSED)
@pytest.mark.parametrize("data", [b"no such format", TEXT])
def test_what_was_never_compressed_is_damaged_but_not_truncated(name: str, data: bytes) -> None:
    got, error = read_until_damage(data, name)
    assert got == []
    assert type(error) is DamagedStreamError


@pytest.mark.parametrize("name", COMPRESSED)
def test_garbage_behind_a_member_comes_to_light_after_its_lines(name: str) -> None:
    got, error = read_until_damage(COMPRESS[name](TEXT) + b"garbage", name)
    assert got == oracle(TEXT, 1_000)
    assert error is not None


def test_zstd_frames_that_hold_no_data_are_skipped() -> None:
    skippable = b"\x50\x2a\x4d\x18\x04\0\0\0abcd"
    frame = zstandard.compress(TEXT)
    for data in (skippable + frame, frame + skippable, frame + skippable + frame):
        lines = [line for _, line in read_lines(io.BytesIO(data), "a.zst", max_bytes=1_000)]
        assert lines == [line for _, line in oracle(TEXT, 1_000)] * data.count(frame)


def test_a_failing_disk_is_damage_of_a_compressed_file() -> None:
    class Failing(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            if self.tell():
                raise OSError(5, "Input/output error")
            return super().read(size)

    with pytest.raises(DamagedStreamError, match="Input/output error"):
        list(read_lines(Failing(gzip.compress(TEXT)), "a.gz", max_bytes=1_000))


def zeros_then_a_row(size: int) -> dict[str, bytes]:
    deflate = zlib.compressobj(9, wbits=31)
    zstd = zstandard.ZstdCompressor().compressobj()
    block, end = bytes(1_000_000), b'\n{"text": "x"}\n'
    gz, zst = [], []
    for _ in range(size // len(block)):
        gz.append(deflate.compress(block))
        zst.append(zstd.compress(block))
    gz += [deflate.compress(end), deflate.flush()]
    zst += [zstd.compress(end), zstd.flush()]
    return {"bomb.gz": b"".join(gz), "bomb.zst": b"".join(zst)}


@pytest.mark.parametrize("name", ["bomb.gz", "bomb.zst"])
def test_a_bomb_unfolds_piecewise(name: str) -> None:
    """Bug: 4 kB of zstd unfolded to 134 MB at once, whatever the limit of a line."""
    data = zeros_then_a_row(200_000_000)[name]
    tracemalloc.start()
    got = list(read_lines(io.BytesIO(data), name, max_bytes=1_000_000))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert got == [(1, None), (2, b'{"text": "x"}')]
    assert peak < 60_000_000


def test_an_endless_plain_line_is_not_held() -> None:
    class Zeros(io.RawIOBase):
        left = 300_000_000

        def read(self, size: int = -1, /) -> bytes:
            given = min(size, self.left)
            self.left -= given
            return bytes(given)

    tracemalloc.start()
    got = list(read_lines(cast("IO[bytes]", Zeros()), "a.jsonl", max_bytes=1_000_000))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert got == [(1, None)]
    assert peak < 10_000_000


def test_a_long_line_in_small_pieces_takes_linear_time() -> None:
    """Bug: the pieces of a line were copied to a new list for every further piece."""

    def chunks() -> Iterator[bytes]:
        for _ in range(60_000):
            yield b"x" * 10
        yield b"\n"

    ((number, line), *rest) = module._raw_lines(chunks(), 10**9)
    assert (number, len(line or b""), rest) == (1, 600_000, [(2, b"")])


LIMITED = """
import io, resource, sys
from textbooks.readers.lines import read_lines
list(read_lines(io.BytesIO(b""), "a.jsonl", max_bytes=1))
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + 200_000_000,) * 2)
print(sum(1 for _ in read_lines(open(sys.argv[1], "rb"), sys.argv[1], max_bytes=1_000_000)))
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs /proc")
def test_a_bomb_in_a_process_with_little_memory(tmp_path: object) -> None:
    path = f"{tmp_path}/bomb.jsonl.zst"
    with open(path, "wb") as file:  # noqa: PTH123
        file.write(zstandard.compress(bytes(300_000_000)))
    done = subprocess.run([sys.executable, "-c", LIMITED, path], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("1\n", "")


@settings(max_examples=30)
@given(st.integers(0, 30))
def test_a_line_of_exactly_the_limit_passes(size: int) -> None:
    data = b"x" * size + b"\ny"
    assert list(read_lines(io.BytesIO(data), "a.jsonl", max_bytes=max(size, 1))) == oracle(data, max(size, 1))
    if size > 1:
        assert next(iter(read_lines(io.BytesIO(data), "a.jsonl", max_bytes=size - 1))) == (1, None)
