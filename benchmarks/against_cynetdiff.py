"""The independent cascade on one fixed graph: viralsim against CyNetDiff, one thread each, interleaved.

    pip install '.[benchmark]' && python benchmarks/against_cynetdiff.py

CyNetDiff (Cython and C++, https://cynetdiff.readthedocs.io) counts who is activated, and nothing else.
viralsim is timed twice: with everything a forecast needs (reach, impressions, curves, generations, times),
and with reach and impressions switched off. Means are compared before anything is timed. Printed are CPU
milliseconds per realisation and ratios pair by pair, because machines are noisy and the speed of one moment
says little about the next.
"""

from __future__ import annotations

import argparse
import array
import math
import statistics
import time

import numpy as np
from cynetdiff.models import IndependentCascadeModel

import viralsim as vs
from viralsim.engine import Campaign, compile_campaign
from viralsim.engine.kernels import play
from viralsim.engine.realisations import allocate, workspace

PEOPLE, MEAN_DEGREE, SEEDS = 100_000, 15, 50
CASES = {"weighted cascade": "weighted-cascade", "p = .01": 0.01, "p = .05": 0.05}
SCENARIO = """
network.generator = "scale-free"
item.content.arc_probability = {value}
plan.hubs.wave.first = {{ strategy = "degree", count = {seeds} }}
time.horizon = 300
report.times = 100
"""


class Viralsim:
    """One campaign, played again and again in the same workspace, by this thread."""

    def __init__(self, campaign: Campaign, realisations: int, impressions: bool) -> None:
        self.campaign, self.impressions = campaign, impressions
        self.workspace = workspace(campaign)
        self.realisations = realisations
        self.stop = np.zeros(1, dtype=np.uint8)
        self.first = 0

    def __call__(self) -> np.ndarray:
        """Play a round; return the numbers engaged."""
        played = allocate(self.campaign, self.realisations)
        play(self.campaign.program, *self.workspace, self.first, self.impressions, False, *played[:5], self.stop)
        self.first += self.realisations
        return played.rows[:, 0, 2]


class CyNetDiff:
    """The same graph, probabilities and seeds."""

    def __init__(self, campaign: Campaign, value: str | float, realisations: int) -> None:
        arcs = campaign.graph.arcs
        chances = (
            1.0 / np.maximum(arcs.in_degree, 1)[arcs.followers]
            if value == "weighted-cascade"
            else np.full(len(arcs), value)
        )
        self.model = IndependentCascadeModel(
            array.array("I", arcs.offsets[:-1].astype(np.uint32)),
            array.array("I", arcs.followers.astype(np.uint32)),
            activation_probs=array.array("f", chances.astype(np.float32)),
        )
        self.model.set_seeds({int(person) for person in campaign.seeds["first"].people})
        self.realisations = realisations

    def __call__(self) -> list[int]:
        """Play a round; return the numbers activated."""
        sizes = []
        for _ in range(self.realisations):
            self.model.reset_model()
            self.model.advance_until_completion()
            sizes.append(self.model.get_num_activated_nodes())
        return sizes


def milliseconds(work: Viralsim | CyNetDiff) -> float:
    began = time.thread_time()
    work()
    return (time.thread_time() - began) * 1000 / work.realisations


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15, help="interleaved rounds (default 15)")
    parser.add_argument("--realisations", type=int, default=100, help="realisations a round (default 100)")
    options = parser.parse_args()
    graph = vs.generate("scale-free", people=PEOPLE, mean_degree=MEAN_DEGREE)
    print(f"{graph.people:,} people, {len(graph.arcs):,} arcs, fingerprint {graph.fingerprint[:16]}, {SEEDS} seeds")
    print(f"{'':18}{'engaged':>9} {'CyNetDiff':>10} {'full':>8} {'bare':>8}   CyNetDiff/full  CyNetDiff/bare")
    for name, value in CASES.items():
        text = SCENARIO.format(value=f'"{value}"' if isinstance(value, str) else value, seeds=SEEDS)
        campaign = compile_campaign(vs.scenario_from_text(text), graph)
        rivals = {
            "cynetdiff": CyNetDiff(campaign, value, options.realisations),
            "full": Viralsim(campaign, options.realisations, impressions=True),
            "bare": Viralsim(campaign, options.realisations, impressions=False),
        }
        means = {key: np.concatenate([np.asarray(work()) for _ in range(4)]) for key, work in rivals.items()}
        for key in ("full", "bare"):
            ours, theirs = means[key].astype(float), means["cynetdiff"].astype(float)
            error = math.sqrt(ours.var(ddof=1) / len(ours) + theirs.var(ddof=1) / len(theirs))
            if abs(ours.mean() - theirs.mean()) > 4.5 * error:
                raise SystemExit(f"{name}: means differ: {ours.mean():.1f} against {theirs.mean():.1f}")
        times: dict[str, list[float]] = {key: [] for key in rivals}
        for _ in range(options.rounds):
            for key, work in rivals.items():
                times[key].append(milliseconds(work))
        middle = {key: statistics.median(values) for key, values in times.items()}
        ratios = {
            key: sorted(theirs / ours for theirs, ours in zip(times["cynetdiff"], times[key], strict=True))
            for key in ("full", "bare")
        }
        shown = "  ".join(f"{statistics.median(r):5.2f} ({r[0]:.2f}-{r[-1]:.2f})" for r in ratios.values())
        print(
            f"{name:18}{means['full'].mean():9,.0f} {middle['cynetdiff']:10.3f} {middle['full']:8.3f} "
            f"{middle['bare']:8.3f}   {shown}"
        )


if __name__ == "__main__":
    main()
