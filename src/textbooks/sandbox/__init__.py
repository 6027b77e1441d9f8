"""Untrusted Python, run where it can reach nothing."""

from __future__ import annotations

from textbooks.sandbox.outcome import CallJob, CheckJob, Isolation, Outcome, RunJob, Status
from textbooks.sandbox.sandbox import Sandbox
from textbooks.sandbox.values import values_agree

__all__ = ["CallJob", "CheckJob", "Isolation", "Outcome", "RunJob", "Sandbox", "Status", "values_agree"]
