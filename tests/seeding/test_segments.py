"""Who is in which segment: conditions, priorities, shares; groups, and the numbers of each person."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st
from scenes import scene

from viralsim.engine import compile_campaign
from viralsim.errors import DataError, ScenarioError
from viralsim.graph import from_arcs, generate, members_of, with_platforms
from viralsim.scenario import scenario_from_text
from viralsim.seeding import affinity_numbers, groups_of, individual_numbers, segments_of

STEADY = settings(max_examples=150, deadline=None, derandomize=True)


def people(n, **attributes):
    return from_arcs([0], [1], people=n, attributes=attributes)


def sizes(scenario, graph):
    counts = np.bincount(segments_of(scenario, graph), minlength=len(scenario.segment)).tolist()
    return dict(zip(scenario.segment, counts, strict=True))


# ---------------------------------------------------------------------------------------------------------
# Priorities


@STEADY
@given(
    held=st.lists(st.lists(st.integers(0, 11), min_size=1, unique=True), min_size=1, max_size=5),
    priorities=st.lists(st.one_of(st.none(), st.integers(-2, 2)), min_size=5, max_size=5),
)
def test_the_smaller_priority_takes_whom_two_segments_hold(held, priorities):
    columns = {f"is_{k}": [person in some for person in range(12)] for k, some in enumerate(held)}
    given_ = {f"segment.s{k}": {"where": {f"is_{k}": True}} for k in range(len(held))}
    for k in range(len(held) if len(held) > 1 else 0):
        if priorities[k] is not None:
            given_[f"segment.s{k}"]["priority"] = priorities[k]
    scenario, graph = scene(*[]).with_settings(given_), people(12, **columns)
    own = [scenario.segment[f"s{k}"].priority for k in range(len(held))]
    pairs = [(a, b) for b in range(len(held)) for a in range(b) if set(held[a]) & set(held[b])]
    if any(own[a] is None or own[b] is None or own[a] == own[b] for a, b in pairs):
        event("refused")
        with pytest.raises(DataError, match=r"segment\.s\d\.where: person \d+ is in the segment 's\d' already"):
            segments_of(scenario, graph)
        return
    event("with overlaps" if pairs else "without")
    names = list(scenario.segment)
    for person, index in enumerate(segments_of(scenario, graph)):
        holding = [k for k, some in enumerate(held) if person in some]
        best = min(holding, key=lambda k: own[k] or 0, default=None)
        assert names[index] == ("everyone" if best is None else f"s{best}")


@pytest.mark.parametrize(
    ("first", "second", "hint"),
    [
        ("", "", "let one of them ask for more, or let a `priority` of both decide: the smaller one takes the people"),
        (", priority=1", "", "'young' has no `priority`; with one the smaller takes the people"),
        ("", ", priority=1", "'north' has no `priority`; with one the smaller takes the people"),
        (
            ", priority=4",
            ", priority=4",
            "both have the priority 4; where they differ, the smaller one takes the people",
        ),
    ],
)
def test_whom_no_priority_decides_is_in_two_segments(first, second, hint):
    graph = people(4, city=["oslo", "rome", "oslo", "oslo"], age=[20, 20, 30, 21])
    scenario = scene(
        f"segment.north={{where={{city='oslo'}}{first}}}", f"segment.young={{where={{age='<25'}}{second}}}"
    )
    with pytest.raises(DataError) as error:
        segments_of(scenario, graph)
    assert error.value.message == "segment.young.where: person 0 is in the segment 'north' already (and 1 more)"
    assert error.value.hint == hint


def test_the_same_value_in_two_segments_needs_priorities_in_the_file_already():
    both = ["segment.a={where={city='oslo'}, priority=1}", "segment.b={where={city=['rome', 'oslo']}, priority=2}"]
    assert sizes(scene(*both), people(3, city=["oslo", "rome", "bonn"])) == {"a": 1, "b": 1, "everyone": 1}
    with pytest.raises(ScenarioError, match="in the segment 'a' already"):
        scene(both[0], both[1].replace("2", "1"))
    with pytest.raises(ScenarioError, match="in the segment 'a' already"):
        scene("segment.a={where={age='18..34'}}", "segment.b={where={age='18..34'}}")


# ---------------------------------------------------------------------------------------------------------
# Shares


@STEADY
@given(
    n=st.integers(2, 400),
    parts=st.lists(st.integers(1, 50), min_size=2, max_size=6),
    whole=st.booleans(),
    random_seed=st.integers(0, 2**40),
)
def test_shares_are_rounded_numbers_of_people_and_add_up(n, parts, whole, random_seed):
    """All but the last are round(share x people); the last takes who is left where they come to 100 %."""
    total = sum(parts)
    shares = [part / total for part in (parts if whole else parts[:-1])]
    scenario = scene(f"network.random_seed={random_seed}").with_settings(
        {f"segment.s{k}": {"share": share} for k, share in enumerate(shares)}
    )
    wanted = [math.floor(share * n + 0.5) for share in shares]
    if 0 in wanted or sum(wanted[:-1]) >= n:
        event("nobody for some")
        with pytest.raises(DataError, match=r"share: .* (is nobody|are left)"):
            segments_of(scenario, people(n))
        return
    found = sizes(scenario, people(n))
    counts = [found[f"s{k}"] for k in range(len(shares))]
    assert counts[:-1] == wanted[:-1]
    assert counts[-1] == min(wanted[-1], n - sum(wanted[:-1]))
    assert sum(found.values()) == n
    if whole:
        assert found["everyone"] <= len(shares) / 2
        assert abs(counts[-1] - wanted[-1]) <= len(shares) / 2


def test_halves_of_an_odd_number_of_people_are_everybody():
    scenario = scene("segment.a.share=25%", "segment.b.share=25%", "segment.c.share=25%", "segment.d.share=25%")
    assert sizes(scenario, people(102)) == {"a": 26, "b": 26, "c": 26, "d": 24, "everyone": 0}


def test_shares_are_drawn_among_who_is_left_and_luck_has_the_name():
    graph = people(1000, age=np.arange(1000.0))
    settings_ = [
        "segment.old={where={age='>=600'}}",
        "segment.a={share='30%'}",
        "segment.b={where={age='<800'}, share='20%'}",
    ]
    scenario = scene(*settings_)
    found, names = segments_of(scenario, graph), list(scenario.segment)
    assert sizes(scenario, graph) == {"old": 400, "a": 300, "b": 160, "everyone": 140}
    a, b = (np.flatnonzero(found == names.index(name)) for name in "ab")
    assert (np.concatenate([a, b]) < 600).all()  # a takes 30 % of all people out of those who are left
    # More of a share only adds people, and another name has another luck.
    more = segments_of(scenario.with_settings(["segment.a.share=31%"]), graph)
    assert set(a) < set(np.flatnonzero(more == names.index("a")))
    others = segments_of(scene(settings_[0], "segment.other={share='30%'}"), graph)
    assert set(a) != set(np.flatnonzero(others == 1))
    # A share before another one takes first: the order of the file decides, and a keeps its people without b.
    alone = segments_of(scene(*settings_[:2]), graph)
    assert np.array_equal(np.flatnonzero(alone == 1), a)
    seeded = segments_of(scenario.with_settings(["network.random_seed=2"]), graph)
    assert set(a) != set(np.flatnonzero(seeded == names.index("a")))
    assert np.array_equal(segments_of(scenario.with_settings(["random_seed=2"]), graph), found)


def test_a_share_is_spread_evenly():
    """Of 20,000 people 30 %: in each of 20 parts of 1,000 that is 300, sd 14.1; 5 sd: 1 in 90,000 that any is out."""
    found = segments_of(scene("segment.a.share=30%"), people(20_000)).reshape(20, 1000)
    assert np.abs((found == 0).sum(axis=1) - 300).max() < 5 * 14.1


@pytest.mark.parametrize(
    ("settings_", "message"),
    [
        (["segment.a.share=0.4%"], "segment.a.share: 0.4 % of all people, 100, is nobody"),
        (
            ["segment.old.where={age='>=30'}", "segment.a.share=31%"],
            "segment.a.share: 31 % of all people are 31 people, and 30 of these 100 are left",
        ),
        (
            ["segment.a.share=80%", "segment.b={where={age='<50'}, share='50%'}"],
            "segment.b.share: 50 % of those who meet `where` are 25 people, and ",
        ),
    ],
)
def test_a_share_of_too_few_people_is_refused(settings_, message):
    with pytest.raises(DataError) as error:
        segments_of(scene(*settings_), people(100, age=np.arange(100.0)))
    assert error.value.message.startswith(message)
    assert error.value.hint


def test_who_is_drawn_changes_the_hash_and_how_results_are_split_does_not():
    plain = scene()
    shared = scene("segment.a.share=30%")
    assert plain.content_hash("g") == plain.with_settings(["network.random_seed=2"]).content_hash("g")
    assert shared.content_hash("g") != shared.with_settings(["network.random_seed=2"]).content_hash("g")
    assert shared.content_hash("g") != shared.with_settings(["segment.a.share=31%"]).content_hash("g")
    assert shared.content_hash("g") == shared.with_settings(["segment.a.per=age"]).content_hash("g")
    assert shared.content_hash("g") == shared.with_settings(["segment.a.role=customer"]).content_hash("g")
    assert plain.content_hash("g") != plain.with_settings(["individual.attention=a"]).content_hash("g")
    assert plain.content_hash("g") == plain.with_settings({"individual": {}}).content_hash("g")
    assert plain.content_hash("g") != plain.with_settings(["item.content.affinity_attribute=a"]).content_hash("g")


def test_a_network_file_has_a_random_seed_where_people_are_shared_out():
    text = """
    [network]
    file = "ties.txt"
    random_seed = 5
    [item.content]
    stickiness = "5%"
    [plan.one.wave.first]
    strategy = "random"
    count = 1
    """
    with pytest.raises(ScenarioError, match="random_seed: this belongs to a generated network"):
        scenario_from_text(text)
    scenario = scenario_from_text(text + "[segment.a]\nshare = '20%'")
    assert scenario.network.random_seed == 5
    assert scenario_from_text(scenario.toml()).network.random_seed == 5


def test_at_most_256_segments():
    many = {f"segment.s{k}": {"where": {"age": k}} for k in range(255)}
    scenario = scene().with_settings(many)
    assert segments_of(scenario, people(300, age=np.arange(300.0))).tolist() == [*range(255), *([255] * 45)]
    with pytest.raises(
        ScenarioError, match="at most 256 segments can be told apart; with the default one these are 257"
    ):
        scene().with_settings({**many, "segment.more": {"where": {"age": 256}}})


# ---------------------------------------------------------------------------------------------------------
# Groups


def test_groups_are_in_the_order_of_segments_then_of_values():
    graph = people(
        8,
        city=["rome", "oslo", "", "rome", "oslo", "rome", "", "bonn"],
        age=[9, 100, 10, np.nan, 10, 9, np.nan, 5],
        on=np.array([True, False] * 4),
    )
    scenario = scene(
        "segment.south={where={city='rome'}, per='age'}",
        "segment.true={where={city='bonn'}}",
        "segment.everyone={per=['city', 'on', 'age']}",
    )
    segment_of = segments_of(scenario, graph)
    names, of_group, of_person = groups_of(scenario, graph, segment_of)
    assert names == (
        "south / 9",
        "south / none",
        "true",
        "everyone / oslo, false, 100",
        "everyone / oslo, true, 10",
        "everyone / none, true, 10",
        "everyone / none, true, none",
    )
    assert of_group.tolist() == [0, 0, 1, 2, 2, 2, 2]
    assert of_person.tolist() == [0, 3, 5, 1, 4, 0, 6, 2]
    assert (of_group.dtype, of_person.dtype) == (np.int64, np.int32)
    assert np.array_equal(of_group[of_person], segment_of)


@STEADY
@given(
    values=st.lists(st.sampled_from([0.0, -1.5, 10.0, 9.0, float("nan")]), min_size=2, max_size=12),
    texts=st.lists(st.sampled_from(["b", "a", "10", "9", ""]), min_size=12, max_size=12),
)
def test_every_person_is_in_the_group_of_their_values(values, texts):
    texts = texts[: len(values)]
    scenario, graph = scene("segment.everyone.per=['x', 't']"), people(len(values), x=values, t=texts)
    names, _, of_person = groups_of(scenario, graph, segments_of(scenario, graph))

    def words(x, t):
        first, second = "none" if math.isnan(x) else f"{x:g}", t or "none"
        return "everyone / none" if (first, second) == ("none", "none") else f"everyone / {first}, {second}"

    assert [names[group] for group in of_person] == [words(x, t) for x, t in zip(values, texts, strict=True)]
    order = sorted(set(zip(values, texts, strict=True)), key=lambda p: (math.isnan(p[0]), p[0], not p[1], p[1]))
    assert list(names) == list(dict.fromkeys(words(*pair) for pair in order))


def test_a_segment_of_nobody_with_values_has_no_group():
    scenario = scene("segment.all={where={age='>=0'}}", "segment.everyone.per=age")
    graph = people(3, age=[1, 2, 3])
    assert groups_of(scenario, graph, segments_of(scenario, graph))[0] == ("all",)


def test_too_many_groups_and_no_such_attribute():
    graph = people(2500, number=np.arange(2500.0), tenth=np.arange(2500) // 10)
    scenario = scene("segment.everyone.per=number")
    with pytest.raises(DataError) as error:
        groups_of(scenario, graph, segments_of(scenario, graph))
    assert error.value.message == (
        "segment.everyone.per: results can be told for at most 2,000 groups; 'everyone' has 2,500"
    )
    tenths = scenario.with_settings(["segment.everyone.per=tenth"])
    assert len(groups_of(tenths, graph, segments_of(tenths, graph))[0]) == 250
    misspelt = scenario.with_settings(["segment.everyone.per=['tenht']"])
    with pytest.raises(DataError, match=r"segment\.everyone\.per: people have no attribute 'tenht'\n.*'tenth'"):
        groups_of(misspelt, graph, segments_of(misspelt, graph))


# ---------------------------------------------------------------------------------------------------------
# Numbers of each person


def test_numbers_of_each_person_are_what_attributes_hold():
    graph = people(
        3, alert=[0.25, np.nan, 1.0], drawn=["0.5", "", "1e-1"], keen=[True, False, True], fit=[0, 3, 1_000_000]
    )
    scenario = scene("individual={attention='alert', trust='drawn', satisfaction='keen', susceptibility='fit'}")
    found = {key: numbers.tolist() for key, numbers in individual_numbers(scenario, graph).items()}
    assert list(found) == ["attention", "susceptibility", "trust", "satisfaction"]
    assert str(found) == str(
        {
            "attention": [0.25, math.nan, 1.0],
            "susceptibility": [0.0, 3.0, 1e6],
            "trust": [0.5, math.nan, 0.1],
            "satisfaction": [1.0, 0.0, 1.0],
        }
    )
    assert individual_numbers(scene(), graph) == {}
    assert affinity_numbers(scene(), graph, "content") is None
    assert affinity_numbers(scene("item.content.affinity_attribute=drawn"), graph, "content").tolist() == [
        0.5,
        1.0,
        0.1,
    ]


@pytest.mark.parametrize(
    ("setting", "message", "hint"),
    [
        (
            "individual.attention=share",
            "individual.attention: attribute 'share' must hold shares from 0 to 1; of person 1 it is 40 "
            "(and of 1 more)",
            "divide percentages by 100",
        ),
        (
            "individual.trust=low",
            "individual.trust: attribute 'low' must hold shares from 0 to 1; of person 2 it is -0.1",
            "",
        ),
        (
            "individual.susceptibility=low",
            "individual.susceptibility: attribute 'low' must hold factors from 0 to 1_000_000; of person 2 it is -0.1",
            "",
        ),
        (
            "individual.conversion=city",
            "individual.conversion: attribute 'city' holds 'bonn', expected shares from 0 to 1, or nothing where a "
            "person has none",
            "",
        ),
        (
            "individual.satisfaction=lwo",
            "individual.satisfaction: people have no attribute 'lwo'",
            "did you mean 'low'?",
        ),
        (
            "item.content.affinity_attribute=huge",
            "item.content.affinity_attribute: attribute 'huge' must hold factors from 0 to 1_000_000; of person 0 it "
            "is inf",
            "",
        ),
        (
            "item.content.affinity_attribute=lwo",
            "item.content.affinity_attribute: people have no attribute 'lwo'",
            "did you mean 'low'?",
        ),
    ],
)
def test_attributes_that_hold_no_such_numbers(setting, message, hint):
    graph = people(3, share=[0.1, 40, 30], low=[0, 1, -0.1], city=["", "oslo", "bonn"], huge=[np.inf, 1, 1])
    scenario = scene(setting)
    with pytest.raises(DataError) as error:
        _ = individual_numbers(scenario, graph), affinity_numbers(scenario, graph, "content")
    assert (error.value.message, error.value.hint) == (message, hint)
    assert "--set" in error.value.place


# ---------------------------------------------------------------------------------------------------------
# Platforms and samples


def test_members_of_a_platform():
    assert members_of(generate("star", people=4), "any").all()
    rows = from_arcs([0, 1, 2], [1, 2, 3], platform=["calls", "texts", "texts"])
    assert members_of(rows, "texts").tolist() == [False, True, True, True]
    dealt = with_platforms(generate("communities", people=200), {"photos": {"membership": "60%", "ties": "1%"}})
    assert members_of(dealt, "photos").sum() == 120  # also who has no tie there
    assert members_of(dealt, "photos").tolist() == dealt.attribute("on_photos").tolist()
    numbered = from_arcs([0], [1], people=3, platform=["calls"], attributes={"on_calls": [0, 0, 0]})
    assert members_of(numbered, "calls").tolist() == [True, True, False]


def test_seeds_are_of_the_platform_where_they_start_but_for_those_with_names():
    graph = with_platforms(
        generate("communities", people=300), {"photos": {"membership": "10%"}, "clips": {"membership": "70%"}}
    )
    several = ["platform.photos.visibility=1", "platform.clips.visibility=0.5"]
    text = "platform='{}', strategy='random', count={}"
    scenario = scene_of(several, f"plan.only.wave.first={{{text.format('photos', 30)}}}")
    assert set(compile_campaign(scenario, graph).seeds["first"].people) == set(
        np.flatnonzero(members_of(graph, "photos"))
    )
    for wave in (text.format("photos", 31), text.format("photos", 31) + ", redraw=true"):
        with pytest.raises(DataError, match=r"asks for 31, but the people who are eligible number 30"):
            compile_campaign(scene_of(several, f"plan.only.wave.first={{{wave}}}"), graph)
    stranger = int(np.flatnonzero(~members_of(graph, "photos"))[0])
    named = scene_of(several, f"plan.only.wave.first={{platform='photos', strategy='explicit', people=[{stranger}]}}")
    assert compile_campaign(named, graph).seeds["first"].people.tolist() == [stranger]
    # With one platform alone anybody may be a seed, as ever.
    alone = scene_of(several[:1], f"plan.only.wave.first={{{text.format('photos', 31)}}}")
    assert len(compile_campaign(alone, graph).seeds["first"].people) == 31


def scene_of(platforms, wave):
    text = "\n".join(
        [
            "network={generator='ring', people=5}",
            *platforms,
            "item.content.stickiness=0.1",
            wave.replace("plan.only", "plan.o"),
        ]
    )
    return scenario_from_text(text)


def test_a_sample_is_not_larger_than_what_it_represents():
    graph = generate("ring", people=30)
    compile_campaign(scene("network.represents=30"), graph)
    with pytest.raises(DataError, match="the network has 30 people, and cannot be a sample of 29"):
        compile_campaign(scene("network.represents=29"), graph)
