"""Audiences on several platforms: the kernel equals the plain reference, and both keep the same accounts."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest
import reference
from comparing import assert_adds_up, assert_equal, audience_of, told
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st
from scenes import audiences, graphs, scene

from viralsim.graph import SocialGraph, from_arcs, generate, with_platforms
from viralsim.scenario import Scenario


def test_random_audiences_equal_the_reference() -> None:
    happened: Counter[str] = Counter()

    @settings(max_examples=400, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
    @given(
        data=st.data(),
        graph=graphs(16, 90, timed=True, least_people=3, layered=True),
        first=st.sampled_from([0, 999, 2**32 - 4]),
    )
    def hold(data: st.DataObject, graph: SocialGraph, first: int) -> None:
        scenario = data.draw(audiences(graph))
        note(scenario.toml())
        for truth in assert_equal(scenario, graph, first, 2):
            happened.update(what_happened(scenario, graph, truth))

    hold()
    assert all(happened[what] >= 15 for what in EVERYTHING), happened


@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data(), graph=graphs(16, 90, timed=True, least_people=3, layered=True))
def test_what_the_reference_counts_adds_up(data: st.DataObject, graph: SocialGraph) -> None:
    scenario = data.draw(audiences(graph))
    note(scenario.toml())
    truth = reference.play(scenario, graph, "only", 0)
    for name, item in truth.items.items():
        assert_adds_up(item.row(), audience_of(scenario, truth, name, tuple(sorted(set(truth.groups)))))


EVERYTHING = (
    "crossed",
    "crossed and back",
    "discovered",
    "full feed",
    "variants",
    "carried elsewhere",
    "ten times",
    "roots elsewhere",
    "advertised elsewhere",
    "contact elsewhere",
)


def what_happened(scenario: Scenario, graph: SocialGraph, truth: reference.Played) -> set[str]:
    """Name what is to be seen in a realisation of all that tests are about."""
    found, main, feeds = set(), next(iter(scenario.platform)), Counter[tuple[int, str, int]]()
    layers = {name: graph.layer(platform.layer or name) for name, platform in scenario.platform.items()}
    for name, item in truth.items.items():
        for event in item.events.values():
            if event.parent == reference.BORN:
                found |= {"roots elsewhere"} if event.platform != main else set()
            elif event.parent == reference.ADVERTISED:
                found |= {"advertised elsewhere"} if event.platform != main else set()
            elif event.parent >= 0:
                mother, arcs = item.events[event.parent], layers[event.platform]
                followers = arcs.followers[arcs.offsets[event.parent] : arcs.offsets[event.parent + 1]]
                found |= {"crossed"} if event.platform != mother.platform else set()
                found |= {"discovered"} if event.person not in followers else set()
                if event.platform != mother.platform and mother.parent >= 0:
                    found |= {"crossed and back"} if item.events[mother.parent].platform == event.platform else set()
                if event.platform != main and scenario.item[name].emission == "contact":
                    found |= {"contact elsewhere"}
        found |= {"variants"} if len({event.variant for event in item.events.values()}) > 1 else set()
        accounts = reference.accounts(item, truth.groups)
        found |= {"ten times"} if any(times == 10 for _, times in accounts.frequency) else set()
        found |= {"carried elsewhere"} if len(accounts.carried) > 1 else set()
        for one in item.seen:
            if one.sharer >= 0 and one.stage == 0:
                feeds[one.person, one.platform, one.tick] += 1
    full = (scenario.platform[platform].feed_length == count for (_, platform, _), count in feeds.items())
    return found | ({"full feed"} if any(full) else set())


@pytest.mark.parametrize("law", ["stickiness=0.06, endorsement=1", "law='curve', curve=[0.02, 0.1]"])
def test_audiences_on_a_network_with_long_rows_equal_the_reference(law: str) -> None:
    """Rows of more than 16 followers, many impressions in a tick, several pages of people, all habits at once."""
    graph = generate("communities", people=4_200, mean_degree=18)
    random = np.random.default_rng(5)
    graph = graph.with_attributes(
        town=["south" if person % 5 == 0 else "north" for person in range(graph.people)],
        keen=random.choice([0.4, 0.9, np.nan], graph.people),
    )
    graph = with_platforms(graph, {"feed": {"membership": 0.8}, "clips": {"membership": 0.6, "ties": 0.7}})
    scenario = scene(
        f"item.content={{{law}, share_rate=0.8, affinity={{south=0.7}}}}",
        "item.content.variant={plain={}, young={affinity={south=1.5, everyone=0.6}}}",
        "item.rumour={kind='rumour', stickiness=0.03, damage=0.1, wave={first={strategy='random', count=5, "
        "platform='clips'}}}",
        "plan.only.serve.content={south='young'}",
        "platform.feed={visibility=0.8, share_rate=0.9, cross_post={clips=0.3}, half_life=9, feed_length=3, "
        "delay={law='geometric', mean=1.0}}",
        "platform.clips={visibility=0.5, cross_post={feed=0.2}, half_life=5, discovery={rate=0.3, most=6}, "
        "feed_length=5}",
        "segment.south={where={town='south'}, attention=0.6, susceptibility=1.3, per='town'}",
        "segment.everyone={satisfaction=0.9, online={hours={'0..5'='90%', '7..23'=1}}}",
        "individual.attention=keen",
        "plan.only.wave={first={strategy='random', count=20, redraw=true}, second={strategy='degree', count=9, "
        "platform='clips', start=2, variant='young'}}",
        "time.horizon=12",
    )
    (truth,) = assert_equal(scenario, graph, 7, 1)
    assert {"crossed", "discovered", "full feed", "variants", "carried elsewhere"} <= what_happened(
        scenario, graph, truth
    )


# -- rules seen one at a time ------------------------------------------------------------------------------


def on(**platforms: Any) -> SocialGraph:
    """A graph with the arcs of each platform, among as many people as they name."""
    rows = [(name, *arc) for name, arcs in platforms.items() for arc in arcs]
    names, sharers, followers = zip(*rows, strict=True)
    return from_arcs(sharers, followers, platform=names)


def told_where(truth: reference.Played, item: str = "content") -> dict[int, tuple[int, str]]:
    """Person -> tick and platform of engaging."""
    return {person: (event.tick, event.platform) for person, event in truth.items[item].events.items()}


CERTAIN = "item.content.arc_probability=1"


def test_a_post_on_another_platform_takes_the_time_of_that_platform() -> None:
    graph = on(feed=[(0, 1)], clips=[(0, 2), (2, 3)])
    slow = "platform.clips.delay={law='table', chances=[0, 0, 1]}"
    scenario = scene(CERTAIN, slow, "platform.feed.cross_post={clips=1}")
    (truth,) = assert_equal(scenario, graph, 0, 1)
    assert told_where(truth) == {0: (0, "feed"), 1: (1, "feed"), 2: (3, "clips"), 3: (6, "clips")}
    assert (
        truth.items["content"].row()["shares"] == 5
    )  # of 0 on both, of the others where they engaged: they are there alone
    (truth,) = assert_equal(scenario.with_settings(["platform.feed.share_rate=0"]), graph, 0, 1)
    assert told_where(truth) == {0: (0, "feed"), 2: (3, "clips"), 3: (6, "clips")}
    assert truth.items["content"].row()["shares"] == 3


def test_whoever_is_on_no_other_platform_posts_nowhere_else() -> None:
    """Person 1 follows person 0 only; with an attribute on_clips they are there, and have no followers."""
    graph = on(feed=[(0, 1)], clips=[(0, 2)])
    scenario = scene(CERTAIN, "platform.feed.cross_post={clips=1}", "platform.clips={}")
    (truth,) = assert_equal(scenario, graph, 0, 1)
    assert reference.accounts(truth.items["content"], truth.groups).cells["everyone", "clips"] == {
        "reach": 1,
        "impressions": 1,
        "engaged": 1,
        "shares": 2,
    }
    there = graph.with_attributes(on_clips=[True, True, True])
    (truth,) = assert_equal(scenario, there, 0, 1)
    assert truth.items["content"].row()["shares"] == 5


def test_how_many_cross_post() -> None:
    """400 seeds with a follower on each of two platforms: 30 % of 60 % post there; 4.5 standard errors."""
    graph = on(feed=[(2 * k, 2 * k + 1) for k in range(400)], clips=[(2 * k, 2 * k + 1) for k in range(400)])
    scenario = scene(
        "item.content={arc_probability=0, share_rate=0.6}",
        "platform.feed={share_rate=0.5, cross_post={clips=0.3}}",
        "platform.clips={}",
        f"plan.only.wave.first={{strategy='explicit', people={list(range(0, 800, 2))}}}",
    )
    (truth,) = assert_equal(scenario, graph, 0, 1)
    cells = reference.accounts(truth.items["content"], truth.groups).cells
    assert abs(cells["everyone", "feed"]["shares"] - 400 * 0.3) < 42
    assert abs(cells["everyone", "clips"]["shares"] - 400 * 0.18) < 35


@pytest.mark.parametrize(("length", "seen"), [("'none'", 6), (9, 6), (2, 2), (1, 1)])
def test_a_feed_shows_so_many_broadcasts(length: Any, seen: int) -> None:
    """Three people share two items; what has the smaller priority comes first, and the rest is never seen."""
    graph = from_arcs([0, 1, 2], [3, 3, 3], people=4)
    scenario = scene(
        "item.content.arc_probability=0",
        "item.answer={kind='restoration', arc_probability=0, priority=-1, "
        "wave={first={strategy='explicit', people=[0, 1, 2]}}}",
        "plan.only.wave.first.people=[0, 1, 2]",
        f"platform.feed.feed_length={length}",
    )
    (truth,) = assert_equal(scenario, graph, 0, 1)
    rows = [played.row() for played in truth.items.values()]
    assert [row["impressions"] for row in rows] == [max(0, seen - 3), min(3, seen)]
    assert [row["shares"] for row in rows] == [3, 3]
    assert rows[0]["reach"] == (4 if seen > 3 else 3)


def test_a_feed_has_room_on_each_platform_and_none_is_needed_for_advertising_and_contacts() -> None:
    graph = on(feed=[(0, 2), (1, 2)], clips=[(0, 2), (1, 2)])
    scenario = scene(
        "item.content={arc_probability=0, advertisement={chance=0, end=2}}",
        "item.chat={arc_probability=0, emission='contact', activity=1, wave={w={strategy='explicit', people=[0]}}}",
        "platform.feed={feed_length=1, cross_post={clips=1}}",
        "platform.clips.feed_length=1",
        "plan.only.wave.first.people=[0, 1]",
    )
    (truth,) = assert_equal(scenario, graph, 0, 1)
    assert truth.items["content"].row()["impressions"] == 2 + 3 + 3
    assert truth.items["chat"].row()["impressions"] == 2


def test_a_platform_shows_to_strangers_what_people_there_engage_with() -> None:
    """Nobody follows anybody: two seeds at rate 1.5 are three strangers for each, drawn among 400 people."""
    graph = from_arcs([0], [1], people=400)
    scenario = scene(
        "item.content={stickiness=1, endorsement=0, share_rate=1}",
        "plan.only.wave.first.people=[5, 7]",
        "platform.feed.discovery={rate=1.5}",
        "time.horizon=2",
    )
    (truth,) = assert_equal(scenario, graph, 0, 1)
    content = truth.items["content"]
    assert [sum(event.tick == tick for event in content.events.values()) for tick in (0, 1)] == [2, 6]
    assert {event.parent for event in content.events.values() if event.tick == 1} == {5, 7}
    # At tick 2 eight are engaged: six people reach twelve strangers each, some of them the same.
    assert 40 < content.row()["impressions"] - 6 <= 6 * 12
    few = scenario.with_settings(["platform.feed.discovery.most=0.5", "segment.everyone.attention=0.5"])
    shown = [played.items["content"].row()["impressions"] for played in assert_equal(few, graph, 0, 40)]
    assert set(shown) >= {0, 1}


@pytest.mark.parametrize(
    "what",
    ["arc_probability=weighted-cascade", "law='uniform'", "law='fixed', threshold=1", "arc_probability=column"],
)
def test_what_strangers_discover_is_seen_and_no_more_where_neighbours_count(what: str) -> None:
    graph = from_arcs([0, 3], [1, 4], people=40, probability=[0.0, 0.0])
    what = what.replace("=weighted-cascade", "='weighted-cascade'").replace("=column", "='column'")
    scenario = scene(
        f"item.content={{{what}}}",
        "platform.feed.discovery={rate=5}",
        "network.file=any.csv",
        "network.probability_column=3",
        "plan.only.wave.first.people=[0, 3]",
        "plan.only.wave.first.start=1",
    )
    for truth in assert_equal(scenario, graph, 0, 3):
        assert set(truth.items["content"].events) <= {0, 1, 3, 4}
        assert truth.items["content"].row()["reach"] > 8


def test_who_stops_stops_on_all_platforms() -> None:
    """Person 0 meets 1, who knows, on one platform, and so never meets 2 again on the other."""
    graph = on(feed=[(0, 1)], clips=[(0, 2)])
    scenario = scene(
        "item.content={arc_probability=0, emission='contact', stifle=1}",
        "platform.feed.cross_post={clips=1}",
        "platform.clips={}",
        "plan.only.wave.first.people=[0, 1]",
        "time.horizon=9",
    )
    for truth in assert_equal(scenario, graph, 0, 6):
        contacts = Counter(sighting.platform for sighting in truth.items["content"].seen)
        assert contacts["feed"] == 1
        assert contacts["clips"] <= 1


def test_novelty_halves_as_each_platform_says() -> None:
    """At age 4, 2 of 200 half-lives of the feed are left of the dose there, and all of it on clips."""
    feed, clips = [(0, k) for k in range(2, 300)], [(1, k) for k in range(300, 600)]
    scenario = scene(
        "item.content={stickiness=0.5, endorsement=0}",
        "platform.feed={half_life=0.02}",
        "platform.clips={}",
        "plan.only.wave={early={strategy='explicit', people=[1], platform='clips'}, "
        "late={strategy='explicit', people=[0], start=4}}",
    )
    (truth,) = assert_equal(scenario, on(feed=feed, clips=clips), 0, 1)
    where = Counter(platform for tick, platform in told_where(truth).values() if tick > 0)
    assert where["feed"] == 1  # the seed
    assert abs(where["clips"] - 150) < 39
    lasting = scenario.with_settings(["item.content.half_life=none"])
    (truth,) = assert_equal(lasting, on(feed=feed, clips=clips), 0, 1)
    assert abs(Counter(platform for _, platform in told_where(truth).values())["feed"] - 150) < 40


def test_everybody_passes_on_the_variant_they_received() -> None:
    """Young people like the young variant alone, and others the plain one: each of them starts with their own."""
    graph = from_arcs([0, 1, 2, 3], [2, 3, 4, 5], people=6, attributes={"age": [20, 60, 21, 20, 22, 61]})
    scenario = scene(
        "item.content={stickiness=1, endorsement=0}",
        "segment.young.where={age='<30'}",
        "item.content.variant={plain={affinity={young=0}}, young={affinity={everyone=0}}}",
        "plan.only.serve.content={young='young'}",
        "plan.only.wave.first.people=[0, 1]",
    )
    (truth,) = assert_equal(scenario, graph, 0, 1)
    assert {person: event.variant for person, event in truth.items["content"].events.items()} == {
        0: "young",
        1: "plain",
        2: "young",
        4: "young",
    }
    accounts = reference.accounts(truth.items["content"], truth.groups)
    assert accounts.delivered["young", "plain", "impressions"] == 1
    other = scenario.with_settings(["plan.only.wave.first.variant=plain"])
    (truth,) = assert_equal(other, graph, 0, 1)
    assert {event.variant for event in truth.items["content"].events.values()} == {"plain"}


def test_advertising_serves_every_segment_its_variant() -> None:
    graph = from_arcs([0, 0], [1, 2], people=30, attributes={"age": [20, 60] * 15})
    scenario = scene(
        "item.content={stickiness=0, advertisement={chance=1, end=1}}",
        "segment.young.where={age='<30'}",
        "item.content.variant={plain={affinity={young=0}}, young={}}",
        "plan.only.serve.content={young='young'}",
    )
    (truth,) = assert_equal(scenario, graph, 0, 1)
    variants = Counter(event.variant for event in truth.items["content"].events.values())
    assert variants == {"plain": 15, "young": 15}


def test_nobody_sees_anything_while_offline() -> None:
    """Tick 0 is Friday at 20:00 in Athens, three hours before midnight in Kolkata's Saturday begins."""
    graph = from_arcs([0], [1], people=2)
    scenario = scene(
        "item.content={arc_probability=0, emission='repeat'}",
        "segment.everyone.online={hours={'22..2'=1}, weekdays=[0, 0, 0, 0, 1, 1, 0]}",
        "time={start='2026-11-27 20:00', zone='Europe/Athens', horizon=60}",
    )
    (truth,) = assert_equal(scenario, graph, 0, 1)
    # Friday from 22:00, Saturday until 2:00 and from 22:00; the hours of Sunday are no longer theirs.
    assert [one.tick for one in truth.items["content"].seen] == [2, 3, 4, 5, 26, 27]
    there = scenario.with_settings(["segment.everyone.online.zone='Asia/Kolkata'"])
    (truth,) = assert_equal(there, graph, 0, 1)
    # Half past eleven there at tick 0, so from half past twenty-two on, a day later, they are at it again.
    assert [one.tick for one in truth.items["content"].seen] == [1, 2, 23, 24]


