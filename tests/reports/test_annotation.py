"""Agreement and scores, as a terminal and a notebook show them."""

from __future__ import annotations

import io
import re

from rich.console import Console

from textbooks.annotators import Annotation, agreement_with
from textbooks.reports.annotation import agreement_html, agreement_text, scores_table

REFERENCE = [{"id": str(n), "score": n % 6, "documented": n % 2 == 0} for n in range(12)]
RATED = [Annotation(str(n), min(n % 6 + (n == 3), 5), {"documented": n % 2 == 0}) for n in range(12)]


def test_text_shows_figures_with_intervals_and_the_classes():
    lines = agreement_text(agreement_with([*RATED, Annotation("extra", 1)], REFERENCE)).splitlines()
    assert lines[0] == "12 texts compared, 1 without a reference"
    assert re.fullmatch(r"exact match +0\.917 \[0\.\d{3}, 1\.000\]", lines[2])
    assert re.fullmatch(r"kappa of documented +1\.000 \[1\.000, 1\.000\]", lines[5])
    assert re.fullmatch(r"3 useful +\. +\. +\. +1 +1 +\.", lines[-3])


def test_html_shows_the_same_and_marks_the_diagonal():
    html = agreement_html(agreement_with(RATED, REFERENCE))
    assert "12 texts compared" in html
    assert html.count("rgba(58,145,120") == 6
    assert html.count("rgba(166,84,27") == 1
    assert html == agreement_with(RATED, REFERENCE)._repr_html_()


def test_scores_are_counted_by_class_with_their_mean():
    shown = io.StringIO()
    found = [*RATED[:4], Annotation("x", None, problem="refused")]
    Console(file=shown, width=100).print(scores_table(found))
    lines = [" ".join(line.split()) for line in shown.getvalue().splitlines()]
    assert "4 high 1 25.0 %" in lines
    assert "rated 4 mean 1.75" in lines
    assert "without a score 1" in lines


def test_no_score_at_all_is_shown_too():
    shown = io.StringIO()
    Console(file=shown, width=100).print(scores_table([Annotation("x", None)]))
    assert "mean" not in shown.getvalue()
