"""Attributes drawn for people: shares, distributions, homophily against networkx, hubs; and platforms."""

from __future__ import annotations

import math
from fractions import Fraction

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from viralsim.errors import ScenarioError, UsageError
from viralsim.graph import (
    from_arcs,
    generate,
    graph_info_lines,
    homophily,
    load_network,
    with_drawn_attributes,
    with_platforms,
)
from viralsim.graph.attribute_kernels import exchange, normal_quantiles
from viralsim.graph.drawn import _bands, _counts
from viralsim.graph.platforms import platforms_info
from viralsim.luck import Purpose, stream_key
from viralsim.scenario import choices, json_schema, read_scenario, scenario_from_text

SETTINGS = settings(derandomize=True, deadline=None, max_examples=100)
CITY = {"values": {"oslo": "50%", "rome": "30%", "kyoto": "20%"}}
AGE = {"distribution": "normal", "mean": 40, "deviation": 12}


def network(graph):
    arcs = zip(graph.arcs.sharers.tolist(), graph.arcs.followers.tolist(), strict=True)
    made = nx.DiGraph()
    made.add_nodes_from(range(graph.people))
    made.add_edges_from(arcs)
    return made


# -- texts


@SETTINGS
@given(st.lists(st.integers(0, 20), min_size=1, max_size=9).filter(any), st.integers(1, 3000))
def test_shares_are_kept_to_the_rounded_person(parts, people):
    shares = [Fraction(part, sum(parts)) for part in parts]
    counts = _counts([float(share) for share in shares], people)
    assert sum(counts) == people
    for share, count in zip(shares, counts, strict=True):
        assert math.floor(share * people) <= count <= math.ceil(share * people)


@pytest.mark.parametrize("wanted", [0, 0.2, 0.9])
def test_shares_hold_whatever_the_homophily(wanted):
    graph = with_drawn_attributes(generate("communities", people=1_003), {"city": {**CITY, "homophily": wanted}})
    texts = graph.attribute("city").tolist()
    assert [texts.count(city) for city in ("oslo", "rome", "kyoto")] == [501, 301, 201]


@pytest.mark.parametrize(
    ("generator", "people", "wanted"),
    [
        ("communities", 4_000, 0.05),
        ("communities", 4_000, 0.3),
        ("communities", 4_000, 0.6),
        ("erdos-renyi", 4_000, 0.2),
        ("erdos-renyi", 4_000, 0.39),  # exchanges are needed
        ("small-world", 2_000, 0.5),
        ("scale-free", 4_000, 0.3),
        ("scale-free-directed", 4_000, 0.2),
    ],
)
def test_homophily_is_what_was_asked_for_as_networkx_measures_it(generator, people, wanted):
    graph = generate(generator, people=people)
    drawn = with_drawn_attributes(
        graph, {"city": {**CITY, "homophily": wanted}, "age": {**AGE, "whole": True, "homophily": wanted}}
    )
    other = network(drawn)
    nx.set_node_attributes(other, dict(enumerate(drawn.attribute("city").tolist())), "city")
    ranks = stats.rankdata(drawn.attribute("age"))
    nx.set_node_attributes(other, dict(enumerate(ranks.tolist())), "age")
    city = nx.attribute_assortativity_coefficient(other, "city")
    xs, ys = ranks[graph.arcs.sharers], ranks[graph.arcs.followers]
    assert city == pytest.approx(wanted, abs=0.005)
    assert homophily(drawn, "city") == pytest.approx(city, abs=1e-12)
    assert homophily(drawn, "age") == pytest.approx(wanted, abs=0.005)
    assert homophily(drawn, "age") == pytest.approx(float(np.corrcoef(xs, ys)[0, 1]), abs=1e-9)
    # The definition in words: the excess of ties within over chance.
    within = np.mean(drawn.attribute("city")[graph.arcs.sharers] == drawn.attribute("city")[graph.arcs.followers])
    texts = drawn.attribute("city")
    chance = sum(
        np.mean(texts[graph.arcs.sharers] == one) * np.mean(texts[graph.arcs.followers] == one) for one in set(texts)
    )
    assert within == pytest.approx(wanted + (1 - wanted) * chance, abs=0.005)


