"""Rows of parquet files as plain Python values, as far as the file can be read."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import IO, Any

from textbooks.readers.lines import DamagedStreamError
from textbooks.readers.rows import without_surrogates

__all__ = ["read_parquet_rows"]

BATCH_ROWS = 128
BATCH_BYTES = 16_000_000
DICTIONARY_BATCH_BYTES = 128_000_000
LEAST_DICTIONARY_ROWS = 8  # fewer would be slow, and most large columns merely begin with a small dictionary


def read_parquet_rows(stream: IO[bytes], *, text_key: str, keep: Collection[str] = ()) -> Iterator[dict[str, Any]]:
    """Yield the rows of a file, one row group after another.

    Of columns that share a name the later ones get a number (``a``, ``a_2``). What is no valid Unicode, or has no
    Python form (a date beyond the year 9999), becomes a string that shows it and does not touch the other rows;
    only in the columns `text_key` and `keep` lone surrogates stand for invalid bytes, for the reader to find.

    Raises
    ------
    Exception
        Whatever pyarrow raises where the file is damaged, after the rows before.
    DamagedStreamError
        If fewer rows came than the file promises.
    """
    import pyarrow.parquet as pq

    count = 0
    with pq.ParquetFile(stream, pre_buffer=False, page_checksum_verification=True) as parquet:
        for index in range(parquet.num_row_groups):  # one by one: a batch across groups would be lost as a whole
            _prove(parquet, index)
            rows = _rows_a_batch(parquet.metadata.row_group(index))
            for batch in parquet.iter_batches(batch_size=rows, row_groups=[index], use_threads=False):
                for row in _rows(batch, {text_key, *keep}):
                    count += 1
                    yield row
        if count < parquet.metadata.num_rows:
            msg = f"{count} rows of {parquet.metadata.num_rows}"
            raise DamagedStreamError(msg)


def _prove(parquet: Any, index: int) -> None:  # noqa: ANN401
    """Read one row of a row group, so that damage to what the footer says of its columns raises.

    To ask for it first would end the process: pyarrow does not catch what Arrow throws there.
    """
    for _ in parquet.iter_batches(batch_size=1, row_groups=[index], use_threads=False):
        return


def _rows_a_batch(group: Any) -> int:  # noqa: ANN401
    """Return how many rows of a row group to hold at once, from 1 to 128.

    A dictionary stores a value once, however many rows have it: a file of some kB can unfold to any size. The largest
    value is no larger than its column's data, so a large column is read in small batches.
    """
    width: int = max(1, group.total_byte_size // max(1, group.num_rows))
    columns = [group.column(index) for index in range(group.num_columns)]
    largest: int = max((c.total_uncompressed_size for c in columns if c.has_dictionary_page), default=1)
    by_dictionary = max(LEAST_DICTIONARY_ROWS, DICTIONARY_BATCH_BYTES // max(1, largest))
    return max(1, min(BATCH_ROWS, BATCH_BYTES // width, by_dictionary))


def _rows(batch: Any, texts: Collection[str]) -> list[dict[str, Any]]:  # noqa: ANN401
    names = batch.schema.names
    if len(set(names)) < len(names):
        batch = batch.rename_columns(_unique(names))
    try:
        rows: list[dict[str, Any]] = batch.to_pylist()
    except Exception:  # one value can spoil the conversion of all
        columns = [
            [_value(scalar, is_text=name in texts) for scalar in column]
            for name, column in zip(batch.schema.names, batch.columns, strict=True)
        ]
        return [dict(zip(batch.schema.names, values, strict=True)) for values in zip(*columns, strict=True)]
    return rows


def _unique(names: list[str]) -> list[str]:
    unique: list[str] = []
    for name in names:
        new, number = name, 1
        while new in unique or (number > 1 and new in names):
            number += 1
            new = f"{name}_{number}"
        unique.append(new)
    return unique


def _value(scalar: Any, *, is_text: bool) -> Any:  # noqa: ANN401
    import pyarrow as pa

    try:
        return scalar.as_py()
    except UnicodeDecodeError:
        if pa.types.is_string(scalar.type) or pa.types.is_large_string(scalar.type):
            text = scalar.as_buffer().to_pybytes().decode("utf-8", "surrogateescape")
            return text if is_text else without_surrogates(text)
    except Exception:
        try:
            return scalar.cast(pa.string()).as_py()
        except Exception:
            pass
    return f"<a {scalar.type} that has no Python form>"
