from textbooks.filters import SelfContainedFilter

TEXT = """from smallmath import vectors, shapes

def area(corners):
    sides = vectors.differences(corners)
    return shapes.Polygon(sides).area
"""
for text in (TEXT, TEXT.replace("smallmath", "scipy")):
    verdict = SelfContainedFilter().judge(text)
    print(f"{verdict.status} {verdict.score:.2f}", verdict.evidence["project_modules"])
