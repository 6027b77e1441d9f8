from textbooks.filters import BoilerplateFilter

LESSON = '''from dataclasses import dataclass, field


@dataclass
class Rectangle:
    """A rectangle, to show what a data class writes for us."""

    width: float = 1.0
    height: float = 1.0
    tags: list[str] = field(default_factory=list)
'''
verdict = BoilerplateFilter().judge(LESSON)
print(f"{verdict.status} {verdict.score:.2f}", verdict.evidence["kind"])
print(verdict.evidence["moved_most"])
