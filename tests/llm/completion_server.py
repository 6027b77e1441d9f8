"""A small OpenAI-compatible server of the standard library: for datatrove's runner, in a thread or as a script.

Words in the question say what happens: ``busy`` and ``broken`` fail the first time, ``bad`` and ``down`` every time,
``gone`` drops the connection the first time; everything else is answered in capitals.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        known = self._knows_the_key()
        self._send((200 if self.path == "/v1/models" else 404) if known else 401, {"data": []})

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path != "/v1/chat/completions" or not self._knows_the_key():
            self._send(404 if self._knows_the_key() else 401, {"error": {"message": f"no {self.path}"}})
            return
        question = body["messages"][-1]["content"]
        time.sleep(self.server.pause)
        self.server.bodies.append(body)
        self.server.times[question] += 1
        first = self.server.times[question] == 1
        if "gone" in question and first:
            return
        failing = {"busy": (429, first), "broken": (500, first), "bad": (400, True), "down": (503, True)}
        for word, (status, now) in failing.items():
            if word in question and now:
                self._send(status, {"error": {"message": f"{word} on purpose"}})
                return
        choice = {"message": {"role": "assistant", "content": question.upper()}, "finish_reason": "stop"}
        self._send(200, {"choices": [choice], "usage": {"prompt_tokens": 7, "completion_tokens": 3}})

    def _knows_the_key(self):
        return not self.server.key or self.headers["Authorization"] == f"Bearer {self.server.key}"

    def _send(self, status, value):
        content = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        if status == 429:
            self.send_header("Retry-After", "0.2")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, port=0, host="127.0.0.1", key=""):
        super().__init__((host, port), Handler)
        self.host, self.key, self.pause = host, key, 0.0
        self.bodies = []
        self.times = Counter()

    def handle_error(self, request, client_address):
        """Say nothing: clients hang up on purpose."""

    @property
    def url(self):
        return f"http://{self.host}:{self.server_port}"


@contextlib.contextmanager
def completing(**options):
    """Yield a server that is running in a thread."""
    with Server(**options) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join(10)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    Server(parser.parse_args().port).serve_forever()
