from pathlib import Path

from textbooks.filters import EduValueFilter

lesson = Path("lesson.md").read_text()
texts = [lesson, Path("binary_search.py").read_text(), "# Notes\n\nBuy milk, call the bank, and so on.\n"]
for verdict in EduValueFilter(text_format="auto").judge_batch(texts):
    print(verdict.status, round(verdict.score, 2), verdict.reason)
