"""Outcomes made by hand: plausible integers without an engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from viralsim.engine import quantile_times
from viralsim.engine.kernels import CURVES, GENERATIONS, ROW
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
