from datatrove.pipeline.inference.run_inference import InferenceConfig, InferenceRunner
from datatrove.pipeline.writers import JsonlWriter

from textbooks.llm import ChatRollout, Message, read_rollouts
from textbooks.synthesizers import SeedReader, exercise_seeds, seed_of


def messages(document):
    return [Message("user", f"Write the function {seed_of(document).fields['function_name']}.")]


config = InferenceConfig("dummy", "any", server_ready_delay_sec=0.2)  # "vllm" or "sglang" on a cluster
rollout = ChatRollout(messages, max_tokens=800)
InferenceRunner(rollout, config, JsonlWriter("answers")).run(SeedReader(exercise_seeds(), 2).run())
for document in sorted(read_rollouts("answers"), key=lambda document: document.id):
    print(document.id, document.text[:26], document.metadata["rollout_results"][0]["finish_reason"])
