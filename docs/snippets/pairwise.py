from textbooks.evaluation import PairwiseJudge, win_rate
from textbooks.llm import ScriptedChatClient


def model(messages):
    """Stand in for a model that prefers what names its source."""
    named, other = messages[1].content.find("Source:"), messages[1].content.find("Trust me")
    return '{"comparison": "One names a source.", "preferred": "%s"}' % ("A" if named < other else "B")


judge = PairwiseJudge(ScriptedChatClient(model), workers=2)
items = [("Who wrote Faust?", "Goethe. Source: the first edition.", "Goethe. Trust me.")] * 8
rate = win_rate(judge.compare_all(items))
print(rate.rate, f"{rate.wins} wins, {rate.losses} losses, {rate.ties} ties, consistency {rate.consistency}")
