"""from_arcs against a plain model: rows in dictionaries."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from viralsim.errors import DataError, UsageError
from viralsim.graph import SocialGraph, arc_kernels, from_arcs
from viralsim.graph.social_graph import MERGES

SETTINGS = settings(derandomize=True, deadline=None, max_examples=150)
# Sixteenths: their sums and means are exact, so the model needs no tolerance.
TRUST = st.integers(0, 16).map(lambda k: k / 16)


@st.composite
def rows(draw):
    people = draw(st.integers(1, 8))
    person = st.integers(0, people - 1)
    return people, draw(st.lists(st.tuples(person, person, TRUST), max_size=30))


def as_dict(graph: SocialGraph) -> dict[tuple[int, int], tuple[int, float]]:
    arcs = graph.arcs
    assert arcs.offsets[0] == 0
    assert arcs.offsets[-1] == len(arcs.followers) == len(arcs.trust) == len(arcs.multiplicity)
    found = {}
    for u in range(graph.people):
        row = arcs.followers[arcs.offsets[u] : arcs.offsets[u + 1]].tolist()
        assert row == sorted(set(row)), "rows ascend without repetition"
        for k, v in enumerate(row, start=int(arcs.offsets[u])):
            found[u, v] = (int(arcs.multiplicity[k]), float(arcs.trust[k]))
    return found


def merged(values: list[float], rule: str) -> float:
    if rule == "mean":
        return float(np.clip(sum(values) / len(values), min(values), max(values)))
    return {"max": max(values), "sum": min(1.0, sum(values)), "last": values[-1]}[rule]


def model(listed, rule: str, mutual: bool) -> dict[tuple[int, int], tuple[int, float]]:
    gathered: dict[tuple[int, int], list[float]] = {}
    for u, v, trust in listed:
        if u == v:
            continue
        for arc in [(u, v), (v, u)] if mutual else [(u, v)]:
            gathered.setdefault(arc, []).append(trust)
    return {arc: (len(values), merged(values, rule)) for arc, values in gathered.items()}


@SETTINGS
@given(rows(), st.sampled_from(["mean", "max", "sum", "last"]), st.booleans())
def test_arcs_equal_a_dictionary_of_rows(case, rule, mutual):
    people, listed = case
    graph = from_arcs(
        [u for u, _, _ in listed],
        [v for _, v, _ in listed],
        people=people,
        trust=[t for _, _, t in listed],
        merge=rule,
        mutual=mutual,
    )
    assert as_dict(graph) == model(listed, rule, mutual)
    report = graph.report
    assert report.rows == len(listed) == report.kept + report.self_loops + report.merged
    assert report.self_loops == sum(u == v for u, v, _ in listed)
    assert len(graph.arcs) == report.kept * (2 if mutual else 1)
    assert int(graph.arcs.multiplicity.sum()) == (report.kept + report.merged) * (2 if mutual else 1)
    both = {(u, v) for u, v, _ in listed} & {(v, u) for u, v, _ in listed if u != v}
    assert report.both_orders == (len(both) // 2 if mutual else 0)


@SETTINGS
@given(rows(), st.booleans())
def test_degrees_equal_networkx(case, mutual):
    people, listed = case
    other = nx.Graph() if mutual else nx.DiGraph()
    other.add_nodes_from(range(people))
    other.add_edges_from((u, v) for u, v, _ in listed if u != v)
    graph = from_arcs([u for u, *_ in listed], [v for _, v, _ in listed], people=people, mutual=mutual)
    out = dict(other.degree) if mutual else dict(other.out_degree)
    into = dict(other.degree) if mutual else dict(other.in_degree)
    assert graph.arcs.out_degree.tolist() == [out[v] for v in range(people)]
    assert graph.arcs.in_degree.tolist() == [into[v] for v in range(people)]
    assert graph.arcs.sharers.tolist() == [u for u, _ in sorted(as_dict(graph))]


@SETTINGS
@given(rows(), st.booleans(), st.randoms(use_true_random=False))
def test_fingerprint_does_not_depend_on_row_order(case, mutual, random):
    people, listed = case
    shuffled = random.sample(listed, len(listed))

    def make(some, rule):
        return from_arcs(
            [u for u, *_ in some],
            [v for _, v, _ in some],
            people=people,
            trust=[t for *_, t in some],
            merge=rule,
            mutual=mutual,
        )

    for rule in ("mean", "max", "sum"):
        assert make(listed, rule).fingerprint == make(shuffled, rule).fingerprint
    if mutual:
        turned = [(v, u, t) for u, v, t in listed]
        assert make(listed, "last").fingerprint == make(turned, "last").fingerprint


def test_fingerprint_changes_with_whatever_can_change_a_realisation():
    def make(sharers=(0, 1), followers=(1, 2), **more):
        return from_arcs(list(sharers), list(followers), **more).fingerprint

    base = make()
    others = [
        make(followers=(1, 0)),
        make(people=4),
        make(trust=0.25),
        make(trust=[0.5, 0.25]),
        make(weight=[1, 2]),
        make(probability=[0.5, 0.5]),
        make(ids=[5, 6, 7]),
        make(ids=["0", "1", "2"]),
        make(attributes={"age": [1, 2, 3]}),
        make(attributes={"ages": [1, 2, 3]}),
        make(attributes={"age": ["1", "2", "3"]}),
        make((0, 0, 1), (1, 1, 2)),
        make(mutual=True),
    ]
    assert len({base, *others}) == 1 + len(others)
    assert base == make() == make(trust=[0.5, 0.5]) == make(ids=[0, 1, 2])
    assert make(trust=[0.0, 0.5]) == make(trust=[-0.0, 0.5])
    assert make(attributes={"x": [0.0, 1.0, 2.0]}) == make(attributes={"x": [-0.0, 1.0, 2.0]})


def test_fingerprint_is_the_same_on_every_machine():
    """Written down once: a change here means that stored results no longer match their graphs."""
    graph = from_arcs([0, 1], [1, 2], ids=["ann", "bob", "cem"], attributes={"age": [31, 40, 27]})
    assert graph.fingerprint == "b900787dcecdc24908cdf6f5c19e585c9c98208ce2260a50ad5ff2dde6f03107"


def test_summed_trust_above_one_is_cut_and_counted():
    graph = from_arcs([0, 0, 1], [1, 1, 0], trust=[0.75, 0.75, 1.0], merge="sum")
    assert as_dict(graph) == {(0, 1): (2, 1.0), (1, 0): (1, 1.0)}
    assert graph.report.clipped == 1
    edges = from_arcs([0, 0], [1, 1], trust=[0.75, 0.75], merge="sum", mutual=True)
    assert edges.report.clipped == 1


def test_mean_of_equal_trust_keeps_its_bits():
    """0.1 + 0.1 + 0.1 over 3 is 0.10000000000000002."""
    assert from_arcs([0, 0, 0], [1, 1, 1], trust=[0.1, 0.1, 0.1]).arcs.trust.tolist() == [0.1]


def test_weights_and_probabilities_merge_by_the_same_rule():
    graph = from_arcs([0, 0], [1, 1], weight=[1.0, 3.0], probability=[0.75, 0.5], merge="sum")
    assert graph.arcs.weight.tolist() == [4.0]
    assert graph.arcs.probability.tolist() == [1.0]


def test_types_and_shapes():
    graph = from_arcs([0, 2], [1, 1], weight=[1, 2])
    arcs = graph.arcs
    assert (arcs.offsets.dtype, arcs.followers.dtype, arcs.multiplicity.dtype) == (
        np.int64,
        np.int32,
        np.int32,
    )
    assert (arcs.trust.dtype, arcs.weight.dtype) == (np.float64, np.float64)
    assert arcs.in_degree.dtype == arcs.out_degree.dtype == np.int64
    assert graph.ids.dtype == np.int64
    assert not graph.mutual


def test_people_without_arcs():
    graph = from_arcs([], [], people=3)
    assert (graph.people, len(graph.arcs), graph.arcs.offsets.tolist()) == (3, 0, [0, 0, 0, 0])
    assert repr(graph) == "SocialGraph(3 people, 0 arcs, directed, from arrays)"


def test_one_person():
    graph = from_arcs([0], [0])
    assert (graph.people, len(graph.arcs), graph.report.self_loops) == (1, 0, 1)


def test_position_finds_integers_and_text_alike():
    integers = from_arcs([0, 1], [1, 2], ids=[10, 7, -3])
    assert integers.position(7) == integers.position("7") == integers.position(np.int64(7)) == 1
    text = from_arcs([0, 1], [1, 2], ids=["10", "007", "7"])
    assert (text.position("007"), text.position("7"), text.position(7)) == (1, 2, 2)
    assert text.positions(["7", "10"]).tolist() == [2, 0]


@pytest.mark.parametrize(
    ("ids", "person", "hint"),
    [
        ([10, 7, -3], 8, "ids are integers from -3 to 10"),
        ([10, 7, -3], "007", "ids are integers from -3 to 10"),
        ([10, 7, -3], "ann", "ids are integers from -3 to 10"),
        ([10, 7, -3], True, "ids are integers from -3 to 10"),
        (["ann", "bob", "cem"], "anna", "did you mean 'ann'?"),
        (["ann", "bob", "cem"], "zoe", "ids are text, e.g. 'ann', 'bob', 'cem'"),
    ],
)
def test_nobody_by_that_id(ids, person, hint):
    with pytest.raises(DataError, match="there is no person with the id") as caught:
        from_arcs([0, 1], [1, 2], ids=ids).position(person)
    assert caught.value.hint == hint


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"sharers": [], "followers": []}, "arrays: there are no people"),
        ({"sharers": [0], "followers": [1, 2]}, "arrays: 1 sharers but 2 followers"),
        ({"sharers": [0.5], "followers": [1]}, "arrays: sharers must be a one-dimensional array of integers"),
        (
            {"sharers": [0, 3], "followers": [1, 1], "people": 3},
            "arrays: row 1 (from 0) is the arc 3 -> 1, expected positions from 0 to 2 (3 people)",
        ),
        (
            {"sharers": [-1], "followers": [1]},
            "arrays: row 0 (from 0) is the arc -1 -> 1, expected positions",
        ),
        (
            {"sharers": [0, 1], "followers": [1, 0], "trust": [0.5, 1.5]},
            "arrays: row 1 (from 0): trust is 1.5, expected a number from 0 to 1",
        ),
        (
            {"sharers": [0], "followers": [1], "trust": float("nan")},
            "trust is nan, expected a number from 0 to 1",
        ),
        ({"sharers": [0], "followers": [1], "trust": -0.5}, "trust is -0.5, expected a number from 0 to 1"),
        ({"sharers": [0], "followers": [1], "trust": "high"}, "trust must be numbers"),
        (
            {"sharers": [0], "followers": [1], "weight": [-1]},
            "weight is -1, expected a finite number of at least 0",
        ),
        ({"sharers": [0], "followers": [1], "weight": [np.inf]}, "weight is inf, expected a finite number"),
        (
            {"sharers": [0], "followers": [1], "probability": [2]},
            "probability is 2, expected a number from 0 to 1",
        ),
        ({"sharers": [0], "followers": [1], "probability": [0.1, 0.2]}, "probability has the shape (2,)"),
        ({"sharers": [0], "followers": [1], "ids": ["a", "a"]}, "ids must differ, but 1 of 2 repeat another"),
        ({"sharers": [0], "followers": [1], "people": 3, "ids": ["a", "b"]}, "2 ids were given for 3 people"),
        (
            {"sharers": [0], "followers": [1], "attributes": {"age": [3]}},
            "attribute 'age' has the shape (1,)",
        ),
    ],
)
def test_bad_rows_are_named(arguments, message):
    with pytest.raises(DataError) as caught:
        from_arcs(**arguments)
    assert message in str(caught.value)
    assert caught.value.exit_code == 4


def test_unknown_merge():
    with pytest.raises(UsageError, match="unknown way to merge parallel arcs: 'maxi'") as caught:
        from_arcs([0], [1], merge="maxi")
    assert caught.value.hint == "did you mean 'max'?"


def test_attributes():
    graph = from_arcs([0], [1]).with_attributes(city=["Oslo", "Rome"])
    assert graph.attribute("city").tolist() == ["Oslo", "Rome"]
    with pytest.raises(DataError, match="people have no attribute 'citty'") as caught:
        graph.attribute("citty")
    assert caught.value.hint == "did you mean 'city'?"
    with pytest.raises(DataError) as caught:
        from_arcs([0], [1]).attribute("city")
    assert caught.value.hint == "the attributes of this graph: none"


def test_ways_to_merge_are_numbered_as_the_kernel_numbers_them():
    numbers = (arc_kernels.MERGE_MEAN, arc_kernels.MERGE_MAX, arc_kernels.MERGE_SUM, arc_kernels.MERGE_LAST)
    assert [MERGES[number] for number in numbers] == ["mean", "max", "sum", "last"]


def test_names_that_are_no_utf8_have_a_fingerprint():
    """UnicodeEncodeError: surrogates not allowed, where an object called a platform or an attribute so."""
    graph = from_arcs([0, 1], [1, 0], platform=["\udc80", "b"], attributes={"\udc81": [1, 2]})
    other = from_arcs([0, 1], [1, 0], platform=["\udc82", "b"], attributes={"\udc81": [1, 2]})
    assert graph.fingerprint != other.fingerprint
