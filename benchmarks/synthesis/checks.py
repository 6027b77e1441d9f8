"""Whether the checks of synthesized texts catch planted faults, and leave what is right alone.

python benchmarks/synthesis/checks.py

The recorded texts of ``tests/data/synthetic`` are answered again through the whole synthesizer, whole and spoilt in
every way that a model spoils them; and with one operator, constant or name changed, which only their own examples can
notice.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import resource
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from textbooks.decontaminators import Decontaminator
from textbooks.decontaminators.strengthening.mutants import mutants
from textbooks.llm import Completion, ScriptedChatClient
from textbooks.problems import available_benchmarks, load_problems
from textbooks.sandbox import Sandbox
from textbooks.synthesizers import ExerciseSynthesizer, Seed, Synthesizer, TextbookSynthesizer

HERE = Path(__file__).resolve().parent
RECORDED = HERE.parents[1] / "tests" / "data" / "synthetic"
MUTANTS_EACH = 3
IDLE = '''def {name}(x=1):
    """Do a thing of use to the caller.

    >>> {name}() is None
    True
    """
    del x
'''
Pair = tuple[Seed, str | Completion]


def recorded(name: str) -> list[tuple[Seed, str]]:
    """Return the seeds and texts of a file."""
    rows = [json.loads(line) for line in (RECORDED / f"{name}.jsonl").read_text().splitlines()]
    kind = "textbook" if name == "textbooks" else "exercise"
    seeds = [row["seed"] or {"level": "any"} for row in rows]
    fields = [{key: value for key, value in seed.items() if key != "id"} for seed in seeds]
    return [(Seed(kind, number, one), row["text"]) for number, (one, row) in enumerate(zip(fields, rows, strict=True))]


def fenced(code: str) -> str:
    """Return code as a model answers it."""
    return f"```python\n{code}```"


def judged(made: type[Synthesizer], pairs: list[Pair], **options: object) -> Counter[str]:
    """Return what became of answers, by reason."""
    client = ScriptedChatClient([answer for _, answer in pairs])
    with Sandbox(cpu_seconds=1.0) as sandbox:
        return made(client, sandbox=sandbox, **options).apply(seed for seed, _ in pairs).counts


def body_of(text: str, name: str) -> tuple[str, str]:
    """Return an exercise up to the end of its function's docstring, and the rest."""
    start = text.index('"""', text.index('"""', text.index(f"def {name}")) + 3) + len('"""\n')
    return text[:start], text[start:]


def _with_body(text: str, name: str, body: str) -> str:
    return body_of(text, name)[0] + body


