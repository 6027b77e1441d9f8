import transformers
from tokenizers import Tokenizer, models, pre_tokenizers

from textbooks.embedders import TransformersEmbedder

alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
tokenizer = Tokenizer(models.BPE({letter: number for number, letter in enumerate(alphabet)}, []))
tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizer).save_pretrained("tiny")
sizes = {"vocab_size": 256, "n_positions": 64, "n_ctx": 64, "n_embd": 64, "n_layer": 2, "n_head": 4, "rotary_dim": 8}
transformers.CodeGenModel(transformers.CodeGenConfig(**sizes)).save_pretrained("tiny")

embedder = TransformersEmbedder("tiny", cache="vectors.sqlite")
vectors = embedder.embed(["def f(x):\n    return x\n", "x = 1", ""])
print(vectors.shape, vectors.dtype, (vectors**2).sum(axis=1).round(3), embedder.used_attention)
