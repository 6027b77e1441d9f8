from textbooks.annotators import EduValueAnnotator, read_labels
from textbooks.llm import ScriptedChatClient
from textbooks.scoring import EduValueModel

code = "def add_{0}(a, b):\n    return a + b\n"
records = [{"text": (code if n % 2 else "PORT = {0}\n").format(n), "repo": f"r{n // 4}"} for n in range(40)]


def model(messages):
    """Stand in for a model that likes functions."""
    return "Score: 4" if "def add" in messages[-1].content else "Score: 0"


EduValueAnnotator(ScriptedChatClient(model)).annotate_all(records, out="labels.parquet")
own = EduValueModel.fit(**read_labels("labels.parquet").arguments(), trees=20)
print(own.score([records[1]["text"], records[2]["text"]]).round())
