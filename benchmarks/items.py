"""What items that touch cost: three of them against one, on one fixed graph; and what they cost switched off.

    python benchmarks/items.py

Every item is started by as many seeds and spreads by the same numbers, so that three of them that leave each other
alone cost three times one. Cases are played in turn, round by round, and ratios to the first taken within a round,
because machines are noisy and the speed of one moment says little about the next. CPU time of this thread.
"""

from __future__ import annotations

import argparse
import statistics

from laws import MEAN_DEGREE, PEOPLE, Case

import viralsim as vs
from viralsim.engine import compile_campaign
from viralsim.engine.kernels import ROW

SCENARIO = """
network.generator = "scale-free"
platform.feed = { visibility = "30%", delay = { law = "log-normal", median = "3h", sigma = 1.5 } }
plan.hubs.wave.first = { strategy = "degree", count = 20 }
time.horizon = 336
"""
SPREADS = 'stickiness = "6%", half_life = "4d"'
STARTED = f'{SPREADS}, wave.first = {{ strategy = "degree", count = 20 }}'
CASES = {
    "one item": f"item.content = {{ {SPREADS} }}",
    "three apart": f"item = {{ content = {{ {SPREADS} }}, b = {{ {STARTED} }}, c = {{ {STARTED} }} }}",
    "rumour and restoration": (
        f"item = {{ content = {{ {SPREADS} }}, b = {{ kind = 'rumour', {STARTED} }}, "
        f"c = {{ kind = 'restoration', {STARTED} }} }}"
    ),
    "... without what depends on trust": (
        f"item = {{ content = {{ {SPREADS}, sensitivity = 0 }}, b = {{ kind = 'rumour', {STARTED} }}, "
        f"c = {{ kind = 'restoration', sensitivity = 0, {STARTED} }} }}"
    ),
    "testimony, an answer after it": (
        f"item = {{ content = {{ {SPREADS} }}, b = {{ kind = 'testimony', born_of = 'content', {SPREADS} }}, "
        f"c = {{ kind = 'restoration', after = 'b', after_reach = '1%', {STARTED} }} }}\n"
        'segment.everyone = { satisfaction = "80%", conversion = "3%" }'
    ),
    "three that exclude each other": (
        f"item = {{ content = {{ {SPREADS}, exclusive = 'x' }}, b = {{ {STARTED}, exclusive = 'x' }}, "
        f"c = {{ {STARTED}, exclusive = 'x' }} }}"
    ),
    "rumour and restoration, silent": (
        f"item = {{ content = {{ {SPREADS} }}, b = {{ kind = 'rumour', silent = true, {STARTED} }}, "
        f"c = {{ kind = 'restoration', silent = true, {STARTED} }} }}"
    ),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15, help="interleaved rounds (default 15)")
    parser.add_argument("--realisations", type=int, default=20, help="realisations a round (default 20)")
    options = parser.parse_args()
    graph = vs.generate("scale-free", people=PEOPLE, mean_degree=MEAN_DEGREE)
    print(f"{graph.people:,} people, {len(graph.arcs):,} arcs, fingerprint {graph.fingerprint[:16]}")
    cases = {
        name: Case(compile_campaign(vs.scenario_from_text(SCENARIO + items), graph), options.realisations, True)
        for name, items in CASES.items()
    }
    seen: dict[str, list[float]] = {name: [] for name in cases}
    times: dict[str, list[float]] = {name: [] for name in cases}
    for case in cases.values():
        case()  # compiles
    for _ in range(options.rounds):
        for name, case in cases.items():
            spent, rows = case()
            times[name].append(spent)
            seen[name].append(float(rows[:, :, ROW.index("impressions")].sum(axis=1).mean()))
    first = next(iter(cases))
    print(f"{'':36}{'impressions':>12}{'ms':>8}{'ns/seen':>9}   against one item")
    for name in cases:
        ratios = sorted(ours / base for ours, base in zip(times[name], times[first], strict=True))
        impressions, middle = statistics.mean(seen[name]), statistics.median(times[name])
        print(
            f"{name:36}{impressions:12,.0f}{middle:8.3f}{middle * 1e6 / impressions:9.1f}   "
            f"{statistics.median(ratios):5.2f} ({ratios[0]:.2f}-{ratios[-1]:.2f})"
        )


if __name__ == "__main__":
    main()
