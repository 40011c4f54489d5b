"""The predicted reproduction number against closed forms, dense eigenvalues, and what is played."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scenes import graphs, independent_cascade, scene

from viralsim.engine import compile_campaign, predicted_reproduction
from viralsim.engine.reproduction_kernels import opposite_arcs
from viralsim.graph import from_arcs, generate
from viralsim.outcome import simulate

SETTINGS = settings(derandomize=True, deadline=None, max_examples=120)

COLUMN = (
    "network={file = 'x', probability_column = 'p'}",
    "item.content.share_rate=0.8",
    "platform.feed.visibility=0.5",
)


def predicted(scenario, graph):
    return predicted_reproduction(compile_campaign(scenario, graph))["content"]


def hashimoto(graph, chances):
    """The weighted non-backtracking matrix: from arc u -> v to each arc v -> w with w not u."""
    sharers, followers = graph.arcs.sharers.tolist(), graph.arcs.followers.tolist()
    dense = np.zeros((len(chances), len(chances)))
    for i, (u, v) in enumerate(zip(sharers, followers, strict=True)):
        for j, (a, w) in enumerate(zip(sharers, followers, strict=True)):
            if a == v and w != u:
                dense[i, j] = chances[j]
    return dense


@SETTINGS
@given(graphs(), st.booleans(), st.booleans())
def test_growth_is_the_largest_eigenvalue_of_the_non_backtracking_matrix(graph, mutual, segments):
    towns = graph.attribute("town")
    if mutual and len(graph.arcs):
        arcs = graph.arcs
        graph = from_arcs(arcs.sharers, arcs.followers, people=graph.people, probability=arcs.probability, mutual=True)
    scenario = independent_cascade("column", settings=COLUMN)
    chances = 0.4 * graph.arcs.probability
    if segments:  # those of the south see half of it, and half of them are satisfied
        if not mutual:
            south = "segment.south={where={town='south'}, attention=0.5, satisfaction=0.5}"
            scenario = scenario.with_settings([south])
            of_south = towns == "south"
            chances *= np.where(of_south[graph.arcs.followers], 0.5, 1.0)
            chances *= np.where(of_south[graph.arcs.sharers], 0.5, 1.0)
        else:  # nobody has a town
            scenario = scenario.with_settings(["segment.everyone.satisfaction=0.5"])
            chances *= 0.5
    found = predicted(scenario, graph)
    dense = hashimoto(graph, chances)
    expected = float(np.abs(np.linalg.eigvals(dense)).max()) if len(chances) else 0.0
    # Defective eigenvalues are found to a root of the machine's precision only, and growth to them is slow.
    if found.settled:
        assert found.number == pytest.approx(expected, abs=0.01)
    else:
        assert found.number >= expected - 0.01
    if chances.sum():
        assert found.mean_field == pytest.approx(chances @ dense.sum(axis=1) / chances.sum(), abs=1e-8)
    if expected < 0.9 and len(chances):
        every_way = chances @ np.linalg.inv(np.eye(len(chances)) - dense).sum(axis=1)
        assert found.engaged_per_seed == pytest.approx(1.0 + every_way / graph.people, rel=0.01)


@SETTINGS
@given(graphs())
def test_opposite_arcs_are_those_a_dictionary_finds(graph):
    sharers, followers = graph.arcs.sharers.tolist(), graph.arcs.followers.tolist()
    places = {pair: i for i, pair in enumerate(zip(sharers, followers, strict=True))}
    out = np.empty(len(sharers), np.int32)
    opposite_arcs(graph.arcs.offsets, graph.arcs.followers, out)
    assert out.tolist() == [places.get((v, u), -1) for u, v in zip(sharers, followers, strict=True)]


@pytest.mark.parametrize(("degree", "p"), [(4, 0.5), (6, 0.1), (2, 0.5)])
def test_regular_graph(degree, p):
    found = predicted(independent_cascade(p), generate("regular", people=300, degree=degree))
    assert found.number == pytest.approx(p * (degree - 1), rel=1e-8)
    assert found.mean_field == pytest.approx(p * (degree - 1), rel=1e-8)
    assert found.settled
    if found.number < 1:
        assert found.engaged_per_seed == pytest.approx(1 + degree * p / (1 - p * (degree - 1)), rel=1e-8)
    else:
        assert found.engaged_per_seed is None


def test_random_graph_and_weighted_cascade():
    """VALIDATION: R = (z - 1 + p0) / z, .7546 on a random graph of mean degree 4."""
    graph = generate("erdos-renyi", people=100_000, mean_degree=4.0)
    cascade = predicted(independent_cascade("weighted-cascade"), graph)
    assert cascade.mean_field == pytest.approx(0.7546, abs=0.004)
    assert not cascade.viral
    dense = generate("erdos-renyi", people=20_000, mean_degree=20.0)
    found = predicted(independent_cascade(0.04), dense)
    assert found.number == pytest.approx(0.8, rel=0.02)
    assert found.mean_field == pytest.approx(0.8, rel=0.02)


def test_trees_end_and_are_exact():
    """A tree has no way back in: growth 0; what a seed leads to is then the exact mean."""
    tree = generate("tree", branching=2, depth=5)
    found = predicted(independent_cascade(0.4), tree)
    assert found.number == 0.0
    expected = np.mean(
        [
            simulate(independent_cascade(0.4, seed), graph=tree, realisations=4_000, impressions=False).engaged.mean
            for seed in range(tree.people)
        ]
    )
    assert found.engaged_per_seed == pytest.approx(expected, rel=0.01)


def test_directed_ring_keeps_going_and_repeats():
    graph = from_arcs([0, 1, 2, 3], [1, 2, 3, 0])
    found = predicted(independent_cascade(0.5), graph)
    assert (found.number, found.mean_field, found.settled) == (pytest.approx(0.5), pytest.approx(0.5), True)
    assert found.engaged_per_seed == pytest.approx(2.0)


def test_an_arc_that_never_persuades_breaks_the_ring():
    """The engine stores its chance as the smallest number there is, which the fourth root would make 0.002."""
    graph = from_arcs([0, 1, 2, 3], [1, 2, 3, 0], probability=[0.5, 0.5, 0.5, 0.0])
    assert predicted(independent_cascade("column", settings=COLUMN), graph).number == 0.0


def test_nothing_seen_and_no_arcs():
    for scenario, graph in (
        (scene("platform.feed.visibility=0"), generate("ring", people=5)),
        (scene("item.content.share_rate=0"), generate("ring", people=5)),
        (scene(), from_arcs([], [], people=3)),
    ):
        found = predicted(scenario, graph)
        assert (found.number, found.mean_field, found.engaged_per_seed) == (0.0, 0.0, 1.0)


def test_what_is_constant_counts_and_fading_novelty_is_an_upper_bound():
    graph = generate("regular", people=100, degree=5)
    settings = ("platform.feed.visibility=0.5", "segment.all.attention=0.5", "item.content.share_rate=0.5")
    scenario = scene(*settings, "item.content.half_life=5", "item.content.affinity.all=2")
    found = predicted(scenario, graph)
    assert found.number == pytest.approx(4 * 0.125 * 0.75, rel=1e-6)  # 1 - (1 - 1/2)^2
    assert found.upper_bound


@pytest.mark.parametrize("p", [0.1, 0.2])
def test_simulated_growth_agrees(p):
    """On a large random graph generations grow as predicted, above and below 1, while few have been reached."""
    graph = generate("configuration", people=100_000, exponent=3.5, minimum_degree=3)
    scenario = independent_cascade(
        p,
        settings=("plan.only.wave.first={strategy='random', count=20, redraw=true}",),
    )
    found = predicted(scenario, graph)
    outcome = simulate(scenario, graph=graph, realisations=2_000, impressions=False)
    by_generation = np.array(outcome.generation_counts[:, 0, :4], dtype=float).sum(axis=0)
    assert by_generation[2] / by_generation[1] == pytest.approx(found.mean_field, rel=0.05)
    if found.engaged_per_seed is not None:
        assert outcome.engaged.mean <= 20 * found.engaged_per_seed * 1.02
