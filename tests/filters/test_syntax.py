"""Syntax: the measurement, its edges, and CPython's parser as the oracle."""

from __future__ import annotations

import ast
import sysconfig
import warnings
from pathlib import Path

import pytest

from textbooks.filters import SyntaxFilter
from textbooks.verdicts import Reason, Verdict


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x = 1",
        "print 'Python 2'\n",
        "exec code in scope\n",
        "match point:\n    case (0, 0):\n        pass\n",
        "type Pair[T] = tuple[T, T]\n",
        "def first[T](items: list[T]) -> T: ...\n",
        "try:\n    pass\nexcept* OSError:\n    pass\n",
        "print(f'{'nested'}')\n",
        "if (n := 10) > 5: pass\n",
    ],
)
def test_python_of_any_version_is_kept(text):
    assert SyntaxFilter().judge(text) == Verdict.kept(0.0)


@pytest.mark.parametrize("text", ["def f(:", "x = = 1", "class", "for in x:\n  pass", "{% if x %}\nx = 1\n{% endif %}"])
def test_what_is_not_python_is_dropped(text):
    verdict = SyntaxFilter().judge(text)
    assert verdict.reason is Reason.SYNTAX
    assert 0 < verdict.score <= 1
    assert verdict.evidence == {"error_share": round(verdict.score, 6)}


def test_the_share_is_of_bytes():
    """The skipped piece is 3 of 12 bytes, though 6 of 9 characters are é."""
    share = SyntaxFilter().score(["x = 1\n??\n" + "# é\n" * 10])[0]
    assert share == pytest.approx(2 / 59, abs=0.02)


def test_a_share_at_the_threshold_is_kept():
    text = "x = = 1\ny = 2\n"
    share = SyntaxFilter().score([text])[0]
    assert SyntaxFilter(max_error_share=share).judge(text).keep
    assert not SyntaxFilter(max_error_share=share / 2).judge(text).keep


def test_everything_is_kept_at_one():
    assert SyntaxFilter(max_error_share=1).judge("?? ??").keep


@pytest.mark.parametrize("share", [-0.1, 1.1, float("nan")])
def test_a_share_out_of_range_is_refused(share):
    with pytest.raises(ValueError, match="max_error_share must be between 0 and 1"):
        SyntaxFilter(max_error_share=share)


def test_agrees_with_the_interpreter_on_the_standard_library():
    """The oracle is `ast.parse`; `benchmarks/syntax` counts how rarely the two grammars differ."""
    files = sorted(Path(sysconfig.get_paths()["stdlib"]).glob("*.py"))[:80]
    texts = [file.read_text(encoding="utf-8") for file in files]
    assert len(texts) == 80
    for file, verdict in zip(files, SyntaxFilter().judge_batch(texts), strict=True):
        assert verdict.keep == _parses(file.read_bytes()), file


def _parses(source: bytes) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            ast.parse(source)
        except SyntaxError:
            return False
    return True
