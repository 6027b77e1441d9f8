"""The documentation is true: its snippets run, its names exist, its options are those of the command line."""

from __future__ import annotations

import importlib
import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", *sorted(DOCS.glob("*.md"))]
WRITTEN = [page for page in PAGES if page.name not in ("cli.md", "reference.md")]
PRIMITIVES = [
    *(
        "edu_value",
        "syntax",
        "size",
        "ngram",
        "exact_dedup",
        "readers",
        "curate",
        "verify",
        "score",
        "problems",
        "errors",
    ),
    *("decontamination", "similarity", "behaviour", "sandbox", "evaluate", "grading"),
    *("self_contained", "boilerplate", "undocumented_complexity", "topic_balance", "embedders"),
    *(
        "train_edu_value",
        "text_with_code",
        "llm",
        "near_dedup",
        "synthesizers",
        "seeds",
        "diversity",
        "annotators",
        "annotate",
        "text_formats",
        "the_stack",
        "git",
        "stack_exchange",
    ),
    *("licences", "secrets", "personal_data"),
]
ROOMS_OF_USERS = (
    *(
        "annotators",
        "decontaminators",
        "dedup",
        "diversity",
        "embedders",
        "errors",
        "evaluation",
        "filters",
        "llm",
        "problems",
        "readers",
        "sandbox",
        "scoring",
        "synthesizers",
        "verdicts",
    ),
)
MOST_LINES = 18  # of any snippet; those with a whole pipeline are the longest
MOST_LINES_OF_THE_FIRST = 12


def load_build():
    specification = importlib.util.spec_from_file_location("docs_build", DOCS / "build.py")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


build = load_build()


@pytest.fixture(scope="module")
def outputs():
    """What each snippet that can run here prints, by name."""
    return {snippet.stem: output for snippet, output in build.run_snippets().items()}


@pytest.fixture(scope="module")
def all_pages():
    return {page.name: page.read_text() for page in PAGES}


def all_snippets():
    return sorted([*build.SNIPPETS.glob("*.py"), *build.SNIPPETS.glob("*.sh")])


@pytest.mark.parametrize("snippet", all_snippets(), ids=lambda path: path.stem)
def test_a_snippet_prints_what_is_kept_beside_it(snippet, outputs):
    if missing := build.missing_packages(snippet):
        pytest.skip(f"{', '.join(missing)} is not installed")
    kept = snippet.with_suffix(".txt").read_text()
    assert build.SPEED.sub("", outputs[snippet.stem]) == build.SPEED.sub("", kept), "run `make docs`"


@pytest.mark.parametrize("snippet", all_snippets(), ids=lambda path: path.stem)
def test_a_snippet_stands_with_its_output_in_a_page(snippet, all_pages):
    shown = build.block(snippet, snippet.with_suffix(".txt").read_text())
    marked = f"<!-- snippet {snippet.stem} -->\n{shown}<!-- end {snippet.stem} -->"
    assert any(marked in text for text in all_pages.values()), "run `make docs`"
    assert len(snippet.read_text().splitlines()) <= MOST_LINES


def test_every_block_of_a_page_is_a_snippet(all_pages):
    names = {snippet.stem for snippet in all_snippets()}
    for name, text in all_pages.items():
        opened, closed = re.findall(r"<!-- snippet (\S+) -->", text), re.findall(r"<!-- end (\S+) -->", text)
        assert opened == closed == [match["name"] for match in build.BLOCK.finditer(text)], name
        assert set(opened) <= names, name


@pytest.mark.parametrize("name", PRIMITIVES)
def test_every_primitive_has_a_page_with_a_short_snippet_and_its_limits(name):
    text = (DOCS / f"{name}.md").read_text()
    first = re.search(r"<!-- snippet (\S+) -->", text)[1]
    [snippet] = build.SNIPPETS.glob(f"{first}.[ps][yh]")
    assert len(snippet.read_text().splitlines()) <= MOST_LINES_OF_THE_FIRST
    assert "## When it is wrong" in text or name == "errors"
    assert f"({name}.md)" in (DOCS / "index.md").read_text()


