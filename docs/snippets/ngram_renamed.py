from textbooks.decontaminators import NGramDecontaminator
from textbooks.problems import load_problems

ngram = NGramDecontaminator().fit(load_problems("problems.jsonl"))
renamed = """def partial_sums(xs):
    result, s = [], 0
    for x in xs:
        s += x
        result.append(s)
    return result
"""
print(ngram.judge(renamed).status, ngram.match(renamed))
