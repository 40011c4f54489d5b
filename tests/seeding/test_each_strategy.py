"""Each strategy against networkx or a naive version of it: who is chosen, in which order, within what is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from itertools import pairwise
from typing import Any

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scenes import scene

from viralsim.engine import compile_campaign
from viralsim.errors import DataError
from viralsim.graph import SocialGraph, communities, from_arcs, from_networkx, generate
from viralsim.luck import uniforms, words
from viralsim.scenario import choices
from viralsim.seeding import STRATEGIES, Request

KEY, GROUP = np.uint64(12345), 3
SETTINGS = settings(derandomize=True, deadline=None, max_examples=60)
ADAPTIVE = ("single-discount", "degree-discount", "voterank", "collective-influence", "one-hop")
PARAMETERS: dict[str, dict[str, Any]] = {"column": {"attribute": "age"}, "mixture": {"parts": {"degree": 1.0}}}
CHOOSING = sorted(set(STRATEGIES) - {"explicit"})


def asked(
    graph: SocialGraph,
    strategy: str,
    count: int | None = None,
    eligible: Iterable[int] | None = None,
    prices: Iterable[int] | None = None,
    budget: int | None = None,
    **parameters: Any,
) -> list[int]:
    """Positions that a strategy chooses, in order."""
    own = {parameter.name: parameter.default for parameter in choices("strategy")[strategy].parameters}
    among = np.array(sorted(range(graph.people) if eligible is None else eligible), dtype=np.int64)
    request = Request(
        graph=graph,
        arcs=graph.arcs,
        eligible=among,
        count=len(among) if count is None else count,
        budget=budget,
        prices=None if prices is None else np.array(list(prices), dtype=np.int64),
        key=KEY,
        group=GROUP,
        parameters=own | PARAMETERS.get(strategy, {}) | parameters,
    )
    return STRATEGIES[strategy](request).tolist()


def luck(graph: SocialGraph) -> list[float]:
    return uniforms(KEY, 0, GROUP, np.arange(graph.people), 2).tolist()


def followers(graph: SocialGraph) -> list[dict[int, int]]:
    """For each person: follower -> multiplicity."""
    rows: list[dict[int, int]] = [{} for _ in range(graph.people)]
    arcs = graph.arcs
    for sharer, follower, count in zip(arcs.sharers, arcs.followers, arcs.multiplicity, strict=True):
        rows[sharer][int(follower)] = int(count)
    return rows


def as_networkx(graph: SocialGraph) -> nx.DiGraph:
    """Return arcs from sharer to follower."""
    other = nx.DiGraph()
    other.add_nodes_from(range(graph.people))
    other.add_edges_from(zip(graph.arcs.sharers.tolist(), graph.arcs.followers.tolist(), strict=True))
    return other


@st.composite
def graphs(draw: Any) -> SocialGraph:
    """Random graphs, some with parallel arcs, several components and people without ties."""
    people = draw(st.integers(1, 12))
    arcs = draw(st.sampled_from([0, people // 2, people, 2 * people, 4 * people]))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    sharers, seen_by = random.integers(0, people, (2, arcs))
    trust = random.choice([0.0, 0.25, 0.5, 1.0], arcs)
    graph = from_arcs(sharers, seen_by, people=people, mutual=draw(st.booleans()), trust=trust)
    return graph.with_attributes(age=random.integers(0, 5, people))


@st.composite
def requests(draw: Any) -> tuple[SocialGraph, dict[str, Any]]:
    """A graph, and who may be chosen, how many, at what price."""
    graph = draw(graphs())
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    eligible = set(range(graph.people))
    if draw(st.booleans()):
        eligible = set(random.choice(graph.people, random.integers(1, graph.people + 1), replace=False).tolist())
    asking: dict[str, Any] = {"eligible": eligible, "count": draw(st.integers(1, len(eligible)))}
    if draw(st.booleans()):
        asking["prices"] = random.integers(0, 6, graph.people).tolist()
        asking["budget"] = draw(st.integers(0, 20))
    return graph, asking


def in_turn(graph: SocialGraph, worth: Callable[[int, list[int]], Any], asking: dict[str, Any]) -> list[int]:
    """Choose the one who is worth most, given those chosen before, again and again."""
    waiting = set(asking["eligible"])
    prices, budget = asking.get("prices", [0] * graph.people), asking.get("budget", 0)
    tie = luck(graph)
    chosen: list[int] = []
    while waiting and len(chosen) < asking["count"]:
        best = max(waiting, key=lambda person: (worth(person, chosen), -tie[person]))
        waiting.remove(best)
        if prices[best] <= budget:
            budget -= prices[best]
            chosen.append(best)
    return chosen


# -- those who rank


def ranking_scores(graph: SocialGraph, strategy: str) -> list[Any]:
    """What networkx or counting says that people are worth."""
    arcs = as_networkx(graph)
    ties, back = arcs.to_undirected(), arcs.reverse()
    everybody = range(graph.people)
    degree = [arcs.out_degree(p) for p in everybody]
    if strategy == "degree":
        return degree
    if strategy == "fringe":
        return [-d if d else -1000 for d in degree]
    if strategy == "weighted-degree":
        sums = [0.0] * graph.people
        for sharer, trust in zip(graph.arcs.sharers.tolist(), graph.arcs.trust.tolist(), strict=True):
            sums[sharer] += trust
        return sums
    if strategy == "pagerank":
        rank = nx.pagerank(back, tol=1e-12, max_iter=1000)
        return [rank[p] for p in everybody]
    if strategy == "k-core":
        cores = nx.core_number(ties)
        return [cores[p] + degree[p] / 100 for p in everybody]
    if strategy == "betweenness":
        return [nx.betweenness_centrality(arcs)[p] for p in everybody]
    if strategy == "closeness":
        return [nx.closeness_centrality(back)[p] for p in everybody]
    if strategy == "clustering":
        shares = nx.clustering(ties)
        return [shares[p] + degree[p] / 1e6 for p in everybody]
    assert strategy == "column"
    return graph.attributes["age"].tolist()


def assert_ranked(chosen: list[int], scores: list[float], eligible: Iterable[int], tie: list[float]) -> None:
    """Hold people to the order of their scores; who is equal but for rounding, to that of luck."""
    for before, after in pairwise(chosen):
        assert scores[before] > scores[after] - 1e-7
        if abs(scores[before] - scores[after]) < 1e-7:
            assert tie[before] < tie[after]
    last = chosen[-1]
    for person in set(eligible) - set(chosen):
        assert scores[person] < scores[last] + 1e-7
        if abs(scores[person] - scores[last]) < 1e-7:
            assert tie[last] < tie[person]


@pytest.mark.parametrize(
    "strategy",
    ["degree", "fringe", "weighted-degree", "pagerank", "k-core", "betweenness", "closeness", "clustering", "column"],
)
@SETTINGS
@given(request=requests())
def test_ranking_equals_networkx(strategy: str, request: tuple[SocialGraph, dict[str, Any]]) -> None:
    graph, asking = request
    asking = {"eligible": asking["eligible"], "count": asking["count"]}
    chosen = asked(graph, strategy, **asking)
    assert len(chosen) == asking["count"] == len(set(chosen))
    assert set(chosen) <= asking["eligible"]
    assert_ranked(chosen, ranking_scores(graph, strategy), asking["eligible"], luck(graph))


@pytest.mark.parametrize("name", ["karate-club", "les-miserables", "davis-southern-women", "tree", "directed"])
def test_eigenvector_equals_networkx(name: str) -> None:
    if name == "directed":
        graph = from_networkx(nx.gnp_random_graph(40, 0.15, seed=5, directed=True))
        assert nx.is_strongly_connected(as_networkx(graph))
    else:
        graph = generate(name)
    central = nx.eigenvector_centrality(as_networkx(graph).reverse(), max_iter=10_000, tol=1e-12)
    scores = [central[person] for person in range(graph.people)]
    assert_ranked(asked(graph, "eigenvector"), scores, range(graph.people), luck(graph))


def test_eigenvector_of_people_without_arcs_is_luck() -> None:
    graph = from_arcs([], [], people=9)
    assert asked(graph, "eigenvector") == sorted(range(9), key=luck(graph).__getitem__)


def test_weighted_degree_adds_up_the_number_that_it_is_told() -> None:
    rows = [(0, 3), (0, 4), (1, 3), (1, 3), (1, 3), (2, 5)]
    graph = from_arcs([u for u, _ in rows], [v for _, v in rows], trust=[0.1, 0.1, 0.1, 0.1, 0.1, 0.9])
    assert asked(graph, "weighted-degree", 3) == [2, 0, 1]
    assert asked(graph, "weighted-degree", 2, weight="multiplicity") == [1, 0]
    with pytest.raises(DataError, match="the arcs of this network have no probability"):
        asked(graph, "weighted-degree", 1, weight="probability")


@pytest.mark.parametrize("strategy", ["betweenness", "closeness"])
def test_samples_find_the_middle(strategy: str) -> None:
    """On a path of 400 the middle is best; 100 walks find somebody near it, and 400 or more are exact."""
    graph = generate("path", people=400)
    assert abs(asked(graph, strategy, 1, samples=100)[0] - 199.5) < 40
    assert asked(graph, strategy, 9, samples=400) == asked(graph, strategy, 9, samples=10_000)
    assert set(asked(graph, strategy, 2, samples=400)) == {199, 200}


@pytest.mark.parametrize(
    "strategy",
    ["degree", "weighted-degree", "pagerank", "k-core", "betweenness", "closeness", "eigenvector", "clustering"],
)
def test_equal_people_are_in_the_order_of_luck_however_sums_are_rounded(strategy: str) -> None:
    """Everybody has the same place in this network, but sums run through them in all sorts of orders."""
    circle = nx.circulant_graph(60, [1, 2, 7, 11])
    names = np.random.default_rng(1).permutation(60).tolist()
    graph = from_arcs(
        [names[u] for u, _ in circle.edges], [names[v] for _, v in circle.edges], mutual=True, trust=0.1, people=60
    )
    assert asked(graph, strategy) == sorted(range(60), key=luck(graph).__getitem__)


# -- those who look at whom they have chosen


@pytest.mark.parametrize("multiplied", [False, True])
@pytest.mark.parametrize("probability", [0.01, 0.3, 1.0])
@SETTINGS
@given(request=requests())
def test_degree_discount_equals_a_naive_version(
    multiplied: bool, probability: float, request: tuple[SocialGraph, dict[str, Any]]
) -> None:
    graph, asking = request
    rows = [{v: c if multiplied else 1 for v, c in row.items()} for row in followers(graph)]

    def counts(person: int, seeds: list[int]) -> tuple[int, int, int]:
        won = sum(rows[person].get(seed, 0) for seed in seeds)
        return sum(rows[person].values()), won, sum(rows[seed].get(person, 0) for seed in seeds)

    def single(person: int, seeds: list[int]) -> float:
        degree, won, _ = counts(person, seeds)
        return degree - won

    def discount(person: int, seeds: list[int]) -> float:
        degree, won, followed = counts(person, seeds)
        return degree - won - followed - (degree - won) * followed * probability

    assert asked(graph, "single-discount", multiplicity=multiplied, **asking) == in_turn(graph, single, asking)
    assert asked(graph, "degree-discount", multiplicity=multiplied, probability=probability, **asking) == in_turn(
        graph, discount, asking
    )


@SETTINGS
@given(request=requests())
def test_degree_discount_of_mutual_ties_is_that_of_the_paper(request: tuple[SocialGraph, dict[str, Any]]) -> None:
    graph, asking = request
    ties = as_networkx(graph).to_undirected()
    graph = from_arcs([u for u, _ in ties.edges], [v for _, v in ties.edges], people=graph.people, mutual=True)

    def discount(person: int, seeds: list[int]) -> float:
        d, t = ties.degree(person), sum(seed in ties[person] for seed in seeds)
        return d - 2 * t - (d - t) * t * 0.01

    assert asked(graph, "degree-discount", **asking) == in_turn(graph, discount, asking)


@pytest.mark.parametrize(
    ("chance", "probability"), [(0.25, 0.25), ("3%", 0.03), ("weighted-cascade", 0.01), ("1%..2%", 0.015)]
)
def test_degree_discount_reckons_with_the_chance_that_the_item_has(chance: float | str, probability: float) -> None:
    wave = "plan.only.wave={first={strategy='degree-discount', count=1}, other={strategy='one-hop', count=1}}"
    scenario = scene(wave, f"item.content.arc_probability={chance!r}")
    waves = scenario.plan["only"].wave
    assert (waves["first"].probability, waves["other"].probability) == (probability, 1.0)


@SETTINGS
@given(request=requests())
def test_voterank_equals_a_naive_version(request: tuple[SocialGraph, dict[str, Any]]) -> None:
    graph, asking = request
    rows = followers(graph)
    total = sum(map(len, rows))

    def votes(person: int, seeds: list[int]) -> Fraction:
        given = {}
        for voter in rows[person]:
            less = Fraction(sum(voter in rows[seed] for seed in seeds) * graph.people, total)
            given[voter] = Fraction(0) if voter in seeds else max(Fraction(0), 1 - less)
        return sum(given.values(), Fraction(0))

    assert asked(graph, "voterank", **asking) == in_turn(graph, votes, asking)


@pytest.mark.parametrize("directed", [False, True])
def test_voterank_equals_networkx(directed: bool) -> None:
    """With as many followers as people, 1 / mean followers is exact enough for networkx's sums of floats."""
    graph = from_networkx(nx.gnp_random_graph(64, 0.1, seed=4, directed=directed))
    tie = luck(graph)
    ordered = nx.DiGraph() if directed else nx.Graph()
    ordered.add_nodes_from(sorted(range(64), key=tie.__getitem__))  # networkx takes the first of equal ones
    ordered.add_edges_from(as_networkx(graph).edges)
    elected = nx.voterank(ordered)
    assert 10 < len(elected) < 64
    assert asked(graph, "voterank", 10) == elected[:10]


