from pathlib import Path

from textbooks.filters import EduValueFilter

lesson, settings = Path("binary_search.py").read_text(), Path("settings.py").read_text()
texts = [lesson + f"\n# {n}\n" if n % 2 else settings + f"SIZE_{n} = {n}\n" for n in range(20)]
strict = EduValueFilter().calibrate(texts, labels=[3 if n % 2 else 0 for n in range(20)])
print(EduValueFilter().score([lesson]).round(), strict.score([lesson]).round())
