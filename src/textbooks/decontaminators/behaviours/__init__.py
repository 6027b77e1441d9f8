"""What `BehaviouralDecontaminator` stands on: questions, the calls of a text, the comparison of results."""

from __future__ import annotations