@pytest.mark.parametrize("radius", [1, 2])
@SETTINGS
@given(request=requests())
def test_collective_influence_equals_a_naive_version(radius: int, request: tuple[SocialGraph, dict[str, Any]]) -> None:
    graph, asking = request
    arcs = as_networkx(graph)
    waiting, prices = set(asking["eligible"]), asking.get("prices", [0] * graph.people)
    budget, tie = asking.get("budget", 0), luck(graph)
    chosen: list[int] = []
    while waiting and len(chosen) < asking["count"]:
        influence = {}
        for person in waiting:
            hops = nx.single_source_shortest_path_length(arcs, person, cutoff=radius)
            ball = sum(max(arcs.out_degree(p) - 1, 0) for p, distance in hops.items() if distance == radius)
            influence[person] = max(arcs.out_degree(person) - 1, 0) * ball
        if not any(influence.values()):
            influence = {person: arcs.out_degree(person) for person in waiting}
        best = max(waiting, key=lambda person: (influence[person], -tie[person]))
        waiting.remove(best)
        if prices[best] <= budget:
            budget -= prices[best]
            chosen.append(best)
            arcs.remove_node(best)
    assert asked(graph, "collective-influence", radius=radius, **asking) == chosen


@pytest.mark.parametrize("probability", [1.0, 0.5])
@SETTINGS
@given(request=requests())
def test_one_hop_equals_a_naive_version(probability: float, request: tuple[SocialGraph, dict[str, Any]]) -> None:
    graph, asking = request
    rows, p = followers(graph), Fraction(probability)

    def reached(seeds: list[int]) -> Fraction:
        others = [sum(person in rows[seed] for seed in seeds) for person in range(graph.people) if person not in seeds]
        return len(seeds) + sum((1 - (1 - p) ** count for count in others), Fraction(0))

    def gain(person: int, seeds: list[int]) -> Fraction:
        return reached([*seeds, person]) - reached(seeds)

    assert asked(graph, "one-hop", probability=probability, **asking) == in_turn(graph, gain, asking)


