"""What a sweep varies: values and ranges read from text, from Python and from [sweep.vary]."""

import numpy as np
import pytest

from viralsim.errors import ScenarioError
from viralsim.scenario import read_scenario, scenario_from_text
from viralsim.scenario.reading import varied_problems
from viralsim.scenario.varying import all_varied, read_find, read_until, read_varied, varied_of


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("item.content.stickiness=0.5%:5%:10", tuple(round(0.005 * k, 3) for k in range(1, 11))),
        ("item.content.stickiness=0.005:0.05:4", (0.005, 0.02, 0.035, 0.05)),
        ("item.content.stickiness=0.1%:10%:3:log", (0.001, 0.01, 0.1)),
        ("item.content.stickiness=0:1:4", (0.0, 0.333333333333, 0.666666666667, 1.0)),
        ("item.content.stickiness=3%", (0.03,)),
        ("item.content.stickiness=1%..3%,2%", ("1%..3%", 0.02)),
        ("item.content.endorsement=0:1:3", (0.0, 0.5, 1.0)),
        ("plan=hubs,random", ("hubs", "random")),
        ("network.people=1:100:4:log", (1, 5, 22, 100)),
        ("network.people=1_000:10_000:2", (1000, 10000)),
        ("random_seed=1:5:9", (1, 2, 3, 4, 5)),
        ("random_seed=1:9223372036854775807:2", (1, 2**63 - 1)),
        ("plan.hubs.wave.first.count=5,10, 20", (5, 10, 20)),
        ("time.horizon=1d:1w:3", ("1d", "4d", "7d")),
        ("time.horizon=6h:2d:3", ("6h", "27h", "48h")),
        ("time.horizon=1d:2d:3", ("1d", "2d")),
        ("item.content.half_life=1d:2d:3", ("1d", "1.5d", "2d")),
        ("report.viral_threshold=1%:5%:3", (0.01, 0.03, 0.05)),
        ("report.viral_threshold=100:201:2", (100, 201)),
        ("report.viral_threshold=0.5:1:3", (0.5, 0.75, 1.0)),
        ("item.content.curve=[0.1, 0.2],[0.3]", ([0.1, 0.2], [0.3])),
        ("platform.feed.delay={law='geometric', mean=2},none", ({"law": "geometric", "mean": 2}, "none")),
        ("network.directed=true,false", (True, False)),
        ("time.zone=+02:00,Europe/Athens", ("+02:00", "Europe/Athens")),
        ("time.start=2026-11-27 09:00,2026-11-28", ("2026-11-27 09:00", "2026-11-28")),
        ("item.content.law=mine:law,'mine:other, law'", ("mine:law", "mine:other, law")),
        ('segment."a=b".attention=1,0.5', (1, 0.5)),
    ],
)
def test_values_and_ranges_are_read(text, values):
    varied = read_varied(text)
    assert varied.values == values
    assert [type(value) for value in varied.values] == [type(value) for value in values]
    assert (varied.low, varied.high) == (None, None)
    assert read_varied(varied.text) == varied  # what it says of itself reads back


def test_a_value_from_python_is_the_same_as_from_text():
    assert varied_of("item.content.stickiness", ["0.5%", 0.01]) == read_varied("item.content.stickiness=0.5%,0.01")
    assert varied_of("network.people", np.array([10, 20])) == read_varied("network.people=10,20")
    assert varied_of("random_seed", range(1, 4)) == read_varied("random_seed=1:3:3")
    assert varied_of("plan", ("hubs", "random")) == read_varied("plan=hubs,random")
    assert varied_of("item.content.stickiness", "1%:3%:3") == read_varied("item.content.stickiness=1%:3%:3")


def test_ranges_without_a_number_of_values():
    varied = read_varied("item.content.stickiness=0.5%:5%:log")
    assert (varied.values, varied.low, varied.high, varied.scale) == (None, 0.005, 0.05, "log")
    assert varied.at(0.0) == 0.005
    assert varied.at(1.0) == 0.05
    assert varied.at(0.5) == pytest.approx((0.005 * 0.05) ** 0.5, rel=1e-11)
    assert read_varied(varied.text) == varied


