import pyarrow.parquet as pq

from textbooks.curation.benchmarks import Benchmarks
from textbooks.llm import ManagedChatClient, ScriptedChatClient
from textbooks.synthesizers import CodeExercises, SynthesisOptions, answers_path, exercise_seeds

body = '{0}(x: int) -> int:\n    """Return the number after the one given.\n\n    >>> {0}(1)\n    2\n'
body += '    """\n    return x + 1\n'
model = ScriptedChatClient(lambda asked: "def " + body.format(asked[1].content.split("function: ")[1].split("\n")[0]))
with ManagedChatClient(model, model="tiny", cache=answers_path("exercises")) as client:
    names = exercise_seeds(function_names=["add_one", "next_stop"])
    options = SynthesisOptions(out="exercises", n=2)
    outcome = CodeExercises(client=client, options=options, seeds=names, benchmarks=Benchmarks()).run()
print(outcome.stats["kept"], "kept;", outcome.stats["reasons"])
print(pq.read_table("exercises/code_exercises.parquet").column_names)