EXERCISE_FAULTS: dict[str, tuple[Callable[[str, str], str | Completion], set[str]]] = {
    "returns a constant": (lambda t, n: fenced(_with_body(t, n, "    return 42\n")), {"fails_examples"}),
    "calls what is not there": (
        lambda t, n: fenced(_with_body(t, n, "    return undefined_name\n")),
        {"fails_examples"},
    ),
    "never ends": (lambda t, n: fenced(_with_body(t, n, "    while True:\n        pass\n")), {"too_slow"}),
    "takes all memory": (
        lambda t, n: fenced(_with_body(t, n, "    return [0] * 10**11\n")),
        {"too_slow", "fails_examples"},
    ),
    "ends its process": (lambda t, n: fenced("import os\nos._exit(0)\n" + t), {"fails_to_run"}),
    "does not compile": (lambda t, n: fenced(_with_body(t, n, "    return (\n")), {"syntax"}),
    "another function": (lambda t, n: fenced(re.sub(rf"\b{n}\b", "some_other_name", t)), {"wrong_function"}),
    "no docstring": (lambda t, n: fenced(f"def {n}(x):\n    return x\n"), {"wrong_function"}),
    "no examples": (lambda t, n: fenced(t.replace(">>>", "e.g.")), {"no_examples"}),
    "examples that cannot fail": (
        lambda t, n: fenced(IDLE.format(name=n)),
        {"idle_examples"},
    ),
    "describes another parameter": (
        lambda t, n: fenced(t.replace("\n    >>>", "\n    :param no_such_thing: a number\n\n    >>>", 1)),
        {"signature_mismatch"},
    ),
    "imports numpy": (lambda t, n: fenced(f"import numpy as np\n{t}"), {"foreign_import"}),
    "no closing fence": (lambda t, n: f"```python\n{t}", {"malformed_answer"}),
    "no code": (lambda t, n: "Here is the exercise that you asked for.", {"malformed_answer"}),
    "truncated JSON": (lambda t, n: json.dumps({"code": t})[: len(t) // 2], {"malformed_answer"}),
    "refusal": (lambda t, n: "I'm sorry, but I can't help with that.", {"refused"}),
    "cut off": (lambda t, n: Completion(fenced(t)[: len(t) // 2], finish_reason="length"), {"cut_off"}),
    "empty": (lambda t, n: "", {"malformed_answer"}),
}


def _in_first_block(line: str) -> Callable[[str], str]:
    return lambda text: text.replace("```python\n", f"```python\n{line}\n", 1)


SECTION_FAULTS: dict[str, tuple[Callable[[str], str | Completion], set[str]]] = {
    "code that fails": (_in_first_block("undefined_name"), {"fails_to_run"}),
    "an assertion that fails": (_in_first_block("assert 1 > 2"), {"fails_examples"}),
    "a comment that is false": (_in_first_block("print(sum([1, 2]))  # 4"), {"wrong_claim"}),
    "code that does not compile": (_in_first_block("def broken(:"), {"syntax"}),
    "imports numpy": (_in_first_block("import numpy"), {"foreign_import"}),
    "never ends": (_in_first_block("while True: pass"), {"too_slow"}),
    "no closing fence": (lambda text: text[: text.rindex("```")], {"malformed_answer"}),
    "no Python": (lambda text: text.replace("```python", "```text"), {"malformed_answer"}),
    "refusal": (lambda text: "I cannot write this section.", {"refused"}),
    "cut off": (lambda text: Completion(text[: len(text) // 2], finish_reason="length"), {"cut_off"}),
    "hardly any words": (lambda text: "See:\n\n```python\nx = 1\n```\n", {"too_short"}),
}


def planted(texts: list[tuple[Seed, str]], sections: list[tuple[Seed, str]]) -> Iterator[dict[str, object]]:
    """Yield, for every fault, how many were planted, and for what they were dropped."""
    for fault, (spoil, reasons) in EXERCISE_FAULTS.items():
        pairs: list[Pair] = [(seed, spoil(text, seed.fields["function_name"])) for seed, text in texts]
        yield _caught("exercise", fault, judged(ExerciseSynthesizer, pairs), reasons)
    for fault, (change, reasons) in SECTION_FAULTS.items():
        spoilt: list[Pair] = [(seed, change(text)) for seed, text in sections]
        yield _caught("section", fault, judged(TextbookSynthesizer, spoilt), reasons)
    twice: list[Pair] = [
        (Seed(seed.kind, 2 * seed.number + more, seed.fields), fenced(text)) for seed, text in texts for more in (0, 1)
    ]
    counts = judged(ExerciseSynthesizer, twice)
    yield {
        "text": "exercise",
        "fault": "written twice",
        "planted": len(texts),
        "caught": counts["near_duplicate"],
        "missed": counts["kept"] - len(texts),
    }


def _caught(text: str, fault: str, counts: Counter[str], reasons: set[str]) -> dict[str, object]:
    right = sum(counts[reason] for reason in reasons)
    others = {reason: n for reason, n in counts.items() if reason not in reasons | {"kept"}}
    found = {"text": text, "fault": fault, "planted": counts.total(), "caught": right, "missed": counts["kept"]}
    return found | ({"for another reason": others} if others else {})


def subtle(texts: list[tuple[Seed, str]]) -> dict[str, object]:
    """Return how many small changes of the solutions their own examples notice."""
    rng = random.Random(0)
    pairs: list[Pair] = []
    for seed, text in texts:
        pairs += [(seed, fenced(mutant + "\n")) for mutant in mutants(text, most=MUTANTS_EACH, rng=rng)]
    counts = judged(ExerciseSynthesizer, pairs)
    kept = counts["kept"] + counts["near_duplicate"]
    return {
        "changed solutions": counts.total(),
        "not noticed": kept,
        "share noticed": round(1 - kept / counts.total(), 3),
    }


def benchmark_copies() -> dict[str, object]:
    """Return what becomes of HumanEval's problems, given as answers under their own names."""
    if "humaneval" not in available_benchmarks():
        return {"left out": "HumanEval is not at hand: set TEXTBOOKS_DATA"}
    problems = load_problems("humaneval")
    decontaminator = Decontaminator().fit(problems)
    pairs: list[Pair] = []
    for number, problem in enumerate(problems):
        seed = Seed("exercise", number, {"function_name": problem.entry_point})
        pairs.append((seed, fenced(problem.prompt + problem.solution)))
    counts = judged(ExerciseSynthesizer, pairs, decontaminator=decontaminator)
    return {"problems": len(problems), **dict(sorted(counts.items()))}


def main() -> None:
    """Run, print, and write the results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--every", type=int, default=16, help="plant faults in one of so many exercises")
    parser.add_argument("--out", type=Path, default=HERE / "results_checks.json")
    options = parser.parse_args()
    exercises, unseeded, sections = (recorded(name) for name in ("exercises", "exercises_unseeded", "textbooks"))
    whole = {}
    for name, made, pairs in (
        ("exercises", ExerciseSynthesizer, [(seed, fenced(text)) for seed, text in exercises]),
        ("exercises_unseeded", ExerciseSynthesizer, [(seed, fenced(text)) for seed, text in unseeded]),
        ("textbooks", TextbookSynthesizer, sections),
    ):
        began, used = time.perf_counter(), _processor()
        counts = judged(made, pairs)
        seconds = {"cpu ms a text": round(1000 * (_processor() - used) / len(pairs), 1)}
        whole[name] = {"texts": len(pairs), **dict(counts), **seconds, "wall s": round(time.perf_counter() - began, 1)}
        print(name, whole[name], flush=True)
    faults = []
    for row in planted(exercises[:: options.every], sections[:: max(options.every // 4, 1)]):
        faults.append(row)
        print(row, flush=True)
    results = {
        "recorded": whole,
        "planted": faults,
        "subtle": subtle(exercises[:: options.every]),
        "HumanEval as answers": benchmark_copies(),
    }
    print(results["subtle"], results["HumanEval as answers"])
    options.out.write_text(json.dumps(results, indent=1) + "\n")


def _processor() -> float:
    """Return the processor time of this process and of those it has ended, in seconds."""
    own = time.process_time()
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return own + children.ru_utime + children.ru_stime


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main()
