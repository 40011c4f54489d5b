"""Stories of realisations: what is told of them is what was counted."""

from __future__ import annotations

import json

import numpy as np
import pytest

import viralsim as vs
from viralsim.engine import compile_campaign, recall_realisation
from viralsim.engine.kernels import ROW
from viralsim.outcome.cascade import Cascade
from viralsim.outcome.story import Heard, Story, _heard, turning_points

SURE = """
network = { generator = "complete", people = 5 }
segment.everyone.satisfaction = 0
item.post = { stickiness = 1 }
item.warning = { kind = "testimony", born_of = "post", stickiness = 1, damage = 0.5, scar = 0, proven_false_at = 2 }
item.more = { after = "post", after_reach = 5, stickiness = 1, wave.first = { strategy = "explicit", people = [4] } }
plan.one.wave.first = { strategy = "explicit", people = [0] }
time.horizon = 6
report.times = 7
trust.half_life = "never"

[item.answer]
kind = "restoration"
stickiness = 1
repair = 0.5
after = "warning"
after_reach = 3
reaction_delay = 1
wave.first = { strategy = "explicit", people = [4] }
"""

SPREADING = """
network = { generator = "communities", people = 400, mean_degree = 8 }
platform.feed = { visibility = "60%", delay = { law = "geometric", mean = 2 } }
segment.young = { where = { community = 0 }, satisfaction = 0.5, conversion = 0.2, baseline = "0.2%" }
segment.rest = { satisfaction = 0.7, trust = 0.8, conversion = 0.1 }
item.content = { stickiness = "20%" }
item.complaints = { kind = "testimony", stickiness = "10%", born_of = "content" }
plan.hubs.wave.first = { strategy = "degree", count = 4 }
time.horizon = "4d"
report.times = 30

[item.answer]
kind = "restoration"
stickiness = "20%"
after = "complaints"
after_reach = "10%"
wave.first = { strategy = "degree", count = 4 }
"""
ADVERTISED = """
network = { generator = "communities", people = 300, mean_degree = 8 }
platform.feed = { visibility = "60%" }
item.content = { stickiness = "20%" }
plan.hubs.wave.first = { strategy = "degree", count = 4 }
time.horizon = "2d"

[item.gossip]
kind = "rumour"
stickiness = "6%"
emission = "repeat"
activity = "3h"
reaction_delay = 3
advertisement = { dose = 0.5, visibility = "2%", start = 5, end = 20 }
wave.late = { strategy = "random", count = 3, start = 10, redraw = true }
"""


def test_a_story_whose_every_step_is_sure() -> None:
    """One person posts, regrets it at once and warns the four others, who never hear of the post itself."""
    cascade = vs.replay(vs.scenario_from_text(SURE), 0)
    assert cascade.story is not None
    assert [(one.tick, one.item, one.what, one.people) for one in cascade.story.events] == [
        (0, "post", "begins", 1),
        (0, "warning", "begins", 1),
        (1, "warning", "peak", 4),
        (1, "warning", "ends", 5),
        (2, "warning", "proven false", None),
        (2, "answer", "triggered", 3),
        (3, "answer", "begins", 1),
        (4, "answer", "peak", 4),
        (4, "answer", "ends", 5),
        (6, "more", "never triggered", 1),
    ]
    lines = cascade.story.lines(cascade)
    assert "0d 02:00  answer is triggered: warning has reached 3 people" in lines
    assert "0d 06:00  more was never triggered: post reached 1 of 5 people" in lines
    assert "1 person turned: engaged, were dissatisfied, and told others" in lines
    assert "0d 00:00  0, a seed" in lines
    found = json.loads(cascade.to_json())["story"]
    assert found["turned"] == [
        {
            "tick": 0,
            "person": 0,
            "testimony": "warning",
            "testimony_entry": 1,
            "content_entry": 0,
            "parent": None,
            "parent_person": None,
        }
    ]
    # The seed hears of it from the others only after the post.
    assert found["heard"]["post"] == {"before": 0, "after": 1, "never": 0}
    # Tick 0: the first loses half. Tick 1: so do the others. Tick 2, proven false: the first sees four warnings and
    # the others three each, of which each takes 0.275.
    assert found["trust"]["mean"][:3] == pytest.approx([0.9, 0.5, 0.5 * (0.725**4 + 4 * 0.725**3) / 5], abs=1e-9)
    assert [one["before"] > one["after"] for one in found["trust"]["swings"]] == [True, False]
    assert found["trust"]["swings"][0]["engaged"] == {"warning": 4}  # what began with the fall is not within it
    assert found["trust"]["swings"][1]["engaged"] == {"answer": 5}


