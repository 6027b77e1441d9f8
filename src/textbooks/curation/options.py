"""What a run over a corpus can be asked for."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Final, Literal, get_args

from textbooks.curation.blocks import BLOCK_RECORDS
from textbooks.decontaminators.similarity.references import FLOOR
from textbooks.decontaminators.weighing import Combine, check_combine
from textbooks.dedup.minhash.bands import check_threshold
from textbooks.filters import LicenceFilter
from textbooks.ranges import check_range
from textbooks.readers import DEFAULT_FORMATS
from textbooks.readers.kinds import check_formats

__all__ = ["CurationOptions", "DecontaminationOptions", "RunOptions"]

Handling = Literal["keep", "redact", "drop"]
_HANDLINGS: Final = get_args(Handling)
_WITHOUT_INFLUENCE: Final = frozenset({"out", "workers", "strict", "restart", "problems"})


@dataclass(frozen=True, kw_only=True)
class RunOptions:
    """Parameters of every run over a corpus.

    Attributes
    ----------
    out : Path
        The output folder, on a local file system.
    paths : sequence of str
        Files, folders and fsspec URLs; the installed Python packages when empty.
    problems : sequence of str, optional
        Benchmarks to decontaminate against, by name or path; those found without a network when None.
    execute : bool
        Whether texts may be run, confined by the sandbox, to see whether they solve a problem.
    text_column, id_column : str
        Where rows keep their text and id.
    formats : sequence of str
        What to take from folders; see `textbooks.readers.find_inputs`.
    read_with : mapping
        Further parameters of `textbooks.readers.CorpusReader`, by name.
    block_records : int
        Records that are judged and published together: what a kill costs a task. The verdicts do not depend on it, but
        the files do.
    workers : int
        Processes. It has no influence on the output.
    strict : bool
        Stop at the first record that cannot be judged.
    restart : bool
        Throw away what another run left in `out`.
    """

    out: Path
    paths: Sequence[str] = ()
    problems: Sequence[str] | None = None
    execute: bool = False
    text_column: str = "text"
    id_column: str = "id"
    formats: Sequence[str] = DEFAULT_FORMATS
    read_with: Mapping[str, Any] = field(default_factory=dict)
    block_records: int = BLOCK_RECORDS
    workers: int = os.cpu_count() or 1
    strict: bool = False
    restart: bool = False

    def __post_init__(self) -> None:
        check_range("workers", self.workers, 1)
        check_formats(self.formats)
        check_range("block_records", self.block_records, 1)

    @property
    def parameters(self) -> dict[str, Any]:
        """What bears on the output, as JSON types; the problems are told apart by their content."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {
            name: list(value) if isinstance(value, tuple | list) else value
            for name, value in values.items()
            if name not in _WITHOUT_INFLUENCE
        }


@dataclass(frozen=True, kw_only=True)
class CurationOptions(RunOptions):
    """Parameters of `textbooks.curation.run.curate`.

    Attributes
    ----------
    min_score : float
        Educational value below which a record is dropped, in [0, 5].
    near_threshold : float or None
        Jaccard similarity of shingles at or above which, of two records that are kept otherwise, only the one of
        higher educational value is, above 0 and at most 1; see `textbooks.dedup.MinHashDeduplicator`. None: records are
        not compared.
    licences : "permissive", sequence of str, or None
        What `textbooks.filters.LicenceFilter` allows; a record whose licence is not known is dropped, too. None:
        licences are not looked at.
    secrets : {"keep", "redact", "drop"}
        What becomes of passwords, keys and tokens: nothing, replaced in what is kept, or the records that hold them are
        dropped; see `textbooks.filters.SecretsFilter` and `SecretsRedactor`.
    personal_data : {"keep", "redact", "drop"}
        The same for e-mail and IP addresses; a record is dropped that holds many. See
        `textbooks.filters.PersonalDataFilter` and `PersonalDataRedactor`.
    """

    min_score: float = 2.5
    near_threshold: float | None = 0.7
    licences: Literal["permissive"] | Sequence[str] | None = None
    secrets: Handling = "keep"
    personal_data: Handling = "keep"

    def __post_init__(self) -> None:
        super().__post_init__()
        check_range("min_score", self.min_score, 0, 5)
        if self.near_threshold is not None:
            check_threshold(self.near_threshold)
        if self.licences is not None:
            LicenceFilter(allowed=self.licences)
        for name in ("secrets", "personal_data"):
            if (value := getattr(self, name)) not in _HANDLINGS:
                msg = f"{name} must be one of {', '.join(_HANDLINGS)}, got {value!r}"
                raise ValueError(msg)


@dataclass(frozen=True, kw_only=True)
class DecontaminationOptions(RunOptions):
    """Parameters of `textbooks.curation.decontamination.decontaminate`.

    Attributes
    ----------
    combine : {"weighed", "any"}
        See `textbooks.decontaminators.Decontaminator`.
    min_match_rate : float
        Match rate of syntax trees at or above which a text is dropped, in [0.7, 1].
    """

    combine: Combine = "weighed"
    min_match_rate: float = 0.9

    def __post_init__(self) -> None:
        super().__post_init__()
        check_combine(self.combine)
        check_range("min_match_rate", self.min_match_rate, FLOOR, 1)
