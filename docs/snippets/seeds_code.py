from textbooks.synthesizers import code_seeds, concept_pair_seeds

kept = [{"id": "tides.py", "text": "def rising(levels):\n    return levels[-1] > levels[0]\n"}]
seed = code_seeds(kept, levels=["easy"])[0]
print(seed.fields["source"], repr(seed.fields["inspiration"]), seed.fields["constraint"])

for seed in concept_pair_seeds(seed=1).draw(2):
    print(" + ".join(seed.fields["topic"]))
