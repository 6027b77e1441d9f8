from pathlib import Path

from textbooks.filters import SizeFilter

lesson = Path("binary_search.py").read_text()
print(SizeFilter().judge(lesson).status)
print(SizeFilter().judge(lesson + f"SORTED_WORDS = {['word'] * 200}\n").reason)