def test_the_readme_holds_ten_lines_that_keep_one_and_drop_one_with_its_reason(outputs):
    assert len((build.SNIPPETS / "readme.py").read_text().splitlines()) <= 10
    first, second, result = outputs["readme"].splitlines()
    assert "kept" in first
    assert "dropped low_edu_value" in second
    assert result == "FilterResult(2 records: 1 kept, low_edu_value=1)"
    assert outputs["readme"].strip() in (ROOT / "README.md").read_text()


def test_every_public_name_stands_in_the_reference():
    text = (DOCS / "reference.md").read_text()
    for module in build.public_modules():
        for name in getattr(module, "__all__", []):
            assert f"| `{name}` |" in text, f"{module.__name__}.{name}: run `make docs`"


@pytest.mark.parametrize("room", ROOMS_OF_USERS)
def test_every_name_of_a_room_is_spoken_of_in_a_page_that_a_person_wrote(room):
    words = set(re.findall(r"\w+", " ".join(page.read_text() for page in WRITTEN)))
    assert set(importlib.import_module(f"textbooks.{room}").__all__) <= words


def resolve(dotted):
    """Return what a dotted name means; raise when it means nothing."""
    parts = dotted.split(".")
    for depth in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:depth]))
        except ModuleNotFoundError:
            continue
        for part in parts[depth:]:
            found = getattr(found, part)
        return found
    raise AttributeError(dotted)


