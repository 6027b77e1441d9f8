from textbooks.decontaminators import BehaviouralDecontaminator
from textbooks.problems import load_problems

text = """
def levels(inflows):
    return tuple(sum(inflows[: hour + 1]) for hour in range(len(inflows)))

class Reservoir:
    def __init__(self, capacity):
        self.capacity, self.gates = capacity, []
        self.open = False
"""
result = BehaviouralDecontaminator(cache=False).fit(load_problems("problems.jsonl")).apply([text])
print(result.verdicts[0].status)
for found in result.verdicts[0].evidence["common"]:
    print(found["id"], found["function"], found["strength"], found["library"])
print(result.rethreshold(drop_common=True).verdicts[0].reason)
