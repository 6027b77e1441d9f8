"""What a whole corpus uses is left out, counted as a plain program counts it; leaked copies blind no one."""

from __future__ import annotations

import dill
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textbooks.decontaminators import NGramDecontaminator, code_tokens
from textbooks.decontaminators.ngram import common_grams
from textbooks.problems import Problem

HEADER = "Licensed under the terms of a licence that everyone copies into the first lines of each file they write ."
TASK = "Return the sum of the odd entries of a nested list , counting each of them once for every level above it ."
OTHER = "Say which of two words comes first in a dictionary that is sorted by the last letter of every single word ."
FILES = [f"# {HEADER}\nvalue_{number} = {number}\n" for number in range(40)]


def problem(name: str, prompt: str) -> Problem:
    return Problem("mine", name, prompt, "", "", "")


def fitted(corpus, *problems: Problem, **parameters: object) -> NGramDecontaminator:
    return NGramDecontaminator(index=("prompt",), **parameters).fit(problems, corpus)


def grams(text: str, n: int) -> list[tuple[str, ...]]:
    tokens = code_tokens(text)
    return list(dict.fromkeys(tuple(tokens[i : i + n]) for i in range(len(tokens) - n + 1)))


def test_a_licence_header_no_longer_flags():
    problems = problem("1", f"{HEADER} {TASK} {OTHER}"), problem("2", OTHER)
    header = f"# {HEADER}\nx = 1\n"
    assert not fitted(None, *problems, min_overlap=0.1).judge(header).keep
    found = fitted(FILES, *problems, min_overlap=0.1)
    assert found.judge(header).keep
    assert found.common_ == tuple(sorted(" ".join(gram) for gram in grams(HEADER, 13)))
    assert (found.widespread_, found.corpus_documents_) == ((), 40)
    assert found.judge(problems[0].prompt).score == 1.0
    assert found.references_[0].total == len(grams(problems[0].prompt, 13)) - len(found.common_)


@pytest.mark.parametrize("copies", [11, 400])
def test_many_leaked_copies_blind_no_one(copies):
    leaked = [f"{TASK}\n# file {number}" for number in range(copies)]
    found = fitted([*FILES, *leaked], problem("1", TASK), problem("2", OTHER))
    assert found.judge(leaked[0]).score == 1.0
    assert found.common_ == ()
    assert found.widespread_ == (("mine", "1", "prompt"),)


def test_leaks_of_less_than_half_leave_most_of_a_part():
    part = " ".join(code_tokens(TASK)[:16])
    found = fitted([f"{part} {number} x" for number in range(50)], problem("1", TASK))
    assert found.common_ == tuple(sorted(" ".join(gram) for gram in grams(part, 13)))
    assert found.judge(TASK).score == 1.0


def test_a_part_that_would_lose_most_keeps_all_and_is_listed():
    tokens = code_tokens(TASK)
    halves = [" ".join(tokens[: 13 + 3]), " ".join(tokens[4:20]), " ".join(tokens[-14:])]
    found = fitted([f"{halves[number % 3]} {number}" for number in range(99)], problem("1", TASK))
    assert found.widespread_ == (("mine", "1", "prompt"),)
    assert found.common_ == ()
    assert found.references_[0].total == len(grams(TASK, 13))


def test_ten_documents_are_never_too_many():
    corpus = FILES[:10]
    assert fitted(corpus, problem("1", f"{HEADER} {TASK} {OTHER}"), max_document_frequency=0).common_ == ()
    assert fitted(FILES[:11], problem("1", f"{HEADER} {TASK} {OTHER}"), max_document_frequency=0).common_ != ()


