"""Measure how far the scores of Markdown, posts and notebooks can be trusted.

python benchmarks/edu_value/text_with_code.py --texts DIR --textbooks FILE --repositories DIR
    [--only PART] [--out benchmarks/edu_value/results_text_with_code.json]

1. The labelled files, rewritten as Markdown, as a post and as a notebook (docstrings and comments as prose, code as
   blocks): by how much does a score move against that of the file?
2. The same with a model that has not seen their repositories, against the labels.
3. Which formats are told from the look of a text?
4. 40 Markdown files and notebooks of ``rated_lessons.jsonl``, rated once by a language model from the part that the
   score looks at, before their scores were known: how well do they agree?
5. Sections written as a textbook (JSON lines with ``text``), against Markdown and notebooks of repositories and the
   descriptions of installed packages: nobody rated these, so only what should rank higher can be said.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import warnings
from collections import Counter
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
from as_lessons import Part, as_html, as_markdown, as_notebook, split_file
from comments import held_out_model
from labelled import LabelledFiles, read_labelled_files
from numpy.typing import NDArray
from scipy.stats import spearmanr

from textbooks.scoring import Agreement, EduValueModel, Lesson
from textbooks.scoring.lessons.detect import detect_format
from textbooks.scoring.lessons.lesson import TextFormat
from textbooks.scoring.lessons.notebook import NotANotebookError

USEFUL = 2.5
WRITERS = {"markdown": as_markdown, "html": as_html, "notebook": as_notebook}
PER_REPOSITORY = {".md": 25, ".ipynb": 15}
PARTS = ("bundled_model", "held_out_model", "formats_found", "rated_lessons", "documents")
RATED = Path(__file__).with_name("rated_lessons.jsonl")
MOST_BYTES = 3_000_000
FORMAT_OF = {".md": "markdown", ".ipynb": "notebook"}

TEACHING = {
    "Asabeneh/30-Days-Of-Python",
    "KimDoYoung/python-practice",
    "MichaelYcJo/python-practice",
    "Yasir323/Python-Practice",
    "aymericdamien/TensorFlow-Examples",
    "donnemartin/interactive-coding-challenges",
    "exercism/python",
    "fluentpython/example-code-2e",
    "jakevdp/PythonDataScienceHandbook",
    "norvig/pytudes",
    "prabhupant/python-ds",
    "rasbt/machine-learning-book",
    "realpython/materials",
}
"""Repositories that exist to teach; the others are projects."""


def rewritable(files: LabelledFiles) -> dict[int, list[Part]]:
    """Return the parts of the files that parse and hold code, by row."""
    parts = {}
    for row, text in enumerate(files.texts):
        if "\r" in text or "\f" in text:
            continue
        try:
            found = split_file(text)
        except (SyntaxError, ValueError):
            continue
        if any(part.is_code for part in found):
            parts[row] = found
    return parts


def moves(
    model: EduValueModel, texts: list[str], parts: list[list[Part]], labels: NDArray[np.float64]
) -> dict[str, dict[str, float]]:
    """Return by how much scores move when files become lessons, and how well both agree with the labels."""
    before = model.score(texts)
    report = {"as they are": {"files": len(texts), **agreement(labels, before, model)}}
    for name, write in WRITERS.items():
        after = model.score([Lesson.read(write(found), name).as_python() for found in parts])
        moved = after - before
        report[name] = {
            "files": len(texts),
            **agreement(labels, after, model),
            "spearman_with_files": round(float(spearmanr(before, after)[0]), 4),
            "mean_move": round(float(moved.mean()), 3),
            "mean_absolute_move": round(float(np.abs(moved).mean()), 3),
            "moved_by_half_a_class": round(float((np.abs(moved) > 0.5).mean()), 4),
            "became_useful": round(float(((before < USEFUL) & (after >= USEFUL)).mean()), 4),
            "ceased_to_be_useful": round(float(((before >= USEFUL) & (after < USEFUL)).mean()), 4),
        }
    return report


def agreement(labels: NDArray[np.float64], scores: NDArray[np.float64], model: EduValueModel) -> dict[str, float]:
    """Return how well scores agree with the labels."""
    found = Agreement.of(labels, scores, model.class_probabilities(scores))
    names = ("spearman", "quadratic_weighted_kappa", "f1_at_least_3", "macro_f1")
    return {name: round(float(getattr(found, name)), 4) for name in names}


def documents(folder: Path) -> dict[str, list[str]]:
    """Return Markdown and notebooks of the git repositories below a folder, drawn at random, by kind."""
    draw = random.Random(0)
    found: dict[str, list[str]] = {}
    for name, git in repositories(folder):
        use = "teaching" if name in TEACHING else "projects"
        for suffix, most in PER_REPOSITORY.items():
            blobs = blobs_of(git, suffix)
            for blob in draw.sample(blobs, min(most, len(blobs))):
                text = run_git(git, "cat-file", "blob", blob).decode("utf-8", "replace")
                found.setdefault(f"{FORMAT_OF[suffix]} of {use}", []).append(text)
    return found


def repositories(folder: Path) -> list[tuple[str, Path]]:
    """Return the names and git directories of the clones below a folder, ``owner+name`` or ``owner/name``."""
    found = []
    for git in sorted({head.parent for head in folder.glob("*/**/HEAD") if (head.parent / "objects").is_dir()}):
        parts = git.relative_to(folder).parts
        found.append((parts[0].replace("+", "/", 1) if "+" in parts[0] else "/".join(parts[:2]), git))
    return found


def blobs_of(git: Path, suffix: str) -> list[str]:
    """Return the objects of the files of a suffix in the newest commit."""
    blobs = []
    for line in run_git(git, "ls-tree", "-r", "-l", "HEAD").decode("utf-8", "replace").splitlines():
        _, kind, blob, size = line.split("\t")[0].split()
        if kind == "blob" and line.lower().endswith(suffix) and size.isdigit() and 200 < int(size) < MOST_BYTES:
            blobs.append(blob)
    return blobs


def run_git(git: Path, *command: str) -> bytes:
    return subprocess.run(["git", "--git-dir", str(git), *command], capture_output=True, check=True).stdout


def descriptions() -> list[str]:
    """Return the descriptions in Markdown of the packages that are installed here."""
    found = []
    for name in sorted({distribution.metadata["Name"] for distribution in metadata.distributions()}):
        about = metadata.metadata(name)
        if (about.get("Description-Content-Type") or "").startswith("text/markdown"):
            found.append(str(about.get_payload() or about.get("Description") or ""))
    return [text for text in found if len(text) > 200]


def scores_of(
    model: EduValueModel, texts: Iterable[str], text_format: TextFormat
) -> tuple[NDArray[np.float64], int, int]:
    """Return the scores of the lessons with code, and the numbers of those without and of those that cannot be read."""
    codes, without, unreadable = [], 0, 0
    for text in texts:
        try:
            lesson = Lesson.read(text, text_format)
        except NotANotebookError:
            unreadable += 1
            continue
        if lesson.has_code:
            codes.append(lesson.as_python())
        else:
            without += 1
    return model.score(codes), without, unreadable


def rank_documents(model: EduValueModel, sections: list[str], others: dict[str, list[str]]) -> dict[str, Any]:
    """Return the scores of each kind of document, and how surely a section of a textbook ranks higher."""
    best, _, _ = scores_of(model, sections, "markdown")
    report: dict[str, Any] = {}
    for name, texts in {"sections of a textbook": sections, **others}.items():
        text_format: TextFormat = "notebook" if name.startswith("notebook") else "markdown"
        scores, without, unreadable = scores_of(model, texts, text_format)
        higher = (best[:, None] > scores[None, :]).mean() + (best[:, None] == scores[None, :]).mean() / 2
        report[name] = {
            "scored": len(scores),
            "without_code": without,
            "unreadable": unreadable,
            **{f"quantile_{q}": round(float(np.percentile(scores, q)), 2) for q in (5, 25, 50, 75, 95)},
            "useful": round(float((scores >= USEFUL).mean()), 3),
            "section_ranks_higher": round(float(higher), 3),
        }
    return report


def rated_lessons(model: EduValueModel, folder: Path) -> dict[str, dict[str, float]]:
    """Return how well the scores of the rated lessons agree with their ratings."""
    rows = [json.loads(line) for line in RATED.read_text(encoding="utf-8").splitlines()]
    git_of = {name: git for name, git in repositories(folder)}
    texts = [run_git(git_of[row["repository"]], "cat-file", "blob", row["blob"]).decode("utf-8") for row in rows]
    formats = [FORMAT_OF[Path(row["path"]).suffix.lower()] for row in rows]
    labels = np.array([float(row["score"]) for row in rows])
    as_lessons = [Lesson.read(text, name).as_python() for text, name in zip(texts, formats, strict=True)]
    report = {}
    for way, read in {"read as lessons": as_lessons, "read as Python": texts}.items():
        scores = model.score(read)
        error = float(np.abs(scores - labels).mean())
        report[way] = {
            "lessons": len(rows),
            **agreement(labels, scores, model),
            "mean_absolute_error": round(error, 3),
            "mean_score": round(float(scores.mean()), 2),
            "mean_label": round(float(labels.mean()), 2),
        }
    return report


def measure(part: str, files: LabelledFiles, sections: list[str], folder: Path) -> dict[str, Any]:
    """Return one part of the results."""
    bundled, labels = EduValueModel.bundled(), np.array(files.scores)
    if part == "rated_lessons":
        return rated_lessons(bundled, folder)
    if part in ("bundled_model", "held_out_model"):
        parts = rewritable(files)
        model, rows = (bundled, list(parts)) if part == "bundled_model" else held_out_model(files)
        rows = [row for row in rows if row in parts]
        return moves(model, [files.texts[row] for row in rows], [parts[row] for row in rows], labels[rows])
    others = {**documents(folder), "markdown of installed packages": descriptions()}
    if part == "documents":
        return rank_documents(bundled, sections, others)
    kinds = {"labelled files": files.texts, "sections of a textbook": sections, **others}
    return {name: dict(Counter(map(detect_format, texts))) for name, texts in kinds.items()}


def main() -> None:
    """Measure, print, write JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", type=Path, required=True, help="folder of rebuild_texts.py: <id>.py")
    parser.add_argument("--textbooks", type=Path, required=True, help="JSON lines with text: sections of a textbook")
    parser.add_argument(
        "--repositories", type=Path, required=True, help="folder of git clones, owner+name or owner/name"
    )
    parser.add_argument("--only", choices=PARTS, help="renew one part of the results and keep the others")
    parser.add_argument("--out", type=Path, default=Path(__file__).with_name("results_text_with_code.json"))
    arguments = parser.parse_args()
    warnings.simplefilter("ignore", SyntaxWarning)  # of the files
    files = read_labelled_files(arguments.texts)
    sections = [json.loads(line)["text"] for line in arguments.textbooks.read_text(encoding="utf-8").splitlines()]
    kept = json.loads(arguments.out.read_text()) if arguments.only and arguments.out.exists() else {}
    for part in [arguments.only] if arguments.only else PARTS:
        kept[part] = measure(part, files, sections, arguments.repositories)
        print(json.dumps({part: kept[part]}, indent=2), flush=True)
    results = {part: kept[part] for part in PARTS if part in kept}
    arguments.out.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
