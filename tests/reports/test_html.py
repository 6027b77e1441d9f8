from __future__ import annotations

import json
import re
import shutil
from html.parser import HTMLParser

import pytest

from textbooks.reports.chart import histogram_figure, stages
from textbooks.reports.facts import contributions, facts, problems
from textbooks.reports.html import write_report
from textbooks.reports.summary import Histogram, Stats

VOID = {"meta", "link", "br", "img", "input", "hr"}
ATTACKS = [
    "</script><script>alert(1)</script>",
    "</style></pre><img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>{{ 7*7 }}{% raw %}",
    "\"' onmouseover='alert(1)' x=\"",
    "nul\x00 esc\x1b[2J \u202egnp.exe\u2066",
    "مرحبا = 'שלום'",
    "]]><!-- --><!--",
]


class Page(HTMLParser):
    """The elements of a page, with the text in each; fails on tags that do not nest."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.parts: list[str] = []
        self.marked: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag == "mark":
            self.marked.append("")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.parts.append(data)
        if "mark" in self.open:
            self.marked[-1] += data

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", "".join(self.parts))

    def all(self, tag: str, css: str = "") -> list[dict[str, str | None]]:
        wanted = set(css.split())
        return [
            attrs for name, attrs in self.elements if name == tag and wanted <= set((attrs.get("class") or "").split())
        ]


def page_of(folder) -> Page:
    return Page(write_report(folder).read_text(encoding="utf-8"))


def test_the_bars_count_every_scored_record(write_run, record):
    kept = [record(f"k{i}", score=2.5 + i / 50) for i in range(100)]
    dropped = [record(f"d{i}", score=i / 50, reason="low_edu_value") for i in range(77)] + [
        record("n", reason="syntax")
    ]
    page = page_of(write_run(kept, dropped))
    assert sum(int(bar["data-records"]) for bar in page.all("rect", "kept")) == 100
    assert sum(int(bar["data-records"]) for bar in page.all("rect", "dropped")) == 77
    assert "177 scored records: 100 kept, 77 dropped." in page.text
    assert page.all("svg")[0]["role"] == "img"


def test_bars_stand_on_the_baseline_on_top_of_each_other_and_within_the_plot():
    figure = histogram_figure(Histogram((0,) * 49 + (40,), (10_000, *(0,) * 48, 60)), 2.5)
    for bar in figure.bars:
        assert bar.kept_y + bar.kept_height == pytest.approx(figure.base, abs=0.02)
        assert bar.dropped_y + bar.dropped_height == pytest.approx(bar.kept_y, abs=0.02)
    assert [(bar.low, bar.kept, bar.dropped) for bar in figure.bars] == [(0.0, 0, 10_000), (4.9, 40, 60)]
    assert figure.bars[0].dropped_height == pytest.approx(192)
    assert figure.bars[1].kept_height == 1.0  # 0.77 by scale, yet seen
    assert [tick.label for tick in figure.ticks] == ["2,000", "4,000", "6,000", "8,000", "10,000"]


@pytest.mark.parametrize(
    ("threshold", "place"), [(2.5, 50.0), (0, 0.0), (5, 100.0), (9, 100.0), (-1, 0.0), (None, None)]
)
def test_the_threshold_is_drawn_where_it_is(threshold, place):
    assert histogram_figure(Histogram((0,) * 50, (0,) * 50), threshold).threshold_x == place


def test_stages_lead_from_read_to_kept():
    reasons = {"low_edu_value": 40, "exact_duplicate": 10, "unreadable": 5, "new_reason": 5, "syntax": 0}
    found = stages(Stats(read=100, kept=40, reasons=reasons))
    assert [(s.slug, s.left, s.width, s.kind) for s in found] == [
        ("read", 0.0, 100.0, "read"),
        ("unreadable", 95.0, 5.0, "quarantined"),
        ("exact_duplicate", 85.0, 10.0, "dropped"),
        ("low_edu_value", 45.0, 40.0, "dropped"),
        ("new_reason", 40.0, 5.0, "dropped"),
        ("kept", 0.0, 40.0, "kept"),
    ]


def test_stages_of_impossible_counts_stay_within_the_figure():
    for stage in stages(Stats(read=3, kept=9, reasons={"syntax": 50, "unreadable": 7})):
        assert 0 <= stage.left <= stage.left + stage.width <= 100


@pytest.mark.parametrize("attack", ATTACKS)
def test_hostile_texts_names_and_evidence_are_escaped(write_run, record, attack):
    evidence = {attack: {attack: attack}, "ngram": {"problems": [{attack: attack, "id": attack}], "span": [0, 4]}}
    evidence["edu_value"] = {"top_features": [[attack, 1.0]]}
    kept = [record(attack, attack, score=4.0, evidence=evidence)]
    dropped = [record(attack, attack, score=1.0, reason="ngram_overlap", evidence=evidence)]
    quarantine = [record(attack, attack, reason=attack, evidence=evidence)]
    stats = {"parameters": {attack: [attack]}, "versions": {attack: attack}}
    folder = write_run(kept, dropped, quarantine, benchmarks={attack: 1}, missing_benchmarks=[attack], **stats)
    page = page_of(folder)
    assert not {"script", "img", "link", "iframe", "object", "a:x"} & {tag for tag, _ in page.elements}
    assert not [name for _, attrs in page.elements for name in attrs if name.startswith("on")]
    raw = (folder / "report.html").read_bytes()
    assert not re.search(rb"[\x00-\x08\x0b-\x1f]", raw)
    assert "\u202e" not in raw.decode() and "\u2066" not in raw.decode()  # noqa: PT018
    shown = "".join(page.parts)
    assert (
        attack.replace("\x00", "␀").replace("\x1b", "␛").replace("\u202e", "\ufffd").replace("\u2066", "\ufffd")
        in shown
    )


def test_lone_surrogates_in_the_evidence_do_not_stop_the_page(write_run, record):
    row = record("a", reason="syntax", evidence='{"syntax": {"error": "bad \\ud800 character"}}')
    assert "bad \ufffd character" in page_of(write_run([], [row])).text


def test_nothing_is_loaded_from_anywhere(demonstration):
    html = write_report(demonstration).read_text(encoding="utf-8")
    page = Page(html)
    for tag, attrs in page.elements:
        assert tag not in {"script", "link", "img", "iframe", "object", "embed", "base"}
        assert not {"src", "srcset", "action", "background", "poster", "data"} & set(attrs)
        assert (attrs.get("href") or "#").startswith("#")
    style = re.search(r"<style>(.*?)</style>", html, re.DOTALL).group(1)
    assert "url(" not in style
    assert "@import" not in style
    assert "default-src 'none'" in html


def test_same_folder_same_bytes(demonstration, tmp_path):
    first = write_report(demonstration).read_bytes()
    assert write_report(demonstration).read_bytes() == first
    moved = shutil.copytree(demonstration, tmp_path / "elsewhere")
    assert write_report(moved).read_bytes() == first
    assert sorted(path.name for path in moved.iterdir()) == [
        "dropped",
        "kept",
        "quarantine",
        "report.html",
        "stats.json",
    ]


def test_every_anchor_leads_somewhere(demonstration):
    page = page_of(demonstration)
    ids = [attrs["id"] for _, attrs in page.elements if "id" in attrs]
    assert len(ids) == len(set(ids))
    assert {attrs["href"][1:] for attrs in page.all("a")} <= set(ids)
    references = [attrs["aria-labelledby"].split() for _, attrs in page.elements if "aria-labelledby" in attrs]
    assert {name for names in references for name in names} <= set(ids)


def test_the_demonstration_shows_what_was_matched_and_why(demonstration):
    page = page_of(demonstration)
    assert page.text.count("HumanEval/40") == 2  # on the line and in the body
    assert "".join(page.marked).startswith("for place, first in enumerate(numbers):")
    assert "164 problems searched for" in page.text
    assert "3 records were dropped. The passage shared with the problem is marked." in page.text
    assert "the gzip stream ends early" in page.text


def test_a_loud_banner_where_benchmarks_are_missing(write_run, record):
    page = page_of(write_run([record("a", score=3.0)], missing_benchmarks=["humaneval", "mbpp"]))
    assert "Not searched for: humaneval, mbpp." in page.text
    assert page.all("div", "banner loud")[0]["role"] == "alert"
    assert not page_of(write_run([record("a", score=3.0)])).all("div", "banner")


def test_a_folder_that_disagrees_with_its_counts_says_so(write_run, record):
    assert (
        "stats.json says 2 kept; the files in kept/ hold 1." in page_of(write_run([record("a")], read=2, kept=2)).text
    )


def test_an_empty_run_and_one_that_keeps_nothing(write_run, record, tmp_path):
    (tmp_path / "stats.json").write_text("{}")
    text = page_of(tmp_path).text
    assert "Nothing was read." in text
    assert "No record has a score." in text
    text = page_of(write_run([], [record("a", reason="syntax")])).text
    assert "Nothing was kept." in text
    assert "Nothing was read." not in text


def test_null_texts_scores_and_empty_texts(write_run, record):
    rows = [record("null", None, reason="syntax"), record("empty", "", reason="syntax")]
    text = page_of(write_run([], rows, [record("q", None, reason="text_missing")])).text
    assert "No text." in text
    assert "An empty text." in text
    assert "the record has no text" in text


def test_a_huge_text_is_capped(write_run, record):
    folder = write_run([record("huge", "x" * 5_000_000, score=3.0), record("long", "y = 1\n" * 100_000, score=2.6)])
    page = page_of(folder)
    assert (folder / "report.html").stat().st_size < 200_000
    assert "4,000 of 5,000,000 characters shown; the text has 1 line." in page.text
    assert "360 of 600,000 characters shown; the text has 100,000 lines." in page.text


def test_more_than_the_cap_is_counted(write_run, record):
    dropped = [record(f"c{i}", reason="ngram_overlap") for i in range(53)]
    quarantine = [record(f"q{i}", None, reason="unreadable") for i in range(1061)]
    text = page_of(write_run([], dropped, quarantine)).text
    assert "And 3 more, in the files of dropped/." in text
    assert "And 1,011 more, in the files of quarantine/." in text


def test_a_failed_write_leaves_the_old_page(write_run, record, monkeypatch):
    folder = write_run([record("a", score=3.0)])
    before = write_report(folder).read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.replace", full)
    with pytest.raises(OSError, match="No space left"):
        write_report(folder)
    assert (folder / "report.html").read_bytes() == before
    assert not list(folder.glob(".*"))


def test_evidence_in_words():
    evidence = {
        "exact_duplicate": {"duplicate_of": "a.py"},
        "size": {"line": 12345, "ratio": 0.123456},
        "edu_value": {"top_features": [["docs", 0.5], ["loops", -1], "junk", ["x", "y"], ["big", 10**400]]},
        "ngram": {
            "problems": [
                {"benchmark": "humaneval", "id": "HumanEval/3", "overlap": 0.81234},
                {"benchmark": "mbpp", "id": 11},
                "odd",
            ],
            "ngram": "a b",
        },
        "future": [1],
    }
    assert facts(evidence) == [
        ("exact_duplicate · duplicate_of", "a.py"),
        ("size · line", "12345"),
        ("size · ratio", "0.123"),
        ("ngram", "a b"),
        ("future", "[1]"),
    ]
    ngram = {"problems": [], "span": [0, 3], "text": "abc", "benchmarks": {"humaneval": 1}, "ngram": "a b c"}
    assert facts({"ngram": ngram}, marked=True) == [("ngram", "a b c")]
    assert [name for name, _ in facts({"ngram": ngram})] == [
        "ngram · span",
        "ngram · text",
        "ngram · benchmarks",
        "ngram",
    ]
    assert contributions(evidence) == [("docs", "+0.50"), ("loops", "\u22121.00")]
    assert problems(evidence) == [("HumanEval/3", [("overlap", "0.812")]), ("mbpp 11", []), ("odd", [])]
    assert len(facts({"s": dict.fromkeys(map(str, range(1000)), "v" * 1000)})) == 24
    assert max(len(value) for _, value in facts({"s": json.loads('{"k": "' + "v" * 1000 + '"}')})) == 240
