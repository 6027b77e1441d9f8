"""A small OpenAI-compatible server of the standard library: for datatrove's runner, in a thread or as a script.

Words in the question say what happens: ``busy`` and ``broken`` fail the first time, ``bad`` and ``down`` every time,
``gone`` drops the connection the first time; everything else is answered in capitals.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self._send(200 if self.path == "/v1/models" else 404, {"data": []})

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        question = body["messages"][-1]["content"]
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

    def _send(self, status, value):
        content = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, port=0):
        super().__init__(("127.0.0.1", port), Handler)
        self.bodies = []
        self.times = Counter()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"


@contextlib.contextmanager
def completing():
    """Yield a server that is running in a thread."""
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join(10)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    Server(parser.parse_args().port).serve_forever()
