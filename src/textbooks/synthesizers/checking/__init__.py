"""Checks: reading answers, taking texts apart, running them in the sandbox."""