def test_numbers_are_measured_as_networkx_does():
    graph = with_drawn_attributes(generate("communities", people=300), {"age": {**AGE, "homophily": 0.4}})
    other = network(graph)
    ranks = stats.rankdata(graph.attribute("age")).astype(int)
    nx.set_node_attributes(other, dict(enumerate(ranks.tolist())), "rank")
    assert homophily(graph, "age") == pytest.approx(nx.numeric_assortativity_coefficient(other, "rank"), abs=1e-9)


def test_without_homophily_ties_say_nothing():
    values = [homophily(with_drawn_attributes(GRAPH, {"city": CITY}, random_seed=seed), "city") for seed in range(40)]
    spread = 1 / math.sqrt(len(GRAPH.arcs) / 2)
    assert abs(np.mean(values)) < 4 * spread / math.sqrt(40)
    assert max(map(abs, values)) < 5 * spread


GRAPH = generate("communities", people=2_000)


def test_homophily_says_nothing_about_the_number_of_ties():
    """Smoothed numbers are more extreme for people with few ties; ranks among people alike take that out."""
    graph = generate("scale-free", people=6_000)
    drawn = with_drawn_attributes(graph, {"age": {**AGE, "homophily": 0.5}})
    distance = np.abs(drawn.attribute("age") - 40)
    degree = graph.arcs.out_degree
    assert abs(stats.spearmanr(distance, degree)[0]) < 0.05
    assert abs(stats.spearmanr(drawn.attribute("age"), degree)[0]) < 0.05


def test_a_homophily_out_of_reach_is_said():
    graph = with_drawn_attributes(generate("erdos-renyi", people=2_000), {"city": {**CITY, "homophily": "90%"}})
    reached = homophily(graph, "city")
    assert 0.35 < reached < 0.6
    assert graph.report.notes[-1] == (
        "attribute city: oslo 1,000, rome 600, kyoto 400; "
        f"homophily {reached:.3f}, the nearest to the 0.9 asked for that was found on these ties"
    )


@pytest.mark.parametrize("graph", [from_arcs([], [], people=5), generate("complete", people=1)])
def test_where_nobody_is_tied_homophily_has_no_meaning(graph):
    drawn = with_drawn_attributes(graph, {"city": {**CITY, "homophily": 0.5}, "age": {**AGE, "homophily": 0.5}})
    assert homophily(drawn, "city") is None
    assert homophily(drawn, "age") is None
    assert all("homophily has no meaning here" in note for note in drawn.report.notes[-2:])


@SETTINGS
@given(st.data())
def test_every_small_graph_takes_attributes(data):
    people = data.draw(st.integers(1, 12))
    person = st.integers(0, people - 1)
    rows = data.draw(st.lists(st.tuples(person, person), max_size=40))
    graph = from_arcs([u for u, _ in rows], [v for _, v in rows], people=people, mutual=data.draw(st.booleans()))
    wanted = data.draw(st.sampled_from([0, 0.3, 1]))
    parts = data.draw(st.lists(st.integers(0, 5), min_size=1, max_size=6).filter(any))
    values = {f"v{i}": part / sum(parts) for i, part in enumerate(parts)}
    drawn = with_drawn_attributes(
        graph, {"kind": {"values": values, "homophily": wanted}, "age": {**AGE, "homophily": wanted}}
    )
    texts = drawn.attribute("kind").tolist()
    assert [texts.count(value) for value in values] == _counts(list(values.values()), people)
    assert sorted(drawn.attribute("age").tolist()) == sorted(
        with_drawn_attributes(graph, {"age": AGE}).attribute("age").tolist()
    )


@SETTINGS
@given(st.data())
def test_exchanges_raise_the_homophily_and_keep_their_books(data):
    people = data.draw(st.integers(2, 14))
    person = st.integers(0, people - 1)
    rows = data.draw(st.lists(st.tuples(person, person), min_size=1, max_size=50))
    graph = from_arcs([u for u, _ in rows], [v for _, v in rows], people=people, mutual=True)
    group = np.array(data.draw(st.lists(st.integers(0, 2), min_size=people, max_size=people)), np.int32)
    arcs = graph.arcs

    def within():
        return int(np.sum(group[arcs.sharers] == group[arcs.followers]))

    def ends():
        return np.bincount(group[arcs.sharers], minlength=3).astype(np.int64)

    def likeness():
        kinds = graph.with_attributes(group=group.astype(str).astype(object))
        return homophily(kinds, "group")

    counts = np.bincount(group, minlength=3)
    members = np.argsort(group, kind="stable").astype(np.int32)
    slot = np.empty_like(members)
    slot[members] = np.arange(people, dtype=np.int32)
    bounds = np.r_[0, np.cumsum(counts)]
    before, key, tracked = likeness(), stream_key(data.draw(st.integers(0, 99)), Purpose.NETWORK), ends()
    wanted = data.draw(st.sampled_from([0.1, 0.5, 5.0]))
    if before is None:
        return
    args = (key, 0, arcs.offsets, arcs.followers, np.arange(people), group, bounds, members, slot, tracked)
    assert exchange(*args, within(), wanted) == within()
    assert tracked.tolist() == ends().tolist()
    after = likeness()
    assert after >= before or after is None
    assert abs(after - wanted) <= abs(before - wanted)
    assert np.bincount(group, minlength=3).tolist() == counts.tolist()
    assert members[slot].tolist() == list(range(people))
    assert all(set(members[bounds[g] : bounds[g + 1]]) == set(np.flatnonzero(group == g)) for g in range(3))


