"""Outcomes made by hand: plausible integers without an engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from viralsim.engine import Audience, quantile_times
from viralsim.engine.accounts import CELLS, FREQUENCIES
from viralsim.engine.kernels import CURVES, GENERATIONS, ROW
from viralsim.outcome.audiences import Axes
from viralsim.outcome.outcome import Outcome

MakeOutcome = Callable[..., Outcome]


def _make_outcome(indices: Sequence[int], *, times: int = 5, **changes: Any) -> Outcome:
    """Return an outcome whose every realisation is a function of its number alone."""
    items = changes.get("items", ("content",))
    counted = changes.get("impressions_counted", True)
    segments = changes.get("segments", ())
    segment_people = np.array([700, 0, 300][: len(segments)], dtype=np.int64)
    rows, generations, curves, trust, quantiles = [], [], [], [], []
    for index in indices:
        rng = np.random.default_rng(index)
        steps = rng.integers(0, 40, (len(items), len(CURVES), times))
        if not counted:
            steps[:, [CURVES.index("reach"), CURVES.index("impressions")]] = 0
        curve = np.cumsum(steps, axis=-1)
        row = np.zeros((len(items), len(ROW)), dtype=np.int64)
        row[:, : len(CURVES)] = curve[:, :, -1]
        row[:, ROW.index("generations")] = rng.integers(0, 20, len(items))
        row[:, ROW.index("time_to_peak")] = rng.integers(-1, 20, len(items))
        row[:, ROW.index("time_to_half")] = np.where(row[:, ROW.index("time_to_peak")] < 0, -1, 3)
        row[:, ROW.index("seeds")] = 2
        row[:, ROW.index("conversions")] = rng.integers(5, 9, len(items))
        row[:, ROW.index("incremental_conversions")] = rng.integers(0, 5, len(items))
        row[:, ROW.index("baseline_conversions")] = rng.integers(0, 9)
        if segments:
            row[:, ROW.index("roots")] = rng.integers(0, 5, len(items))
            trust.append(rng.integers(0, 2**32, (len(segments), times)) * segment_people[:, None])
            found = np.sort(rng.integers(0, 1001, (len(segments), 3, len(quantile_times(times)))), axis=1)
            quantiles.append(np.where(segment_people[:, None, None] > 0, found, -1))
        rows.append(row)
        generations.append(rng.integers(0, 9, (len(items), GENERATIONS)))
        curves.append(curve)
    shape = (len(indices), len(items))
    fields: dict[str, Any] = {
        "scenario_hash": "0123456789abcdef",
        "plan": "hubs",
        "random_seed": 7,
        "items": items,
        "main_item": items[0],
        "people": 1000,
        "tick_seconds": 1800.0,
        "horizon": 40,
        "report_ticks": np.linspace(0, 40, times).astype(np.int64),
        "viral_threshold": 100,
        "impressions_counted": True,
        "indices": list(indices),
        "rows": np.array(rows, dtype=np.int64).reshape(*shape, len(ROW)),
        "generation_counts": np.array(generations, dtype=np.int64).reshape(*shape, GENERATIONS),
        "curves": np.array(curves, dtype=np.int64).reshape(*shape, len(CURVES), times),
        "segment_people": segment_people,
        "trust_sums": np.array(trust, dtype=np.int64).reshape(len(indices), len(segments), times),
        "trust_quantiles": np.array(quantiles, dtype=np.int64).reshape(
            len(indices), len(segments), 3, len(quantile_times(times))
        ),
    }
    return Outcome(**(fields | changes))


@pytest.fixture(scope="session")
def make_outcome() -> MakeOutcome:
    return _make_outcome


AXES = Axes(
    segments=("young", "nobody", "old", "press"),
    roles=("prospect", "employee", "customer", "media"),
    names=("young / FR", "young / DE", "old", "press"),
    segment_of=(0, 0, 2, 3),
    people=(500, 200, 280, 20),
    platforms=("photos", "clips"),
    variants=((), ("plain", "bold")),
    targets=((), (("young", "press"), ("old",))),
)
"""A segment told in two parts, one that nobody is in, two platforms, an item without variants and one with two."""


def _make_accounts(rng: np.random.Generator, axes: Axes) -> tuple[Audience, np.ndarray]:
    """Return the accounts of a realisation in which every item spreads at random, and what its row must hold.

    Everything is put together from people, one by one, so that the identities hold because they must.
    """
    items, groups, platforms = len(axes.variants), len(axes.names), len(axes.platforms)
    most = max(1, *map(len, axes.variants))
    counts = Audience(
        np.zeros((items, groups, platforms, len(CELLS)), dtype=np.int64),
        np.zeros((items, groups), dtype=np.int64),
        np.zeros((items, groups, FREQUENCIES), dtype=np.int64),
        np.zeros((items, platforms + 1, platforms), dtype=np.int64),
        np.zeros((items, groups), dtype=np.int64),
        np.zeros((items, groups, most, 2), dtype=np.int64),
    )
    row = np.zeros((items, len(CELLS)), dtype=np.int64)
    for i in range(items):
        variants = max(1, len(axes.variants[i]))
        for seed in range(2):
            group = int(rng.integers(groups))
            for name, by in (("reach", 1), ("engaged", 1), ("shares", 1)):
                counts.cells[i, group, seed % platforms, CELLS.index(name)] += by
            counts.reach[i, group] += 1
            counts.flows[i, 0, seed % platforms] += 1
            counts.delivered[i, group, 0, 1] += 1
            row[i] += (1, 0, 1, 1, 0)
        for _ in range(int(rng.integers(3, 40))):
            group, seen = int(rng.integers(groups)), rng.integers(0, 8, platforms)
            if not seen.any():
                continue
            first = int(np.flatnonzero(seen)[0])
            counts.cells[i, group, :, CELLS.index("reach")] += seen > 0
            counts.cells[i, group, :, CELLS.index("impressions")] += seen
            counts.reach[i, group] += 1
            counts.frequency[i, group, min(int(seen.sum()), FREQUENCIES) - 1] += 1
            counts.carried[i, int(rng.integers(groups))] += 1
            variant = int(rng.integers(variants))
            counts.delivered[i, group, variant, 0] += seen.sum()
            row[i, 0] += 1
            row[i, 1] += seen.sum()
            if rng.random() < 0.4:
                converts = int(rng.random() < 0.3)
                for name, by in (("engaged", 1), ("shares", 1), ("conversions", converts)):
                    counts.cells[i, group, first, CELLS.index(name)] += by
                counts.flows[i, 1 + int(rng.integers(platforms)), first] += 1
                counts.delivered[i, group, variant, 1] += 1
                row[i] += (0, 0, 1, 1, converts)
    return counts, row


def _told(indices: Sequence[int], *, axes: Axes = AXES, **changes: Any) -> Outcome:
    """Return an outcome of two items that is told by segment and platform."""
    found = [_make_accounts(np.random.default_rng([9, index]), axes) for index in indices]
    items = ("content", "rumour")[: len(axes.variants)]
    some = _make_outcome(indices, items=items, **changes)
    rows = some.rows.copy()
    for place, (_, row) in enumerate(found):
        rows[place][:, [ROW.index(name) for name in CELLS]] = row
    shapes = [array.shape for array in _make_accounts(np.random.default_rng(0), axes)[0]]
    arrays = zip(*(counts for counts, _ in found), strict=True) if found else [()] * len(shapes)
    stacked = [
        np.array(array, dtype=np.int64).reshape(len(indices), *shape)
        for array, shape in zip(arrays, shapes, strict=True)
    ]
    return replace(some, rows=rows, axes=axes, accounts=Audience(*stacked))


@pytest.fixture(scope="session")
def told() -> MakeOutcome:
    return _told
