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

# Where, in the list of people by followers, the those plan begins; realisations to tune by, repetitions, and the most
# realisations of a repetition. The more followers seeds have, the less is left to luck.
STARTS = {"well-connected people": (100, 30_000, 20, 8_000), "ordinary people": (1_000, 60_000, 10, 32_000)}
TRIED = 12
NEAR_ENOUGH = 0.003


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
    network = "network={generator='scale-free', people=20_000, mean_degree=12, trust='50%'}"
    scenario = vs.read_scenario(settings=[network])
    graph = vs.load_network(scenario.network)
    by_followers = np.argsort(-graph.arcs.out_degree, kind="stable")
    for name, (begin, training, repetitions, most) in STARTS.items():
        those = by_followers[begin : begin + SEEDS]
        count = repetitions * most
        best = reach_of(those, scenario, graph, 10_000_000, training).mean()
        followers = graph.arcs.out_degree[those]
        print(f"{SEEDS} {name} with {followers.min()} to {followers.max()} followers")
        for shared in (0.0, 0.5, 0.9):
            own = round((1.0 - shared) * SEEDS)
            other, nearest = those, np.inf
            near = np.arange(SEEDS, min(begin, 6 * SEEDS), SEEDS // 4)  # up and down the list in turn, then far down
            far = np.geomspace(6 * SEEDS, graph.people - begin - own, TRIED)
            for further in np.concatenate([np.stack([near, -near], axis=1).ravel(), far]).astype(int):
                if nearest < NEAR_ENOUGH:
                    break
                tried = by_followers[begin + further : begin + further + own]
                tried = np.concatenate([those[own:], tried])
                off = reach_of(tried, scenario, graph, 10_000_000, training).mean() / best - 1.0
                if abs(abs(off) - DIFFERENCE) < nearest:
                    other, nearest = tried, abs(abs(off) - DIFFERENCE)
            one = reach_of(those, scenario, graph, 0, count)
            two = reach_of(other, scenario, graph, 0, count)
            apart = reach_of(other, scenario, graph, 20_000_000, count)  # luck of its own
            pairing = Ranking(("one", "two"), np.stack([one, two], axis=1)).judge("one", "two").pairing
            words = []
            for off in (one - two, one - apart):
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
