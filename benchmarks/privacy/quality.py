"""What the filters for secrets and personal data find of what is planted, and how fast, beside three peers.

    python benchmarks/privacy/quality.py [--bigcode DIR]

Plants secrets, addresses and look-alikes in files of installed packages (`plant.py`) and asks of each planted thing
whether it is marked. Recall is over what is wanted, precision over planted things alone: what the files hold by
themselves is counted apart (``unplanted``). Peers: detect-secrets with all its plugins and filters, which is asked for
the planted line; the expressions of datatrove's `PIIFormatter`; and with ``--bigcode`` (a checkout of bigcode-dataset)
BigCode's expressions for addresses. Only the held-out half is reported. Writes results_quality.json beside itself.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import runpy
import sys
import tempfile
import time
import types
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from datatrove.pipeline.formatters.pii import PIIFormatter
from detect_secrets import SecretsCollection
from detect_secrets.settings import default_settings
from plant import Planted, plant

from textbooks.filters.privacy.personal_data import PersonalDataRedactor, find_personal_data
from textbooks.filters.privacy.secrets import SecretsRedactor, find_secrets
from textbooks.readers import find_installed_packages

HERE = Path(__file__).resolve().parent
FILES, SEED, REPEATS, TIMED, PLAIN, AROUND = 2_400, 11, 3, 150_000, 120, 1_000
Spans = list[tuple[int, int]]


def ours(text: str, group: str) -> Spans:
    """Mark by the filters of this library."""
    found = find_secrets(text) if group == "secrets" else find_personal_data(text)
    return [(one.start, one.end) for one in found]


def detect_secrets_lines(text: str) -> set[int]:
    """Return the lines that detect-secrets reports, from 1."""
    with tempfile.NamedTemporaryFile("w", suffix=".py", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        secrets = SecretsCollection()
        with default_settings() as settings:
            settings.disable_filters("detect_secrets.filters.common.is_ignored_due_to_verification_policies")
            secrets.scan_file(file.name)
        return {secret.line_number for _, secret in secrets}


def by_detect_secrets(text: str, group: str) -> Spans:
    """Mark whole lines; it looks for no e-mail addresses."""
    starts = [0, *(i + 1 for i, c in enumerate(text) if c == "\n"), len(text) + 1]
    return [(starts[n - 1], starts[n]) for n in detect_secrets_lines(text)] if group != "email" else []


FORMATTER = PIIFormatter()


def by_datatrove(text: str, group: str) -> Spans:
    """Mark by the expressions of datatrove's formatter."""
    found = [m.span() for m in FORMATTER.emails_replacer.regex.finditer(text)]
    replacer = FORMATTER.ip_replacer
    found += [m.span() for m in replacer.regex.finditer(text) if replacer.validator(m.group())]
    return found if group != "secrets" else []


def bigcode(folder: Path) -> Callable[[str, str], Spans]:
    """Return BigCode's search for addresses; its detector of gibberish is for keys alone and is left out."""
    sys.modules["gibberish_detector"] = types.SimpleNamespace(detector=None)  # type: ignore[assignment]
    detect = runpy.run_path(str(folder / "pii/utils/emails_ip_addresses_detection.py"))["detect_email_addresses"]
    return lambda text, group: [(m["start"], m["end"]) for m in detect(text)] if group != "secrets" else []


def interval(hits: int, total: int) -> str:
    """Return a share with its 95 % interval by Wilson."""
    if not total:
        return "-"
    p, z = hits / total, 1.96
    middle, spread = p + z * z / 2 / total, z * math.sqrt(p * (1 - p) / total + z * z / 4 / total**2)
    low, high = (middle - spread) / (1 + z * z / total), (middle + spread) / (1 + z * z / total)
    return f"{p:.3f} ({max(low, 0):.3f}-{high:.3f})"


def marked(planted: Planted, find: Callable[[str, str], Spans]) -> bool:
    """Whether a planted thing is marked, in part or whole."""
    around = slice(max(0, planted.start - AROUND), planted.end + AROUND)
    text, shift = planted.text[around], around.start
    return any(a + shift < planted.end and planted.start < b + shift for a, b in find(text, planted.group))


