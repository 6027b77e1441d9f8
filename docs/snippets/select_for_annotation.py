from textbooks.annotators import select_for_annotation

texts = [f"def add_{n}(a, b):\n    return a + {n} * b\n" if n % 3 else f"PORT_{n} = {n}\n" for n in range(300)]
for one in select_for_annotation(texts, 6):
    print(f"{one.reason:10} score {one.score:.2f}, uncertain by {one.uncertainty:.2f} bits")
