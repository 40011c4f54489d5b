"""What the response laws cost: `uniform`, `fixed` and `curve` against `independent`, on one fixed graph.

    python benchmarks/laws.py

The graph is that of ``against_cynetdiff.py``. Laws with hidden thresholds change what is left of somebody's threshold
with every share that is seen; independent chances touch nobody whom a share does not persuade. So that alike is
compared with alike, seeds are chosen such that similar numbers engage, and CPU time is printed per realisation, per
share and per impression. Cases are played in turn, round by round, and ratios taken within a round, because machines
are noisy and the speed of one moment says little about the next.
"""

from __future__ import annotations

import argparse
import statistics
import time

import numpy as np

import viralsim as vs
from viralsim.engine import Campaign, compile_campaign
from viralsim.engine.kernels import ROW, play
from viralsim.engine.realisations import allocate, no_accounts, with_accounts, workspace

PEOPLE, MEAN_DEGREE = 100_000, 15
SCENARIO = """
network.generator = "scale-free"
item.content = {{ {item} }}
plan.hubs.wave.first = {{ strategy = "degree", count = {seeds} }}
time.horizon = 300
report.times = 100
"""
PAIRS = {
    "independent, weighted cascade": ('arc_probability = "weighted-cascade"', 50),
    "uniform": ('law = "uniform"', 15),
    "independent, 0.6 %": ("arc_probability = 0.006", 8000),
    "fixed, 8 people": ('law = "fixed", threshold = 8', 8000),
    "independent, 50 %": ("arc_probability = 0.5", 200),
    "fixed, 18 %": ('law = "fixed", threshold = "18%"', 200),
    "independent, 5 %": ("arc_probability = 0.05", 50),
    "curve of 5 %": ('law = "curve", curve = ["5%"], endorsement = 0', 50),
}
"""Item and number of seeds; every law after the independent chances that engage as many."""


class Case:
    """One campaign, played again and again in the same workspace, by this thread."""

    def __init__(self, campaign: Campaign, realisations: int, impressions: bool) -> None:
        self.campaign, self.impressions, self.realisations = campaign, impressions, realisations
        self.workspace = workspace(campaign, audiences=campaign.scenario.tells_audiences)
        self.stop = np.zeros(1, dtype=np.uint8)
        self.first = 0

    def __call__(self) -> tuple[float, np.ndarray]:
        """Play a round; return CPU milliseconds per realisation and the rows of all items."""
        played = allocate(self.campaign, self.realisations, audiences=self.campaign.scenario.tells_audiences)
        accounts = played.audience or no_accounts(self.campaign, self.realisations)
        work = with_accounts(self.workspace, accounts, slice(None))
        began = time.thread_time()
        play(self.campaign.program, *work, self.first, self.impressions, False, *played[:5], self.stop)
        spent = (time.thread_time() - began) * 1000 / self.realisations
        self.first += self.realisations
        return spent, played.rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15, help="interleaved rounds (default 15)")
    parser.add_argument("--realisations", type=int, default=20, help="realisations a round (default 20)")
    options = parser.parse_args()
    graph = vs.generate("scale-free", people=PEOPLE, mean_degree=MEAN_DEGREE)
    print(f"{graph.people:,} people, {len(graph.arcs):,} arcs, fingerprint {graph.fingerprint[:16]}")
    for impressions in (True, False):
        print(f"\n{'full' if impressions else 'bare: without impressions and reach'}")
        print(f"{'':32}{'seeds':>7}{'engaged':>9}{'ms':>8}{'ns/share':>10}{'ns/seen':>9}   per share, over above")
        cases, seen = {}, {}
        for name, (item, seeds) in PAIRS.items():
            campaign = compile_campaign(vs.scenario_from_text(SCENARIO.format(item=item, seeds=seeds)), graph)
            _, rows = Case(campaign, options.realisations, True)()
            cases[name] = Case(campaign, options.realisations, impressions)
            cases[name]()  # compiles
            per_share = rows[:, 0, ROW.index("shares")].sum()
            seen[name] = rows[:, 0, ROW.index("impressions")].sum() / max(per_share, 1)
        times: dict[str, list[float]] = {name: [] for name in cases}
        shares: dict[str, list[float]] = {name: [] for name in cases}
        engaged: dict[str, list[float]] = {name: [] for name in cases}
        for _ in range(options.rounds):
            for name, case in cases.items():
                spent, rows = case()
                times[name].append(spent)
                shares[name].append(float(rows[:, 0, ROW.index("shares")].mean()))
                engaged[name].append(float(rows[:, 0, ROW.index("engaged")].mean()))
        per = {name: [t * 1e6 / s for t, s in zip(times[name], shares[name], strict=True)] for name in cases}
        for above, name in zip([None, *per], per, strict=False):
            middle = statistics.median(per[name])
            ratio = ""
            if above is not None and not name.startswith("independent"):
                ratios = sorted(ours / base for ours, base in zip(per[name], per[above], strict=True))
                ratio = f"   {statistics.median(ratios):5.2f} ({ratios[0]:.2f}-{ratios[-1]:.2f})"
            print(
                f"{name:32}{PAIRS[name][1]:7,}{statistics.mean(engaged[name]):9,.0f}"
                f"{statistics.median(times[name]):8.3f}{middle:10.1f}{middle / seen[name]:9.2f}"
                f"{ratio}"
            )


if __name__ == "__main__":
    main()
