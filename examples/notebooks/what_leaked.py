# %% [markdown]
# # What leaked: benchmark problems in a corpus
#
# A model that has seen the answers scores well and knows nothing. Three ways to find them, from the cheapest to the
# surest: shared wording, shared structure, and what a text *does* when it is asked a problem's tests.
#
# The benchmark is the 50 problems that ship with the library.

# %%
import ast
import builtins

from textbooks.decontaminators import (
    BehaviouralDecontaminator,
    DecontaminationReport,
    Decontaminator,
    NGramDecontaminator,
    SimilarityDecontaminator,
)
from textbooks.problems import load_problems

problems = load_problems("unconventional")
first = problems[0]
print(first.prompt)
print(first.solution)

# %% [markdown]
# ## A copy as it stands, one with other names, and something else


# %%
class Renamed(ast.NodeTransformer):
    """Gives every variable another name."""

    def visit_Name(self, node: ast.Name) -> ast.Name:
        """Rename a use."""
        return node if hasattr(builtins, node.id) else ast.Name(f"v_{node.id}", node.ctx)

    def visit_arg(self, node: ast.arg) -> ast.arg:
        """Rename a parameter."""
        return ast.arg(f"v_{node.arg}", node.annotation)


published = first.prompt + first.solution
corpus = {
    "verbatim": published,
    "renamed": ast.unparse(Renamed().visit(ast.parse(published))),
    "unrelated": "def area(width, height):\n    return width * height\n",
}
methods = [
    NGramDecontaminator().fit(problems),
    SimilarityDecontaminator().fit(problems),
    BehaviouralDecontaminator().fit(problems),
]
for name, text in corpus.items():
    found = {method.name: str(method.judge(text).status) for method in methods}
    print(f"{name:10} {found}")

# %% [markdown]
# `BehaviouralDecontaminator` runs the texts, each in the sandbox; `dropped` says that a function in it answers the
# tests of a problem.
#
# ## All three, weighed, and a report

# %%
decontaminator = Decontaminator().fit(problems)
result = decontaminator.apply([{"id": name, "text": text} for name, text in corpus.items()])
DecontaminationReport.of(result, problems)
