"""The example trains a classifier on labels, with a tiny CodeGen made here."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.embedders.tiny_models import needs_extra, save_codegen

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "train_paper_classifier.py"


@pytest.fixture
def run(monkeypatch, capsys):
    """Run the example in this process: importing torch anew takes seconds."""
    specification = importlib.util.spec_from_file_location("train_paper_classifier", EXAMPLE)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)

    def main(*arguments, code=0):
        monkeypatch.setattr(sys, "argv", ["train_paper_classifier.py", *map(str, arguments)])
        assert module.main() == code
        return capsys.readouterr()

    main.module = module
    return main


@pytest.fixture(scope="module")
def labelled(tmp_path_factory):
    """Forty short files of four repositories: loops are good, settings are not; one label has no file."""
    folder = tmp_path_factory.mktemp("labelled")
    (folder / "texts").mkdir()
    rows = []
    for number in range(40):
        good = number % 2
        text = f"for i in range({number}):\n    print(i)\n" if good else f"PORT = {number}\nDEBUG = False\n"
        (folder / "texts" / f"T{number}.py").write_text(text)
        rows.append({"id": f"T{number}", "score": 4 if good else 1, "name": f"repository {number // 2 % 4}"})
    rows.append({"id": "gone", "score": 3, "name": "repository 0"})
    (folder / "labels.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n")
    return folder


def arguments(labelled, model, out):
    return "--texts", labelled / "texts", "--labels", labelled / "labels.jsonl", "--model", model, "--out", out


@needs_extra
@pytest.mark.filterwarnings("default")  # those of foreign packages
def test_it_reports_saves_and_can_be_used(run, labelled, tmp_path):
    from textbooks.embedders import TransformersEmbedder
    from textbooks.scoring import EmbeddingClassifier

    model, out = save_codegen(tmp_path / "model"), tmp_path / "paper.npz"
    shown, _ = run(*arguments(labelled, model, out), "--trees", 20, "--folds", 4)
    assert "WARNING: 1 of 41 labels have no file" in shown
    assert "40 texts of 4 groups; transformers-v1 codegen sha256=" in shown
    figures = [float(line.split()[-1]) for line in shown.splitlines() if line.startswith("  ")]
    assert len(figures) == 4
    assert min(figures) > 0.8, shown
    embedder = TransformersEmbedder(model, cache=tmp_path / "paper.npz.cache")
    classifier = EmbeddingClassifier.load(out, embedder=embedder)
    texts = ["for i in range(3):\n    print(i)\n", "PORT = 2\nDEBUG = False\n"]
    good, bad = classifier.score(texts)
    assert good > 2.5 > bad
    assert embedder.embed([(labelled / "texts" / "T1.py").read_text()]).any()


@needs_extra
@pytest.mark.filterwarnings("default")
def test_what_is_wrong_is_said_in_a_line(run, labelled, tmp_path):
    _, errors = run(*arguments(labelled, tmp_path / "none", tmp_path / "out.npz"), code=1)
    assert errors.startswith("error: no model can be loaded from ")
    assert "there is no such folder" in errors
    assert not (tmp_path / "out.npz").exists()


def test_help_names_every_option():
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    command = [sys.executable, str(EXAMPLE), "--help"]
    shown = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    for option in ("--texts", "--labels", "--model", "--out", "--cache", "--folds", "--trees", "--seed", "--dtype"):
        assert option in shown


def test_figures_are_those_of_a_hand_count(run):
    found = run.module.agreement([0, 1, 3, 5], np.array([0.2, 2.5, 2.6, 4.9]))
    assert found["Spearman"] == pytest.approx(1)
    assert found["F1 at >= 3"] == pytest.approx(2 * 2 / (2 * 2 + 1))  # 2.5 is of class 3
    assert found["macro-F1"] == pytest.approx((1 + 0 + 2 / 3 + 1) / 4)
    assert found["quadratic-weighted kappa"] == pytest.approx(1 - 1 / 7.125)  # of squares: observed, by chance