@pytest.mark.parametrize("page", [*PAGES, ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md"], ids=lambda path: path.stem)
def test_a_page_names_nothing_of_ours_that_does_not_exist(page):
    text = page.read_text()
    for dotted in re.findall(r"(?<![\w./-])textbooks(?:\.[A-Za-z_]\w*)+", text):
        resolve(dotted)
    for module, names in re.findall(r"^from (textbooks[\w.]*) import (.+)$", text, re.MULTILINE):
        for name in names.split(","):
            resolve(f"{module}.{name.strip()}")


def test_a_name_that_is_gone_is_noticed():
    with pytest.raises(AttributeError):
        resolve("textbooks.filters.NoSuchFilter")


@pytest.mark.parametrize("page", WRITTEN, ids=lambda path: path.stem)
def test_links_of_a_page_lead_somewhere(page):
    for target, anchor in re.findall(r"\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)", page.read_text()):
        file = (page.parent / target) if target else page
        assert file.exists(), target
        if anchor:
            heads = re.findall(r"^#+ (.+)$", file.read_text(), re.MULTILINE)
            assert anchor in {re.sub(r"[^\w\- ]", "", head).lower().replace(" ", "-") for head in heads}, anchor


def test_every_command_and_option_is_documented():
    reference = (DOCS / "cli.md").read_text()
    for name, command in build.commands().items():
        page = (DOCS / f"{name}.md").read_text() if name else reference
        for parameter in command.params:
            shown = parameter.opts if parameter.param_type_name == "option" else [parameter.metavar.strip("[].")]
            for option in shown:
                assert option in reference, f"textbooks {name} {option}: run `make docs`"
                assert option in page, f"textbooks {name} {option}: say what it does in docs/{name}.md"


def test_architecture_names_every_room():
    text = (DOCS / "architecture.md").read_text()
    package = ROOT / "src" / "textbooks"
    rooms = [f"{path.parent.name}/" for path in package.glob("*/__init__.py")]
    rooms += [path.name for path in package.glob("*.py") if path.name != "__init__.py"]
    assert [room for room in sorted(rooms) if f"| `{room}` |" not in text] == []
    named = re.findall(r"^\| `([\w/.]+)` \|", text, re.MULTILINE)
    assert sorted(named) == sorted(rooms)


def test_architecture_says_on_which_rooms_each_room_stands():
    package = ROOT / "src" / "textbooks"
    for room, column in re.findall(r"^\| `([\w/.]+)` \|.*\| ([^|]*) \|$", (DOCS / "architecture.md").read_text(), re.M):
        files = package.glob(f"{room}**/*.py") if room.endswith("/") else [package / room]
        found = re.findall(r"from textbooks\.(\w+)", "\n".join(file.read_text() for file in files))
        assert set(re.findall(r"`(\w+)`", column)) == set(found) - {room.strip("/").removesuffix(".py")}, room


def test_every_reason_and_error_is_explained():
    from textbooks.verdicts import Reason

    text = (DOCS / "errors.md").read_text()
    assert [reason for reason in Reason if f"`{reason}`" not in text] == []


def test_output_columns_are_documented():
    from textbooks.schema import REJECTED_SCHEMA

    text = (DOCS / "curate.md").read_text()
    assert [name for name in REJECTED_SCHEMA.names if f"| `{name}` |" not in text] == []


def test_the_picture_of_the_report_is_small():
    assert 10_000 < (DOCS / "images" / "report.png").stat().st_size < 300_000


def test_check_is_silent_on_what_is_fresh_and_names_what_is_stale(tmp_path, monkeypatch, capsys, outputs):
    """Without running the snippets again: their outputs are those of this module's fixture."""
    by_path = {snippet: outputs[snippet.stem] for snippet in build.snippets()}
    monkeypatch.setattr(build, "run_snippets", lambda _: by_path)
    monkeypatch.setattr(sys, "argv", ["build.py", "--check"])
    assert build.main() == 0, capsys.readouterr().out
    snippet = build.SNIPPETS / "size.py"
    monkeypatch.setattr(build, "run_snippets", lambda _: {**by_path, snippet: "something else\n"})
    before = (DOCS / "size.md").read_text()
    assert build.main() == 1
    assert capsys.readouterr().out.splitlines() == ["stale: docs/snippets/size.txt", "stale: docs/size.md"]
    assert (DOCS / "size.md").read_text() == before


def test_single_snippets_run_alone(monkeypatch):
    ran = []
    monkeypatch.setattr(build, "run_snippet", lambda snippet: ran.append(snippet.stem) or "new\n")
    found = build.run_snippets(["size"])
    assert ran == ["size"]
    assert found.pop(build.SNIPPETS / "size.py") == "new\n"
    assert found == {snippet: snippet.with_suffix(".txt").read_text() for snippet in found}
    with pytest.raises(SystemExit, match="there is no snippet 'sise' that can run here"):
        build.run_snippets(["sise"])


def test_a_failing_snippet_is_an_error_with_its_trace(tmp_path):
    (tmp_path / "bad.py").write_text("raise ValueError('on purpose')\n")
    with pytest.raises(RuntimeError, match="on purpose"):
        build.run_snippet(tmp_path / "bad.py")


def test_build_shows_its_help():
    done = subprocess.run([sys.executable, DOCS / "build.py", "--help"], capture_output=True, text=True, check=True)
    assert "--check" in done.stdout


@pytest.mark.parametrize(
    ("printed", "wanted"),
    [
        ("near-duplicates     12 s\nnear-duplicates     14 s\nwriting             3 s\n", 2),
        ("judging             50%  3 records  11 s\njudging             100%  7 records  13 s\n", 1),
        ("Running completions 6 of 8  12 s\npass@1  50.0 %\n", 1),
        ("writing             3 s\nreading             3 s\n", 2),
    ],
)
def test_progress_of_a_slow_machine_is_no_difference(printed, wanted):
    """On a machine with much else to do, lines that tell of progress made two snippets differ from what is kept."""
    left = build.STILL.sub("", printed)
    assert len(left.splitlines()) == wanted
    assert left.splitlines()[-1] == printed.splitlines()[-1]
