"""Structure against networkx on small random graphs, and against what is known of larger ones."""

from __future__ import annotations

import itertools

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from viralsim.errors import UsageError
from viralsim.graph import from_arcs, from_networkx, generate, structure

SETTINGS = settings(derandomize=True, deadline=None, max_examples=120)


@st.composite
def graphs(draw):
    people = draw(st.integers(1, 14))
    person = st.integers(0, people - 1)
    rows = draw(st.lists(st.tuples(person, person), max_size=70))
    return from_arcs([u for u, _ in rows], [v for _, v in rows], people=people, mutual=draw(st.booleans()))


def as_networkx(graph):
    other = nx.DiGraph()
    other.add_nodes_from(range(graph.people))
    other.add_edges_from(zip(graph.arcs.sharers.tolist(), graph.arcs.followers.tolist(), strict=True))
    return other


@SETTINGS
@given(graphs())
def test_ties_are_those_of_the_undirected_graph(graph):
    offsets, ties = graph.ties
    undirected = as_networkx(graph).to_undirected()
    rows = [ties[offsets[p] : offsets[p + 1]].tolist() for p in range(graph.people)]
    assert rows == [sorted(undirected[p]) for p in range(graph.people)]


@SETTINGS
@given(graphs())
def test_cores_and_clustering_equal_networkx(graph):
    undirected = as_networkx(graph).to_undirected()
    assert structure.core_numbers(graph).tolist() == [nx.core_number(undirected)[p] for p in range(graph.people)]
    found = structure.mean_clustering(graph)
    assert found.exact
    assert found.value == pytest.approx(nx.average_clustering(undirected), abs=1e-12)
    for ours, theirs in (
        (structure.local_clustering, nx.clustering),
        (structure.triangles_by_person, nx.triangles),
    ):
        assert dict(enumerate(ours(graph).tolist())) == pytest.approx(theirs(undirected), abs=1e-12)
    offsets, ties = graph.ties
    common = structure.triangles_by_tie(graph)
    for person in range(graph.people):
        for place in range(offsets[person], offsets[person + 1]):
            assert common[place] == len(list(nx.common_neighbors(undirected, person, int(ties[place]))))


@SETTINGS
@given(graphs())
def test_betweenness_equals_networkx(graph):
    """On directed, mutual and disconnected graphs; an undirected graph of networkx has the same numbers."""
    found = structure.betweenness(graph)
    assert found.exact
    expected = nx.betweenness_centrality(as_networkx(graph))
    assert found.of.tolist() == pytest.approx([expected[p] for p in range(graph.people)], abs=1e-12)
    if graph.mutual:
        undirected = nx.betweenness_centrality(as_networkx(graph).to_undirected())
        assert found.of.tolist() == pytest.approx([undirected[p] for p in range(graph.people)], abs=1e-12)


def test_betweenness_in_two_threads_is_betweenness(monkeypatch):
    graph = from_networkx(nx.gnp_random_graph(60, 0.08, seed=3))
    once = structure.betweenness(graph, samples=40)
    monkeypatch.setattr(structure, "_WALK_CHUNK", 1)
    found = [structure.betweenness(graph, samples=40) for _ in range(5)]
    assert found[0].of == pytest.approx(once.of, rel=1e-12)
    assert found[0].standard_error == pytest.approx(once.standard_error, rel=1e-9)
    assert {one.of.tobytes() for one in found} == {found[0].of.tobytes()}


@pytest.mark.parametrize("mutual", [False, True])
@pytest.mark.parametrize("samples", [2, 3, 5])
def test_sampled_betweenness_and_its_variance_are_right_on_average(monkeypatch, samples, mutual):
    """Over all samples of that size, the mean of the estimates and of their squared standard errors are exact."""
    rows = np.random.default_rng(1).integers(0, 8, (14, 2))
    graph = from_arcs(rows[:, 0], rows[:, 1], people=8, mutual=mutual)
    people = graph.people
    exact = structure.betweenness(graph).of
    every = list(itertools.combinations(range(people), samples))
    found = []
    for sources in every:
        monkeypatch.setattr(structure, "some_people", lambda *_, chosen=sources: np.array(chosen))
        found.append(structure.betweenness(graph, samples))
    estimates = np.array([one.of for one in found])
    assert np.count_nonzero(estimates.var(axis=0)) >= 4
    assert estimates.mean(axis=0) == pytest.approx(exact, abs=1e-12)
    variances = np.array([one.standard_error**2 for one in found])
    assert variances.mean(axis=0) == pytest.approx(estimates.var(axis=0), abs=1e-12)


