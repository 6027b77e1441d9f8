from textbooks.synthesizers import exercise_seeds, textbook_seeds

space = exercise_seeds(seed=1)
print(space)
for seed in space.draw(2):
    print(seed.id, seed.fields)

section = textbook_seeds(seed=1)[1_000_000]
print(section.id, section.fields)