def test_people_with_about_as_many_ties_are_together():
    degree = np.repeat([0, 1, 2, 3, 4, 900], [3, 40, 20, 20, 50, 5])
    assert np.split(_bands(degree), np.cumsum([3, 40, 20, 20, 50]))[0].tolist() == [0, 0, 0]
    assert [int(band) for band in dict.fromkeys(_bands(degree).tolist())] == [0, 1, 2]
    assert len(set(_bands(degree)[83:])) == 1, "five hubs are too few for a band of their own"


def test_hubs_are_those_with_most_followers():
    graph = generate("scale-free-directed", people=5_000)
    role = {"values": {"public": "96%", "media": "1%", "blogger": "3%"}, "hubs": ["media", "blogger"]}
    followers = graph.arcs.out_degree
    drawn = with_drawn_attributes(graph, {"role": role}).attribute("role")
    assert [int(np.sum(drawn == one)) for one in ("public", "media", "blogger")] == [4_800, 50, 150]
    assert followers[drawn == "media"].min() >= followers[drawn == "blogger"].max()
    assert followers[drawn == "blogger"].min() >= followers[drawn == "public"].max()
    half = with_drawn_attributes(graph, {"role": {**role, "strength": 0.5}}).attribute("role")
    assert [int(np.sum(half == one)) for one in ("public", "media", "blogger")] == [4_800, 50, 150]
    top = set(np.flatnonzero(drawn == "media")[np.argsort(-followers[drawn == "media"], kind="stable")][:20].tolist())
    assert top <= set(np.flatnonzero(half == "media").tolist()), "the 25 most followed are media"
    assert np.median(followers[half == "media"]) > 5 * np.median(followers)
    nobody = with_drawn_attributes(graph, {"role": {**role, "strength": 0}}).attribute("role")
    assert followers[nobody == "media"].mean() < 3 * followers.mean()


# -- numbers


@pytest.mark.parametrize(
    ("given", "law"),
    [
        ({"distribution": "uniform", "low": -2, "high": 5}, stats.uniform(-2, 7)),
        (AGE, stats.norm(40, 12)),
        ({**AGE, "low": 18, "high": 60}, stats.truncnorm(-22 / 12, 20 / 12, 40, 12)),
        ({"distribution": "log-normal", "median": 30_000, "sigma": 0.6}, stats.lognorm(0.6, 0, 30_000)),
        ({"distribution": "triangular", "low": 1, "mode": 2, "high": 9}, stats.triang(1 / 8, 1, 8)),
        ({"distribution": "triangular", "low": 1, "mode": 1, "high": 9}, stats.triang(0, 1, 8)),
    ],
)
def test_numbers_are_the_quantiles_of_their_distribution(given, law):
    drawn = with_drawn_attributes(GRAPH, {"x": {**given, "homophily": 0.3}}).attribute("x")
    expected = law.ppf((np.arange(2_000) + 0.5) / 2_000)
    assert np.sort(drawn) == pytest.approx(expected, rel=1e-12, abs=1e-12)
    assert drawn.dtype == np.float64


def test_whole_numbers():
    dice = with_drawn_attributes(GRAPH, {"x": {"distribution": "uniform", "low": 1, "high": 6, "whole": True}})
    drawn = dice.attribute("x")
    assert drawn.dtype == np.int64
    assert np.ptp(np.bincount(drawn)[1:]) <= 1, "each face as often"
    age = with_drawn_attributes(GRAPH, {"x": {**AGE, "whole": True, "low": 17.5, "high": 80.5}}).attribute("x")
    assert (age.min(), age.max()) == (18, 79)


