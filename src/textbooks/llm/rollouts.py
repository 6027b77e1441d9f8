"""Chat requests as rollouts of datatrove's `InferenceRunner`: for corpora, on servers that a cluster starts."""

from __future__ import annotations

import asyncio
import json
import random
import re
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import fsspec
from datatrove.data import Document
from datatrove.pipeline.inference.types import InferenceError, InferenceResult
from datatrove.pipeline.inference.types import ServerError as ServerGone

from textbooks.errors import AnswerTimeoutError, CompletionError, ConnectionLostError, MissingExtraError
from textbooks.llm.client import ChatRequest, Completion, Message, Usage
from textbooks.llm.completions import completion_to
from textbooks.llm.openai_transport import to_error, to_usage
from textbooks.llm.retrying import RetryPolicy

__all__ = ["ChatRollout", "read_rollouts", "record_rollouts"]

Generate = Callable[[dict[str, Any]], Awaitable[InferenceResult]]

_STATUS = re.compile(r"(?:Error http status|Error code:) (\d{3})")
_OF_THE_RUN = (401, 403, 404)
_KEY = "rollout_results"


class ChatRollout:
    """Asks for the completion of each document's conversation: a ``rollout_fn`` of datatrove's `InferenceRunner`.

    What the runner (0.10.1) does with failures does not suit a long run, so this stands in between:

    - It ends the task at every failure of a request but a refused one: a busy server, a status 500, a dropped
      connection. Here such a request is repeated by `retry`; what fails for good is recorded and stops no other.
    - It takes the model's name out of the payload when it asks a remote endpoint, and fails with ``KeyError`` when it
      asks again. Here every attempt has a payload of its own.
    - Without ``httpx`` it waits 50 minutes for a server that is there, and without ``aiofiles`` it loses every
      document with no more than a warning. Here either is an error.

    What can't pass is raised and ends the task, for a later run to resume: the server is gone, the key is refused, the
    model is unknown (401, 403, 404).

    The result, in ``metadata["rollout_results"]``, is a mapping with always the same entries: ``answer`` (str),
    ``finish_reason`` (str), ``prompt_tokens``, ``completion_tokens``, ``attempts`` (int), ``error`` (str, empty where
    there is an answer), and ``parsed`` (what `parse` returned, or None). A document without a text gets the answer as
    its text, because datatrove's readers pass over documents without one.

    Parameters
    ----------
    messages : callable
        Returns the conversation of a document. It must survive dill, as all of a step must.
    parse : callable, optional
        Turns an answer into a value of JSON types. What it raises is recorded as the error.
    max_tokens : int, default=2000
        Most tokens of an answer, at least 1.
    temperature : float, default=1.0
        At least 0.
    retry : RetryPolicy, optional
        When to ask again. The runner repeats requests without a connection on its own: six times in five minutes.
    timeout : float, optional
        Seconds that an attempt may take, above 0, with the wait for the server to start; None for no limit. The runner
        itself has none for servers on this machine.

    Raises
    ------
    ValueError
        If an argument is out of range.

    Examples
    --------
    >>> ChatRollout(lambda document: [Message("user", document.text)], max_tokens=10)
    ChatRollout(max_tokens=10, temperature=1.0)
    """

    def __init__(
        self,
        messages: Callable[[Document], Sequence[Message]],
        *,
        parse: Callable[[str], Any] | None = None,
        max_tokens: int = 2000,
        temperature: float = 1.0,
        retry: RetryPolicy | None = None,
        timeout: float | None = None,
    ) -> None:
        if max_tokens < 1:
            msg = f"max_tokens must be at least 1, got {max_tokens!r}"
            raise ValueError(msg)
        if not temperature >= 0:
            msg = f"temperature must be at least 0, got {temperature!r}"
            raise ValueError(msg)
        if timeout is not None and not timeout > 0:
            msg = f"timeout must be above 0 seconds, got {timeout!r}"
            raise ValueError(msg)
        self.messages = messages
        self.parse = parse
        self.max_tokens = max_tokens
        self.temperature = temperature
        self.retry = retry or RetryPolicy()
        self.timeout = timeout

    async def __call__(self, document: Document, generate: Generate, **context: Any) -> dict[str, Any]:  # noqa: ANN401
        """Ask for one completion, and return what came of it; see the class.

        Raises
        ------
        MissingExtraError
            If the runner lacks a package here.
        InferenceError, ServerError
            Of datatrove, if no request can succeed.
        """
        del context
        _check_packages()
        result = {"answer": "", "finish_reason": "", "attempts": 0, "error": "", "parsed": None, **asdict(Usage())}
        del result["cached_tokens"]
        try:
            messages = [asdict(message) for message in self.messages(document)]
            await self._ask(messages, generate, result)
            if self.parse is not None:
                result["parsed"] = self.parse(result["answer"])
        except (InferenceError, ServerGone):
            raise
        except Exception as error:
            result["error"] = f"{type(error).__name__}: {error}"[:500]
        document.text = document.text or result["answer"]
        return result

    async def _ask(self, messages: list[dict[str, Any]], generate: Generate, result: dict[str, Any]) -> None:
        """Ask until there is an answer; fill it into the result."""
        chance, waited = random.Random(), 0.0
        while True:
            result["attempts"] += 1
            payload = {"messages": list(messages), "max_tokens": self.max_tokens, "temperature": self.temperature}
            try:
                answer = await asyncio.wait_for(generate(payload), self.timeout)
                break
            except (InferenceError, ServerGone, TimeoutError) as error:
                failure = _failure(error)
                wait = self.retry.wait(result["attempts"], failure, waited, chance)
                if wait is None:
                    raise failure from error
                waited += wait
                await asyncio.sleep(wait)
        usage = to_usage(answer.usage, answer.text)
        result["prompt_tokens"], result["completion_tokens"] = usage.prompt_tokens, usage.completion_tokens
        result["answer"], result["finish_reason"] = answer.text, str(answer.finish_reason or "")

    def __repr__(self) -> str:
        return f"ChatRollout(max_tokens={self.max_tokens}, temperature={self.temperature})"


