"""Reading and measuring graphs of a million people: viralsim beside networkx, networkit and polars.

    pip install '.[benchmark]' && python benchmarks/graphs.py --folder /tmp/graphs

Each job runs in a process of its own, on one thread where it can be told to, and prints its seconds and its
peak memory. The jobs are not alike: polars parses a table and counts who is in it, networkit builds its own
graph of integers, networkx builds dictionaries and gets a tenth of the rows, since it takes minutes for all.
viralsim numbers people by first appearance, checks every row, merges parallel arcs and counts what it drops.
"""

from __future__ import annotations

import argparse
import gzip
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

import viralsim as vs


def make(folder: Path, people: int) -> None:
    """Write the files that the jobs read: integers and text, plain and packed, all rows and a tenth."""
    if (folder / "text.csv.gz").exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    arcs = vs.generate("scale-free-directed", people=people, mean_degree=10, random_seed=1).arcs
    order = np.random.default_rng(1).permutation(len(arcs))
    rows = np.stack([arcs.sharers[order], arcs.followers[order]], axis=1).tolist()
    lines = [f"{u},{v}" for u, v in rows]
    text = "source,target\n" + "\n".join(lines) + "\n"
    (folder / "integers.csv").write_text(text)
    (folder / "tenth.csv").write_text("\n".join(lines[: len(lines) // 10]) + "\n")
    (folder / "integers.csv.gz").write_bytes(gzip.compress(text.encode(), 6))
    named = "source,target\n" + "\n".join(f"person-{u:07d},person-{v:07d}" for u, v in rows) + "\n"
    (folder / "text.csv.gz").write_bytes(gzip.compress(named.encode(), 6))


def _polars(path: Path) -> str:
    import polars

    table = polars.read_csv(path)
    return f"{polars.concat([table['source'], table['target'].alias('source')]).n_unique():,} people"


def _networkit(path: Path) -> str:
    import networkit

    reader = networkit.graphio.EdgeListReader(",", 0, "s", continuous=True, directed=True)
    return f"{reader.read(str(path)).numberOfEdges():,} arcs"


def _networkit_graph(path: Path):  # type: ignore[no-untyped-def]
    import networkit

    networkit.setNumberOfThreads(1)
    arcs = vs.read_graph(path).arcs
    graph = networkit.Graph(len(arcs.in_degree), directed=True)
    graph.addEdges((arcs.sharers.astype(np.uint64), arcs.followers.astype(np.uint64)))
    return networkit, graph


def _networkx(path: Path) -> str:
    import networkx

    return f"{networkx.read_edgelist(path, delimiter=',', create_using=networkx.DiGraph).number_of_edges():,} arcs"


def _read(name: str, **options: str) -> Callable[[Path], str]:
    return lambda folder: f"{len(vs.read_graph(folder / name, direction='influences', **options).arcs):,} arcs"


def _reopen(name: str) -> Callable[[Path], str]:
    def job(folder: Path) -> str:
        graph = vs.read_graph(folder / name)
        return f"{graph.people:,} people, last {graph.ids[-1]}"

    return job


JOBS: dict[str, Callable[[Path], str]] = {
    "read integers.csv.gz: viralsim": _read("integers.csv.gz"),
    "read integers.csv.gz: polars (parse and count)": lambda folder: _polars(folder / "integers.csv.gz"),
    "read integers.csv: viralsim": _read("integers.csv"),
    "read integers.csv: networkit": lambda folder: _networkit(folder / "integers.csv"),
    "read a tenth: viralsim": _read("tenth.csv"),
    "read a tenth: networkx": lambda folder: _networkx(folder / "tenth.csv"),
    "read text.csv.gz: viralsim": _read("text.csv.gz"),
    "read text.csv.gz: polars (parse and count)": lambda folder: _polars(folder / "text.csv.gz"),
    "reopen the folder of integers: viralsim": _reopen("integers.graph"),
    "reopen the folder of text: viralsim": _reopen("text.graph"),
}
MEASURES = {
    "PageRank": (
        lambda graph: vs.graph.page_rank(graph).max(),
        lambda kit, g: max(kit.centrality.PageRank(g).run().scores()),
    ),
    "cores": (
        lambda graph: vs.graph.core_numbers(graph).max(),
        lambda kit, g: kit.centrality.CoreDecomposition(kit.graphtools.toUndirected(g)).run().maxCoreNumber(),
    ),
    "betweenness from 32 people": (
        lambda graph: vs.graph.betweenness(graph, samples=32).of.argmax(),
        lambda kit, g: int(np.argmax(kit.centrality.EstimateBetweenness(g, 32).run().scores())),
    ),
}


def _measure(folder: Path, name: str, library: str) -> str:
    """Time the measure alone, the graph being there."""
    if library == "viralsim":
        graph = vs.read_graph(folder / "integers.graph")
        np.asarray(graph.arcs.followers).sum()  # from disk
        MEASURES[name][0](vs.generate("scale-free-directed", people=1000))  # compile
        start = time.perf_counter()
        found = MEASURES[name][0](graph)
    else:
        kit, graph = _networkit_graph(folder / "integers.graph")
        start = time.perf_counter()
        found = MEASURES[name][1](kit, graph)
    return f"{time.perf_counter() - start:.1f} s for the measure alone ({found:g})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=Path("graphs"))
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--job", help=argparse.SUPPRESS)
    options = parser.parse_args()
    jobs = dict(JOBS)
    for name in MEASURES:
        for library in ("viralsim", "networkit"):
            jobs[f"{name}: {library}"] = lambda folder, name=name, library=library: _measure(folder, name, library)
    if options.job:
        start = time.perf_counter()
        said = jobs[options.job](options.folder)
        seconds = time.perf_counter() - start
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        print(f"{options.job:50s} {seconds:7.2f} s  {peak:5.2f} GiB  {said}")
        return
    make(options.folder, options.people)
    for name in ("integers", "text"):
        if not (options.folder / f"{name}.graph").exists():
            vs.write_graph(
                vs.read_graph(options.folder / f"{name}.csv.gz", direction="influences"),
                options.folder / f"{name}.graph",
            )
    environment = {**os.environ, "VIRALSIM_GRAPH_CACHE": "off", "POLARS_MAX_THREADS": "1", "OMP_NUM_THREADS": "1"}
    for job in jobs:
        command = [sys.executable, __file__, "--folder", str(options.folder), "--job", job]
        subprocess.run(command, env=environment, check=True)


if __name__ == "__main__":
    main()