def test_each_whole_number_has_the_same_share_of_its_range():
    varied = read_varied("plan.hubs.wave.first.count=1:4")
    assert [varied.at(share) for share in (0.0, 0.2499, 0.25, 0.5, 0.75, 0.999, 1.0)] == [1, 1, 2, 3, 4, 4, 4]
    listed = read_varied("plan=a,b,c")
    assert [listed.at(share) for share in (0.0, 1 / 3, 0.5, 2 / 3, 1.0)] == ["a", "b", "b", "c", "c"]
    assert read_varied("time.horizon=1d:1w").at(0.5) == "4d"
    assert read_varied("item.content.half_life=6h:2d").at(0.25) == "16.5h"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "expected PATH=VALUES"),
        ("item.content.stickiness", "expected PATH=VALUES"),
        ("x y=1,2", "expected PATH=VALUES"),
        ("x=", "no values"),
        ("x=0,5%:5%:10", 'not both; got "0,5%:5%:10"\n  hint: write decimals with a point: "0.5%"'),
        ("x=5%:1%:3", "the low end comes first; got 5% and 1%\n  hint: 1%:5%:3"),
        ("x=1%:5:3", "both ends need the same kind of unit; got 1% and 5\n  hint: 1%:5%:3"),
        ("x=1%:5h:3", "both ends need the same kind of unit; got 1% and 5h"),
        ("x=1:1:3", "both ends are 1"),
        ("x=1:5:1", 'expected a number of values from 2 to 100_000 after the two ends; got "1"'),
        ("x=1:5:2.5", 'got "2.5"'),
        ("x=1:5:lgo", "did you mean 'log'?"),
        ("x=1:5:3:lin", "expected a range"),
        ("x=1:5:log:3", "expected a range"),
        ("x=1:2:3:4:5", "expected a range"),
        ("x=1::3", "expected a range"),
        ("x=:5:3", "expected a range"),
        ("x=1:b:3", 'expected a number, with or without a unit; got "b"'),
        ("x=0:1:3:log", "a low end above 0; got 0"),
        ("x=1zz:2zz:3", "units are s, min, h"),
        ("x=1,,2", "a value is missing beside a comma"),
        ("x=[1,2", "] is missing at the end"),
        ("x=1,2,1.0", "1.0 is listed twice"),
        ("x=1%,0.01", "0.01 is listed twice"),
        ("plan=1,2", "expected names of plans; got 1"),
        ("plan=1:5:3", "expected names of plans"),
        ("random_seed=1:2.5:3", "random_seed takes whole numbers; got 2.5"),
        ("realisations=10,20", "realisations cannot be varied"),
        ("sweep.design=grid,latin", "sweep cannot be varied"),
        ("x=50%:150%:3", "expected a share from 0% to 100%; got 150%"),
        ("x=1:1e999:3", "1e999 is too large for the end of a range"),
        ("x=" + "9" * 5000 + ":1:3", "expected a number, with or without a unit"),
    ],
)
def test_what_is_wrong_is_said(text, said):
    with pytest.raises(ScenarioError) as caught:
        read_varied(text)
    assert said in str(caught.value)
    assert caught.value.problems[0].place.startswith("--vary")


@pytest.mark.parametrize(
    ("paths", "said"),
    [
        (["item.a.stickiness", "item.a.stickiness"], "item.a.stickiness is varied twice"),
        (['item."a".stickiness', "item.a.stickiness"], "item.a.stickiness is varied twice"),
        (["item.a", "item.a.stickiness"], "item.a.stickiness is part of item.a, which is varied too"),
        (["item.a.stickiness", "item.a"], "item.a.stickiness is part of item.a, and varied too"),
    ],
)
def test_a_path_is_varied_once(paths, said):
    with pytest.raises(ScenarioError, match=said):
        all_varied([read_varied(f"{path}=1,2") for path in paths])


