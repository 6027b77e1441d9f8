from textbooks.mixtures import PRESETS, Source, preset

text, code = (Source(name=name, tokens=50_000_000, units=24_414) for name in ("text", "code"))
mixture = preset("balanced-to-text-cooldown", [text, code], tokens=100_000_000, peak=3e-4)
plan = mixture.plan()
print(plan)
print([f"{plan.learning_rate(place):.1e}" for place in (0, 30_000, len(plan) - 1)])
print(PRESETS["balanced-to-text-cooldown"].source)