def test_betweenness_is_sampled_where_there_are_many_people_and_its_interval_holds():
    graph = generate("scale-free", people=1_500, mean_degree=4)
    exact = structure.betweenness(graph).of
    top = np.argsort(-exact)[:20]
    inside = []
    for random_seed in range(12):
        found = structure.betweenness(graph, 200, random_seed=random_seed)
        assert (found.samples, found.exact) == (200, False)
        inside.append(np.abs(found.of - exact)[top] < 1.96 * found.standard_error[top])
        assert set(np.argsort(-found.of)[:3]) <= set(top)
    assert 0.85 < np.mean(inside) < 1.0  # dependencies are skewed: 95% is not quite reached
    again = structure.betweenness(graph, 200, random_seed=11)
    assert again.of.tobytes() == found.of.tobytes()
    assert len(set(structure.some_people(50, 49, np.uint64(5)).tolist())) == 49


def test_betweenness_refuses_what_it_cannot_count():
    with pytest.raises(UsageError, match="at least 2"):
        structure.betweenness(generate("karate-club"), 1)
    rows = [(3 * i + a, 3 * i + b) for i in range(1100) for a, b in ((0, 1), (0, 2), (1, 3), (2, 3))]
    with pytest.raises(UsageError, match="shortest paths"):
        structure.betweenness(from_arcs([a for a, _ in rows], [b for _, b in rows]), 2000)
    assert structure.betweenness(from_arcs([0], [1])).of.tolist() == [0.0, 0.0]


@SETTINGS
@given(graphs())
def test_page_rank_equals_networkx(graph):
    expected = nx.pagerank(as_networkx(graph).reverse(), tol=1e-12, max_iter=1000)
    found = structure.page_rank(graph)
    assert found == pytest.approx([expected[p] for p in range(graph.people)], abs=1e-7)
    assert found.sum() == pytest.approx(1.0)


@SETTINGS
@given(graphs())
def test_distances_equal_networkx(graph):
    other = as_networkx(graph)
    lengths = [d for u, all_ in nx.all_pairs_shortest_path_length(other) for v, d in all_.items() if u != v]
    found = structure.distances(graph)
    assert found.sources == graph.people
    assert found.longest == max(lengths, default=0)
    assert found.reached.value == pytest.approx(len(lengths) / max(1, graph.people * (graph.people - 1)))
    if lengths:
        assert found.mean.value == pytest.approx(np.mean(lengths))
        hop = next(h for h in range(20) if sum(d <= h for d in lengths) >= 0.9 * len(lengths))
        assert hop - 1 < found.effective_diameter <= hop
    else:
        assert found.mean is None
        assert found.effective_diameter is None


@SETTINGS
@given(graphs())
def test_assortativity_equals_networkx(graph):
    undirected = as_networkx(graph).to_undirected()
    found = structure.degree_assortativity(graph)
    if len({undirected.degree[p] for p in undirected if undirected.degree[p]}) < 2:
        assert found is None
    else:
        assert found == pytest.approx(nx.degree_assortativity_coefficient(undirected), abs=1e-9)


@SETTINGS
@given(graphs())
def test_friendship_paradox_by_hand(graph):
    other = as_networkx(graph)
    contacts = {p: [other.out_degree[q] for q in other.predecessors(p)] for p in other if other.in_degree[p]}
    found = structure.friendship_paradox(graph)
    assert found.people == len(contacts)
    assert found.mean_followers == pytest.approx(len(graph.arcs) / graph.people)
    if contacts:
        # In whole numbers: a mean in floating point may miss equality.
        outdone = [sum(have) > len(have) * other.out_degree[p] for p, have in contacts.items()]
        assert found.share == sum(outdone) / len(outdone)
        assert found.mean_of_contacts == pytest.approx(np.mean([h for have in contacts.values() for h in have]))
        assert not graph.mutual or found.mean_of_contacts >= np.mean([len(h) for h in contacts.values()]) - 1e-9
    else:
        assert found.share is None


