"""Plans compared on real networks, and what the same luck saves.

    python benchmarks/comparing.py graphs [--data ../shared/data] [--only lastfm,American75]
    python benchmarks/comparing.py power

`graphs` calls `viralsim compare` with eight strategies on four real networks, as its user would, and prints the seconds
of each whole command and what it printed. `power` tunes plans that share none, half and nine in ten of their seeds
until they differ by 3 % in reach, and plays them until they are told apart, on the same luck and on luck of their own.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import numpy.typing as npt

import viralsim as vs
from viralsim.graph import SocialGraph
from viralsim.outcome.comparison import metric_values
from viralsim.outcome.settling import Ranking, confidence_sequence
from viralsim.scenario import Scenario

DATA = Path(__file__).parents[2] / "shared" / "data"

STRATEGIES = (
    "random",
    "degree",
    "degree-discount",
    "pagerank",
    "k-core",
    "betweenness",
    "community-best",
    "nomination",
)

# What the networks are, how many are persuaded by one seen share (so that it leads to about one more), and what may be
# spent: on Twitch a seed costs as much as they have views, in some currency.
NETWORKS = {
    "lastfm": (
        """file = "lastfm/lastfm_edges.csv.gz"
direction = "mutual"
people_file = "lastfm/lastfm_target.csv.gz\"""",
        "15%",
        "count = 20",
        "",
    ),
    "American75": (
        """file = "facebook100/American75.net.gz"
people_file = "facebook100/American75.nodelist.gz"
people_missing = ["0"]""",
        "3%",
        "count = 20",
        "",
    ),
    "musae-twitch": (
        """file = "musae-twitch/DE_edges.csv.gz"
direction = "mutual"
people_file = "musae-twitch/DE_target.csv.gz"
people_id_column = "new_id\"""",
        "3%",
        "budget = 1_000_000",
        """[price]
model = "column"
attribute = "views"
""",
    ),
    "soc-epinions1": (
        """file = "soc-epinions1/soc-Epinions1_wcc.txt.gz"
direction = "follows\"""",
        "3%",
        "count = 20",
        "",
    ),
}

SCENARIO = """title = "{title}"
random_seed = 1

[network]
{network}

[platform.feed]
visibility = "20%"
delay = {{ law = "log-normal", median = "3h", sigma = 1.5 }}

[item.content]
stickiness = "{stickiness}"
endorsement = 1.0
half_life = "4d"

{price}
{plans}
[time]
tick = "1h"
horizon = "14d"
"""

PLAN = """[plan.{strategy}.wave.first]
strategy = "{strategy}"
{money}
"""

SEEDS = 20
DIFFERENCE = 0.03

# Where, in the list of people by followers, the better plan's own seeds and those it shares begin; realisations to tune
# by, repetitions, and the most realisations of a repetition. Hubs are sure to reach many; what others start may die out.
STARTS = {"hubs": (0, 1_000, 4_000, 20, 1_000), "well-connected people": (1_000, 2_000, 4_000, 10, 8_000)}
TRIED = 16


def compare_on_networks(data: Path, only: list[str], options: list[str]) -> None:
    """Time `viralsim compare` with eight strategies on each network, the whole command, and show what it prints."""
    environment = {**os.environ, "COLUMNS": "80", "VIRALSIM_GRAPH_CACHE": "off"}
    for name in only:
        network, stickiness, money, price = NETWORKS[name]
        plans = "\n".join(PLAN.format(strategy=strategy, money=money) for strategy in STRATEGIES)
        plans = plans.replace('strategy = "random"', 'strategy = "random"\nredraw = true')
        text = SCENARIO.format(title=name, network=network, stickiness=stickiness, price=price, plans=plans)
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, f"{name}.toml")
            file.write_text(text.replace('file = "', f'file = "{data.resolve()}/'))
            command = [sys.executable, "-m", "viralsim", "compare", str(file), *options]
            load, begun = os.getloadavg()[0], time.perf_counter()
            done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
            seconds = time.perf_counter() - begun
        print(done.stderr, done.stdout, sep="")
        print(f"==> {name}: {seconds:.1f} s at a load of {load:.1f} before it\n", flush=True)