# -- those who look at groups


@SETTINGS
@given(request=requests())
def test_the_best_of_each_community_come_in_turn(request: tuple[SocialGraph, dict[str, Any]]) -> None:
    graph, asking = request
    of = communities(graph, random_seed=int(KEY)).of.tolist()
    degree, tie = graph.arcs.out_degree.tolist(), luck(graph)
    best: dict[int, list[int]] = {}
    for person in sorted(asking["eligible"], key=lambda person: (-degree[person], tie[person])):
        best.setdefault(of[person], []).append(person)
    alone = best.pop(-1, [])
    expected = []
    while any(best.values()):
        heads = [members for members in best.values() if members]
        heads.sort(key=lambda members: (-of.count(of[members[0]]), -degree[members[0]], tie[members[0]]))
        expected += [members.pop(0) for members in heads]
    assert asked(graph, "community-best", eligible=asking["eligible"]) == expected + sorted(alone, key=tie.__getitem__)


@pytest.mark.parametrize("size", [1, 3, 100])
@SETTINGS
@given(request=requests())
def test_clusters_equal_a_naive_version(size: int, request: tuple[SocialGraph, dict[str, Any]]) -> None:
    graph, asking = request
    ties, tie = as_networkx(graph).to_undirected(), luck(graph)
    triangles = nx.triangles(ties)
    prices, budget = asking.get("prices", [0] * graph.people), asking.get("budget", 0)
    starts = sorted(asking["eligible"], key=lambda person: (-triangles[person], tie[person]))
    chosen: list[int] = []
    cluster: list[int] = []
    while len(chosen) < asking["count"]:
        able = [person for person in starts if person not in chosen and prices[person] <= budget]
        inside = {person: sum(member in ties[person] for member in cluster) for person in able}
        grow = [person for person in able if inside[person] > 0 and len(cluster) < size]
        apart = [person for person in able if not any(seed in ties[person] for seed in chosen)]
        if grow:
            person = min(grow, key=lambda person: (-inside[person], starts.index(person)))
        elif able:
            cluster = []
            person = (apart or able)[0]
        else:
            break
        chosen.append(person)
        cluster.append(person)
        budget -= prices[person]
    assert asked(graph, "clusters", size=size, **asking) == chosen


