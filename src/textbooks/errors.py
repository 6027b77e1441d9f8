"""Every error that the library raises on purpose.

TextbooksError
├── MissingExtraError      (ImportError)        an optional package is not installed
├── NotFittedError         (ValueError)         a primitive is used before `fit`
├── ModelFormatError       (ValueError)         a model file is foreign, corrupt or of another version
├── InputError             (ValueError)         what was given to read is missing or holds nothing readable
│   ├── ProblemsNotFoundError                   a benchmark is not on this machine
│   └── DamagedRecordError                      strict mode met a record that cannot be judged
├── OutputError            (OSError)            the output folder cannot be used or written
├── ParametersChangedError (ValueError)         an output folder holds a run with other parameters
├── SandboxError           (RuntimeError)       untrusted code cannot be confined here
├── CompletionError        (RuntimeError)       a language model gave no answer
│   ├── RefusedKeyError                         the server does not accept the key, or the account may not ask
│   ├── RefusedRequestError                     the server does not accept the request
│   │   └── ContextTooLongError                 the conversation does not fit into the model
│   ├── RefusedAnswerError                      the model or a filter refuses to answer
│   ├── MalformedAnswerError                    there is an answer, and it is not what was asked for
│   ├── RateLimitError                          too many requests or tokens, or the account is used up
│   ├── ServerError                             the server failed
│   ├── ServerUnreachableError                  no connection; nothing was sent
│   ├── ConnectionLostError                     the connection broke after the request was sent
│   ├── AnswerTimeoutError                      the answer took too long
│   ├── BudgetExceededError                     the request may cost more than is left
│   └── UnknownRequestError                     a replay knows no answer to this request
├── WorkerDiedError        (RuntimeError)       a worker process was killed in the middle of a task
├── TaskFailedError        (RuntimeError)       a task of a run failed by an error that is not one of these
└── ClusterError           (RuntimeError)       a cluster takes no tasks

Arguments out of range stay plain `ValueError`, of the wrong type `TypeError`; the message shows the value and
says what would be right.
"""

from __future__ import annotations

from typing import ClassVar

__all__ = [
    "AnswerTimeoutError",
    "BudgetExceededError",
    "ClusterError",
    "CompletionError",
    "ConnectionLostError",
    "ContextTooLongError",
    "DamagedRecordError",
    "InputError",
    "MalformedAnswerError",
    "MissingExtraError",
    "ModelFormatError",
    "NotFittedError",
    "OutputError",
    "ParametersChangedError",
    "ProblemsNotFoundError",
    "RateLimitError",
    "RefusedAnswerError",
    "RefusedKeyError",
    "RefusedRequestError",
    "SandboxError",
    "ServerError",
    "ServerUnreachableError",
    "TaskFailedError",
    "TextbooksError",
    "UnknownRequestError",
    "WorkerDiedError",
]


class TextbooksError(Exception):
    """Base of every error the library raises on purpose."""


class MissingExtraError(TextbooksError, ImportError):
    """An optional package is not installed; the message names the extra that brings it.

    Parameters
    ----------
    package : str
        The package that could not be imported.
    extra : str
        The extra of `textbooks` that installs it.
    used_by : str
        What needs it.
    """

    def __init__(self, package: str, *, extra: str, used_by: str) -> None:
        super().__init__(f"{used_by} needs the package {package!r}: install textbooks with its extra [{extra}]")
        self.package, self.extra, self.used_by = package, extra, used_by


class NotFittedError(TextbooksError, ValueError):
    """A primitive that learns from examples was used before `fit`."""


class ModelFormatError(TextbooksError, ValueError):
    """A model file is not one of ours, is damaged, or was written by another version."""


class InputError(TextbooksError, ValueError):
    """What was given to read does not exist or holds nothing readable."""


class ProblemsNotFoundError(InputError):
    """A benchmark's problems were found in none of the places that are searched."""


class DamagedRecordError(InputError):
    """Strict mode met a record that cannot be judged; the message names its file and row."""


class OutputError(TextbooksError, OSError):
    """The output folder cannot be created, is in use, belongs to something else, or cannot be written."""


class ParametersChangedError(TextbooksError, ValueError):
    """An output folder holds a run with other parameters; the message names each that differs."""


class CompletionError(TextbooksError, RuntimeError):
    """A language model gave no answer.

    Parameters
    ----------
    message : str
        What happened.
    retryable : bool or None, default=None
        Whether asking again may help: True of a timeout or a busy server, False of a refused key or request. None
        for what the class usually means.
    retry_after : float or None, default=None
        Seconds that the server asks to wait; None where it does not say.
    """

    usually_retryable: ClassVar[bool] = False

    def __init__(self, message: str, *, retryable: bool | None = None, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retryable = self.usually_retryable if retryable is None else retryable
        self.retry_after = retry_after


class RefusedKeyError(CompletionError):
    """The server does not accept the key, there is none, or the account may not use the model."""


class RefusedRequestError(CompletionError):
    """The server does not accept the request: an unknown model, a parameter out of range."""


class ContextTooLongError(RefusedRequestError):
    """The conversation, with room for the answer, does not fit into the model."""


class RefusedAnswerError(CompletionError):
    """The model, or a filter beside it, refuses to answer."""


class MalformedAnswerError(CompletionError):
    """There is an answer, and it is not what was asked for: no completion, or not by the schema.

    Parameters
    ----------
    message : str
        What is wrong with it.
    retryable : bool or None, default=None
        Whether asking again may help; None for False.
    completion : Completion or None, default=None
        The answer of the model, where there is one.
    """

    def __init__(self, message: str, *, retryable: bool | None = None, completion: object = None) -> None:
        super().__init__(message, retryable=retryable)
        self.completion = completion


class RateLimitError(CompletionError):
    """Too many requests or tokens in too short a time; not retryable where the account is used up."""

    usually_retryable = True


class ServerError(CompletionError):
    """The server failed or is overloaded."""

    usually_retryable = True


class ServerUnreachableError(CompletionError):
    """There is no connection to the server, so that nothing was sent."""

    usually_retryable = True


class ConnectionLostError(CompletionError):
    """The connection broke after the request was sent: the server may have worked, and may charge for it."""

    usually_retryable = True


class AnswerTimeoutError(CompletionError):
    """The answer took longer than the client waits: the server may have worked, and may charge for it."""

    usually_retryable = True


class BudgetExceededError(CompletionError):
    """The request may cost more than what is left of the budget, or an earlier one did; it was not sent."""


class UnknownRequestError(CompletionError):
    """A replay holds no answer to this request."""


class SandboxError(TextbooksError, RuntimeError):
    """No confined process can be started, or strict mode gets less isolation than it asks for."""


class WorkerDiedError(TextbooksError, RuntimeError):
    """A worker process was killed in the middle of a task, by the system or by a person."""


class TaskFailedError(TextbooksError, RuntimeError):
    """A task of a run failed by an error that is none of ours; the message names the task and its log."""


class ClusterError(TextbooksError, RuntimeError):
    """A cluster is not there, does not answer, or has no room for a single task."""
