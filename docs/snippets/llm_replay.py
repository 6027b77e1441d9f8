from textbooks.errors import UnknownRequestError
from textbooks.llm import Message, RecordingChatClient, ReplayChatClient, ScriptedChatClient

ask = [Message("user", "What is recursion?")]
RecordingChatClient(ScriptedChatClient(["See recursion."]), "recording.jsonl").complete(ask)

replay = ReplayChatClient("recording.jsonl")
print(replay.complete(ask).text)
try:
    replay.complete([Message("user", "And induction?")])
except UnknownRequestError as error:
    print(error)
