"""The forces of a layout, for `layout`."""

from __future__ import annotations

from typing import Any

import numpy as np

from viralsim.compiling import kernel

__all__ = ["relax"]


@kernel
def relax(x: Any, y: Any, starts: Any, others: Any, mass: Any, rounds: int, cells: int) -> None:
    """Move people until pushes and pulls balance, in place.

    Everybody pushes everybody else away, the stronger the more ties both have; ties pull; a weak pull to the middle
    keeps together what no tie joins. People in distant cells of a grid push as one, from their centre of mass. Steps
    become shorter from round to round.

    Parameters
    ----------
    x, y : float64[people]
        Where they are.
    starts, others : int64
        Who is tied to whom: those tied to person i are others[starts[i]:starts[i + 1]].
    mass : float64[people]
        How strongly each pushes.
    rounds, cells : int
        Number of steps; cells along a side of the grid.
    """
    people = x.shape[0]
    heads = np.empty(cells * cells + 1, np.int64)
    filled = np.empty(cells * cells, np.int64)
    members = np.empty(people, np.int64)
    cell_of = np.empty(people, np.int64)
    centre_x, centre_y, weight = np.empty(cells * cells), np.empty(cells * cells), np.empty(cells * cells)
    force_x, force_y = np.empty(people), np.empty(people)
    size = np.sqrt(people)
    for step in range(rounds):
        left = 1.0 - step / rounds
        low_x, high_x, low_y, high_y = x[0], x[0], y[0], y[0]
        for i in range(people):
            low_x, high_x = min(low_x, x[i]), max(high_x, x[i])
            low_y, high_y = min(low_y, y[i]), max(high_y, y[i])
        side = max(high_x - low_x, high_y - low_y) / cells + 1e-9
        heads[:] = 0
        for i in range(people):
            row = min(cells - 1, int((x[i] - low_x) / side))
            column = min(cells - 1, int((y[i] - low_y) / side))
            cell_of[i] = row * cells + column
            heads[cell_of[i] + 1] += 1
        for c in range(cells * cells):
            heads[c + 1] += heads[c]
            filled[c] = heads[c]
        centre_x[:], centre_y[:], weight[:] = 0.0, 0.0, 0.0
        for i in range(people):
            c = cell_of[i]
            members[filled[c]] = i
            filled[c] += 1
            centre_x[c] += mass[i] * x[i]
            centre_y[c] += mass[i] * y[i]
            weight[c] += mass[i]
        for c in range(cells * cells):
            if weight[c] > 0.0:
                centre_x[c] /= weight[c]
                centre_y[c] /= weight[c]
        for i in range(people):
            row, column = cell_of[i] // cells, cell_of[i] % cells
            push_x = push_y = 0.0
            for c in range(cells * cells):
                if weight[c] == 0.0:
                    continue
                if abs(c // cells - row) <= 1 and abs(c % cells - column) <= 1:
                    for k in range(heads[c], heads[c + 1]):
                        j = members[k]
                        if j != i:
                            dx, dy = x[i] - x[j], y[i] - y[j]
                            push = mass[j] / (dx * dx + dy * dy + 1e-3)
                            push_x += dx * push
                            push_y += dy * push
                else:
                    dx, dy = x[i] - centre_x[c], y[i] - centre_y[c]
                    push = weight[c] / (dx * dx + dy * dy)
                    push_x += dx * push
                    push_y += dy * push
            # Whom hardly any tie holds would end far away; held from the start, chains would not unfold.
            middle = 0.08 * mass[i] + 0.25 * (1.0 - left)
            pull_x, pull_y = middle * x[i], middle * y[i]
            for k in range(starts[i], starts[i + 1]):
                pull_x += x[i] - x[others[k]]
                pull_y += y[i] - y[others[k]]
            force_x[i], force_y[i] = mass[i] * push_x - pull_x, mass[i] * push_y - pull_y
        longest = size * (0.4 * left * left + 0.002)
        for i in range(people):
            force = np.sqrt(force_x[i] * force_x[i] + force_y[i] * force_y[i]) + 1e-12
            move = min(longest, 0.15 * force / mass[i])
            x[i] += force_x[i] / force * move
            y[i] += force_y[i] / force * move
