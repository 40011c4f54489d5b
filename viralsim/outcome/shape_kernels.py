"""The shapes of all trees of a realisation, in one walk."""

from __future__ import annotations

from typing import Any

import numpy as np

from viralsim.compiling import kernel

__all__ = ["tree_shapes"]


@kernel
def tree_shapes(parent: Any, generation: Any) -> Any:
    """Measure every tree of a forest.

    Parameters
    ----------
    parent : int64 [n]
        An earlier entry, negative for roots.
    generation : int64 [n]
        Steps from the root.

    Returns
    -------
    int64 [roots, 4]
        Per tree, in the order of their roots: size, depth, size of the largest generation, and the sum of distances
        over unordered pairs. An arc is walked by the pairs that it parts: with s entries below it and n in the tree,
        s (n - s). Adding that up over arcs is linear in the size; pairs are never enumerated.
    """
    count = parent.shape[0]
    below = np.ones(count, dtype=np.int64)
    tree_of = np.empty(count, dtype=np.int64)
    trees = 0
    for entry in range(count):
        if parent[entry] < 0:
            tree_of[entry] = trees
            trees += 1
        else:
            tree_of[entry] = tree_of[parent[entry]]
    for entry in range(count - 1, -1, -1):
        if parent[entry] >= 0:
            below[parent[entry]] += below[entry]
    shapes = np.zeros((trees, 4), dtype=np.int64)
    for entry in range(count):
        tree = tree_of[entry]
        if parent[entry] < 0:
            shapes[tree, 0] = below[entry]
        shapes[tree, 1] = max(shapes[tree, 1], generation[entry])
        shapes[tree, 3] += below[entry] * (shapes[tree, 0] - below[entry])  # 0 for the root itself
    first = np.zeros(trees, dtype=np.int64)  # where the counts of a tree's generations begin
    for tree in range(1, trees):
        first[tree] = first[tree - 1] + shapes[tree - 1, 1] + 1
    breadth = np.zeros(count, dtype=np.int64)  # no tree has more generations than entries
    for entry in range(count):
        place = first[tree_of[entry]] + generation[entry]
        breadth[place] += 1
        shapes[tree_of[entry], 2] = max(shapes[tree_of[entry], 2], breadth[place])
    return shapes
