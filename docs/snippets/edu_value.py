from pathlib import Path

from textbooks.filters import EduValueFilter

texts = [Path("binary_search.py").read_text(), Path("settings.py").read_text(), None]
edu_value = EduValueFilter(min_score=2.5)
print(edu_value.score(texts).round(2))
result = edu_value.apply(texts)
print(result)
print(result.rethreshold(min_score=4.9))