def test_clusters_of_two_cliques_are_the_cliques() -> None:
    graph = from_networkx(nx.disjoint_union(nx.complete_graph(5), nx.barbell_graph(5, 3)))
    first, second = (set(asked(graph, "clusters", 10, size=5)[i : i + 5]) for i in (0, 5))
    cliques = [set(range(5)), set(range(5, 10)), set(range(13, 18))]
    assert first in cliques
    assert second in cliques
    assert first != second


def test_a_cluster_is_dense_and_not_a_hub_with_those_who_have_no_other_tie() -> None:
    """It was that: among people with one tie to the cluster, those with fewest other ties came first."""
    clique, hub = nx.complete_graph(6), nx.star_graph(50)
    graph = from_networkx(nx.compose(clique, hub))
    assert set(asked(graph, "clusters", 6)) == set(range(6))


@SETTINGS
@given(request=requests())
def test_nomination_equals_a_naive_version(request: tuple[SocialGraph, dict[str, Any]]) -> None:
    graph, asking = request
    rows = followers(graph)
    follows = [[u for u in range(graph.people) if person in rows[u]] for person in range(graph.people)]
    asking_luck = uniforms(KEY, 0, GROUP, np.arange(graph.people), 3).tolist()
    order = sorted(range(graph.people), key=asking_luck.__getitem__)
    named: list[int] = []
    for turn in range(32):
        for person in order:
            if follows[person]:
                word = int(words(KEY, turn, GROUP, person, 4)[0])
                contact = follows[person][word * len(follows[person]) >> 32]
                if contact in asking["eligible"] and contact not in named:
                    named.append(contact)
    rest = sorted(asking["eligible"] - set(named), key=lambda person: (not rows[person], luck(graph)[person]))
    assert asked(graph, "nomination", eligible=asking["eligible"]) == named + rest


