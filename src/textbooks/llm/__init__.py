"""Chat with a language model: the protocol that the library asks for, and a client that answers from a script."""

from textbooks.llm.client import ChatClient, Completion, Message, Usage
from textbooks.llm.scripted import ScriptedChatClient
from textbooks.llm.structured import extract_json

__all__ = ["ChatClient", "Completion", "Message", "ScriptedChatClient", "Usage", "extract_json"]
