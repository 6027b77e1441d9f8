from textbooks.decontaminators import NGramDecontaminator
from textbooks.problems import load_problems

ngram = NGramDecontaminator(fold_identifiers=True).fit(load_problems("problems.jsonl"))
renamed = """def partial_sums(xs):
    result = []
    s = 0
    for x in xs:
        s = s + x
        result.append(s)
    return result
"""
verdict = ngram.judge(renamed)
print(verdict.status, verdict.score, verdict.evidence["problems"][0]["part"])