def test_normal_quantiles_against_scipy():
    shares = np.r_[np.linspace(1e-9, 1 - 1e-9, 20_001), 10.0 ** -np.arange(1, 300, 7)]
    found = shares.copy()
    normal_quantiles(found)
    assert found == pytest.approx(stats.norm.ppf(shares), rel=1e-13, abs=1e-15)


# -- luck


def test_an_attribute_changes_neither_another_nor_the_ties():
    one = with_drawn_attributes(GRAPH, {"city": {**CITY, "homophily": 0.3}})
    two = with_drawn_attributes(GRAPH, {"age": {**AGE, "homophily": 0.2}, "city": {**CITY, "homophily": 0.3}})
    assert two.attribute("city").tolist() == one.attribute("city").tolist()
    assert two.arcs is GRAPH.arcs
    after = with_drawn_attributes(one, {"age": {**AGE, "homophily": 0.2}})
    assert after.fingerprint == two.fingerprint
    assert with_drawn_attributes(GRAPH, {"city": CITY}, random_seed=2).fingerprint != one.fingerprint


def test_attributes_are_independent_of_each_other():
    drawn = with_drawn_attributes(
        generate("erdos-renyi", people=4_000), {"a": {**AGE, "homophily": 0.3}, "b": {**AGE, "homophily": 0.3}}
    )
    assert abs(np.corrcoef(drawn.attribute("a"), drawn.attribute("b"))[0, 1]) < 0.1


def test_known_fingerprints():
    """Equal on every machine: these are stored."""
    graph = generate("communities", people=500)
    spec = {
        "city": {**CITY, "homophily": 0.4},
        "far": {**CITY, "homophily": 1},
        "age": {**AGE, "low": 18, "homophily": 0.3},
        "income": {"distribution": "log-normal", "median": 30_000, "sigma": 0.7},
        "role": {"values": {"media": "2%", "public": "98%"}, "hubs": ["media"], "strength": 0.7},
    }
    drawn = with_drawn_attributes(graph, spec)
    assert drawn.fingerprint[:16] == KNOWN[0]
    platforms = {"photos": {"membership": "60%", "ties": "70%"}, "clips": {}}
    assert with_platforms(drawn, platforms, random_seed=3).fingerprint[:16] == KNOWN[1]


KNOWN = ("6cd2d3c6bfe5c5bb", "be52cb82317a47b0")


# -- platforms


def test_members_and_ties_of_platforms():
    graph = with_platforms(GRAPH, {"photos": {"membership": "60%", "ties": "70%"}, "clips": {"membership": 0.5}})
    photos, clips = graph.attribute("on_photos"), graph.attribute("on_clips")
    assert (photos.sum(), clips.sum()) == (1_200, 1_000)
    assert photos.dtype == bool
    assert np.mean(photos & clips) == pytest.approx(0.3, abs=0.03)
    whole = set(zip(GRAPH.arcs.sharers.tolist(), GRAPH.arcs.followers.tolist(), strict=True))
    for name, there, share in (("photos", photos, 0.7), ("clips", clips, 1.0)):
        arcs = graph.layers[name]
        found = set(zip(arcs.sharers.tolist(), arcs.followers.tolist(), strict=True))
        possible = {(u, v) for u, v in whole if there[u] and there[v]}
        assert found <= possible
        assert {(v, u) for u, v in found} == found, "still mutual"
        assert len(found) == pytest.approx(share * len(possible), rel=0.03)
    assert graph.report.rows == graph.report.kept + graph.report.self_loops + graph.report.merged
    assert graph.report.notes[-3].startswith("platform photos: 1,200 of 2,000 people, ")
    on_some = set()
    for arcs in graph.layers.values():
        on_some |= set(zip(arcs.sharers.tolist(), arcs.followers.tolist(), strict=True))
    assert graph.report.notes[-1] == f"{(len(whole) - len(on_some)) // 2:,} ties are on no platform"
    for name, arcs in graph.layers.items():
        assert platforms_info(graph)["platforms"][name]["edges"] == len(arcs) // 2
        assert graph.on_platform(name).report.rows == GRAPH.report.rows
    assert f"import: {GRAPH.report.rows:,} rows = {GRAPH.report.kept:,} edges kept" in "\n".join(
        graph_info_lines(graph)
    )


