"""What audiences and platforms cost: the packaged product launch at three sizes, and counting people by audience.

    python benchmarks/audiences.py               20,000, 200,000 and 2 million people, then the counting
    python benchmarks/audiences.py --flagship    200,000 people, 1,000 realisations

Every size is played in a process of its own, so that its memory can be told: the network is made, then realisations are
played on all processors. The growth exponent is the slope of log time per realisation over log people.
"""

from __future__ import annotations

import argparse
import json
import math
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

from laws import Case

import viralsim as vs
from viralsim.engine import compile_campaign

SCENARIO = Path(__file__).parent.parent / "scenarios" / "product-launch.toml"
SIZES = {20_000: 1000, 200_000: 200, 2_000_000: 20}
"""People and realisations."""


def play(people: int, realisations: int) -> dict[str, float]:
    """Play the launch once; return seconds, memory and what happened."""
    scenario = vs.read_scenario(SCENARIO, settings=[f"network.people={people}"])
    began = time.perf_counter()
    graph = vs.load_network(scenario.network)
    made = time.perf_counter()
    vs.simulate(scenario, realisations=1, graph=graph)  # loads the compiled engine
    ready = time.perf_counter()
    outcome = vs.simulate(scenario, realisations=realisations, graph=graph)
    played = time.perf_counter()
    return {
        "network": made - began,
        "seconds": played - ready,
        "gib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20,
        "arcs": sum(len(arcs) for arcs in graph.layers.values()),
        "reached": outcome.reach.mean / people,
        "impressions": outcome.impressions.mean,
        "engaged": outcome.engaged.mean,
    }


def alone(people: int, realisations: int) -> dict[str, float]:
    """Play the launch in a process of its own."""
    command = [sys.executable, __file__, "--one", str(people), "--realisations", str(realisations)]
    found: dict[str, float] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return found


def sizes(wanted: dict[int, int]) -> None:
    alone(20_000, 1)  # compiles
    each = {}
    header = ("people", "arcs", "realisations", "network s", "s", "ms each", "reached", "impressions", "ns/seen", "GiB")
    print(" ".join(f"{name:>12}" for name in header))
    for people, realisations in wanted.items():
        found = alone(people, realisations)
        each[people] = found["seconds"] / realisations
        row = (
            f"{people:,}",
            f"{found['arcs']:,.0f}",
            f"{realisations:,}",
            f"{found['network']:.1f}",
            f"{found['seconds']:.1f}",
            f"{each[people] * 1000:.1f}",
            f"{found['reached']:.0%}",
            f"{found['impressions']:,.0f}",
            f"{each[people] * 1e9 / found['impressions']:.1f}",
            f"{found['gib']:.2f}",
        )
        print(" ".join(f"{cell:>12}" for cell in row), flush=True)
    if len(each) > 1:
        slope = statistics.linear_regression([math.log(n) for n in each], [math.log(s) for s in each.values()]).slope
        print(f"time per realisation grows as people to the power of {slope:.2f}")


def counting(rounds: int) -> None:
    """Compare the first-look campaign with three segments, counted by audience and not."""
    settings = [
        "network.people=100_000",
        "plan.random.wave.first.count=200",
        "segment.young={share='30%', attention='80%'}",
        "segment.old={share='20%', attention='60%'}",
    ]
    ways = {"one segment": settings[:2], "three, not counted": [*settings, "report.audiences=false"], "three": settings}
    graph = vs.load_network(vs.read_scenario(settings=settings).network)
    cases = {
        name: Case(compile_campaign(vs.read_scenario(settings=one), graph), 20, True) for name, one in ways.items()
    }
    times: dict[str, list[float]] = {name: [] for name in cases}
    for case in cases.values():
        case()
    for _ in range(rounds):
        for name, case in cases.items():
            times[name].append(case()[0])
    for name in cases:
        ratios = sorted(ours / base for ours, base in zip(times[name], times["three, not counted"], strict=True))
        middle = statistics.median(times[name])
        print(f"{name:24}{middle:8.3f} ms   {statistics.median(ratios):5.2f} ({ratios[0]:.2f}-{ratios[-1]:.2f})")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--flagship", action="store_true", help="200,000 people, 1,000 realisations")
    parser.add_argument("--rounds", type=int, default=15, help="interleaved rounds of the counting (default 15)")
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--realisations", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(play(options.one, options.realisations)))
        return
    sizes({200_000: 1000} if options.flagship else SIZES)
    if not options.flagship:
        counting(options.rounds)


if __name__ == "__main__":
    main()