def _check_packages() -> None:
    for package in ("aiofiles", "httpx"):
        if find_spec(package) is None:
            raise MissingExtraError(package, extra="rollouts", used_by="InferenceRunner")


def _failure(error: Exception) -> CompletionError:
    """Return what a failure of one request means, as an error of ours; raise the failure again if it is one of all.

    The runner tells apart little, so its words are read. Its own exceptions quote the payload, which may say anything:
    only what it wraps is looked at.
    """
    if isinstance(error, TimeoutError):
        return AnswerTimeoutError("there was no answer in time")
    assert isinstance(error, InferenceError | ServerGone)
    text = str(error.error)
    internal, refused = "Got InternalServerError from server: ", "Got BadRequestError from server: "
    if isinstance(error, ServerGone):
        if not text.startswith(internal):
            raise error
        return to_error(500, text.removeprefix(internal), {})
    if text.startswith(refused):
        return to_error(400, text.removeprefix(refused), {})
    if text.startswith("Failed to process request after"):  # five minutes without a connection
        raise error
    response = getattr(error.__cause__, "response", None)  # of httpx and of openai
    status = getattr(response, "status_code", None) or int(next(iter(_STATUS.findall(text)), 0))
    if status in _OF_THE_RUN:
        raise error
    if not status:
        return ConnectionLostError(f"the runner failed: {text:.300}")
    return to_error(status, getattr(response, "text", text), getattr(response, "headers", {}))


def read_rollouts(folder: str | Path) -> Iterator[Document]:
    """Yield the documents that a runner wrote with a `JsonlWriter`, in the order of files and lines.

    Unlike datatrove's reader it yields those without a text, which are the failed ones.

    Parameters
    ----------
    folder : path
        Holds ``*.jsonl``, ``*.jsonl.gz`` or ``*.jsonl.zst``.
    """
    for path in sorted(Path(folder).glob("*.jsonl*")):
        with fsspec.open(str(path), "rt", encoding="utf-8", compression="infer") as lines:
            for line in lines:
                row = json.loads(line)
                yield Document(text=row.get("text", ""), id=row["id"], metadata=row.get("metadata", {}))


def record_rollouts(
    documents: Iterable[Document], messages: Callable[[Document], Sequence[Message]], recording: str | Path
) -> int:
    """Write the answers of rollouts as a recording, for `ReplayChatClient` to answer with.

    So whatever takes a `ChatClient` judges and checks answers that a cluster generated, without asking anyone.

    Parameters
    ----------
    documents : iterable of Document
        From `read_rollouts`. Failed rollouts are left out: the replay knows no answer to them.
    messages : callable
        What the rollout was made with. It must say the same of the documents that came back.
    recording : path
        Replaced where it exists.

    Returns
    -------
    int
        Answers that were written.
    """
    count = 0
    with Path(recording).open("w", encoding="utf-8") as file:
        for document in documents:
            asked = ChatRequest(tuple(messages(document)))
            for result in document.metadata.get(_KEY, ()):
                if result["error"] and not result["answer"]:
                    continue
                usage = Usage(result["prompt_tokens"], result["completion_tokens"])
                found = Completion(result["answer"], usage, finish_reason=result["finish_reason"])
                turns = [asdict(message) for message in asked.messages]
                record = {"messages": turns, "schema": None, "completion": completion_to(found)}
                file.write(json.dumps(record) + "\n")
                count += 1
    return count