def test_numbers_of_people_stand_in_for_those_of_their_segment() -> None:
    graph = from_arcs([0] * 4, [1, 2, 3, 4], people=5)
    graph = graph.with_attributes(keen=[1, 0, 1, np.nan, 1], own=[1, 1, 0, 1, np.nan], fit=[1, 1, 1, 0, np.nan])
    scenario = scene(CERTAIN, "individual.attention=keen")
    assert set(told_where(assert_equal(scenario, graph, 0, 1)[0])) == {0, 2, 3, 4}
    scenario = scene(CERTAIN, "individual.susceptibility=own")
    assert set(told_where(assert_equal(scenario, graph, 0, 1)[0])) == {0, 1, 3, 4}
    scenario = scene(CERTAIN, "item.content.affinity_attribute=fit")
    assert set(told_where(assert_equal(scenario, graph, 0, 1)[0])) == {0, 1, 2, 4}
    scenario = scene(CERTAIN, "individual={satisfaction='own', conversion='fit'}", "segment.everyone.conversion=1")
    (truth,) = assert_equal(scenario, graph, 0, 1)
    assert truth.items["content"].converted == [0, 1, 2, 4]
    scenario = scene(CERTAIN, "individual.trust=own")
    assert set(told_where(assert_equal(scenario, graph, 0, 1)[0])) == {0, 1, 3, 4}


