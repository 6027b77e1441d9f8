from textbooks.decontaminators import SimilarityDecontaminator
from textbooks.problems import load_problems

similarity = SimilarityDecontaminator().fit(load_problems("problems.jsonl"))
copy = '''class Bank:
    def f(self):
        """Of course this is ours."""
        ys = []
        s = 0
        for y in self:
            s = s + y
            ys.append(s)
        return ys
'''
finding = similarity.findings(similarity.match(copy))[0]
print(finding.id, finding.strength, dict(finding.details))
