from textbooks.mixtures import Mixture, Source, Stage

code = Source(name="code", tokens=6_000_000, units=2_930, max_epochs=8)
books = Source(name="textbooks", tokens=1_000_000, units=488, max_epochs=8)
stages = [
    Stage(name="pretrain", tokens=30_000_000, weights={"code": 4, "textbooks": 1}),
    Stage(name="cooldown", tokens=3_000_000, weights={"code": 1, "textbooks": 2}),
]
plan = Mixture(sources=[code, books], stages=stages, on_shortage="redistribute").plan()
print(plan)
print(plan.batch(step=100, batch_size=8, rank=1, world_size=4))
