"""Ranges and distributions in a scenario: what can be written where, and what becomes of it."""

import json
import re

import pytest

from viralsim.errors import ScenarioError
from viralsim.scenario import (
    BrandTrust,
    Discovery,
    Item,
    Platform,
    Scenario,
    Segment,
    choices,
    read_scenario,
    scenario_from_text,
)
from viralsim.scenario.schema import Advertisement

BASE = """
network.generator = "ring"
item.post.stickiness = {value}
plan.one.wave.first = {{ strategy = "random", count = 1 }}
"""


def stickiness(value: str) -> Scenario:
    return scenario_from_text(BASE.format(value=value))


@pytest.mark.parametrize(
    ("value", "written", "central"),
    [
        ('"1%..3%"', {"distribution": "uniform", "low": 0.01, "high": 0.03}, 0.02),
        ('" 1 % ..3%"', {"distribution": "uniform", "low": 0.01, "high": 0.03}, 0.02),
        ('"0..3%"', {"distribution": "uniform", "low": 0.0, "high": 0.03}, 0.015),
        ('"0.01..0.03"', {"distribution": "uniform", "low": 0.01, "high": 0.03}, 0.02),
        ('".25...75"', {"distribution": "uniform", "low": 0.25, "high": 0.75}, 0.5),
        ('"2%..2%"', {"distribution": "uniform", "low": 0.02, "high": 0.02}, 0.02),
        (
            '{ distribution = "normal", mean = "2%", deviation = "1%" }',
            {"distribution": "normal", "mean": 0.02, "deviation": 0.01},
            0.02,
        ),
        (
            '{ distribution = "normal", mean = "2%", deviation = 0.01, low = "3%" }',
            {"distribution": "normal", "mean": 0.02, "deviation": 0.01, "low": 0.03},
            0.03,
        ),
        (
            '{ distribution = "beta", a = 1, b = 3 }',
            {"distribution": "beta", "a": 1.0, "b": 3.0, "low": 0.0, "high": 1.0},
            0.25,
        ),
        (
            '{ distribution = "values", values = ["3%", "1%"] }',
            {"distribution": "values", "values": [0.03, 0.01]},
            0.01,
        ),
    ],
)
def test_what_is_read_and_the_number_in_the_middle(value, written, central):
    scenario = stickiness(value)
    (unknown,) = scenario.unknowns
    assert unknown.written() == written
    assert scenario.resolved()["item"]["post"]["stickiness"] == written
    assert scenario.item["post"].stickiness == pytest.approx(central, rel=1e-12)
    again = scenario_from_text(scenario.toml())
    assert again == scenario
    assert again.unknowns == scenario.unknowns


def test_a_setting_may_be_a_range_or_a_table_or_change_a_part():
    scenario = read_scenario(settings=["item.content.stickiness=1%..3%"])
    assert [unknown.name for unknown in scenario.unknowns] == ["item.content.stickiness"]
    table = scenario.with_settings(["item.content.stickiness={distribution='normal', mean='2%', deviation='1%'}"])
    assert table.unknowns[0].distribution == "normal"
    wider = table.with_settings(["item.content.stickiness.deviation=2%"])
    assert wider.unknowns[0].parameters["deviation"] == 0.02
    assert wider.with_settings(["item.content.stickiness=2%"]).unknowns == ()
    mapped = read_scenario(settings={"item.content.stickiness": "1%..3%"})
    assert mapped == scenario


def test_a_place_is_that_of_the_part():
    with pytest.raises(ScenarioError) as caught:
        scenario_from_text(BASE.format(value='{ distribution = "uniform", low = "1%", high = "300%" }'), name="a.toml")
    (problem,) = caught.value.problems
    assert problem.message.startswith("item.post.stickiness.high: expected a share from 0 to 1")
    assert problem.place == "a.toml:3:71"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ('"1%...3%"', r"expected a range such as"),
        ('"1..3%"', r'write the unit on both sides\n.*\n.*\n.*did you mean "1%\.\.3%"'),
        ('"1%..3"', r'did you mean "1%\.\.3%"'),
        ('"1% to 3%"', r'a range is written "1%\.\.3%"'),
        ('"1–3 %"', r'a range is written "1%\.\.3%"'),
        ('{ distribution = "uniform", low = { distribution = "uniform" }, high = 1 }', "low: expected one value"),
        ('{ distribution = "uniform", low = "0%..1%", high = 1 }', "low: expected one value"),
        ("{}", "expected a number, a range or a table with a distribution"),
    ],
)
def test_what_is_no_range_is_explained(value, words):
    with pytest.raises(ScenarioError, match=words):
        stickiness(value)


def test_text_with_two_points_is_no_range():
    scenario = scenario_from_text(
        """
    title = "what if..?"
    network.file = "../edges.csv"
    item.post.stickiness = 0.1
    plan.one.wave.first = { strategy = "explicit", people = ["a..b"], platform = "feed" }
    plan.two.wave.first = { strategy = "random", count = 1, where = { town = "a..b" }, per = "a..b" }
    """
    )
    assert scenario.unknowns == ()


def test_the_hash_covers_distributions_but_not_how_they_are_written():
    plain, one, other = stickiness("0.02"), stickiness('"1%..3%"'), stickiness('"0%..4%"')
    assert one.item["post"].stickiness == other.item["post"].stickiness == plain.item["post"].stickiness
    assert len({scenario.content_hash("g") for scenario in (plain, one, other)}) == 3
    assert len({plain, one, other}) == 3
    table = stickiness('{ distribution = "uniform", low = 0.01, high = 0.03 }')
    assert table.content_hash("g") == one.content_hash("g")