def test_more_membership_only_adds():
    few = with_platforms(GRAPH, {"a": {"membership": 0.3, "ties": 0.5}})
    more = with_platforms(GRAPH, {"b": {}, "a": {"membership": 0.5, "ties": 0.6}})
    assert not (few.attribute("on_a") & ~more.attribute("on_a")).any()

    def pairs(graph):
        return set(zip(graph.layers["a"].sharers.tolist(), graph.layers["a"].followers.tolist(), strict=True))

    assert pairs(few) < pairs(more)


def test_everybody_everywhere_is_the_network_itself():
    graph = from_arcs([0, 1, 1], [1, 0, 2], trust=[0.1, 0.2, 0.3], weight=[1, 2, 3], probability=[0.4, 0.5, 0.6])
    layer = with_platforms(graph, {"a": {}}).arcs
    for part in ("offsets", "followers", "trust", "multiplicity", "weight", "probability"):
        assert getattr(layer, part).tolist() == getattr(graph.arcs, part).tolist()
    dropped = with_platforms(from_arcs([0, 0, 0], [0, 1, 1]), {"a": {}})
    # A file of 27,806 rows was said to have the 11,989 that its platforms got.
    assert (dropped.report.rows, dropped.report.kept, dropped.report.self_loops, dropped.report.merged) == (3, 1, 1, 1)
    assert dropped.report.notes == ("platform a: 2 of 2 people, 1 tie",)
    none = with_platforms(graph, {"a": {"ties": 0}})
    assert len(none.arcs) == 0
    assert none.report.notes == ("platform a: 3 of 3 people, 0 ties", "3 ties are on no platform")
    assert with_platforms(graph, {}) is graph


def test_attributes_of_a_network_of_platforms_see_all_its_ties():
    split = with_platforms(GRAPH, {"a": {"ties": "50%"}, "b": {}})
    assert len(split.layers) == 2
    city = {"city": {**CITY, "homophily": 0.4}}
    assert with_drawn_attributes(split, city).attribute("city").tolist() == (
        with_drawn_attributes(GRAPH, city).attribute("city").tolist()
    )


# -- mistakes


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({"values": {"a": 0.5}}, "the shares add up to 50 %, expected 100 %"),
        ({"values": {}}, "expected a table of values and their shares"),
        ({"values": {"a": "x%"}}, "'a': expected a share"),
        ({**CITY, "homophily": 2}, "expected a share from 0 to 1"),
        ({**CITY, "hubs": ["osol"]}, "did you mean 'oslo'?"),
        ({**CITY, "hubs": ["oslo"], "homophily": 0.1}, "choose one of 'homophily' and 'hubs'"),
        ({**CITY, "strength": 0.5}, "this belongs to hubs"),
        ({**CITY, "mean": 3}, "has no parameter 'mean'"),
        ({"distribution": "norml", "mean": 3}, "did you mean 'normal'?"),
        ({"distribution": "normal", "mean": 3}, "missing: distribution 'normal' needs it"),
        ({**AGE, "deviation": 0}, "expected a number"),
        ({**AGE, "low": 50, "high": 20}, "low is 50, expected less than high, 20"),
        ({**AGE, "low": 4000}, "hardly a number of this distribution"),
        ({"distribution": "triangular", "low": 0, "mode": 3, "high": 1}, "mode is 3"),
        ({"distribution": "uniform", "low": 0.2, "high": 0.8, "whole": True}, "there is no whole number"),
        ({"distribution": "uniform", "low": 0, "high": 1e300, "whole": True}, "too large"),
        ({"distribution": "log-normal", "median": 1, "sigma": 1, "high": -1}, "hardly a number"),
        ({"distribution": "log-normal", "median": 1e300, "sigma": 100}, "too large"),
        ("oslo", "expected a table"),
    ],
)
def test_attributes_that_cannot_be_are_refused(spec, message):
    with pytest.raises(UsageError) as error:
        with_drawn_attributes(GRAPH, {"x": spec})
    assert message in str(error.value)
    assert str(error.value).startswith("attribute.x")


def test_names_that_are_taken_are_refused():
    with pytest.raises(UsageError, match="people have an attribute 'community' already"):
        with_drawn_attributes(GRAPH, {"community": CITY})
    with pytest.raises(UsageError, match="people have an attribute 'on_a' already"):
        with_platforms(GRAPH.with_attributes(on_a=np.ones(2_000)), {"a": {}})
    with pytest.raises(UsageError, match="layers a, b already"):
        with_platforms(with_platforms(GRAPH, {"a": {}, "b": {}}), {"c": {}})
    with pytest.raises(UsageError, match="did you mean 'membership'"):
        with_platforms(GRAPH, {"a": {"memebership": 1}})
    with pytest.raises(UsageError, match=r"layer\.a\.ties: expected a share"):
        with_platforms(GRAPH, {"a": {"ties": 3}})


