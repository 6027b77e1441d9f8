from textbooks.llm import Budget, ManagedChatClient, Message, Price, ScriptedChatClient

model = ScriptedChatClient(lambda messages: messages[-1].content.upper())
options = {"parameters": {"max_tokens": 50}, "prices": {"tiny": Price(prompt=0.5, completion=1.5)}}
questions = [[Message("user", text)] for text in ("one", "two", "three", "two")]
with ManagedChatClient(model, model="tiny", cache="answers.sqlite", budget=Budget(cost=0.01), **options) as client:
    print(client.estimate(questions))
    print([answer.text for answer in client.complete_all(questions)])
    print(client.spent.requests, "requests sent; now", client.estimate(questions).cached, "of 4 are known")