def test_the_hash_covers_trust_that_is_not_known():
    """The graph's fingerprint holds the central number alone: two ranges around it must not look alike."""
    hashes = {
        read_scenario(settings=[f"network.trust={value}"]).content_hash("g")
        for value in ("0.5", "0.4..0.6", "0.1..0.9")
    }
    # (Without a range trust counts by the fingerprint, which is the same here.)
    assert len(hashes) == 3


def test_numbers_take_the_place_of_unknowns_and_of_nothing_else():
    scenario = read_scenario(
        settings=[
            "platform.feed.delay.median=1h..5h",
            "item.content.law=curve",
            "item.content.curve=['1%', '1%..3%']",
            "plan.hubs.wave.first.count=5..9",
        ]
    )
    numbers = {
        ("platform", "feed", "delay", "median"): 2.5,
        ("item", "content", "curve", 1): 0.011,
        ("plan", "hubs", "wave", "first", "count"): 6,
    }
    assert {unknown.path for unknown in scenario.unknowns} == set(numbers)
    drawn = scenario.with_numbers(numbers)
    assert drawn.unknowns == ()
    assert drawn.platform["feed"].delay.parameters == {"median": 2.5, "sigma": 1.5}
    assert drawn.item["content"].curve == (0.01, 0.011)
    assert drawn.plan["hubs"].wave["first"].count == 6
    expected = scenario.with_settings(
        ["platform.feed.delay.median=2.5", "item.content.curve=['1%', 0.011]", "plan.hubs.wave.first.count=6"]
    )
    assert drawn == expected
    assert len(scenario.unknowns) == 3  # left as it was
    assert drawn.with_settings(["random_seed=9"]).item["content"].curve == (0.01, 0.011)
    partly = scenario.with_numbers({("item", "content", "curve", 1): 0.011})
    assert len(partly.unknowns) == 2


EVERY_NUMBER = (
    "item.content.emission=contact",
    "item.content.activity=2d",
    "item.content.advertisement={dose=0.5, end=9}",
    "platform.feed={share_rate=0.9, half_life=30, discovery={rate=0.1, most=9}, feed_length=5, cross_post={clips=0.1}}",
    "platform.feed.delay={law='power-law', minimum=1, exponent=2.5}",
    "platform.clips.half_life=none",
    "segment.everyone={trust=0.9, satisfaction=0.8, conversion=0.1, baseline=0.01, decline=0.2, susceptibility=2}",
    "item.content.variant={young={affinity={everyone=1.5}}, general={}}",
    "item.complaint={kind='testimony', stickiness=0.1, born_of='content', priority=2, sensitivity=0.4}",
    "item.gossip={kind='rumour', stickiness=0.1, proven_false_at=9, reaction_delay=4, advertisement={dose=1}}",
    "item.answer={kind='restoration', stickiness=0.1, after='gossip', after_reach=0.02, advertisement={dose=1}}",
    "item.more={stickiness=0.1, after='gossip', after_reach=20, reaction_delay=2, advertisement={chance=1}}",
)


def numeric_keys():
    resolved = read_scenario(settings=EVERY_NUMBER).resolved()
    for table in ("platform", "segment", "trust", "item", "plan"):
        yield from leaves(resolved[table], (table,))


def test_no_number_of_the_models_is_left_out_of_the_next_test():
    tested = {path.split(".")[-1] for path in numeric_keys()}
    numbers = {
        name
        for table in (Item, Platform, Discovery, Segment, BrandTrust, Advertisement)
        for name, field in table.model_fields.items()
        if re.search(r"\b(float|int)\b", str(field.annotation)) and "tuple" not in str(field.annotation)
    }
    other_laws = {"arc_probability", "then", "threshold"}
    assert numbers - other_laws - {"affinity", "cross_post", "share"} <= tested  # (a share of people is never unknown)


def leaves(value, path):
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, (*path, key))
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield ".".join(path)


@pytest.mark.parametrize("path", sorted(set(numeric_keys())))
def test_every_number_of_items_platforms_segments_and_waves_may_be_a_range(path):
    """A new number that takes no range is a gap in the promise; this test names it."""
    settings = EVERY_NUMBER
    value = read_scenario(settings=settings).resolved()
    for key in path.split("."):
        value = value[key]
    scenario = read_scenario(settings=[*settings, f"{path}={value!r}..{value!r}"])
    assert [unknown.name for unknown in scenario.unknowns] == [path]
    assert json.dumps(scenario.with_numbers({scenario.unknowns[0].path: value}).resolved()) == json.dumps(
        read_scenario(settings=settings).resolved()
    )


@pytest.mark.parametrize("name", list(choices("unknown")))
def test_every_distribution_says_itself_in_words(name):
    written = {
        "uniform": "low = 0.1, high = 0.2",
        "triangular": "low = 0.1, mode = 0.1, high = 0.2",
        "normal": "mean = 0.1, deviation = 0.2, low = 0.05",
        "log-normal": "median = 0.1, sigma = 0.2, high = '50%'",
        "beta": "a = 2, b = 2",
        "values": "values = [0.1, 0.2], weights = [1, 3]",
    }
    (unknown,) = stickiness(f'{{ distribution = "{name}", {written[name]} }}').unknowns
    assert "%" in unknown.text()
    assert unknown.low <= unknown.central <= unknown.high
