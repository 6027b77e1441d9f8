from pathlib import Path

from textbooks.filters import EduValueFilter

print(EduValueFilter().explain(Path("settings.py").read_text(), top=3))