@SETTINGS
@given(graphs(), st.integers(0, 5))
def test_communities_are_settled_and_their_modularity_is_networkx(graph, random_seed):
    """In small networks nobody would raise modularity by moving; communities hold together; some are in none."""
    undirected = as_networkx(graph).to_undirected()
    undirected.remove_edges_from(list(nx.selfloop_edges(undirected)))
    found = structure.communities(graph, random_seed=random_seed)
    groups = [set(np.flatnonzero(found.of == c).tolist()) for c in range(found.count)]
    assert all(groups)
    assert found.largest == max(map(len, groups), default=0)
    assert [p for p in undirected if found.of[p] == -1] == [p for p in undirected if not undirected[p]]
    first = [int(c) for c in dict.fromkeys(found.of.tolist()) if c >= 0]
    assert first == list(range(found.count))
    if not undirected.edges:
        assert (found.modularity, found.count) == (None, 0)
        return
    tied = undirected.subgraph([p for p in undirected if undirected[p]])
    best = nx.community.modularity(tied, groups)
    assert found.modularity == pytest.approx(best, abs=1e-12)
    for group in groups:
        assert nx.is_connected(tied.subgraph(group))
    for person in tied:
        own = int(found.of[person])
        for other in {int(found.of[q]) for q in tied[person]} - {own}:
            moved = [group - {person} | ({person} if c == other else set()) for c, group in enumerate(groups)]
            assert nx.community.modularity(tied, [group for group in moved if group]) <= best + 1e-12


def test_communities_are_as_good_as_those_of_networkx():
    """Label propagation put a network of weak communities into one: modularity 0 where 0.4 can be had."""
    for graph in (
        generate("les-miserables"),
        generate("karate-club"),
        generate("communities", people=1000, mixing=0.5),
        generate("scale-free", people=1000),
        from_arcs([], [], people=3),
    ):
        found = structure.communities(graph).modularity
        if not len(graph.arcs):
            assert found is None
            continue
        undirected = nx.Graph(list(zip(graph.arcs.sharers.tolist(), graph.arcs.followers.tolist(), strict=True)))
        groups = nx.community.louvain_communities(undirected, seed=1)
        assert found > nx.community.modularity(undirected, groups) - 0.01


def test_a_community_that_fell_into_pieces_is_taken_apart():
    """Without this step (plain Louvain) somebody who held a community together can leave it in two pieces."""
    from viralsim.graph.measure_kernels import refine_communities

    offsets, ties = from_arcs([0, 1, 2, 3, 4, 5], [1, 2, 0, 4, 5, 3], mutual=True).ties
    degree, all_one = np.diff(offsets), np.zeros(6, np.int32)
    sums = np.bincount(all_one, degree, 6).astype(np.int64)
    ones = np.ones(len(ties), np.int32)
    parts, count = refine_communities(
        offsets, ties, ones, degree, len(ties), np.arange(6, dtype=np.int32), all_one, sums
    )
    assert not set(parts[:3].tolist()) & set(parts[3:].tolist())
    assert 2 <= count < 6


def test_modularity_at_random_is_that_of_a_random_network():
    """A random network has communities by chance; rewired it has as many."""
    graph = generate("erdos-renyi", people=3000, mean_degree=4)
    found = structure.communities(graph).modularity
    assert found > 0.4
    assert structure.modularity_at_random(graph) == pytest.approx(found, abs=0.02)
    made = generate("communities", people=3000, mixing=0.1)
    assert structure.modularity_at_random(made) < structure.communities(made).modularity - 0.3
    assert structure.modularity_at_random(from_arcs([], [], people=3)) is None


