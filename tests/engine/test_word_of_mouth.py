"""Good and bad word of mouth: the kernel equals the plain reference in everything that items do to each other."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
import reference
from comparing import assert_equal, told
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st
from scenes import crises, graphs, mutual, scene

from viralsim.graph import SocialGraph, from_arcs, generate
from viralsim.scenario import Scenario


def test_random_crises_equal_the_reference() -> None:
    happened: Counter[str] = Counter()

    @settings(max_examples=300, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
    @given(data=st.data(), graph=graphs(timed=True, least_people=3), first=st.sampled_from([0, 999, 2**32 - 4]))
    def hold(data: st.DataObject, graph: SocialGraph, first: int) -> None:
        scenario = data.draw(crises(graph))
        note(scenario.toml())
        for truth in assert_equal(scenario, graph, first, 3):
            happened.update(what_happened(scenario, truth))

    hold()
    assert all(happened[what] >= 20 for what in EVERYTHING), happened


EVERYTHING = (
    "roots",
    "conversions",
    "not for the campaign",
    "advertised",
    "told",
    "triggered",
    "harm",
    "repair",
    "kept",
)


def what_happened(scenario: Scenario, truth: reference.Played) -> set[str]:
    """Name what is to be seen in a realisation of all that tests are about."""
    found = set()
    for name, played in truth.items.items():
        row, parents = played.row(), {event.parent for event in played.events.values()}
        found |= {what for what in ("roots", "conversions") if row[what]}
        found |= {"not for the campaign"} if row["conversions"] > row["incremental_conversions"] else set()
        found |= {"advertised"} if reference.ADVERTISED in parents else set()
        found |= {"told"} if any(parent >= 0 for parent in parents) else set()
        found |= {"triggered"} if scenario.item[name].after and played.events else set()
        rivals = [one for one, item in scenario.item.items() if item.exclusive == scenario.item[name].exclusive != ""]
        if any(played.reached & set(truth.items[rival].events) - set(played.events) for rival in rivals):
            found |= {"kept"}
    trust = np.array(truth.trust)
    found |= {"harm"} if (np.diff(trust, axis=0) < 0).any() else set()
    found |= {"repair"} if (np.diff(trust, axis=0) > 0).any() else set()
    return found


def test_a_crisis_on_a_network_with_long_rows_equals_the_reference() -> None:
    """Rows of more than 16 followers, many impressions in a tick, several pages of people, two segments."""
    graph = generate("communities", people=4_200, mean_degree=18)
    graph = graph.with_attributes(town=["south" if person % 5 == 0 else "north" for person in range(graph.people)])
    scenario = scene(
        "item.content={stickiness=0.05, endorsement=1, exclusive='one', half_life=9}",
        "item.anger={kind='testimony', born_of='content', stickiness=0.06, exclusive='one', damage=0.2, sensitivity=1}",
        "item.rumour={kind='rumour', law='curve', curve=[0.02, 0.1], damage=0.1, proven_false_at=6, "
        "emission='repeat', activity=2, wave={first={strategy='random', count=5}}}",
        "item.answer={kind='restoration', arc_probability=0.05, after='rumour', after_reach='10%', repair=0.2, "
        "sensitivity=0, advertisement={chance=0.01, visibility=0.3, end=4}, "
        "wave={first={strategy='random', redraw=true, count=20}}}",
        "segment.everyone={satisfaction=0.6, conversion=0.2, baseline=0.02, attention=0.8}",
        "segment.south={where={town='south'}, trust=0.7, attention=0.5, satisfaction=0.9, conversion=0.4}",
        "trust.half_life=20",
        "platform.feed.visibility=80%",
        "plan.only.wave.first={strategy='random', count=20, redraw=true}",
        "time.horizon=10",
    )
    (truth,) = assert_equal(scenario, graph, 7, 1)
    assert {"roots", "conversions", "told", "triggered", "kept", "harm", "repair"} <= what_happened(scenario, truth)


# -- rules seen one at a time ------------------------------------------------------------------------------


def path(people: int) -> SocialGraph:
    return from_arcs(range(people - 1), range(1, people), people=people)


def test_the_dissatisfied_start_their_testimony_instead() -> None:
    """On a path everybody is dissatisfied: the second person never hears of the content, but of the testimony."""
    scenario = scene(
        "item.content.arc_probability=1",
        "item.anger={kind='testimony', born_of='content', arc_probability=1, damage=0.5, scar=0}",
        "segment.everyone.satisfaction=0",
        "trust.half_life=never",
    )
    (truth,) = assert_equal(scenario, path(3), 0, 1)
    assert told(truth) == {
        ("content", 0): (0, reference.SEED, 0, -1),
        ("anger", 0): (0, reference.BORN, 0, 1),
        ("anger", 1): (1, 0, 1, 2),
        ("anger", 2): (2, 1, 2, 3),
    }
    assert truth.items["anger"].row()["roots"] == 1
    assert truth.items["anger"].row()["seeds"] == 0
    assert truth.trust[0] == [0.5, 1.0, 1.0]
    assert truth.trust[3] == [0.5, 0.5, 0.5]


def test_trust_falls_comes_back_and_keeps_a_scar() -> None:
    """A rumour advertised once, restoration three ticks later, everything worked out by hand."""
    scenario = scene(
        "item.content.arc_probability=0",
        "item.rumour={kind='rumour', arc_probability=0, damage=0.5, scar=0.4, heal=0.25, "
        "advertisement={chance=0, start=1, end=2}}",
        "item.answer={kind='restoration', arc_probability=0, repair=0.5, advertisement={chance=0, start=4, end=5}}",
        "segment.everyone.trust=0.8",
        "trust.half_life=3",
        "time.horizon=7",
        "report.times=8",
    )
    (truth,) = assert_equal(scenario, path(2), 0, 1)
    # A drop of .4; .16 of it is a scar, .12 of that for ever; half of the rest is back at tick 4: .64 - .24 / 2.
    expected = {0: 0.8, 1: 0.4, 4: 0.52 + 0.5 * 0.12}
    # Of the scar of .16 half of what can be mended is mended: .02.
    expected[7] = 0.66 - (0.66 - expected[4]) / 2
    for tick, level in expected.items():
        assert truth.trust[tick] == pytest.approx([level, level])


def test_proven_false_it_does_less() -> None:
    """Damage and dose are what is left after disproof from that tick on, and so is the effect on those who doubt."""
    scenario = scene(
        "item.content.arc_probability=0",
        "item.rumour={kind='rumour', law='curve', curve=[0, 0, 1], damage=0.5, scar=1, proven_false_at=2, "
        "disproof=0.5, advertisement={dose=0.6, end=4}}",
        "time.horizon=5",
        "report.times=6",
    )
    (truth,) = assert_equal(scenario, path(1), 0, 1)
    assert [trust[0] for trust in truth.trust] == [0.5, 0.25, 0.1875, 0.140625, 0.140625, 0.140625]
    assert not truth.items["rumour"].events  # a dose of 1.8 of the 2 that it takes
    believed = scenario.with_settings(["item.rumour.proven_false_at=none"])
    (truth,) = assert_equal(believed, path(1), 0, 1)
    assert truth.items["rumour"].events[0].tick == 3


def test_a_trigger_counts_what_stood_at_the_end_of_the_tick_before() -> None:
    """The content reaches a third person at tick 2; the answer's wave at its own tick 1 comes 1 + 1 + 2 ticks later."""
    scenario = scene(
        "item.content.arc_probability=1",
        "item.answer={kind='restoration', arc_probability=0, after='content', after_reach=3, reaction_delay=2, "
        "wave={first={strategy='explicit', people=[0], start=1}}}",
    )
    (truth,) = assert_equal(scenario, path(9), 0, 1)
    assert [event.tick for event in truth.items["answer"].events.values()] == [2 + 1 + 2 + 1]
    share = scenario.with_settings(["item.answer.after_reach=23%"])  # 2.07 of 9 people, so three
    assert told(assert_equal(share, path(9), 0, 1)[0]) == told(truth)


