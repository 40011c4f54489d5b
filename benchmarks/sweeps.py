"""What a sweep costs beyond the engine's own time, how much memory whoever deals it out takes, and how fast it answers.

    python benchmarks/sweeps.py [--cells 10000]

A grid of stickiness x visibility on one network of 5,000 people, 100 realisations of each cell, played by threads. The
engine's own time is the processor time of the threads that play, from the first realisation of a cell to its last; all
other processor time of the process is overhead: reading every cell as a scenario, twice; compiling it; keeping, writing
and summing up what came of it. Processor time, because machines are shared.
"""

from __future__ import annotations

import argparse
import math
import resource
import tempfile
import time
from pathlib import Path

import viralsim as vs

STICKINESS, VISIBILITY = "item.content.stickiness", "platform.feed.visibility"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cells", type=int, default=10_000)
    parser.add_argument("--realisations", type=int, default=100)
    parser.add_argument("--people", type=int, default=5_000)
    asked = parser.parse_args()
    side = math.isqrt(asked.cells)
    scenario = vs.read_scenario(settings=[f"network.people={asked.people}"])
    vs.sweep(scenario, vary={"random_seed": [1, 2]}, realisations=2)  # compiles the kernels
    vary = [f"{STICKINESS}=5%:50%:{side}", f"{VISIBILITY}=20%:100%:{side}"]
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder, "sweep")
        began = time.process_time()
        estimate = vs.estimate_sweep(scenario, vary=vary, realisations=asked.realisations, store=store)
        print(f"estimate, made in {time.process_time() - began:.1f} s: {estimate.seconds:.0f} s")
        began = time.process_time()
        made = vs.sweep(scenario, vary=vary, realisations=asked.realisations, store=store)
        spent = time.process_time() - began
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        engine = made.engine_seconds or math.nan
        cells = side * side
        print(f"{cells:,} cells of {asked.realisations} realisations: {made.seconds:.1f} s")
        print(f"  engine {engine:.1f} s of processor time, {engine / cells * 1e3:.2f} ms a cell")
        print(f"  all else {spent - engine:.1f} s, {(spent - engine) / cells * 1e3:.2f} ms a cell")
        print(f"  overhead {(spent - engine) / engine:.1%} of the engine's own time; peak memory {memory:.0f} MiB")
        size = sum(path.stat().st_size for path in store.rglob("*") if path.is_file())
        print(f"  on disk {size / 2**20:.1f} MiB")
        began = time.perf_counter()
        again = vs.sweep(scenario, vary=vary, realisations=asked.realisations, store=store)
        print(f"  the same command again: {time.perf_counter() - began:.1f} s, {again.played} realisations played")
        found = vs.read_sweep(store)
        began = time.perf_counter()
        rows = found.query("SELECT count(*) AS n FROM results")["n"][0]
        found.query(f"SELECT \"{STICKINESS}\", avg(mean) AS reach FROM results WHERE metric = 'reach' GROUP BY ALL")
        print(f"  {rows:,} rows of results: two queries in {time.perf_counter() - began:.2f} s")


if __name__ == "__main__":
    main()
