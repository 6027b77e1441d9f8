from textbooks.annotators import Annotation, agreement_with

reference = [{"id": str(n), "score": n % 6, "documented": n % 2} for n in range(60)]
rated = [Annotation(str(n), min(n % 6 + (n % 5 == 0), 5), {"documented": n % 2 == 1}) for n in range(60)]
print(agreement_with(rated, reference))