def test_who_is_nominated_has_more_followers_than_who_is_asked() -> None:
    graph = generate("scale-free", people=2000)
    followers_of = graph.arcs.out_degree
    assert followers_of[asked(graph, "nomination", 200)].mean() > 1.5 * followers_of.mean()


# -- mixtures and columns


def test_a_mixture_takes_its_parts_in_the_order_of_the_catalogue() -> None:
    graph = generate("karate-club")
    written = {"fringe": 0.25, "random": 0.25, "degree": 0.5}
    chosen = asked(graph, "mixture", 8, parts=written)
    random = asked(graph, "random", 2)
    hubs = [person for person in asked(graph, "degree") if person not in random][:4]
    fringe = [person for person in asked(graph, "fringe") if person not in random + hubs][:2]
    assert chosen == random + hubs + fringe
    assert asked(graph, "mixture", 8, parts=dict(reversed(written.items()))) == chosen


@SETTINGS
@given(request=requests(), half=st.sampled_from([0.0, 0.1, 0.5, 1.0]))
def test_a_mixture_takes_as_many_as_are_asked_for(request: tuple[SocialGraph, dict[str, Any]], half: float) -> None:
    graph, asking = request
    chosen = asked(graph, "mixture", parts={"voterank": half, "nomination": 1 - half}, **asking)
    assert len(set(chosen)) == len(chosen) <= asking["count"]
    if "budget" in asking:
        assert sum(asking["prices"][person] for person in chosen) <= asking["budget"]
    else:
        assert len(chosen) == asking["count"]


