from textbooks.decontaminators import NGramDecontaminator
from textbooks.errors import TextbooksError
from textbooks.filters import EduValueFilter

try:
    NGramDecontaminator().judge("x = 1")
except TextbooksError as error:
    print(f"{type(error).__name__}: {error}")
try:
    EduValueFilter(min_score=7)
except ValueError as error:
    print(f"{type(error).__name__}: {error}")