def test_the_share_of_documents_decides():
    corpus = FILES + ["x = 1"] * 60
    problems = problem("1", f"{HEADER} {TASK} {OTHER}")
    assert fitted(corpus, problems, max_document_frequency=0.4).common_ == ()
    assert fitted(corpus, problems, max_document_frequency=0.39).common_ != ()


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.lists(st.sampled_from("a b c d".split()), min_size=3, max_size=9).map(" ".join), min_size=1, max_size=3
    ),
    st.lists(st.lists(st.sampled_from("a b c d".split()), max_size=9).map(" ".join), max_size=12),
    st.integers(0, 4),
)
def test_equals_a_plain_count(prompts, corpus, fewest):
    parts = [grams(prompt, 3) for prompt in dict.fromkeys(prompts)]
    held: dict[tuple[str, ...], int] = {}
    copied = [0] * len(parts)
    for text in corpus:
        here = set(grams(text, 3))
        copies = [2 * len(here & set(part)) >= len(part) for part in parts]
        copied = [count + copy for count, copy in zip(copied, copies, strict=True)]
        in_copies = {gram for part, copy in zip(parts, copies, strict=True) if copy for gram in part}
        for gram in {gram for part in parts for gram in part} & here - in_copies:
            held[gram] = held.get(gram, 0) + 1
    common = {gram for gram, count in held.items() if count > fewest}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(common_grams, "FEWEST", fewest)
        problems = [problem(str(number), prompt) for number, prompt in enumerate(dict.fromkeys(prompts))]
        found = fitted(corpus, *problems, n=3, max_document_frequency=0)
    kept = [[gram for gram in part if gram not in common] for part in parts]
    kept = [mine if 2 * len(mine) >= len(part) else part for mine, part in zip(kept, parts, strict=True)]
    assert [reference.total for reference in found.references_] == [len(mine) for mine in kept]
    gone = {gram for part, mine in zip(parts, kept, strict=True) for gram in set(part) - set(mine)}
    assert found.common_ == tuple(sorted(" ".join(gram) for gram in gone))
    listed = [copied[row] > fewest or bool(common & set(kept[row])) for row in range(len(parts))]
    assert [row for row, (_, name, _) in enumerate(found.widespread_)] == list(range(sum(listed)))
    assert {name for _, name, _ in found.widespread_} == {str(row) for row in range(len(parts)) if listed[row]}


def test_a_stream_is_read_once_and_said_how_far(monkeypatch):
    monkeypatch.setattr(common_grams, "_BATCH", 200)
    read: list[int] = []
    stream = iter([*FILES, None, "\ud800", 5])
    found = NGramDecontaminator(index=("prompt",)).fit([problem("1", TASK)], stream, progress=read.append)
    assert found.corpus_documents_ == read[-1] == len(FILES)
    assert len(read) > 5
    assert read == sorted(read)


def test_one_string_is_no_corpus():
    with pytest.raises(TypeError, match="wrap it in a list"):
        NGramDecontaminator().fit([problem("1", TASK)], HEADER)


def test_bad_share():
    with pytest.raises(ValueError, match=r"max_document_frequency must be between 0 and 1, got 2"):
        NGramDecontaminator(max_document_frequency=2)


def test_what_was_learned_survives_dill():
    found = fitted(FILES, problem("1", f"{HEADER} {TASK} {OTHER}"), min_overlap=0.1)
    copy = dill.loads(dill.dumps(found))
    texts = [f"# {HEADER}", TASK, OTHER]
    assert copy.judge_batch(texts) == found.judge_batch(texts)
    assert (copy.common_, copy.widespread_, copy.corpus_documents_) == (found.common_, (), 40)


def test_a_gram_shared_by_benchmarks_counts_in_each():
    twins = [Problem(name, "1", TASK, "", "", "") for name in ("one", "two")]
    other = Problem("two", "2", f"{' '.join(code_tokens(TASK)[:14])} and something else that is quite long", "", "", "")
    match = NGramDecontaminator(index=("prompt",)).fit([*twins, other]).match(TASK)
    assert {(hit.benchmark, hit.id): (hit.shared, hit.total) for hit in match.hits} == {
        ("one", "1"): (len(grams(TASK, 13)), len(grams(TASK, 13))),
        ("two", "1"): (len(grams(TASK, 13)), len(grams(TASK, 13))),
        ("two", "2"): (2, len(grams(other.prompt, 13))),
    }
    assert match.benchmarks == {"one": 1, "two": 2}
