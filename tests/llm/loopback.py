"""An OpenAI-compatible server on loopback that fails as it is told, and notes what reaches it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Arrival:
    """One request, as the server saw it."""

    at: float
    body: dict
    headers: dict
    path: str

    @property
    def asked(self):
        """The last message."""
        return self.body["messages"][-1]["content"]


@dataclass
class Reply:
    """What the server does with a request."""

    text: str | None = "fine"
    status: int = 200
    headers: dict = field(default_factory=dict)
    delay: float = 0.0
    usage: object = "true"
    raw: bytes | None = None
    drop: str = ""  # "before" an answer, or in its "middle"
    trickle: float = 0.0  # seconds between the bytes of the answer
    message: dict | None = None
    finish_reason: str = "stop"
    error: dict | None = None


def usage_of(body, text):
    prompt = sum(len(message["content"].split()) for message in body["messages"]) + 4 * len(body["messages"])
    return {"prompt_tokens": prompt, "completion_tokens": len((text or "").split()), "total_tokens": 0}


class Loopback:
    """The server: a loop in a thread of its own. `answer` says what to do with each request."""

    def __init__(self, answer: Callable[[Arrival], Reply] = lambda arrival: Reply()):
        self.answer = answer
        self.arrivals: list[Arrival] = []
        self.now = self.most_at_once = 0
        self._loop = asyncio.new_event_loop()
        self._tasks = set()

    def __enter__(self):
        started = threading.Event()

        async def serve():
            self._server = await asyncio.start_server(self._connection, "127.0.0.1", 0, backlog=1024)
            self.port = self._server.sockets[0].getsockname()[1]
            started.set()

        def run():
            self._loop.run_until_complete(serve())
            self._loop.run_forever()

        self._thread = threading.Thread(target=run, daemon=True)
        self._thread.start()
        assert started.wait(10)
        return self

    def __exit__(self, *_):
        async def stop():
            self._server.close()
            for task in list(self._tasks):
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

        asyncio.run_coroutine_threadsafe(stop(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/v1"

    async def _connection(self, reader, writer):
        task = asyncio.current_task()
        self._tasks.add(task)
        try:
            while await self._one(reader, writer):
                pass
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(task)
            writer.transport.abort()

    async def _one(self, reader, writer):
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:])}
        body = json.loads(await reader.readexactly(int(headers.get("content-length", 0))))
        arrival = Arrival(time.monotonic(), body, headers, head[0].split()[1])
        self.arrivals.append(arrival)
        self.now += 1
        self.most_at_once = max(self.most_at_once, self.now)
        try:
            reply = self.answer(arrival)
            await asyncio.sleep(reply.delay)
        finally:
            self.now -= 1
        if reply.drop == "before":
            return False
        content = reply.raw if reply.raw is not None else json.dumps(self._body(body, reply)).encode()
        lines = [f"HTTP/1.1 {reply.status} x", f"content-length: {len(content)}", "content-type: application/json"]
        lines += [f"{name}: {value}" for name, value in reply.headers.items()]
        writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        if reply.drop == "middle":
            writer.write(content[: len(content) // 2])
            await writer.drain()
            return False
        if reply.trickle:
            for place in range(len(content)):
                writer.write(content[place : place + 1])
                await writer.drain()
                await asyncio.sleep(reply.trickle)
        else:
            writer.write(content)
        await writer.drain()
        return True

    @staticmethod
    def _body(body, reply):
        if reply.status >= 400:
            return {"error": reply.error or {"message": "on purpose", "code": "planted"}}
        message = reply.message or {"role": "assistant", "content": reply.text}
        answer = {
            "id": "1",
            "object": "chat.completion",
            "model": body["model"],
            "choices": [{"index": 0, "message": message, "finish_reason": reply.finish_reason}],
        }
        if reply.usage is not None:
            answer["usage"] = usage_of(body, reply.text) if reply.usage == "true" else reply.usage
        return answer


@contextlib.contextmanager
def serving(answer=lambda arrival: Reply()):
    """Yield a server that is running."""
    with Loopback(answer) as server:
        yield server
