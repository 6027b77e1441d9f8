from textbooks.evaluation import Grader, read_completions
from textbooks.llm import ScriptedChatClient
from textbooks.problems import load_problems

answers = ['{"assessment": "Forgets 1900.", "grade": 5}', "Relies on calendar.isleap. Grade: 10/10"]
grader = Grader(ScriptedChatClient(answers))
for grade in grader.grade_all(load_problems("exam.jsonl"), read_completions("completions.jsonl")[2:4]):
    print(grade.id, grade.value, grade.assessment)