# -- in a scenario

TEXT = """
[network]
generator = "communities"
people = 600
random_seed = 4
{network}
[item.post]
stickiness = 0.1
[plan.all.wave.first]
strategy = "random"
count = 1
"""
WRITTEN = """
[network.attribute.city]
values = { oslo = "60%", "new york" = 0.4 }
homophily = "30%"
[network.attribute.age]
distribution = "normal"
mean = 40
deviation = 12
low = 18
whole = true
[network.layer.feed]
membership = "80%"
"""


def scenario(network):
    return scenario_from_text(TEXT.format(network=network), name="people.toml")


def test_a_scenario_draws_people_and_platforms():
    written = scenario(WRITTEN)
    resolved = written.resolved()["network"]
    assert resolved["attribute"]["city"] == {
        "distribution": "shares",
        "values": {"oslo": 0.6, "new york": 0.4},
        "homophily": 0.3,
        "strength": 1.0,
    }
    assert resolved["layer"] == {"feed": {"membership": 0.8, "ties": 1.0}}
    assert scenario_from_text(written.toml()) == written
    graph = load_network(written.network)
    assert list(graph.layers) == ["feed"]
    assert sorted(graph.attributes) == ["age", "city", "community", "on_feed"]
    plain = generate("communities", people=600, random_seed=4)
    spec = {
        "city": {"values": {"oslo": 0.6, "new york": 0.4}, "homophily": 0.3},
        "age": {**AGE, "low": 18, "whole": True},
    }
    made = with_platforms(
        with_drawn_attributes(plain, spec, random_seed=4), {"feed": {"membership": 0.8}}, random_seed=4
    )
    assert made.fingerprint == graph.fingerprint
    assert "attribute" not in scenario("").resolved()["network"]
    changed = written.with_settings(["network.attribute.city.homophily=0.5", "network.layer.feed.ties=10%"])
    assert changed.network.attribute["city"].parameters["homophily"] == 0.5
    assert changed.network.layer["feed"].ties == 0.1


def test_a_file_takes_attributes_too(tmp_path):
    (tmp_path / "ties.csv").write_text("x,y\ny,z\n")
    text = TEXT.replace('generator = "communities"\npeople = 600', 'file = "ties.csv"')
    path = tmp_path / "own.toml"
    path.write_text(text.format(network=WRITTEN))
    own = read_scenario(path)
    assert own.network.random_seed == 4
    assert scenario_from_text(own.toml()) == own
    assert load_network(own.network).attribute("city").tolist().count("oslo") == 2
    path.write_text(text.format(network=""))
    with pytest.raises(ScenarioError, match="this belongs to a generated network"):
        read_scenario(path)


def test_what_only_the_graph_knows_has_its_place_in_the_file(tmp_path):
    people = tmp_path / "people.csv"
    people.write_text("id,city\nx,Oslo\n")
    (tmp_path / "ties.csv").write_text("x,y\ny,z\n")
    text = TEXT.replace('generator = "communities"\npeople = 600', 'file = "ties.csv"\npeople_file = "people.csv"')
    path = tmp_path / "own.toml"
    path.write_text(text.format(network=WRITTEN))
    own = read_scenario(path)
    with pytest.raises(ScenarioError) as error:
        load_network(own.network, own.place)
    assert "own.toml:7:1: network.attribute.city: people have an attribute 'city' already" in str(error.value)


def test_generators_make_the_attributes_that_the_catalogue_names():
    for name, choice in choices("generator").items():
        if name != "networkx":
            assert tuple(generate(name).attributes) == choice.attributes


def test_the_json_schema_has_an_alternative_for_each_distribution():
    alternatives = json_schema()["$defs"]["Attribute"]["oneOf"]
    assert [one["properties"]["distribution"]["const"] for one in alternatives] == list(choices("distribution"))
    assert alternatives[0]["required"] == ["values"]
    for one in json_schema()["$defs"]["Network"]["oneOf"]:
        assert {"attribute", "layer", "random_seed"} <= set(one["properties"])
