"""What the command `textbooks annotate` reads, chooses and says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from datatrove.data import Document

from textbooks.annotators.agreement import AnnotationAgreement, agreement_with
from textbooks.annotators.annotation import Annotation
from textbooks.annotators.annotator import EduValueAnnotator
from textbooks.annotators.labels import LabelledTexts
from textbooks.annotators.selection import Strategy, select_for_annotation
from textbooks.errors import InputError
from textbooks.llm import ChatClient, ManagedChatClient, RunEstimate, Spending
from textbooks.readers import TextsRead

__all__ = ["check_ids", "chosen", "compare", "estimate", "notes_of", "second_path"]

_MOST_NAMED = 10


def chosen(documents: Sequence[Document], n: int | None, *, strategy: Strategy, seed: int) -> list[Document]:
    """Return the documents to rate: all without `n`, else those that `select_for_annotation` chooses.

    Each of the latter says why it was chosen (``selected``) and whether at random (``representative``), so that the
    labels can be trained on.
    """
    if n is None:
        return list(documents)
    found = select_for_annotation([one.text for one in documents], n, strategy=strategy, seed=seed)
    taken = []
    for selection in found:
        document = documents[selection.index]
        noted = {"selected": selection.reason, "representative": selection.representative}
        taken.append(Document(text=document.text, id=document.id, metadata={**document.metadata, **noted}))
    return taken


def estimate(annotator: EduValueAnnotator, documents: Sequence[Document]) -> RunEstimate:
    """Return what rating the documents will ask and cost."""
    client = annotator.client
    managed = client if isinstance(client, ManagedChatClient) else ManagedChatClient(client)
    return managed.estimate(annotator.requests(documents))


def second_path(out: Path) -> Path:
    """Return where the labels of a second pass go: beside those of the first."""
    return out.with_name(f"{out.stem}.second{out.suffix}")


def check_ids(documents: Sequence[Document], reference: LabelledTexts | None, *, second_pass: bool) -> None:
    """Raise unless the comparisons that are wanted can be made: before anything is asked and paid for.

    Raises
    ------
    InputError
        If an id stands twice, or the reference has none of the ids.
    """
    if reference is None and not second_pass:
        return
    sides = {"the input": [str(one.id) for one in documents]}
    if reference is not None:
        sides["the reference"] = list(reference.ids)
    for side, names in sides.items():
        twice = [name for name, times in Counter(names).items() if times > 1]
        if twice:
            msg = f"ratings are compared by id, and in {side} the id {twice[0]!r} stands twice"
            raise InputError(msg)
    if not set.intersection(*map(set, sides.values())):
        msg = f"the reference holds none of the ids of the input, such as {sides['the input'][0]!r}"
        raise InputError(msg)


def compare(annotations: Iterable[Annotation], reference: LabelledTexts) -> AnnotationAgreement:
    """Compare with labels of the same ids; where these have groups, the intervals are over groups.

    Raises
    ------
    ValueError
        If no id is rated on both sides.
    """
    groups = None if reference.groups is None else dict(zip(reference.ids, reference.groups, strict=True))
    return agreement_with(annotations, reference.rows(), groups=groups)


def notes_of(read: TextsRead, annotations: Sequence[Annotation], client: ChatClient) -> list[str]:
    """Return what stands below the table: what has no score and why, and what was spent."""
    problems = [f"not read: {line}" for line in read.damaged]
    problems += [f"no score: {one.id}: {one.problem}" for one in annotations if one.score is None]
    notes = problems[:_MOST_NAMED]
    if len(problems) > _MOST_NAMED:
        notes.append(f"and {len(problems) - _MOST_NAMED:,} more without a score")
    if any(one.score is None for one in annotations):
        notes.append("the same command asks again for what has no score")
    spent = getattr(client, "spent", None)
    if isinstance(spent, Spending):
        cost = "" if spent.cost is None else f", cost {spent.cost:,.4f}"
        notes.append(f"{spent.requests:,} requests sent, {spent.usage.tokens:,} tokens{cost}")
    return notes
