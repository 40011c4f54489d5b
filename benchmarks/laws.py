"""What the response laws cost: `uniform`, `fixed` and `curve` against `independent`, on one fixed graph.

    python benchmarks/laws.py

The graph is that of ``against_cynetdiff.py``. A share under any law tosses its followers' coins; under the laws with
hidden thresholds every share seen also changes what is left of somebody's threshold. So that alike is compared
with alike, numbers of seeds and thresholds are chosen such that similar numbers engage, and CPU time is given per
realisation and per share. Cases are played in turn, round by round, and ratios taken within a round, because machines
are noisy and the speed of one moment says little about the next.
"""

from __future__ import annotations

import time

import numpy as np

from viralsim.engine import Campaign
from viralsim.engine.kernels import ROW, play
from viralsim.engine.realisations import allocate, workspace

PEOPLE, MEAN_DEGREE = 100_000, 15
SCENARIO = """
network.generator = "scale-free"
item.content = {{ {item} }}
plan.hubs.wave.first = {{ strategy = "degree", count = {seeds} }}
time.horizon = 300
report.times = 100
"""
BASE = "independent"
GROUPS = {
    "everything seen": {
        BASE: ('arc_probability = "weighted-cascade"', 50),
        "uniform": ('law = "uniform"', 50),
        "fixed": ('law = "fixed", threshold = "18%"', 600),
        "curve": ('law = "curve", curve = ["1%", "5%", "2%"], endorsement = 0', 50),
    },
}


class Case:
    """One campaign, played again and again in the same workspace, by this thread."""

    def __init__(self, campaign: Campaign, realisations: int, impressions: bool) -> None:
        self.campaign, self.impressions, self.realisations = campaign, impressions, realisations
        self.workspace = workspace(campaign)
        self.stop = np.zeros(1, dtype=np.uint8)
        self.first = 0

    def __call__(self) -> tuple[float, float, float]:
        """Play a round; return CPU milliseconds, engaged and shares per realisation."""
        played = allocate(self.campaign, self.realisations)
        began = time.thread_time()
        play(self.campaign.program, *self.workspace, self.first, self.impressions, False, *played, self.stop)
        spent = (time.thread_time() - began) * 1000 / self.realisations
        self.first += self.realisations
        rows = played.rows[:, 0]
        return spent, float(rows[:, ROW.index("engaged")].mean()), float(rows[:, ROW.index("shares")].mean())