def test_plans_and_what_is_in_them_are_varied_together():
    assert len(all_varied([read_varied("plan=a,b"), read_varied("plan.a.wave.first.count=1,2")])) == 2


def test_a_table_changes_nothing_but_itself():
    plain = read_scenario()
    swept = read_scenario(settings={"sweep.vary": {"item.content.stickiness": "1%:5%:3", "plan": ["hubs", "random"]}})
    assert "sweep" not in plain.resolved()
    assert {name: value for name, value in swept.resolved().items() if name != "sweep"} == plain.resolved()
    assert swept.content_hash("g") == plain.content_hash("g")
    assert scenario_from_text(swept.toml()) == swept
    assert [one.path for one in swept.sweep.vary] == ["item.content.stickiness", "plan"]


def test_conditions_and_what_is_looked_for():
    assert read_until("engaged>=20%").of_people
    assert read_until("reach < 1_000.5").value == 1000.5
    for text in ("viral_chance >= 50%", "engaged <= 12.5%", "cost > 1000", "trust < 39.246%"):
        assert read_until(text).text == text
        assert read_until(read_until(text).text) == read_until(text)
    found = read_find("platform.feed.visibility")
    assert (found.low, found.high, found.values) == (0.0, 1.0, None)
    assert read_find(found.text) == found


@pytest.mark.parametrize(
    ("read", "text", "said"),
    [
        (read_until, "viral_chance", "expected a metric, a relation and a number"),
        (read_until, "viral_chance >= 50", 'did you mean "50%"?'),
        (read_until, "viral_chance => 50%", "viral_chance >= 50%"),
        (read_until, "viral_chance == 50%", "expected one of >=, <=, >, <"),
        (read_until, "viral >= 50%", "no metric"),
        (read_until, "engaged_share >= 20%", 'did you mean "engaged >= 20%"?'),
        (read_until, "cost >= 20%", "expected a number of cost, in money"),
        (read_until, "cost >= much", "expected a number after the relation"),
        (read_until, "reach >= nan", "expected a number; got nan"),
        (read_find, "network.people", "network.people needs a range to search\n  hint: network.people=LOW:HIGH"),
        (read_find, "network.people=1:9:3", "without a number of values"),
        (read_find, "network.people=5", "expected a key and a range"),
        (read_find, "", "expected a key and a range"),
    ],
)
def test_wrong_conditions_are_refused(read, text, said):
    with pytest.raises(ScenarioError) as caught:
        read(text)
    assert said in str(caught.value)


def test_every_value_of_a_list_and_both_ends_of_a_range_are_tried_on_the_scenario():
    scenario = read_scenario()
    fine = ["item.content.stickiness=0:1", "plan=hubs,random", "network.people=100,200", "random_seed=1:9:3"]
    assert varied_problems(scenario, map(read_varied, fine)) == []
    wrong = ["item.content.stickiness=0.5:1.5:3", "plan=hubs,randon", "network.people=500,0", "network.peple=1,2"]
    said = [str(problem) for problem in varied_problems(scenario, map(read_varied, wrong))]
    assert [text.partition(": ")[0] for text in said] == [f"--vary {text}" for text in wrong]
    assert "got 1.5" in said[0]
    assert "did you mean 'random'?" in said[1]
    assert "got 0" in said[2]
    assert "did you mean 'people'?" in said[3]


def test_a_scenario_with_settings_is_read_without_trying_the_table_again():
    """Each cell of a sweep is read with settings; its table must cost nothing then, nor stand in its way."""
    text = read_scenario().toml() + '[sweep.vary]\n"item.content.stickiness" = ["1%", 2]\n'
    with pytest.raises(ScenarioError, match="got 2"):
        scenario_from_text(text)
    assert scenario_from_text(text, settings=["random_seed=2"]).random_seed == 2
