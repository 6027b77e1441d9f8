"""The columns of the parquet files that the main job writes."""

from __future__ import annotations

import pyarrow as pa

__all__ = ["KEPT_SCHEMA", "REJECTED_SCHEMA", "SCHEMAS"]

KEPT_SCHEMA = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),  # the record's own id, else its source
        pa.field("text", pa.string()),  # as read, or redacted; null only in quarantine, where there was none
        pa.field("score", pa.float64()),  # educational value, 0 to 5; null where a step before it decided
        pa.field("reasons", pa.list_(pa.string()), nullable=False),  # slugs of `Reason`; empty when kept
        pa.field("evidence", pa.string(), nullable=False),  # JSON object: step name -> what its verdict rests on
        pa.field("source", pa.string(), nullable=False),  # the file, and `#row` (from 1) where a file has rows
        pa.field("metadata", pa.string(), nullable=False),  # JSON object: the other columns of the input
    ]
)
"""Columns of ``kept/*.parquet``."""

REJECTED_SCHEMA = KEPT_SCHEMA.append(pa.field("reason", pa.string(), nullable=False))
"""Columns of ``dropped/*.parquet`` and ``quarantine/*.parquet``: the same, and the deciding reason by itself."""

SCHEMAS = {"kept": KEPT_SCHEMA, "dropped": REJECTED_SCHEMA, "quarantine": REJECTED_SCHEMA}
"""Columns of the files by folder."""
