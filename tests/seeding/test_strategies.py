"""Seeding: who is chosen, how ties fall, what is refused."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from scenes import scene

from viralsim.engine import compile_campaign
from viralsim.errors import DataError
from viralsim.graph import SocialGraph, from_arcs, from_networkx, generate
from viralsim.outcome import replay, simulate
from viralsim.scenario import choices
from viralsim.seeding import STRATEGIES, eligible


def seeds(graph: SocialGraph, wave: str, *settings: str) -> list[int]:
    """Positions of the seeds of a plan with this one wave, as an inline table."""
    campaign = compile_campaign(scene(f"plan.only.wave.first={wave}", *settings), graph)
    return campaign.seeds["first"].people.tolist()


def towns(people: int = 12) -> SocialGraph:
    graph = generate("complete", people=people)
    return graph.with_attributes(
        town=["Oslo" if person % 3 else "Rome" for person in range(people)], age=np.arange(people) + 20
    )


def test_the_catalogue_and_the_functions_have_the_same_names() -> None:
    assert set(choices("strategy")) == set(STRATEGIES)


def test_explicit_people_are_found_by_their_ids() -> None:
    graph = from_arcs([0, 1], [1, 2], ids=["ann", "bob", "cem"])
    assert seeds(graph, "{strategy='explicit', people=['cem', 'ann']}") == [2, 0]


def test_a_person_who_is_not_there_is_named_with_the_place_and_the_nearest_id() -> None:
    graph = from_arcs([0, 1], [1, 2], ids=["ann", "bob", "cem"])
    with pytest.raises(DataError) as caught:
        seeds(graph, "{strategy='explicit', people=['ann', 'cam']}")
    assert str(caught.value) == (
        "--set plan.only.wave.first={strategy='explicit', people=['ann', 'cam']}: "
        "plan.only.wave.first.people: there is no person with the id 'cam'\n  hint: did you mean 'cem'?"
    )


def test_degree_takes_the_people_with_most_followers() -> None:
    graph = generate("scale-free", people=300)
    chosen = seeds(graph, "{strategy='degree', count=20}")
    followers = graph.arcs.out_degree
    assert len(set(chosen)) == 20
    assert min(followers[chosen]) >= max(np.delete(followers, chosen))
    assert (np.diff(followers[chosen]) <= 0).all()


def test_ties_go_to_luck_and_not_to_the_order_of_the_file() -> None:
    graph = generate("ring", people=200)
    first, second = (seeds(graph, "{strategy='degree', count=50}", f"random_seed={seed}") for seed in (1, 2))
    assert first != second
    assert first != list(range(50))


def test_more_random_seeds_contain_fewer() -> None:
    graph = generate("ring", people=200)
    fewer, more = (seeds(graph, f"{{strategy='random', count={count}}}") for count in (10, 60))
    assert more[:10] == fewer
    assert len(set(more)) == 60


def test_everybody_can_be_asked_for() -> None:
    graph = generate("ring", people=50)
    for strategy in ("random", "degree"):
        assert sorted(seeds(graph, f"{{strategy='{strategy}', count=50}}")) == list(range(50))


@pytest.mark.long
def test_redrawn_seeds_differ_between_realisations_and_are_uniform() -> None:
    """2,000 draws of 5 out of 20: each person is drawn 500 times, 6 standard deviations allowed (1e-8 each)."""
    graph = generate("path", people=20)
    scenario = scene("time.horizon=0", "plan.only.wave.first={strategy='random', count=5, redraw=true}")
    counts = np.zeros(20)
    for realisation in range(2000):
        people = replay(scenario, realisation, graph=graph).person
        assert len(set(people.tolist())) == 5
        counts[people] += 1
    assert np.abs(counts - 500).max() < 6 * np.sqrt(500 * 0.75)


def test_two_plans_share_their_random_people_but_two_waves_do_not() -> None:
    graph = generate("ring", people=500)
    scenario = scene(
        "plan.only.wave={a={strategy='random', count=10}, b={strategy='random', count=10, start=1}}",
        "plan.other.wave.a={strategy='random', count=12}",
    )
    one, other = (compile_campaign(scenario, graph, plan).seeds for plan in ("only", "other"))
    assert other["a"].people.tolist()[:10] == one["a"].people.tolist()
    assert set(one["a"].people.tolist()) != set(one["b"].people.tolist())


def test_where_limits_who_is_eligible() -> None:
    graph = towns()
    chosen = seeds(graph, "{strategy='random', count=4, where={town='Rome'}}")
    assert sorted(chosen) == [0, 3, 6, 9]
    assert seeds(graph, "{strategy='random', count=1, where={town=['Oslo', 'Rome'], age=25}}") == [5]


def test_per_takes_so_many_for_each_value() -> None:
    graph = towns()
    chosen = seeds(graph, "{strategy='degree', count=2, per='town'}")
    assert sorted(graph.attributes["town"][chosen]) == ["Oslo", "Oslo", "Rome", "Rome"]


def test_redrawn_groups_are_drawn_within_their_group() -> None:
    graph = towns()
    scenario = scene("time.horizon=0", "plan.only.wave.first={strategy='random', count=2, per='town', redraw=true}")
    drawn = set()
    for realisation in range(30):
        people = replay(scenario, realisation, graph=graph).person.tolist()
        assert sorted(graph.attributes["town"][people]) == ["Oslo", "Oslo", "Rome", "Rome"]
        drawn.add(tuple(sorted(people)))
    assert len(drawn) > 10


@pytest.mark.parametrize(
    ("wave", "message", "hint"),
    [
        (
            "{strategy='random', count=13}",
            "count: asks for 13, but the people who are eligible number 12",
            "ask for at most 12",
        ),
        (
            "{strategy='random', count=5, per='town'}",
            "count: asks for 5, but the people who are eligible with town = Rome number 4",
            "ask for at most 4",
        ),
        (
            "{strategy='random', count=1, where={town='Bonn'}}",
            "where: nobody has town = 'Bonn'",
            "values of 'town': 'Oslo', 'Rome'",
        ),
        ("{strategy='random', count=1, where={town='Rom'}}", "where: nobody has town = 'Rom'", "did you mean 'Rome'?"),
        (
            "{strategy='random', count=1, where={town='Rome', age=21}}",
            "where: nobody meets all of these conditions",
            "of 12 people 4 meet `town`, 1 meet `age`",
        ),
        (
            "{strategy='random', count=1, where={twon='Rome'}}",
            "where: people have no attribute 'twon'",
            "did you mean 'town'?",
        ),
        (
            "{strategy='random', count=1, per='city'}",
            "per: people have no attribute 'city'",
            "the attributes of this graph: age, town",
        ),
        (
            "{strategy='explicit', people=[3, 99, 98]}",
            "people: there is no person with the id 99 (and 1 more of the 3 are missing)",
            "ids are integers from 0 to 11",
        ),
    ],
)
def test_what_cannot_be_seeded_is_refused(wave: str, message: str, hint: str) -> None:
    with pytest.raises(DataError) as caught:
        seeds(towns(), wave)
    assert caught.value.message == f"plan.only.wave.first.{message}"
    assert caught.value.hint == hint
    assert caught.value.exit_code == 4
    assert caught.value.place.startswith("--set plan.only.wave.first=")


def test_seeds_who_are_engaged_already_start_nothing() -> None:
    """The second wave starts when its person was persuaded long ago: they are engaged once, as a follower."""
    graph = generate("path", people=3)
    scenario = scene(
        "item.content.arc_probability=1",
        "plan.only.wave={a={strategy='explicit', people=[0]}, b={strategy='explicit', people=[1], start=5}}",
    )
    outcome = simulate(scenario, graph=graph, realisations=1)
    assert outcome.rows[0, 0].tolist() == [3, 4, 3, 3, 2, 1, 1, 1, 0, 0, 0, 0, 0]


def test_numbers_are_compared_as_numbers_and_nobody_without_a_value_is_in_a_group() -> None:
    """A missing value makes networkx' integers floats: 1 did not find 1.0, and "nan" was a group with a seed."""
    club = nx.Graph(nx.karate_club_graph().edges())
    nx.set_node_attributes(club, {person: person % 2 for person in club if person != 5}, "side")
    graph = from_networkx(club)
    assert np.isnan(graph.attributes["side"]).sum() == 1
    assert len(seeds(graph, "{strategy='random', count=16, where={side=1}}")) == 16
    assert len(seeds(graph, "{strategy='random', count=16, where={side='1'}}")) == 16
    chosen = seeds(graph, "{strategy='random', count=16, per='side'}")
    assert len(chosen) == 32
    assert graph.position(5) not in chosen