def quality(planted: list[Planted], find: Callable[[str, str], Spans]) -> dict[str, Any]:
    """Return recall by kind and place, precision, and which look-alikes are marked."""
    hits = [marked(one, find) for one in planted]
    pairs = list(zip(planted, hits, strict=True))
    made: dict[str, Any] = {"precision": {}, "recall": {}, "kind": {}, "place": {}, "look-alikes marked": {}}
    for group in ("secrets", "email", "ip"):
        good = [hit for one, hit in pairs if one.wanted and one.group == group]
        bad = [hit for one, hit in pairs if not one.wanted and one.group == group]
        made["recall"][group] = interval(sum(good), len(good))
        made["precision"][group] = interval(sum(good), sum(good) + sum(bad))
    for name, wanted in (("kind", True), ("place", True), ("look-alikes marked", False)):
        chosen = [
            (getattr(one, "place" if name == "place" else "kind"), hit) for one, hit in pairs if one.wanted is wanted
        ]
        total, found = Counter(key for key, _ in chosen), Counter(key for key, hit in chosen if hit)
        made[name] = {key: f"{found[key]} of {total[key]}" for key in sorted(total)}
    return made


def seconds(run: Callable[[], object]) -> float:
    """Return how long one run takes."""
    started = time.perf_counter()
    run()
    return time.perf_counter() - started


def speed(texts: list[str]) -> dict[str, Any]:
    """Return MB/s, interleaved, the least of three runs each, and how many times as fast ours is."""
    ways: dict[str, Callable[[str], object]] = {
        "SecretsRedactor": SecretsRedactor().redact,
        "detect-secrets": detect_secrets_lines,
        "PersonalDataRedactor": PersonalDataRedactor().redact,
        "PIIFormatter": FORMATTER.format,
    }
    least = dict.fromkeys(ways, math.inf)
    for _ in range(REPEATS):
        for name, way in ways.items():
            least[name] = min(least[name], seconds(lambda way=way: [way(text) for text in texts]))
    size = sum(len(text.encode()) for text in texts) / 1e6
    rates: dict[str, Any] = {name: {"MB/s": size / least[name]} for name in ways}
    rates["SecretsRedactor"]["times the peer"] = least["detect-secrets"] / least["SecretsRedactor"]
    rates["PersonalDataRedactor"]["times the peer"] = least["PIIFormatter"] / least["PersonalDataRedactor"]
    return rates


def unplanted(texts: Iterable[str], finders: dict[str, Callable[[str, str], Spans]]) -> dict[str, Any]:
    """Return of how many files as they are something is marked."""
    listed = list(texts)
    return {
        name: {group: sum(bool(find(text, group)) for text in listed) for group in ("secrets", "email")}
        for name, find in finders.items()
    } | {"files": len(listed)}


def main() -> None:
    """Plant, ask everybody, time, and write."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--bigcode", type=Path, help="a checkout of bigcode-dataset")
    parser.add_argument("--development", action="store_true", help="print the other half, for choosing rules")
    arguments = parser.parse_args()
    files = sorted(Path(file.path) for file in find_installed_packages())
    chosen = random.Random(SEED).sample(files, min(FILES, len(files)))
    halves = plant(chosen, SEED)
    planted = halves["development" if arguments.development else "held out"]
    finders: dict[str, Callable[[str, str], Spans]] = {"ours": ours}
    if arguments.development:
        print(json.dumps(quality(planted, ours), indent=1))
        return
    finders |= {"detect-secrets": by_detect_secrets, "datatrove": by_datatrove}
    if arguments.bigcode:
        finders["bigcode"] = bigcode(arguments.bigcode)
    results: dict[str, Any] = {
        "setting": {
            "files": len(chosen),
            "planted": len(planted),
            "wanted": sum(one.wanted for one in planted),
            "seed": SEED,
        }
    }
    results |= {name: quality(planted, find) for name, find in finders.items()}
    plain = [file.read_text(encoding="utf-8", errors="ignore") for file in chosen[:PLAIN]]
    plain = [text for text in plain if len(text) < 60_000]
    results["unplanted"] = unplanted(plain, finders)
    timed, size = [], 0
    for text in plain:
        if size < TIMED:
            timed.append(text)
            size += len(text)
    results["speed"] = speed(timed)
    (HERE / "results_quality.json").write_text(json.dumps(results, indent=2) + "\n")
    print(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
