from textbooks.llm import ManagedChatClient, Message, ScriptedChatClient

schema = {"type": "object", "properties": {"grade": {"type": "integer", "maximum": 10}}, "required": ["grade"]}
model = ScriptedChatClient(["I would say 11.", 'Of course: {"grade": 9}', '<think>{"grade": 1}?</think>{"grade": 8}'])
with ManagedChatClient(model) as client:
    for text in ("Grade this.", "Grade that."):
        print(client.complete([Message("user", text)], schema=schema).parsed)
print(model.requests[1][-1].content.splitlines()[0])
