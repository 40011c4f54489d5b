"""What the pages' engine does not play is taken out of a world, and told."""

from __future__ import annotations

import base64
import json
from typing import Any

import numpy as np
import pytest
from scenes import scene

import viralsim as vs
from viralsim.graph import SocialGraph
from viralsim.scenario import init_text, templates
from viralsim.seeding import segments_of
from viralsim.show.world import MOST_PEOPLE, playable, world_of

TYPES = {"u8": "<u1", "u16": "<u2", "u32": "<u4", "f32": "<f4", "f64": "<f8"}


def unpacked(packed: dict[str, Any]) -> np.ndarray:
    if "value" in packed:
        return np.full(packed["length"], packed["value"])
    found = np.frombuffer(base64.b64decode(packed["data"]), TYPES[packed["type"]])
    return np.array(packed["of"])[found] if "of" in packed else found


def small(*settings: str) -> SocialGraph:
    return vs.from_arcs(
        [0, 0, 1, 2, 3, 3],
        [1, 2, 3, 3, 4, 0],
        trust=[0.1, 0.2, 0.3, 0.4, 0.5, 1 / 3],
        attributes={"join": [0, 0, 3, 0, 0]},
        platform=["feed", "feed", "feed", "feed", "feed", "clips"],
    )


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ([], ""),
        (
            ["platform.feed.cross_post.clips=1", "platform.clips.visibility=1"],
            "Everything happens on the platform “feed”",
        ),
        (["platform.feed.discovery.rate=1"], "shows nothing to strangers"),
        (["platform.feed.feed_length=2"], "Feeds have no end"),
        (["network.join_attribute=join"], "Everybody is there from beginning to end"),
        (["segment.everyone.online.hours={'7..9'=1}"], "online at all hours"),
        (["item.content.variant.plain={}", "item.content.variant.bold={}"], "no variants"),
        (["price={model='flat', amount=3}"], "Money is not counted"),
        (["segment.everyone.conversion=3%"], "Nobody converts"),
        (["segment.everyone.baseline=3%"], "Nobody converts"),
        (["segment.everyone.attention=10%..30%"], "one central number: segment.everyone.attention"),
    ],
)
def test_what_is_left_out_is_told(settings: list[str], words: str) -> None:
    told = world_of(scene(*settings), small())["leftOut"]
    assert len(told) == bool(words)
    assert all(words in one for one in told)


def test_ties_that_come_and_go_stay() -> None:
    graph = vs.from_arcs([0, 0, 1], [1, 1, 2], start=[0, 5, 2], end=[3, 9, 4])
    world = world_of(scene(), graph)
    assert world["leftOut"] == ["Ties do not come and go."]
    assert unpacked(world["followers"]).tolist() == [1, 2]


def test_numbers_arrive_to_the_last_bit() -> None:
    graph = small()
    world = world_of(scene(), graph)
    assert unpacked(world["trust"]).tolist() == graph.layer("feed").trust.tolist()
    assert unpacked(world["offsets"]).tolist() == graph.layer("feed").offsets.tolist()
    assert unpacked(world["followers"]).tolist() == graph.layer("feed").followers.tolist()
    many = vs.generate("small-world", people=900, random_seed=3)
    for column in (np.full(900, 0.1), np.arange(900) / 899, np.arange(900) % 7 / 7, np.arange(900) % 7 / 8):
        made = world_of(
            scene("individual.attention=keen"), many.with_attributes(keen=np.where(column == 0.0, np.nan, column))
        )
        np.testing.assert_array_equal(unpacked(made["own"]["attention"]), np.where(column == 0.0, np.nan, column))


def test_a_hostile_name_stays_text() -> None:
    name = "<img src=x onerror=alert(1)>"
    graph = vs.from_arcs([0, 1], [1, 2], ids=[name, "b", "c"])
    scenario = scene(f"plan.only.wave.first.people=['{name}']")
    assert world_of(scenario, graph)["names"] == [name, "b", "c"]


