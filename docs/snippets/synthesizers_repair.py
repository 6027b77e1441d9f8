from textbooks.llm import ScriptedChatClient
from textbooks.synthesizers import Seed, TextbookSynthesizer

prose = "A list knows how many items it holds, and len asks it. Counting by hand is never needed. " * 6
section = f"# How long is it?\n\n{prose}\n\n```python\nlen([3, 1, 4])  # 4\n```\n"
model = ScriptedChatClient([section, section.replace("# 4", "# 3")])
seed = Seed("textbook", 0, {"topic": "the length of a list", "audience": "a baker"})
(one,) = TextbookSynthesizer(model, repair=True).synthesize([seed])
print(one.verdict.status, "after", len(one.answers), "answers")
print(model.requests[1][-1].content.splitlines()[0])