def test_nobody_without_a_text_is_in_a_group() -> None:
    graph = from_arcs([0, 1, 2], [1, 2, 3], attributes={"town": ["Oslo", "", "Rome", "Rome"]})
    assert sorted(seeds(graph, "{strategy='degree', count=1, per='town'}"))[0] == 0
    assert len(seeds(graph, "{strategy='degree', count=1, per='town'}")) == 2


def test_almost_everybody_is_drawn_quickly_and_alike_by_both_ways_of_drawing() -> None:
    graph = generate("star", people=200_000)
    fixed = seeds(graph, "{strategy='random', count=199_990}")
    assert len(set(fixed)) == 199_990
    assert fixed[:100] == seeds(graph, "{strategy='random', count=100}")


@pytest.mark.parametrize(
    ("where", "message", "hint"),
    [
        ("age=40.5", "nobody has age = '40.5'", "values of 'age' go from 0 to 38; the nearest is 38"),
        ("age='old'", "nobody has age = 'old'", "values of 'age' are numbers: '0', '1', '2', '3', '4', ..."),
        ("age='16-29'", "nobody has age = '16-29'", 'a range is written "16..29"'),
        ("year=2007", "nobody has year = '2007'", "values of 'year': '2005', '2006'"),
        ("on=true", "nobody has on = 'true'", "values of 'on': 'false'"),
    ],
)
def test_values_nobody_has_are_shown_as_people_write_them(where, message, hint):
    """40.5 years: did you mean '45'? Whole numbers showed as 165.0, true as True."""
    attributes = {"age": np.arange(39.0), "year": np.r_[[np.nan], np.full(38, 2006.0)], "on": np.zeros(39, bool)}
    attributes["year"][5] = 2005.0
    graph = from_arcs([0], [1], people=39, attributes=attributes)
    name, _, value = where.partition("=")
    wanted = {"true": True, "40.5": 40.5, "2007": 2007}.get(value, value.strip("'"))
    with pytest.raises(DataError) as error:
        eligible.people_where(graph, {name: (wanted,)})
    assert (error.value.message, error.value.hint) == (message, hint)


def test_truths_are_found_however_they_are_written():
    graph = from_arcs([0], [1], attributes={"on": np.array([True, False])})
    for wanted in (True, "true", "True"):
        assert eligible.people_where(graph, {"on": (wanted,)}).tolist() == [0]
