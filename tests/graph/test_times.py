"""Arcs with start and end: which rows stay apart, what every importer and every form makes of times."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from viralsim.errors import DataError, UsageError
from viralsim.graph import (
    SocialGraph,
    from_arcs,
    from_networkx,
    from_pandas,
    graph_info,
    read_graph,
    with_platforms,
    with_tie_trust,
    write_graph,
)
from viralsim.graph.networks import to_networkx
from viralsim.graph.times import FOREVER, Clock, spans_of

NAN = math.nan
ROWS = [
    ("a", "b", 0, 3),
    ("a", "b", 5, 9),
    ("b", "a", NAN, NAN),
    ("a", "b", 0, 3),
    ("c", "a", 2, NAN),
    ("b", "c", NAN, 4),
]
TIMES = {(0, 1): [(0, 3), (5, 9)], (1, 0): [(0, FOREVER)], (1, 2): [(0, 4)], (2, 0): [(2, FOREVER)]}


def times(graph: SocialGraph) -> dict[tuple[int, int], list[tuple[int, int]]]:
    arcs = graph.arcs
    assert arcs.start is not None
    assert arcs.end is not None
    found: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for u, v, start, end in zip(
        *(values.tolist() for values in (arcs.sharers, arcs.followers, arcs.start, arcs.end)), strict=True
    ):
        found.setdefault((u, v), []).append((start, end))
    return found


def graph_of(rows: list[tuple[str, str, float, float]] = ROWS, **options: Any) -> SocialGraph:
    u, v, start, end = zip(*rows, strict=True)
    number = {"a": 0, "b": 1, "c": 2}
    return from_arcs(
        [number[x] for x in u], [number[x] for x in v], ids=["a", "b", "c"], start=start, end=end, **options
    )


def test_rows_are_merged_where_their_times_are_the_same() -> None:
    graph = graph_of()
    assert times(graph) == TIMES
    assert graph.arcs.multiplicity.tolist() == [2, 1, 1, 1, 1]
    assert (graph.report.rows, graph.report.kept, graph.report.merged) == (6, 5, 1)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(
    rows=st.lists(st.tuples(*[st.integers(0, 3)] * 3, st.integers(1, 3), st.integers(0, 4)), max_size=25),
    mutual=st.booleans(),
)
def test_arcs_equal_a_naive_grouping(rows: list[tuple[int, int, int, int, int]], mutual: bool) -> None:
    """Every (sharer, follower, start, end) is an arc, with the mean trust of its rows and their number."""
    rows = [(u, v, start, start + lasts, trust) for u, v, start, lasts, trust in rows]
    u, v, start, end, trust = (np.array([row[k] for row in rows], dtype=int) for k in range(5))
    graph = from_arcs(u, v, people=4, start=start, end=end, trust=trust / 4, mutual=mutual)
    groups: dict[tuple[int, ...], list[float]] = {}
    for a, b, *when, given_trust in rows:
        if a != b:
            for ends in {(a, b), (b, a)} if mutual else [(a, b)]:
                groups.setdefault((*ends, *when), []).append(given_trust / 4)
    arcs = graph.arcs
    if not any(a != b for a, b, *_ in rows):
        assert len(arcs) == 0
        return
    assert arcs.start is not None
    assert arcs.end is not None
    found = list(
        zip(arcs.sharers.tolist(), arcs.followers.tolist(), arcs.start.tolist(), arcs.end.tolist(), strict=True)
    )
    assert found == sorted(groups)
    assert arcs.multiplicity.tolist() == [len(groups[key]) for key in found]
    assert arcs.trust == pytest.approx([sum(groups[key]) / len(groups[key]) for key in found])
    pairs = sorted({key[:2] for key in found})
    timeless = arcs.timeless
    assert list(zip(timeless.sharers.tolist(), timeless.followers.tolist(), strict=True)) == pairs
    assert timeless.multiplicity.sum() == arcs.multiplicity.sum()
    assert arcs.in_degree.tolist() == [sum(pair[1] == person for pair in pairs) for person in range(4)]
    assert arcs.out_degree.tolist() == [sum(pair[0] == person for pair in pairs) for person in range(4)]


def test_a_graph_without_bounds_has_no_times_and_its_old_fingerprint() -> None:
    plain = from_arcs([0, 1], [1, 0])
    unbound = from_arcs([0, 1], [1, 0], start=[NAN, 0], end=[NAN, FOREVER])
    assert unbound.arcs.start is None
    assert unbound.fingerprint == plain.fingerprint
    assert from_arcs([0, 1], [1, 0], start=[0, 1]).fingerprint != plain.fingerprint


def csv(folder: Path) -> Path:
    path = folder / "ties.csv"
    field = lambda tick: "" if math.isnan(tick) else f"{tick:g}"  # noqa: E731
    text = "".join(f"{u},{v},{field(start)},{field(end)}\n" for u, v, start, end in ROWS)
    path.write_text("from,to,start,end\n" + text)
    return path


COLUMNS = {"start_column": "start", "end_column": "end"}


def test_every_reader_makes_the_same_of_the_same_rows(tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    expected = graph_of().fingerprint
    assert read_graph(csv(tmp_path), direction="influences", **COLUMNS).fingerprint == expected
    frame = pandas.DataFrame(ROWS, columns=["from", "to", "start", "end"])
    assert from_pandas(frame, direction="influences", **COLUMNS).fingerprint == expected
    import duckdb

    parquet = tmp_path / "ties.parquet"
    duckdb.sql(f"SELECT * FROM read_csv('{csv(tmp_path)}')").write_parquet(str(parquet))
    assert read_graph(parquet, direction="influences", **COLUMNS).fingerprint == expected


@pytest.mark.parametrize("name", ["e.csv", "e.csv.gz", "e.parquet", "e.graphml", "folder"])
def test_every_form_reads_back(tmp_path: Path, name: str) -> None:
    graph = graph_of(sorted(set(ROWS), key=ROWS.index), trust=[0.1, 0.2, 0.3, 0.4, 0.5])
    write_graph(graph, tmp_path / name)
    options = {} if name == "folder" else {"direction": "influences", "trust_column": "trust", **COLUMNS}
    back = read_graph(tmp_path / name, **options)  # type: ignore[arg-type]
    assert times(back) == TIMES
    assert back.fingerprint == graph.fingerprint


def test_networkx_and_back() -> None:
    graph = graph_of(sorted(set(ROWS), key=ROWS.index))
    made = to_networkx(graph)
    assert made.is_multigraph()
    assert sum("end" in data for _, _, data in made.edges(data=True)) == 3
    assert from_networkx(made, trust="trust", start="start", end="end").fingerprint == graph.fingerprint
    with pytest.raises(DataError, match="edges have no attribute 'begin', which is to be their start"):
        from_networkx(made, start="begin")


def test_a_layer_without_times_beside_one_with_them(tmp_path: Path) -> None:
    graph = from_arcs([0, 0, 1], [1, 1, 0], platform=["calls", "texts", "calls"], start=[NAN, 3, NAN])
    calls, texts = graph.layers.values()
    assert (calls.timed, texts.timed, graph.timed) == (False, True, True)
    assert graph_info(graph.on_platform("calls"))["times"] is None
    for name in ("folder", "e.csv"):
        write_graph(graph, tmp_path / name)
    assert read_graph(tmp_path / "folder").fingerprint == graph.fingerprint
    columns = {"platform_column": "platform", "trust_column": "trust", **COLUMNS}
    assert read_graph(tmp_path / "e.csv", direction="influences", **columns).fingerprint == graph.fingerprint


def test_people_memberships_and_trust_keep_times(tmp_path: Path) -> None:
    graph = graph_of()
    people = tmp_path / "people.csv"
    people.write_text("id,age\nd,4\na,3\n")
    joined = read_graph(csv(tmp_path), direction="influences", people=people, **COLUMNS)
    assert (joined.people, times(joined)) == (4, TIMES)
    assert times(with_platforms(graph, {"feed": {}}).on_platform("feed")) == TIMES
    for origin in ("overlap", "reciprocity", "uniform", "combined"):
        trusted = with_tie_trust(graph, origin, **({"overlap": 1} if origin == "combined" else {}))
        assert times(trusted) == TIMES
        assert trusted.arcs.trust[0] == trusted.arcs.trust[1]
        plain = with_tie_trust(graph.timeless, origin, **({"overlap": 1} if origin == "combined" else {}))
        assert trusted.arcs.trust[1:].tolist() == plain.arcs.trust.tolist()


def test_measures_count_two_people_once() -> None:
    timed, plain = graph_info(graph_of()), graph_info(graph_of().timeless)
    assert timed["times"] == {"arcs": 4, "pairs": 4, "first": 2, "last": 9}
    assert plain["times"] is None
    aside = {"arcs", "times", "fingerprint", "largest_multiplicity"}
    different = {key for key in timed if timed[key] != plain[key]} - aside
    assert not different


@pytest.mark.parametrize(
    ("start", "end", "message", "hint"),
    [
        ("-1", "5", "start is -1, expected a tick of at least 0, or nothing", "time_origin"),
        ("1.5", "5", "start is 1.5, expected a whole tick", "time_step"),
        ("5", "5", "end is 5, not after start, which is 5", "no more"),
        ("6", "5", "end is 5, not after start, which is 6", "no more"),
        ("2147483647", "", "start is 2147483647, later than any tick (2,147,483,646)", "time_step"),
        ("1e300", "", "later than any tick", "time_step"),
        ("soon", "5", "start is 'soon', expected a tick, or nothing where there is no bound", ""),
        ("1", "0,5", "expected 4 columns, found 5", ""),
    ],
)
def test_times_that_cannot_be_are_named_by_line(tmp_path: Path, start: str, end: str, message: str, hint: str) -> None:
    path = tmp_path / "ties.csv"
    path.write_text(f"a,b,1,2\n# so\nb,c,,\nc,a,{start},{end}\n")
    with pytest.raises(DataError) as found:
        read_graph(path, start_column=3, end_column=4)
    assert found.value.place == f"{path}:4"
    assert message in found.value.message
    assert hint in found.value.hint


def faulty_parquet(folder: Path) -> Any:
    import duckdb

    path = folder / "ties.parquet"
    duckdb.sql("SELECT * FROM (VALUES ('a', 'b', 1), ('b', 'a', -1)) t(source, target, start)").write_parquet(str(path))
    return read_graph(path, start_column="start")


def faulty_pandas(folder: Path) -> Any:
    pandas = pytest.importorskip("pandas")
    return from_pandas(pandas.DataFrame({"u": [1, 2], "v": [2, 1], "start": [1, -1]}), start_column="start")


def faulty_networkx(folder: Path) -> Any:
    import networkx

    graph = networkx.DiGraph()
    graph.add_edge("a", "b", start=1)
    graph.add_edge("b", "a", start=-1)
    return from_networkx(graph, start="start")


@pytest.mark.parametrize(
    ("read", "named"),
    [
        (faulty_parquet, ", row 2: start is -1"),
        (faulty_pandas, "row 1 (from 0): start is -1"),
        (faulty_networkx, "edge 'b', 'a': start is -1"),
    ],
)
def test_other_readers_name_the_row(tmp_path: Path, read: Callable[[Path], Any], named: str) -> None:
    with pytest.raises(DataError) as found:
        read(tmp_path)
    assert named in str(found.value)


def test_times_of_the_data_become_ticks(tmp_path: Path) -> None:
    """Rounded outwards; what began before the origin has been there, what ended by then is never there."""
    path = tmp_path / "calls.csv"
    path.write_text("a,b,1000,1500\na,c,1000.5,\nb,c,500,1001\nc,b,100,900\nc,a,4600,8300\n")
    options = {"direction": "influences", "start_column": 3, "time_origin": 1000, "time_step": 3600}
    graph = read_graph(path, end_column=4, **options)  # type: ignore[arg-type]
    number = {name: k for k, name in enumerate(graph.ids.tolist())}
    expected = {"ab": (0, 1), "ac": (0, FOREVER), "bc": (0, 1), "cb": (0, 0), "ca": (1, 3)}
    assert times(graph) == {(number[u], number[v]): [when] for (u, v), when in expected.items()}
    assert graph.report.notes == ("1 row ends by tick 0: such arcs are never there",)
    lasting = read_graph(path, end_column=4, time_lasts=3600, **options)  # type: ignore[arg-type]
    assert times(lasting)[number["a"], number["c"]] == [(0, 2)]
    write_graph(graph, tmp_path / "e.csv")
    back = read_graph(tmp_path / "e.csv", direction="influences", trust_column="trust", **COLUMNS)  # type: ignore[arg-type]
    assert back.fingerprint == graph.fingerprint


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"time_origin": 3}, "time_origin needs a start_column or end_column"),
        ({"end_column": 4, "time_lasts": 3}, "time_lasts needs a start_column"),
        ({"start_column": 3, "time_step": 0}, "time_step is 0, expected a number above 0"),
        ({"start_column": 3, "time_lasts": -1}, "time_lasts is -1, expected a number above 0"),
        ({"start_column": 3, "time_origin": math.inf}, "time_origin is inf, expected a number"),
    ],
)
def test_options_that_mean_nothing(tmp_path: Path, options: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError) as found:
        read_graph(csv(tmp_path), **options)
    assert message in found.value.message


def test_a_mapped_interval_is_never_empty() -> None:
    starts = np.array([0.2, 3599.9, 7200.0])
    spans, fault = spans_of(starts, starts + 0.1, 3, Clock(step=3600.0, origin=0.0))
    assert fault is None
    assert (spans[1] > spans[0]).all()
