"""The edit distance of ordered labelled trees: exact, or known to be above a bound, or given up within limits."""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from rapidfuzz.distance import Levenshtein

from textbooks.ranges import check_range

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

__all__ = ["MAX_CELLS", "MAX_TABLE", "LabelledTree", "tree_distance"]

MAX_CELLS = 2_000_000_000
"""Cells computed for a pair of trees, some seconds on one core; a pair that needs more is undecided."""

MAX_TABLE = 16_000_000
"""Cells held at once, the product of the sizes: 128 MB; a pair that needs more is undecided."""


class LabelledTree(Protocol):
    """A tree in pre-order, such as a `CodeUnit`."""

    @property
    def labels(self) -> str:
        """One character a node."""
        ...

    @property
    def depths(self) -> NDArray[np.int32]:
        """How deep each node lies; the first, the root, has depth 0 and is the only one."""
        ...


def tree_distance(
    first: LabelledTree, second: LabelledTree, *, max_distance: int | None = None, max_cells: int = MAX_CELLS
) -> int | None:
    """Return how many nodes must be inserted, deleted or relabelled to make one tree of another.

    The children of a node are ordered; those of a deleted node take its place. The result is exact (Zhang and Shasha,
    SIAM J. Comput. 18(6), 1989, from the left or the right, whichever has less to do). Before that, lower bounds are
    tried from the cheapest on: labels that only one tree has, then the string distances of the pre-order and the
    post-order. They can only say that a distance is above `max_distance`, so they lose nothing.

    Parameters
    ----------
    first, second : LabelledTree
        Trees, not empty.
    max_distance : int or None, default=None
        A distance above this need not be known.
    max_cells : int, default=2_000_000_000
        Give up before computing more cells than this; and before holding more than `MAX_TABLE` of them.

    Returns
    -------
    int or None
        The distance if it is at most `max_distance`, else ``max_distance + 1``; None if it was given up.

    Raises
    ------
    ValueError
        If a tree is empty, has not one depth a label, or a parameter is out of range.
    """
    check_range("max_cells", max_cells, 0)
    limit = len(first.labels) + len(second.labels)
    if max_distance is not None:
        check_range("max_distance", max_distance, 0)
        limit = min(limit, int(max_distance))
    for tree in (first, second):
        if not tree.labels or len(tree.depths) != len(tree.labels):
            msg = f"a tree needs one depth a label, at least one, got {len(tree.labels)} and {len(tree.depths)}"
            raise ValueError(msg)
    if first.labels == second.labels and np.array_equal(first.depths, second.depths):
        return 0
    if max_distance is not None and lower_bound(first, second, limit) > limit:
        return limit + 1
    return _exact(first, second, limit, max_cells)


def lower_bound(first: LabelledTree, second: LabelledTree, limit: int) -> int:
    """Return a number that the distance is not below; ``limit + 1`` as soon as it is known to be above `limit`."""
    bound = label_gap(first.labels, second.labels)
    if bound > limit:
        return limit + 1
    bound = max(bound, Levenshtein.distance(first.labels, second.labels, score_cutoff=limit))
    if bound > limit:
        return limit + 1
    return max(bound, Levenshtein.distance(_post_order(first), _post_order(second), score_cutoff=limit))


def label_gap(first: str, second: str) -> int:
    """Return how many labels must at least be changed, inserted or deleted, wherever they stand."""
    counts, others = Counter(first), Counter(second)
    return max((counts - others).total(), (others - counts).total())


