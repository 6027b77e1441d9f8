"""The key of a run: whatever bears on the output is refused by name when it has changed."""

from __future__ import annotations

from functools import partial

import pytest

from tests.conftest import TEXTBOOK
from textbooks.curation import notes
from textbooks.curation.notes import RunNotes, versions
from textbooks.curation.options import CurationOptions
from textbooks.curation.run import curate
from textbooks.errors import OutputError, ParametersChangedError
from textbooks.filters import SizeFilter


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """Options of a run that is finished."""
    folder = tmp_path_factory.mktemp("finished")
    (folder / "search.py").write_text(TEXTBOOK)
    options = {"out": folder / "out", "paths": [str(folder / "search.py")], "problems": [], "workers": 1}
    assert not curate(CurationOptions(**options)).already_finished
    return options


def refusal(options):
    with pytest.raises(ParametersChangedError) as caught:
        curate(CurationOptions(**options))
    return str(caught.value)


def test_the_same_run_is_known_again(finished):
    assert curate(CurationOptions(**finished)).already_finished


def test_a_step_with_another_default_is_refused_though_no_option_changed(finished, monkeypatch):
    """datatrove kept the old output without a word when a filter was changed."""
    monkeypatch.setattr("textbooks.curation.pipeline.SizeFilter", partial(SizeFilter, max_line_chars=999))
    assert "pipelines.judge.size.max_line_chars was 1000, now 999" in refusal(finished)


def test_a_step_that_is_gone_is_refused(finished, monkeypatch):
    monkeypatch.setattr("textbooks.curation.pipeline.SyntaxFilter", SizeFilter)
    found = refusal(finished)
    assert "pipelines.judge.syntax was {'class': 'textbooks.filters.syntax.SyntaxFilter'" in found
    assert "now None" in found


def test_other_blocks_are_refused(finished):
    found = refusal({**finished, "block_records": 7})
    assert "parameters.block_records was 1000, now 7" in found
    assert "pipelines.judge.blocks.block_records was 1000, now 7" in found


def test_other_code_is_refused(finished, monkeypatch):
    was = versions()["code"]
    monkeypatch.setattr(notes, "_code_digest", lambda: "other")
    assert f"versions.code was {was!r}, now 'other'" in refusal(finished)


def test_other_libraries_are_refused(finished, monkeypatch):
    monkeypatch.setattr(notes.metadata, "version", lambda name: "0.1" if name == "numpy" else "1.0")
    assert "versions.numpy was " in refusal(finished)


def test_results_without_notes_are_refused_and_can_be_replaced(tmp_path):
    first = RunNotes(tmp_path, {"parameters": 1})
    (tmp_path / ".textbooks").mkdir()
    first.begin(restart=False)
    (tmp_path / "stats.json").write_text("{}")
    for damage in (b"", b"{", b"[]", b"{}"):
        first.path.write_bytes(damage)
        with pytest.raises(OutputError, match=r"are lost\. Add --restart"):
            RunNotes(tmp_path, {"parameters": 1}).begin(restart=False)
    RunNotes(tmp_path, {"parameters": 2}).begin(restart=True)
    assert not (tmp_path / "stats.json").exists()
    assert not RunNotes(tmp_path, {"parameters": 2}).finished