def test_what_is_told_is_what_was_counted() -> None:
    scenario = vs.scenario_from_text(SPREADING)
    graph = vs.load_network(scenario.network)
    outcome = vs.simulate(scenario, graph=graph, realisations=6)
    triggered = 0
    for r in range(6):
        cascade, row = vs.replay(scenario, r, graph=graph), dict(zip(ROW, outcome.rows[r].T, strict=True))
        story = cascade.story
        assert story is not None
        assert story.heard_at is not None
        assert story.mean_trust is not None
        assert story.heard is not None
        complaints = cascade.only("complaints")
        assert [cascade.only(item).size for item in cascade.items] == row["engaged"].tolist()
        assert len(cascade.born) == row["roots"][1] > 0
        assert (cascade.born_of[cascade.born] >= 0).all()
        assert (cascade.tick[cascade.born] == cascade.tick[cascade.born_of[cascade.born]]).all()
        assert (cascade.shared_at[cascade.born_of[cascade.born]] == -1).all()

        # Who saw it, and who told it without having seen it, are those whom it reached.
        reached = np.where(story.heard_at >= 0, story.heard_at, 10**9)
        np.minimum.at(reached, complaints.person, complaints.tick)
        assert (reached < 10**9).sum() == row["reach"][1]
        told = cascade.item == 1
        by_share = told & (cascade.parent >= 0)
        assert (story.heard_at[cascade.person[by_share]] >= 0).all()
        assert (story.heard_at[cascade.person[by_share]] <= cascade.tick[by_share]).all()

        # The trigger is the first tick after so many were reached.
        waited = [one for one in story.events if one.what == "triggered"]
        triggered += len(waited)
        for one in waited:
            assert (reached < one.tick).sum() >= 40 > (reached < one.tick - 1).sum()
            starts = cascade.tick[(cascade.item == 2) & (cascade.parent == -1)]
            assert (starts == one.tick).all()

        alone = vs.simulate(scenario, graph=graph, first=r, realisations=1)
        assert story.mean_trust.tolist() == pytest.approx(alone.trust_curve().mean.tolist(), abs=1e-12)
        for name, values in story.trust.items():
            assert values.tolist() == pytest.approx(
                outcome.trust_sums[r][outcome.segments.index(name)].tolist()
                / (outcome.segment_people[outcome.segments.index(name)] * 2.0**32),
                abs=1e-12,
            )
        heard = story.heard["content"]
        assert heard.before + heard.after + heard.never == row["engaged"][0]
        before = [entry for entry in range(cascade.size) if story.had_heard(cascade, entry)]
        assert len(before) == heard.before
        written = json.loads(json.dumps(cascade.to_dict(), allow_nan=False))
        assert written["story"]["heard"]["content"]["never"] == sum(
            one["heard_at"] is None for one in written["people"] if one["item"] == "content"
        )
        assert max(map(len, story.lines(cascade))) <= 80
    assert triggered > 0


def test_what_is_seen_in_a_tick_comes_before_who_is_persuaded_in_it_and_after_who_is_a_seed() -> None:
    cascade = Cascade.from_queue(
        ["seed", "told", "late", "earlier", "never"], person=[0, 1, 2, 3, 4], item=[0] * 5, platform=[0] * 5,
        tick=[3, 3, 3, 3, 3], parent=[-1, -2, -2, -2, -2], generation=[0] * 5, shared_at=[-1] * 5,
        items=("content",), platforms=("feed",), tick_seconds=3600.0, realisation=0, scenario_hash="", plan="hubs",
    )  # fmt: skip
    heard_at = np.array([3, 3, 4, 2, -1])
    story = Story({"content": "content"}, (), None, heard_at, np.array([0]), {}, None, ())
    assert [story.had_heard(cascade, entry) for entry in range(5)] == [False, True, False, True, False]
    assert _heard(cascade, "content", heard_at) == Heard(2, 2, 1)


def test_who_heard_of_what_is_advertised_and_repeated() -> None:
    """Seeds that come late and have seen it already, a delay before everything."""
    scenario = vs.scenario_from_text(ADVERTISED)
    graph = vs.load_network(scenario.network)
    outcome = vs.simulate(scenario, graph=graph, realisations=4)
    for r in range(4):
        recalled = recall_realisation(compile_campaign(scenario, graph), r)
        assert recalled.heard_at is not None
        entries = recalled.recorded.item == 1
        told = recalled.recorded.person[entries]
        saw = set(np.flatnonzero(recalled.heard_at >= 0).tolist())
        assert len(saw | set(told.tolist())) == outcome.rows[r, 1, ROW.index("reach")]
        assert min(recalled.heard_at[list(saw)]) == 8  # with the first tick of advertising
        engaged = recalled.recorded.tick[entries]
        persuaded = recalled.recorded.parent[entries] != -1
        assert (recalled.heard_at[told[persuaded]] <= engaged[persuaded]).all()
        assert (recalled.heard_at[told[persuaded]] >= 0).all()


def test_what_is_told_in_contacts_is_not_counted_again() -> None:
    scenario = vs.scenario_from_text(ADVERTISED).with_settings(["item.gossip.emission=contact"])
    cascade = vs.replay(scenario, 0)
    assert cascade.story is not None
    assert cascade.story.heard is None
    assert "heard_at" not in cascade.to_dict()["people"][0]
    assert "heard" not in "\n".join(cascade.story.lines(cascade))


def test_one_item_has_no_story() -> None:
    cascade = vs.replay(vs.read_scenario(settings=["network.people=500", "segment.everyone.conversion=10%"]), 0)
    assert cascade.story is None
    assert "story" not in cascade.to_dict()


def test_items_that_touch_nothing_have_a_story_without_trust() -> None:
    scenario = vs.read_scenario(
        settings=["network.people=500", "item.other={stickiness=0.1, wave={a={strategy='random', count=5}}}"]
    )
    cascade = vs.replay(scenario, 0)
    assert cascade.story is not None
    assert cascade.story.mean_trust is None
    assert cascade.to_dict()["story"]["trust"] is None
    assert [one.item for one in cascade.story.events if one.what == "begins"] == ["content", "other"]


@pytest.mark.parametrize(
    ("values", "least", "points"),
    [
        ([0.0], 0.1, [0]),
        ([1.0, 0.5, 0.9], 0.1, [0, 1, 2]),
        ([1.0, 0.5, 0.55, 0.2, 0.21], 0.1, [0, 3, 4]),  # a small rise is no turn
        ([0.0, 0.05, -0.05, 0.5], 0.1, [0, 2, 3]),
        ([0.5, 0.4, 0.3], 0.1, [0, 2]),
        ([0.5, 0.5, 0.5, 0.7, 0.7], 0.1, [0, 3, 4]),
    ],
)
def test_turning_points(values: list[float], least: float, points: list[int]) -> None:
    assert turning_points(values, least) == points