def test_a_generated_network_is_generated_again_with_fewer_people() -> None:
    scenario = vs.read_scenario(settings=["network.people=5000", "plan.hubs.wave.first.count=900"])
    world = world_of(scenario, vs.load_network(scenario.network))
    assert world["people"] == MOST_PEOPLE
    again = vs.load_network(scenario.with_settings(["network.people=2000"]).network)
    assert unpacked(world["followers"]).tolist() == again.arcs.followers.tolist()
    assert world["leftOut"][0] == "2,000 people are played in place of 5,000: a smaller network, generated alike."
    assert world["leftOut"][1] == "plan.hubs.wave.first: 500 people in place of 900."


def test_a_neighbourhood_is_cut_from_an_imported_network() -> None:
    """Around those whom a plan names; of two rings the one they are in."""
    ring = np.arange(300)
    graph = vs.from_arcs(
        np.r_[ring, ring + 300], np.r_[np.roll(ring, 1), np.roll(ring, 1) + 300], ids=[f"p{i}" for i in range(600)],
        attributes={"age": np.arange(600)}, mutual=True,
    )  # fmt: skip
    scenario = scene(
        "plan.only.wave.first.people=['p450', 'p10']", "plan.other.wave.first={strategy='degree', count=3}"
    )
    world = world_of(scenario, graph, people=100)
    assert world["people"] == 100
    names = world["names"]
    assert {"p450", "p10", "p449", "p11"} < set(names)
    assert "connected neighbourhood" in world["leftOut"][0]
    _, cut, _ = playable(scenario, graph, 100)
    assert [f"p{age}" for age in cut.attribute("age")] == names
    # Nobody is cut off from those they were tied to but at the two ends of each stretch.
    assert cut.arcs.out_degree.sum() == 2 * 98
    assert world == world_of(scenario, graph, people=100)


def test_a_plan_whose_people_are_all_cut_off_is_left_out() -> None:
    scenario = vs.read_scenario(
        settings=["network={generator='ring', people=300}", "plan.far.wave.first={strategy='explicit', people=[299]}"]
    )
    graph = vs.load_network(scenario.network)
    assert "far" not in [plan["name"] for plan in world_of(scenario, graph, people=100)["plans"]]
    alone = scene("network.people=300", "plan.only.wave.first.people=[299]")
    world = world_of(alone, vs.load_network(alone.network), people=100)
    assert "connected neighbourhood" in world["leftOut"][0]  # a network generated again has no person 299
    assert "299" in world["names"]


@pytest.mark.parametrize("name", templates())
def test_every_packaged_scenario_can_be_made_smaller(name: str) -> None:
    """Layers, rare segments and waves that ask for more than are left were errors."""
    scenario = vs.scenario_from_text(init_text(name))
    graph = vs.load_network(scenario.network)
    world = world_of(scenario, graph, people=600)
    assert world["people"] == 600
    assert [plan["name"] for plan in world["plans"]] == list(scenario.plan)
    assert all(wave["count"] is None or wave["count"] >= 1 for plan in world["plans"] for wave in plan["waves"])
    assert set(unpacked(world["segmentOf"]).tolist()) == set(segments_of(scenario, graph).tolist())


def test_a_rare_segment_is_kept_by_cutting_in_place_of_generating_again() -> None:
    scenario = vs.read_scenario(
        settings=[
            "network.people=5000",
            "network.attribute.role={values={press='0.02%', anybody='99.98%'}}",
            "segment.press.where={role='press'}",
        ]
    )
    world = world_of(scenario, vs.load_network(scenario.network), people=500)
    assert "connected neighbourhood" in world["leftOut"][0]
    assert set(unpacked(world["segmentOf"]).tolist()) == {0, 1}
    assert not world["generated"]


def test_ten_worlds_are_small() -> None:
    sizes = []
    for random_seed in range(10):
        scenario = vs.read_scenario(
            settings=[
                f"network={{generator='communities', people=500, mean_degree=6, random_seed={random_seed}}}",
                "network.tie_trust={from='beta'}",
            ]
        )
        sizes.append(len(json.dumps(world_of(scenario, vs.load_network(scenario.network)))))
    assert sum(sizes) < 700_000
