"""Notebooks as Markdown: nothing of the prose or code is lost, and broken ones are told apart."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textbooks.readers import CorpusReader, InputFile
from textbooks.readers.formats.notebook import NotANotebookError, notebook_to_markdown

CODE = {"cell_type": "code", "source": "x = 1", "outputs": [], "metadata": {}}


def notebook(*cells: Any, **more: Any) -> str:
    return json.dumps({"cells": list(cells), "nbformat": 4, "nbformat_minor": 5, "metadata": {}, **more})


def code(source: Any, **more: Any) -> dict[str, Any]:
    return {**CODE, "source": source, **more}


def prose(source: Any, kind: str = "markdown") -> dict[str, Any]:
    return {"cell_type": kind, "source": source}


def test_prose_stands_as_it_is_and_code_in_fences() -> None:
    cells = [
        prose(["# Sum\n", "Adds *numbers*."]),
        code(["%matplotlib inline\n", "sum([1, 2])\n"]),
        prose("End.", "raw"),
    ]
    assert notebook_to_markdown(notebook(*cells)) == (
        "# Sum\nAdds *numbers*.\n\n```python\n%matplotlib inline\nsum([1, 2])\n```\n\nEnd.\n"
    )


def test_format_3_keeps_headings_and_the_cells_of_all_sheets() -> None:
    sheets = [
        {"cells": [{"cell_type": "heading", "level": 2, "source": ["Title"]}]},
        {"cells": [{"cell_type": "code", "input": ["y = 2"], "language": "python", "outputs": []}]},
        {},
    ]
    text = json.dumps({"worksheets": sheets, "nbformat": 3, "metadata": {"name": ""}})
    assert notebook_to_markdown(text) == "## Title\n\n```python\ny = 2\n```\n"


@pytest.mark.parametrize(
    ("cell", "metadata", "language"),
    [
        (code("x"), {"kernelspec": {"language": "R"}}, "r"),
        (code("x"), {"language_info": {"name": "julia"}, "kernelspec": {"language": "python"}}, "julia"),
        (code("x"), {"language_info": {"name": "a`\nb"}}, "python"),
        (code("x"), {"language_info": 3, "kernelspec": []}, "python"),
        (code("%%bash\nls"), {}, "bash"),
        (code("%%time\nx"), {}, "python"),
        (code("x", language="ruby"), {}, "ruby"),
    ],
)
def test_fences_name_the_language_of_the_cell(cell: Any, metadata: Any, language: str) -> None:
    assert notebook_to_markdown(notebook(cell, metadata=metadata)).startswith(f"```{language}\n{cell['source']}")


def test_outputs_stay_out_unless_asked_for_and_are_bounded() -> None:
    outputs = [
        {"output_type": "stream", "name": "stdout", "text": ["one\n", "two\n"]},
        {"output_type": "execute_result", "data": {"text/plain": "3", "image/png": "AAAA"}},
        {"output_type": "error", "ename": "ValueError", "evalue": "\x1b[31mbad\x1b[0m", "traceback": []},
        {"output_type": "display_data", "data": {"image/png": "AAAA"}},
        "no output",
    ]
    text = notebook(code("x", outputs=outputs))
    assert notebook_to_markdown(text) == "```python\nx\n```\n"
    assert notebook_to_markdown(text, outputs=99) == (
        "```python\nx\n```\n\n```text\none\ntwo\n3\nValueError: bad\n```\n"
    )
    assert notebook_to_markdown(text, outputs=5).endswith("```text\none\nt\n```\n")


def test_a_fence_is_longer_than_any_in_the_code() -> None:
    assert notebook_to_markdown(notebook(code('"""\n````\n"""'))) == '`````python\n"""\n````\n"""\n`````\n'


@pytest.mark.parametrize(
    ("text", "said", "reason"),
    [
        ("", "not a notebook", "malformed_row"),
        ("x = 1", "not a notebook", "malformed_row"),
        ("[]", "not a notebook: a JSON list", "malformed_row"),
        ("{}", "no list of cells", "malformed_row"),
        ('{"cells": 3}', "no list of cells", "malformed_row"),
        ('{"worksheets": [3]}', "no list of cells", "malformed_row"),
        ('{"worksheets": [{"cells": 3}]}', "no list of cells", "malformed_row"),
        ('{"cells": [3]}', "cell 1 is a int", "malformed_row"),
        (notebook(CODE, code(5)), "neither a string nor a list", "malformed_row"),
        (notebook(code(["a", None])), "neither a string nor a list", "malformed_row"),
        (notebook(CODE)[:-9], "not a notebook", "malformed_row"),
        ('{"cells": ' + "[" * 5_000 + "]" * 5_000 + "}", "nested deeper", "malformed_row"),
        (notebook(code("\ud800")), "lone surrogates", "invalid_unicode"),
    ],
)
def test_what_is_no_notebook_says_why(text: str, said: str, reason: str) -> None:
    with pytest.raises(NotANotebookError, match=said) as caught:
        notebook_to_markdown(text)
    assert caught.value.reason == reason


@pytest.mark.parametrize("cells", [[], [prose("")], [code(" \n")], [{}], [{"cell_type": "code"}], [prose(None)]])
def test_a_notebook_without_text_is_an_empty_text(cells: list[Any]) -> None:
    assert notebook_to_markdown(notebook(*cells)) == ""


LINES = st.text(st.characters(codec="utf-8", exclude_characters="\r"), min_size=1, max_size=30)


@settings(deadline=None)
@given(st.lists(LINES, min_size=1, max_size=6))
def test_the_code_of_every_cell_can_be_cut_out_again(sources: list[str]) -> None:
    text = notebook_to_markdown(notebook(*map(code, sources)))
    found, at = [], 0
    while opened := re.compile(r"(`{3,})python\n").match(text, at):
        end = text.index(f"\n{opened[1]}\n", opened.end() - 1)
        found.append(text[opened.end() : end])
        at = end + len(opened[1]) + 3
    assert found == [source.strip("\n") for source in sources if source.strip()]
    assert at >= len(text)


@pytest.mark.parametrize(
    ("name", "data", "text"),
    [
        ("a.ipynb", notebook(CODE).encode(), "```python\nx = 1\n```\n"),
        ("bom.ipynb", b"\xef\xbb\xbf" + notebook(CODE).encode(), "```python\nx = 1\n```\n"),
        ("a.md", b"# coding: latin-1\n\xc3\xa9\r\n", "# coding: latin-1\né\r\n"),
    ],
)
def test_lessons_are_marked_as_markdown(tmp_path: Path, name: str, data: bytes, text: str) -> None:
    (tmp_path / name).write_bytes(data)
    kind = "notebook" if name.endswith("ipynb") else "markdown"
    file = InputFile(str(tmp_path / name), kind, len(data), "", {"license": "MIT"})
    (document,) = CorpusReader("").read_file(file)
    assert document.text == text
    assert document.metadata == {
        "license": "MIT",
        "text_format": "markdown",
        "source": str(tmp_path / name),
    }


@pytest.mark.parametrize("kind", ["notebook", "markdown"])
@pytest.mark.parametrize(
    ("data", "reasons"),
    [
        (b"\xff\xfe{}", {"invalid_unicode"}),
        (b"x" * 1_001, {"too_large"}),
    ],
)
def test_lessons_that_are_no_text_are_damaged(tmp_path: Path, kind: str, data: bytes, reasons: set[str]) -> None:
    (tmp_path / "a").write_bytes(data)
    (found,) = CorpusReader("", max_bytes=1_000).read_file(InputFile(str(tmp_path / "a"), kind, len(data), ""))
    assert {found.reason} == reasons  # type: ignore[union-attr]
    assert found.metadata == {}