def test_a_testimony_begins_where_its_content_was_met() -> None:
    graph = on(feed=[(0, 1), (2, 4)], clips=[(1, 2), (2, 3)])
    scenario = scene(
        CERTAIN,
        "item.anger={kind='testimony', born_of='content', arc_probability=1, damage=0.5, variant={mild={}, harsh={}}}",
        "platform.feed.cross_post={clips=1}",
        "platform.clips={}",
        "plan.only.serve.anger={sour='harsh'}",
        "segment.sour={where={mood='sour'}, satisfaction=0}",
    )
    (truth,) = assert_equal(scenario, graph.with_attributes(mood=["", "", "sour", "", ""]), 0, 1)
    anger = truth.items["anger"].events
    assert (anger[2].parent, anger[2].platform, anger[2].variant) == (reference.BORN, "clips", "harsh")
    assert set(anger) == {2, 3}
    assert set(told(truth)) == {("content", 0), ("content", 1), ("content", 2), ("anger", 2), ("anger", 3)}


def test_groups_are_parts_of_segments() -> None:
    graph = from_arcs([0, 1, 2], [1, 2, 3], people=5, attributes={"town": ["oslo", "rome", "oslo", "", "rome"]})
    scenario = scene(CERTAIN, "segment.everyone.per=town", "report.audiences=true")
    (truth,) = assert_equal(scenario, graph, 0, 1)
    assert Counter(truth.groups) == {"everyone / oslo": 2, "everyone / rome": 2, "everyone / none": 1}
    accounts = reference.accounts(truth.items["content"], truth.groups)
    assert accounts.reach == {"everyone / oslo": 2, "everyone / rome": 1, "everyone / none": 1}
    assert accounts.carried == {"everyone / oslo": 2, "everyone / rome": 1}