@pytest.mark.parametrize(("priority", "wins"), [(-1, "anger"), (1, "content")])
def test_priority_decides_between_exclusive_items(priority: int, wins: str) -> None:
    """A star: both items reach everybody in one tick."""
    graph = from_arcs([0] * 5 + [6] * 5, [1, 2, 3, 4, 5] * 2, people=7)
    scenario = scene(
        "item.content={arc_probability=1, exclusive='one'}",
        f"item.anger={{kind='testimony', arc_probability=1, exclusive='one', priority={priority}, damage=0, "
        "wave={first={strategy='explicit', people=[6]}}}",
    )
    for truth in assert_equal(scenario, graph):
        assert len(truth.items[wins].events) == 6
        assert sum(len(played.events) for played in truth.items.values()) == 7
        assert all(len(played.reached) == 6 for played in truth.items.values())


def test_luck_decides_among_exclusive_items_of_one_priority() -> None:
    graph = from_arcs([0] * 40 + [41] * 40, list(range(1, 41)) * 2, people=42)
    scenario = scene(
        "item.content={arc_probability=1, exclusive='one'}",
        "item.rival={arc_probability=1, exclusive='one', wave={first={strategy='explicit', people=[41]}}}",
    )
    (truth,) = assert_equal(scenario, graph, 0, 1)
    assert 10 < len(truth.items["rival"].events) < 32


def test_contacts_with_the_excluded_stifle_nobody() -> None:
    graph = mutual([(0, 1)])
    scenario = scene(
        "item.content={arc_probability=1, emission='contact', exclusive='one'}",
        "item.rival={arc_probability=1, emission='contact', exclusive='one', "
        "wave={first={strategy='explicit', people=[1]}}}",
        "time.horizon=9",
    )
    (truth,) = assert_equal(scenario, graph, 0, 1)
    assert [played.row()["shares"] for played in truth.items.values()] == [9, 9]
    assert [played.row()["engaged"] for played in truth.items.values()] == [1, 1]


