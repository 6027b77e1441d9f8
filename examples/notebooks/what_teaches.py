# %% [markdown]
# # What teaches: the educational value of code
#
# *Would a student who learns basic coding concepts learn something from this file?* `EduValueFilter` answers with a
# score from 0 to 5, without a network. Here it looks at modules of Python's standard library.

# %%
import importlib.util

from textbooks.filters import BoilerplateFilter, EduValueFilter, SelfContainedFilter, UndocumentedComplexityFilter

NAMES = (
    "bisect heapq statistics textwrap fractions colorsys this keyword token opcode sre_constants "
    "stat errno_names html.entities encodings.cp037 calendar string shlex graphlib queue"
).split()


def source(name: str) -> str | None:
    """Return the source of a module, None where this Python has no such module."""
    spec = importlib.util.find_spec(name)
    return spec.loader.get_source(name) if spec and spec.loader else None


records = [{"name": name, "text": text} for name in NAMES if (text := source(name))]
edu_value = EduValueFilter(min_score=2.5)
for record, score in sorted(
    zip(records, edu_value.score([record["text"] for record in records]), strict=True), key=lambda pair: -pair[1]
):
    print(f"{score:.2f}  {record['name']}")

# %% [markdown]
# ## A decision, and another one without measuring again

# %%
result = edu_value.apply(records)
result

# %%
print(result.rethreshold(min_score=1.0))

# %% [markdown]
# ## Why a text got its score

# %%
edu_value.explain(source("bisect"))

# %% [markdown]
# ## Choosing a threshold on one's own corpus
#
# What share to keep, or what precision on labels of one's own. The labels here are an opinion of these modules.

# %%
LIKED = {"bisect", "heapq", "statistics", "textwrap", "fractions", "colorsys", "calendar", "graphlib", "queue"}
texts = [record["text"] for record in records]
labels = [4 if record["name"] in LIKED else 1 for record in records]
edu_value.threshold_table(texts, labels=labels)

# %%
best_quarter = EduValueFilter.from_fraction(0.25, sample=texts)
print(f"{best_quarter.min_score:.2f}", [record["name"] for record in best_quarter.apply(records).kept])

# %% [markdown]
# ## The paper's four drawbacks of web code, one by one
#
# Each filter says what it found. The fourth, skewed topics, is a property of a corpus: see `TopicBalancer`.

# %%
for drawback in (SelfContainedFilter(), BoilerplateFilter(), UndocumentedComplexityFilter()):
    verdict = drawback.judge(source("encodings.cp037"))
    print(f"{drawback.name:25} {verdict.status:8} {verdict.score:.2f} {dict(list(verdict.evidence.items())[:3])}")
