from textbooks.llm import ScriptedChatClient
from textbooks.synthesizers import ExerciseSynthesizer, Seed

answer = '```python\ndef merge(a: list, b: list) -> list:\n    """Return two sorted lists as one sorted list.\n\n'
answer += '    >>> merge([1, 4], [2])\n    [1, 2, 4]\n    """\n    return sorted(a + b)\n```'
answers = [answer, answer, answer.replace("sorted(a", "(a"), "I'm sorry, I can't."]
seeds = [Seed("exercise", number, {"function_name": "merge", "level": "easy"}) for number in range(4)]
for one in ExerciseSynthesizer(ScriptedChatClient(answers)).synthesize(seeds):
    why = one.verdict.evidence
    print(one.seed.id, one.verdict.reason or "kept", "|", why.get("detail") or why.get("duplicate_of", ""))