def test_conversions_follow_trust_and_leave_out_who_comes_anyway() -> None:
    """Certain at full trust, on day 1: 70 % of 70 % are left then, and who would have come on day 2 is no increment."""
    graph = from_arcs([0] * 400, range(1, 401), people=401)
    scenario = scene(
        "item.content.arc_probability=1",
        "segment.everyone={conversion=1, baseline=0.3}",
        "time={tick='1d', horizon=2}",
    )
    for truth in assert_equal(scenario, graph):
        row = truth.items["content"].row()
        assert row["incremental_conversions"] == 401 - row["baseline_conversions"]
        assert abs(row["conversions"] - 401 * 0.7**2) < 45  # 4.5 standard errors
        assert abs(row["incremental_conversions"] - 401 * 0.7**3) < 45
    doubting = scenario.with_settings(["segment.everyone.trust=25%", "segment.everyone.baseline=0"])
    for truth in assert_equal(doubting, graph):
        row = truth.items["content"].row()
        assert abs(row["conversions"] - 401 / 4) < 40
        assert row["conversions"] == row["incremental_conversions"]
        assert row["baseline_conversions"] == 0


def test_nobody_converts_twice() -> None:
    scenario = scene(
        "item.content.arc_probability=1",
        "item.badge={arc_probability=1, wave={first={strategy='explicit', people=[0]}}}",
        "item.answer={kind='restoration', arc_probability=1, wave={first={strategy='explicit', people=[0]}}}",
        "segment.everyone.conversion=1",
    )
    (truth,) = assert_equal(scenario, path(5), 0, 1)
    assert [len(played.converted) for played in truth.items.values()] == [5, 0, 0]


def test_a_silent_item_is_not_started_by_anything() -> None:
    scenario = scene(
        "item.content.arc_probability=1",
        "item.anger={kind='testimony', born_of='content', arc_probability=1, damage=0.5, "
        "advertisement={chance=1}, wave={first={strategy='explicit', people=[0]}}}",
        "segment.everyone.satisfaction=0",
        "price={model='flat', amount=1}",
    )
    (loud,) = assert_equal(scenario, path(5), 0, 1)
    (truth,) = assert_equal(scenario.with_settings(["item.anger.silent=true"]), path(5), 0, 1)
    assert loud.items["anger"].row()["cost"] == 100
    assert loud.trust[-1][4] < 1
    row = truth.items["anger"].row()
    assert {name for name, value in row.items() if value} == {"time_to_peak", "time_to_half"}
    assert row["time_to_peak"] == row["time_to_half"] == -1
    assert told(truth) == {("content", 0): (0, reference.SEED, 0, -1)}
    assert all(trust == [1.0] * 5 for trust in truth.trust)


@pytest.mark.parametrize("sensitivity", [1, 2.5])
@pytest.mark.parametrize("what", ["advertisement={dose=1, start=1}", "emission='contact'", "emission='repeat'"])
def test_what_is_certain_persuades_nobody_who_has_no_trust_left(what: str, sensitivity: float) -> None:
    """0 x log(1 - 1) is no number: advertising of stickiness 1 persuaded them all."""
    scenario = scene(
        f"item.content={{stickiness=1, sensitivity={sensitivity}, {what}}}",
        "item.rumour={kind='rumour', arc_probability=0, damage=1, advertisement={chance=0, end=1}}",
        "trust.half_life=never",
        "time.horizon=5",
    )
    (truth,) = assert_equal(scenario, path(3), 0, 1)
    assert set(truth.items["content"].events) == {0}


def test_two_testimonies_born_in_one_tick_come_in_the_order_of_their_priority_and_name() -> None:
    """Whatever order the waves are in: the same drops, but the scar is that of who comes first from the whole trust."""
    waves = [f"{{item='{item}', strategy='explicit', people=[0]}}" for item in ("content", "badge")]
    first, second = "damage=0.5, scar=1", "damage=0.5, scar=0"
    for a, b, priority, lost in ((0, 1, 0, 0.5), (1, 0, 0, 0.5), (0, 1, -1, 0.25), (1, 0, -1, 0.25)):
        scenario = scene(
            "item.content.arc_probability=0",
            "item.badge.arc_probability=0",
            f"item.anger={{kind='testimony', born_of='content', arc_probability=0, {first}}}",
            f"item.complaint={{kind='testimony', born_of='badge', arc_probability=0, priority={priority}, {second}}}",
            f"plan.only.wave={{a={waves[a]}, b={waves[b]}}}",
            "segment.everyone.satisfaction=0",
            "trust.half_life=1",
        )
        (truth,) = assert_equal(scenario, path(1), 0, 1)
        assert truth.trust[0] == [0.25]
        assert truth.trust[-1] == [pytest.approx(1 - lost)]
