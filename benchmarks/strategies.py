"""How long each seeding strategy takes to choose 100 of a million people with ten million arcs, on one thread.

    python benchmarks/strategies.py [--people 1000000] [--generator scale-free-directed] [--only degree,pagerank]

Every strategy chooses once among 100 people before it is timed, so that nothing is compiled meanwhile. What they share
(rows of those whom people follow, ties without direction) is worked out anew for each.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace

import numpy as np

import viralsim as vs
from viralsim.graph import SocialGraph
from viralsim.scenario import choices
from viralsim.seeding import STRATEGIES, Request


def choose(graph: SocialGraph, strategy: str, count: int) -> float:
    """Return the seconds that a strategy takes on a graph that nothing is known of yet."""
    arcs = replace(graph.arcs)
    graph = replace(graph, layers={"network": arcs})
    parameters = {parameter.name: parameter.default for parameter in choices("strategy")[strategy].parameters}
    parameters["parts"] = {"degree": 0.5, "random": 0.5}
    parameters["attribute"] = "age"
    request = Request(graph, arcs, np.arange(graph.people), count, key=np.uint64(7), parameters=parameters)
    begun = time.perf_counter()
    chosen = STRATEGIES[strategy](request)
    seconds = time.perf_counter() - begun
    assert len(chosen) == count
    return seconds


def main() -> None:
    """Time the strategies one after the other."""
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("--people", type=int, default=1_000_000)
    reader.add_argument("--generator", default="scale-free-directed")
    reader.add_argument("--only", default=",".join(name for name in STRATEGIES if name != "explicit"))
    arguments = reader.parse_args()
    graph, small = (
        vs.generate(arguments.generator, people=people, mean_degree=10, random_seed=1).with_attributes(
            age=np.arange(people) % 90
        )
        for people in (arguments.people, 100)
    )
    print(graph, "most followers:", graph.arcs.out_degree.max())
    for strategy in arguments.only.split(","):
        choose(small, strategy, 10)
        print(f"{strategy:22}{choose(graph, strategy, 100):8.2f} s", flush=True)


if __name__ == "__main__":
    main()
