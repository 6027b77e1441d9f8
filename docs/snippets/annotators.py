from pathlib import Path

from textbooks.annotators import EduValueAnnotator
from textbooks.llm import ScriptedChatClient

marks = '"self_contained": true, "boilerplate": false, "algorithmic": true, "documented": false'
answers = [f'{{"reason": "A clear loop.", {marks}, "score": 3}}', "Only settings. Score: 0", "I cannot say."]
annotator = EduValueAnnotator(ScriptedChatClient(answers))
for one in annotator.annotate_all(["total = sum(range(9))", "PORT = 80", "???"], out="labels.jsonl"):
    print(one.score, one.reason, one.problem)
print(Path("labels.jsonl").read_text().splitlines()[0])
