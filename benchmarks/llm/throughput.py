"""Measure the client's throughput against a loopback server that takes one second for each answer.

    python benchmarks/llm/throughput.py

1,000 requests at concurrency 64, with a cache; and the same through the library `openai` alone with a semaphore, in
turn, each in a process of its own, three times. Ideal is the number of rounds that 64 at a time need, times the
latency. Written to results_throughput.json: the least wall time and processor time of each, their ratios, the memory of
the client along a run, and the load.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import resource
import subprocess
import sys
import tempfile
import time
from multiprocessing.connection import Connection
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]
REQUESTS, CONCURRENCY, LATENCY, ROUNDS = 1_000, 64, 1.0, 3
IDEAL = -(-REQUESTS // CONCURRENCY) * LATENCY


def serve(pipe: Connection) -> None:
    from tests.llm.loopback import Reply, serving

    with serving(lambda arrival: Reply(f"answer to {arrival.asked} " + "word " * 100, delay=LATENCY)) as server:
        pipe.send(server.url)
        pipe.recv()
        pipe.send((len(server.arrivals), server.most_at_once))


def questions() -> list[str]:
    return [f"question {number} " + "about lists " * 50 for number in range(REQUESTS)]


def memory() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def ours(url: str) -> list[float]:
    from textbooks.llm import Completion, Message, OpenAIChatClient

    sizes = []
    with tempfile.TemporaryDirectory() as folder:
        cache = Path(folder) / "cache"
        with OpenAIChatClient("m", base_url=url, concurrency=CONCURRENCY, cache=cache, max_tokens=500) as client:
            for place, answer in enumerate(client.complete_all([Message("user", text)] for text in questions())):
                assert isinstance(answer, Completion), answer
                if place % (REQUESTS // 10) == REQUESTS // 10 - 1:
                    sizes.append(round(memory(), 1))
    return sizes


def theirs(url: str) -> list[float]:
    import openai

    async def everything() -> None:
        client = openai.AsyncOpenAI(base_url=url, api_key="none", max_retries=0)
        places = asyncio.Semaphore(CONCURRENCY)

        async def one(text: str) -> None:
            async with places:
                messages = [{"role": "user", "content": text}]
                await client.chat.completions.create(model="m", messages=messages, max_tokens=500)

        await asyncio.gather(*map(one, questions()))
        await client.close()

    asyncio.run(everything())
    return []


def measure(kind: str) -> dict[str, object]:
    """Return what one run takes, in this process."""
    here, there = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(there,))
    server.start()
    url = here.recv()
    import openai  # noqa: F401 - its import is no part of the run

    before, began = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    sizes = {"ours": ours, "openai": theirs}[kind](url)
    wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF)
    here.send("stop")
    arrived, most = here.recv()
    server.join()
    assert (arrived, most) == (REQUESTS, CONCURRENCY), (arrived, most)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"wall_s": round(wall, 2), "cpu_ms_a_request": round(cpu / REQUESTS * 1e3, 2), "memory_mib": sizes}


def main() -> None:
    if len(sys.argv) > 1:
        print(json.dumps(measure(sys.argv[1])))
        return
    load = os.getloadavg()[0]
    runs: dict[str, list[dict[str, object]]] = {"ours": [], "openai": []}
    for _ in range(ROUNDS):
        for kind, found in runs.items():
            done = subprocess.run([sys.executable, __file__, kind], capture_output=True, text=True, check=True)
            found.append(json.loads(done.stdout))
            print(kind, found[-1], flush=True)
    least = {kind: {key: min(run[key] for run in found) for key in found[0]} for kind, found in runs.items()}
    results = {
        "requests": REQUESTS,
        "concurrency": CONCURRENCY,
        "latency_s": LATENCY,
        "ideal_s": IDEAL,
        "rounds": ROUNDS,
        "cores": os.cpu_count(),
        "load_at_the_start": round(load, 1),
        "share_of_ideal_throughput": round(IDEAL / least["ours"]["wall_s"], 3),
        "share_of_ideal_throughput_of_openai_alone": round(IDEAL / least["openai"]["wall_s"], 3),
        "cpu_of_ours_by_openai_alone": round(
            least["ours"]["cpu_ms_a_request"] / least["openai"]["cpu_ms_a_request"], 2
        ),
        "runs": runs,
    }
    (HERE / "results_throughput.json").write_text(json.dumps(results, indent=2) + "\n")
    print(json.dumps({key: value for key, value in results.items() if key != "runs"}, indent=2))


if __name__ == "__main__":
    main()