def test_what_a_part_of_a_mixture_cannot_spend_is_for_the_next() -> None:
    """Half of 10 buys the hub for 3, and nobody for the 2 that are left; the 7 that remain of 10 buy one more."""
    graph = generate("star", people=20)
    chosen = asked(graph, "mixture", parts={"degree": 0.5, "fringe": 0.5}, prices=[3] + [7] * 19, budget=10)
    assert chosen[0] == 0
    assert len(chosen) == 2


def test_who_has_no_value_of_a_column_is_not_chosen() -> None:
    graph = generate("path", people=4).with_attributes(
        age=[30.0, np.nan, 50.0, 40.0], town=["Oslo"] * 4, member=[True, False, True, False]
    )
    assert asked(graph, "column", 3) == [2, 3, 0]
    assert asked(graph, "column", prices=[1] * 4, budget=9) == [2, 3, 0]
    assert set(asked(graph, "column", 2, attribute="member")) == {0, 2}
    with pytest.raises(DataError, match="asks for 4, but of the people who are eligible 3 have a value of 'age'"):
        asked(graph, "column", 4)
    with pytest.raises(DataError, match="the values of 'town' are text, expected numbers"):
        asked(graph, "column", 1, attribute="town")
    with pytest.raises(DataError, match="people have no attribute 'aeg'") as caught:
        asked(graph, "column", 1, attribute="aeg")
    assert (caught.value.place, caught.value.hint) == ("attribute", "did you mean 'age'?")


# -- what holds of all


