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
└── WorkerDiedError        (RuntimeError)       a worker process was killed in the middle of a task

Arguments out of range stay plain `ValueError`, of the wrong type `TypeError`; the message shows the value and
says what would be right.
"""

from __future__ import annotations

__all__ = [
    "CompletionError",
    "DamagedRecordError",
    "InputError",
    "MissingExtraError",
    "ModelFormatError",
    "NotFittedError",
    "OutputError",
    "ParametersChangedError",
    "ProblemsNotFoundError",
    "SandboxError",
    "TextbooksError",
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
    retryable : bool, default=False
        Whether asking again may help: True of a timeout or a busy server, False of a refused key or request.
    """

    def __init__(self, message: str, *, retryable: bool = False) -> None:
        super().__init__(message)
        self.retryable = retryable


class SandboxError(TextbooksError, RuntimeError):
    """No confined process can be started, or strict mode gets less isolation than it asks for."""


class WorkerDiedError(TextbooksError, RuntimeError):
    """A worker process was killed in the middle of a task, by the system or by a person."""
