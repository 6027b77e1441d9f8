from textbooks.errors import RateLimitError, RefusedRequestError
from textbooks.llm import Completion, ManagedChatClient, Message, RetryPolicy, ScriptedChatClient

busy = iter([RateLimitError("busy", retry_after=0.1)])


def model(messages):
    """Stand in for a server that is busy at first, and that refuses one of two questions."""
    return RefusedRequestError("no such model") if messages[-1].content == "second" else next(busy, "fine")


with ManagedChatClient(ScriptedChatClient(model), retry=RetryPolicy(first_wait=0.1)) as client:
    for answer in client.complete_all([[Message("user", text)] for text in ("first", "second")]):
        print(answer.text if isinstance(answer, Completion) else f"{type(answer).__name__}: {answer}")
print(client.spent.requests, "requests sent")