def reach_of(
    people: npt.NDArray[np.int64], scenario: Scenario, graph: SocialGraph, first: int, count: int
) -> npt.NDArray[np.float64]:
    """Return the reach of a set of seeds in each of `count` realisations."""
    ids = [int(graph.ids[person]) for person in people]
    planned = scenario.with_settings([f"plan.tried.wave.first={{strategy='explicit', people={ids}}}"])
    return metric_values(vs.simulate(planned, graph=graph, plan="tried", realisations=count, first=first), "reach")


def needed(off: npt.NDArray[np.float64]) -> float:
    """Return after how many realisations the 95 % confidence sequence of a mean first leaves out 0; infinity if not."""
    count = 20
    while count <= len(off):
        low, high = confidence_sequence(off[:count], 0.05)
        if low > 0.0 or high < 0.0:
            return count
        count += max(10, count // 50)
    return float("inf")


def power() -> None:
    """Find plans 3 % apart in reach, and count the realisations that it takes to tell them apart."""
    scenario = vs.read_scenario()
    graph = vs.load_network(scenario.network)
    by_followers = np.argsort(-graph.arcs.out_degree, kind="stable")
    for name, (begin, begin_common, training, repetitions, most) in STARTS.items():
        print(f"{SEEDS} seeds of {graph.people:,} people, {name}")
        count = repetitions * most
        for shared in (0.0, 0.5, 0.9):
            own = round((1.0 - shared) * SEEDS)
            common = by_followers[begin_common : begin_common + SEEDS - own]
            better = np.concatenate([by_followers[begin : begin + own], common])
            best = reach_of(better, scenario, graph, 10_000_000, training).mean()
            worse, nearest = better, np.inf  # its own seeds are further down the list, as far as it takes
            for start in np.geomspace(begin + own, graph.people - own, TRIED).astype(int):
                tried = by_followers[start : start + own]
                if np.isin(tried, common).any():
                    continue
                tried = np.concatenate([tried, common])
                loss = 1.0 - reach_of(tried, scenario, graph, 10_000_000, training).mean() / best
                if abs(loss - DIFFERENCE) < nearest:
                    worse, nearest = tried, abs(loss - DIFFERENCE)
            one = reach_of(better, scenario, graph, 0, count)
            two = reach_of(worse, scenario, graph, 0, count)
            other = reach_of(worse, scenario, graph, 20_000_000, count)  # luck of its own
            pairing = Ranking(("one", "two"), np.stack([one, two], axis=1)).judge("one", "two").pairing
            words = []
            for off in (one - two, one - other):
                found = [needed(block) for block in off.reshape(repetitions, most)]
                low, middle, high = (np.quantile(found, q, method="inverted_cdf") for q in (0.1, 0.5, 0.9))
                words.append(f"{middle:,.0f} ({low:,.0f} to {high:,.0f})")
            print(
                f"  {shared:.0%} shared: reach {one.mean():,.0f} (deviation {one.std():,.0f}), the other "
                f"{two.mean() / one.mean() - 1:+.1%}; realisations on the same luck {words[0]}, "
                f"apart {words[1]}; pairing {pairing:.1f}",
                flush=True,
            )


def main() -> None:
    """Do what is asked."""
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("what", choices=["graphs", "power"])
    reader.add_argument("--data", type=Path, default=DATA)
    reader.add_argument("--only", default=",".join(NETWORKS))
    arguments, options = reader.parse_known_args()  # the rest goes to `viralsim compare`
    if arguments.what == "power":
        power()
    else:
        compare_on_networks(arguments.data, arguments.only.split(","), options)


if __name__ == "__main__":
    main()
