from textbooks.decontaminators import NGramDecontaminator
from textbooks.filters import EduValueFilter

for mistake in (lambda: NGramDecontaminator().judge("x = 1"), lambda: EduValueFilter(min_score=7)):
    try:
        mistake()
    except ValueError as error:
        print(f"{type(error).__name__}: {error}")
