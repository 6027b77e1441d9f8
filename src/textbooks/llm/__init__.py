"""Chat with a language model: the protocol, the client for OpenAI-compatible servers, scripts and replays."""

from textbooks.llm.batching import answer_all, answer_in_order
from textbooks.llm.client import Answer, BatchChatClient, ChatClient, ChatRequest, Completion, Message, Usage
from textbooks.llm.estimating import RunEstimate
from textbooks.llm.managed import ManagedChatClient
from textbooks.llm.money import Budget, Price, Spending
from textbooks.llm.openai_client import OpenAIChatClient
from textbooks.llm.replay import RecordingChatClient, ReplayChatClient
from textbooks.llm.retrying import RetryPolicy
from textbooks.llm.rollouts import ChatRollout, read_rollouts, record_rollouts
from textbooks.llm.scripted import ScriptedChatClient
from textbooks.llm.structured import extract_json
from textbooks.llm.tokens import estimate_tokens

__all__ = [
    "Answer",
    "BatchChatClient",
    "Budget",
    "ChatClient",
    "ChatRequest",
    "ChatRollout",
    "Completion",
    "ManagedChatClient",
    "Message",
    "OpenAIChatClient",
    "Price",
    "RecordingChatClient",
    "ReplayChatClient",
    "RetryPolicy",
    "RunEstimate",
    "ScriptedChatClient",
    "Spending",
    "Usage",
    "answer_all",
    "answer_in_order",
    "estimate_tokens",
    "extract_json",
    "read_rollouts",
    "record_rollouts",
]