def test_rewiring_keeps_the_number_of_ties_of_everybody():
    from viralsim.graph.measure_kernels import met_at_random

    offsets, ties = generate("communities", people=500).ties
    begins, met = met_at_random(np.uint64(7), offsets)
    assert (np.diff(begins) <= np.diff(offsets)).all()
    assert len(met) > 0.95 * len(ties)
    rows = np.repeat(np.arange(500), np.diff(begins))
    assert (rows != met).all()
    assert sorted(zip(rows.tolist(), met.tolist(), strict=True)) == sorted(
        zip(met.tolist(), rows.tolist(), strict=True)
    )


def test_communities_find_those_that_were_made_and_are_repeated():
    graph = generate("communities", people=3000, mixing=0.1)
    made = graph.attribute("community")
    found = structure.communities(graph)
    assert 0.7 < found.modularity < 1
    assert (found.of == structure.communities(graph).of).all()
    # Nearly all of a community found comes from one that was made.
    same = sum(np.bincount(made[found.of == c]).max() for c in range(found.count))
    assert same > 0.8 * graph.people


def test_samples_cover_the_exact_numbers():
    graph = generate("communities", people=3000)
    exact = structure.mean_clustering(graph).value
    sampled = structure.mean_clustering(graph, samples=20_000)
    assert sampled.low < exact < sampled.high
    assert sampled.high - sampled.low < 0.02
    assert sampled.samples == 20_000
    whole = structure.distances(graph, samples=graph.people)
    some = structure.distances(graph, samples=200)
    assert whole.mean.exact
    assert some.mean.low < whole.mean.value < some.mean.high
    assert some.effective_diameter == pytest.approx(whole.effective_diameter, abs=0.2)
    assert some.longest <= whole.longest


def test_intervals_of_distances_cover_as_often_as_they_say(monkeypatch):
    graph = generate("scale-free", people=400)
    exact = structure.distances(graph, samples=400).mean.value
    covered = 0
    for repeat in range(200):
        people = np.random.default_rng(repeat).choice(400, 30, replace=False).astype(np.int64)
        monkeypatch.setattr(structure, "some_people", lambda *_, people=people: people)
        found = structure.distances(graph, samples=30).mean
        covered += found.low <= exact <= found.high
    assert covered >= 180


def test_clustering_is_sampled_where_it_would_take_long(monkeypatch):
    monkeypatch.setattr(structure, "_MOST_TRIANGLE_WORK", 10)
    found = structure.mean_clustering(generate("karate-club"))
    assert not found.exact
    assert found.low < 0.570638 < found.high


def test_chunks_do_not_show(monkeypatch):
    graph = generate("communities", people=500)
    whole = structure.triangles_by_tie(graph)
    monkeypatch.setattr(structure, "_CHUNK", 100)
    assert (structure.triangles_by_tie(graph) == whole).all()


def test_people_walked_from_differ_and_are_spread():
    people = structure.some_people(65, 64, np.uint64(1))
    assert len(set(people.tolist())) == 64
    assert np.mean(structure.some_people(10_000, 400, np.uint64(1))) == pytest.approx(5000, abs=600)


def test_tail_of_a_power_law_is_found():
    tail = structure.degree_tail(generate("scale-free", people=50_000))
    assert tail.exponent == pytest.approx(3.0, abs=0.2)  # Barabasi & Albert 1999
    assert tail.distance < 0.05
    assert 0.05 < tail.top_share < 0.3
    even = structure.degree_tail(generate("ring", people=1000))
    assert (even.exponent, even.top_share) == (None, 0.01)
    assert structure.degree_tail(from_arcs([], [], people=3)).top_share is None


@pytest.mark.parametrize(
    "call",
    [
        lambda g: structure.page_rank(g, damping=1.0),
        lambda g: structure.page_rank(g, iterations=0),
        lambda g: structure.distances(g, samples=1),
        lambda g: structure.mean_clustering(g, samples=0),
    ],
)
def test_what_cannot_be_is_refused(call):
    with pytest.raises(UsageError):
        call(generate("star"))
