from textbooks.embedders import StaticEmbedder

biggest = """def pick(values):
    best = values[0]
    for value in values:
        if value > best:
            best = value
    return best
"""
smallest = biggest.replace(">", "<")
sorting = "def pick(values):\n    return sorted(values)[-1]\n"
vectors = StaticEmbedder().embed([biggest, smallest, sorting])
print(f"{vectors[0] @ vectors[1]:.2f} to the smallest, {vectors[0] @ vectors[2]:.2f} to the biggest by sorting")
