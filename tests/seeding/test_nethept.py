"""NetHEPT, on which Chen, Wang & Yang (2009) measured degree discount. Skipped where ../shared/data is absent.

The spreads are those of VALIDATION: chance of an arc 1 - (1 - .01)^c, c joint papers, which count in degrees too.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scenes import scene

from viralsim.graph import SocialGraph, read_graph
from viralsim.luck import uniforms
from viralsim.outcome import simulate
from viralsim.seeding import STRATEGIES, Request

FILE = Path(__file__).parents[2].parent / "shared" / "data" / "nethept" / "hep.txt.gz"
KEY = np.uint64(7)


@pytest.fixture(scope="module")
def nethept() -> SocialGraph:
    if not FILE.exists():
        pytest.skip(f"no real data at {FILE}")
    return read_graph(FILE)


def test_degree_discount_chooses_whom_a_naive_version_chooses(nethept: SocialGraph) -> None:
    arcs, people = nethept.arcs, nethept.people
    rows: list[dict[int, int]] = [{} for _ in range(people)]
    for sharer, follower, count in zip(
        arcs.sharers.tolist(), arcs.followers.tolist(), arcs.multiplicity.tolist(), strict=True
    ):
        rows[sharer][follower] = count
    luck = uniforms(KEY, 0, 0, np.arange(people), 2)
    degree = np.array([sum(row.values()) for row in rows])
    seeds, near = [], np.zeros(people, int)
    worth = degree.astype(float)
    for _ in range(50):
        best = int(np.lexsort((luck, -worth))[0])
        seeds.append(best)
        for other, count in rows[best].items():
            near[other] += count
        worth = degree - 2 * near - (degree - near) * near * 0.01
        worth[seeds] = -np.inf
    parameters = {"probability": 0.01, "multiplicity": True}
    request = Request(nethept, arcs, np.arange(people), 50, key=KEY, parameters=parameters)
    assert STRATEGIES["degree-discount"](request).tolist() == seeds


@pytest.mark.parametrize(
    ("wave", "spread"),
    [
        ("strategy='degree-discount', multiplicity=true, count=50", 134.2),
        ("strategy='weighted-degree', weight='multiplicity', count=50", 122.6),
        ("strategy='degree-discount', multiplicity=true, count=30", 91.8),
        ("strategy='degree-discount', multiplicity=true, count=10", 41.1),
        ("strategy='degree-discount', multiplicity=true, count=1", 8.245),
    ],
)
def test_spreads(nethept: SocialGraph, wave: str, spread: float) -> None:
    settings = ("item.content.arc_probability=0.01", "item.content.trials=multiplicity")
    scenario = scene(f"plan.only.wave.first={{{wave}}}", *settings)
    engaged = simulate(scenario, graph=nethept, realisations=20_000).engaged
    standard_error = (engaged.mean_high - engaged.mean_low) / (2 * 1.96)
    last_digit = 0.4 if spread > 100 else 0.0005 if spread < 10 else 0.05
    assert abs(engaged.mean - spread) <= last_digit + 4 * standard_error, engaged
