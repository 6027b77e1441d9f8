from textbooks.annotators import EduValueAnnotator
from textbooks.llm import ScriptedChatClient

marks = '"self_contained": true, "boilerplate": false, "algorithmic": true, "documented": false'
answers = ['{"reason": "A clear loop.", %s, "score": 3}' % marks, "Only settings. Score: 0", "I cannot say."]
annotator = EduValueAnnotator(ScriptedChatClient(answers))
for one in annotator.annotate_all(["total = sum(range(9))", "PORT = 80", "???"], out="labels.jsonl"):
    print(one.score, one.reason, one.problem)
print(open("labels.jsonl").readline())