@pytest.mark.parametrize("strategy", CHOOSING)
@SETTINGS
@given(request=requests())
def test_only_people_who_may_be_chosen_are_each_once_and_within_budget(
    strategy: str, request: tuple[SocialGraph, dict[str, Any]]
) -> None:
    graph, asking = request
    chosen = asked(graph, strategy, **asking)
    assert len(set(chosen)) == len(chosen)
    assert set(chosen) <= asking["eligible"]
    if "budget" not in asking:
        assert len(chosen) == asking["count"]
        return
    spent = sum(asking["prices"][person] for person in chosen)
    assert spent <= asking["budget"]
    if len(chosen) < asking["count"] and strategy != "random":  # then nobody who was left out is affordable
        rest = asking["eligible"] - set(chosen)
        assert all(asking["prices"][person] > asking["budget"] - spent for person in rest)


@pytest.mark.parametrize("strategy", CHOOSING)
def test_where_and_per_say_who_may_be_chosen_and_not_whose_ties_count(strategy: str) -> None:
    """Two of each age among the old; the first of each are those of a choice among all of that age alone."""
    graph = generate("les-miserables")
    graph = graph.with_attributes(age=np.arange(77) % 3, old=np.arange(77) > 20)
    own = {"column": "attribute='age'", "mixture": "parts={degree=1}"}.get(strategy, "start=0")
    scenario = scene(f"plan.only.wave.first={{strategy='{strategy}', count=2, per='age', where={{old=true}}, {own}}}")
    groups = compile_campaign(scenario, graph).seeds["first"].groups
    assert [set(graph.attributes["age"][group].tolist()) for group in groups] == [{0}, {1}, {2}]
    assert all(len(group) == 2 and (group > 20).all() for group in groups)
    if strategy == "degree":
        for age, group in enumerate(groups):
            among = [person for person in range(21, 77) if person % 3 == age]
            degrees = sorted(graph.arcs.out_degree[among].tolist())
            assert graph.arcs.out_degree[group].tolist() == degrees[:-3:-1]


@pytest.mark.parametrize("strategy", sorted(set(CHOOSING) - {"mixture"}))
@SETTINGS
@given(graph=graphs())
def test_fewer_are_the_first_of_more(strategy: str, graph: SocialGraph) -> None:
    everybody = asked(graph, strategy)
    for count in range(1, graph.people):
        assert asked(graph, strategy, count) == everybody[:count]


@pytest.mark.parametrize("strategy", CHOOSING)
def test_free_people_and_money_without_end_change_nothing(strategy: str) -> None:
    graph = generate("karate-club").with_attributes(age=np.arange(34))
    free = asked(graph, strategy, 10, prices=[0] * 34, budget=0)
    assert free == asked(graph, strategy, 10) == asked(graph, strategy, 10, prices=[5] * 34, budget=10**12)


@pytest.mark.parametrize("strategy", CHOOSING)
def test_arcs_that_come_and_go_count_once(strategy: str) -> None:
    karate = generate("karate-club").arcs
    arcs = (np.repeat(karate.sharers, 2), np.repeat(karate.followers, 2))
    spans = {"start": np.tile([0, 5], len(karate)), "end": np.tile([3, 9], len(karate))}
    ages = {"age": np.arange(34)}
    timed = from_arcs(*arcs, **spans, attributes=ages)
    always = from_arcs(karate.sharers, karate.followers, attributes=ages)
    assert len(timed.arcs) == 2 * len(always.arcs)
    assert asked(timed, strategy, 12) == asked(always, strategy, 12)


def test_on_karate_the_two_leaders_come_first() -> None:
    """Zachary 1977: the president (33) and the instructor (0)."""
    graph = generate("karate-club")
    for strategy in ("degree", "pagerank", "betweenness", "voterank", "degree-discount", "one-hop", "eigenvector"):
        assert 33 in asked(graph, strategy, 2), strategy
        assert 0 in asked(graph, strategy, 3), strategy
    assert set(asked(graph, "community-best", 2)) <= {0, 33, 32, 6, 5}
    assert set(asked(graph, "k-core", 10)) == {
        p for p, core in nx.core_number(nx.karate_club_graph()).items() if core == 4
    }
    assert 11 in asked(graph, "fringe", 1)