def _post_order(tree: LabelledTree) -> str:
    codes = np.frombuffer(tree.labels.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    order, _ = _kernels()[0](np.ascontiguousarray(tree.depths, dtype=np.int32))
    text: str = codes[order].tobytes().decode("utf-32-le", "surrogatepass")
    return text


def _exact(first: LabelledTree, second: LabelledTree, limit: int, max_cells: int) -> int | None:
    if len(first.labels) * len(second.labels) > MAX_TABLE:
        return None
    outline, kernel = _kernels()
    sides = []
    for tree in (first, second):
        codes = np.frombuffer(tree.labels.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
        depths = np.ascontiguousarray(tree.depths, dtype=np.int32)
        order, leftmost = outline(depths)
        left = (codes[order], leftmost, _key_roots(leftmost))
        mirrored = np.ascontiguousarray(order[::-1])  # the post-order backwards is the pre-order of the mirror image
        order, leftmost = outline(depths[mirrored])
        right = (codes[mirrored][order], leftmost, _key_roots(leftmost))
        sides.append((left, right))
    costs = [_cells(sides[0][side]) * _cells(sides[1][side]) for side in (0, 1)]
    side = int(costs[1] < costs[0])
    if costs[side] > max_cells:
        return None
    return min(int(kernel(*sides[0][side], *sides[1][side])), limit + 1)


def _key_roots(leftmost: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return the nodes that are the last to have their leftmost leaf: one for each leaf."""
    roots = np.full(len(leftmost), -1, dtype=np.int32)
    roots[leftmost] = np.arange(len(leftmost), dtype=np.int32)  # the last assignment stays
    return np.sort(roots[roots >= 0])


def _cells(side: tuple[NDArray[np.uint32], NDArray[np.int32], NDArray[np.int32]]) -> int:
    _, leftmost, roots = side
    return int((roots.astype(np.int64) - leftmost[roots] + 1).sum())


@cache
def _kernels() -> tuple[Callable[..., Any], Callable[..., Any]]:
    """Return the compiled functions; numba is imported and compiles on first use."""
    import numba

    compiled = numba.njit(nogil=True)
    return compiled(_outline), compiled(_zhang_shasha)


def _outline(depths: NDArray[np.int32]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return the post-order as pre-order numbers, and for each of its nodes where its leftmost leaf stands in it."""
    nodes = len(depths)
    order = np.empty(nodes, dtype=np.int32)
    leftmost = np.empty(nodes, dtype=np.int32)
    stack = np.empty(nodes, dtype=np.int32)  # the open nodes, and the first number given within each
    begins = np.empty(nodes, dtype=np.int32)
    height = done = 0
    for node in range(nodes + 1):
        level = depths[node] if node < nodes else 0
        while height > level:
            height -= 1
            order[done] = stack[height]
            leftmost[done] = begins[height]
            done += 1
        if node < nodes:
            stack[height] = node
            begins[height] = done
            height += 1
    return order, leftmost


def _zhang_shasha(
    labels: NDArray[np.uint32],
    leftmost: NDArray[np.int32],
    roots: NDArray[np.int32],
    others: NDArray[np.uint32],
    leftmost_other: NDArray[np.int32],
    roots_other: NDArray[np.int32],
) -> int:
    """Return the distance of two trees in post-order."""
    trees = np.empty((len(labels), len(others)), dtype=np.int32)
    forests = np.empty((len(labels) + 1, len(others) + 1), dtype=np.int32)
    for root in roots:
        low = leftmost[root]
        for root_other in roots_other:
            low_other = leftmost_other[root_other]
            width = root_other - low_other + 1
            for column in range(width + 1):
                forests[0, column] = column
            for node in range(low, root + 1):
                above, current = forests[node - low], forests[node - low + 1]
                beside = forests[leftmost[node] - low]
                known = trees[node]
                whole = leftmost[node] == low
                last = node - low + 1
                current[0] = last
                for column in range(width):
                    other = low_other + column
                    last = min(last, above[column + 1]) + 1
                    if whole and leftmost_other[other] == low_other:
                        last = min(last, above[column] + (labels[node] != others[other]))
                        known[other] = last
                    else:
                        last = min(last, beside[leftmost_other[other] - low_other] + known[other])
                    current[column + 1] = last
    return int(trees[len(labels) - 1, len(others) - 1])
