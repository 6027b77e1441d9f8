from textbooks.filters import EduValueFilter
from textbooks.scoring import EduValueModel


class PaperFilter(EduValueFilter):
    def __init__(self, *, classifier, min_score=2.5, exclusion_writer=None):
        super().__init__(min_score=min_score, exclusion_writer=exclusion_writer)
        self.classifier = classifier

    def _score_valid(self, texts):
        return self.classifier.score(texts)


result = PaperFilter(classifier=EduValueModel.bundled()).apply(["PORT = 8080\n", "DEBUG = True\n"])
print(result, result.rethreshold(min_score=0))
