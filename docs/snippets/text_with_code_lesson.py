from pathlib import Path

from textbooks.scoring import Lesson

lesson = Lesson.read(Path("lesson.md").read_text())
print(lesson.text_format, [block.kind for block in lesson.blocks])
print(lesson.as_python())
