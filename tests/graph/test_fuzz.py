"""Whatever an importer is given, it reads a whole graph or says briefly, naming the file, why not.

A few seconds of what `fuzz_importers.py` does for as long as it is let.
"""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from graph.fuzz_importers import Case, Finding, case_of, check_graph, originals, play
from hypothesis import given, settings
from hypothesis import strategies as st

from viralsim.graph import from_arcs

SETTINGS = settings(derandomize=True, deadline=None, max_examples=200)


@pytest.mark.parametrize("real", [False, True])
def test_mutated_files_are_read_or_refused(tmp_path, real):
    outcomes = set()
    for seed in range(250):
        folder = tmp_path / str(seed)
        folder.mkdir()
        outcomes.add(play(case_of(seed, real=real), folder))
    assert outcomes == {"read", "DataError", "UsageError"}


@pytest.mark.parametrize("name", sorted(originals(False)))
def test_originals_are_as_they_should_be(tmp_path, name):
    """Mutations of what is refused anyway would test little; tables of people are no edge lists."""
    refused = [*(f"{number}.parquet" for number in (3, 4, 8, 9, 10, 12)), "people.csv", "numbers.tsv"]
    outcome = play(Case(0, "read_graph", {name: originals(False)[name]}), tmp_path)
    assert outcome == ("DataError" if name in refused else "read")


words = st.one_of(
    st.text(max_size=6),
    st.integers(-(10**20), 10**20).map(str),
    st.floats().map(repr),
    st.sampled_from(["", "1", "2", "ann", '"', "#", "nan", "0x1", "1e5"]),
)
tables = st.tuples(st.lists(st.lists(words, min_size=1, max_size=5), max_size=8), st.sampled_from(",;\t |"))


def written(table):
    rows, between = table
    return "\n".join(between.join(row) for row in rows).encode("utf-8", "surrogatepass")


@SETTINGS
@given(
    edges=st.one_of(st.binary(max_size=60), tables.map(written)),
    people=st.one_of(st.none(), st.binary(max_size=60), tables.map(written)),
    options=st.fixed_dictionaries(
        {},
        optional={
            "direction": st.sampled_from(["mutual", "follows", "influences"]),
            "delimiter": st.sampled_from(["comma", "tab", "whitespace", ";"]),
            "header": st.booleans(),
            "comment": st.text(max_size=2),
            "merge": st.sampled_from(["mean", "max", "sum", "last"]),
            **dict.fromkeys(("source_column", "target_column"), st.integers(1, 4)),
            **dict.fromkeys(("trust_column", "weight_column", "platform_column"), st.one_of(st.integers(1, 4), words)),
        },
    ),
)
def test_any_text_is_read_or_refused(tmp_path_factory, edges, people, options):
    files = {"edges.csv": edges}
    if people is not None:
        files["people.csv"] = people
        options = {**options, "people": "people.csv"}
    play(Case(0, "read_graph", files, options), tmp_path_factory.mktemp("any"))


def test_a_case_is_always_the_same():
    for seed in range(60):
        one, two = case_of(seed, real=False), case_of(seed, real=False)
        assert (one.importer, one.files, str(one.options)) == (two.importer, two.files, str(two.options))


def test_the_oracle_sees_what_is_wrong(tmp_path, monkeypatch):
    """An oracle that finds nothing wrong with anything would pass as well."""
    for harm in (
        lambda graph: graph.report.__dict__.update(kept=2),
        lambda graph: graph.arcs.trust.__setitem__(0, 1.5),
        lambda graph: graph.arcs.offsets.__setitem__(1, 0),
        lambda graph: graph.arcs.followers.__setitem__(0, 3),
        lambda graph: graph.arcs.multiplicity.__setitem__(0, 2),
        lambda graph: graph.ids.__setitem__(1, 0),
        lambda graph: graph.attributes.update(age=graph.ids[:1]),
    ):
        check_graph(from_arcs([0, 1, 2], [1, 2, 0], trust=[0.5, 0.5, 0.25]))
        graph = from_arcs([0, 1, 2], [1, 2, 0], trust=[0.5, 0.5, 0.25])
        harm(graph)
        with pytest.raises(Finding):
            check_graph(graph)
    case = Case(0, "read_graph", {"edges.csv": b"1,2\n"})
    import viralsim.graph.delimited as room

    def fails(*_, **__):
        raise KeyError("x")

    monkeypatch.setattr(room, "_read_delimited", fails)
    with pytest.raises(Finding, match="KeyError"):
        play(case, tmp_path)


@pytest.mark.long
@pytest.mark.skipif(sys.platform != "linux", reason="limits memory as Linux does")
def test_the_tool_runs(tmp_path):
    command = [sys.executable, str(sys.modules[play.__module__].__file__), "--minutes", "0.05", "--out", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ}, timeout=200, check=True)
    assert '"findings": {}' in done.stdout
