from textbooks.filters import EduValueFilter, TopicBalancer

adders = [f"def add_{i}(a, b):\n    return a + b + {i}\n" for i in range(6)]
told = [text.replace("):\n", '):\n    """Return the sum of a and b, and a little more."""\n') for text in adders[:2]]
best = TopicBalancer(topics=1, best_by=EduValueFilter().score).fit_apply(adders + told)
print([verdict.evidence["rank"] <= 2 for verdict in best.verdicts])

games = [f"class Enemy{i}(Monster):\n    lives, points, weapon = {i}, 10, Sword()\n" for i in range(2)]
weights = TopicBalancer(topics=2, max_ratio=1).weights(adders + games)
print(weights.round(3), round(weights.sum(), 6))
