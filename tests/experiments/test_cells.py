"""Cells: what makes two of them the same, what is said of those that cannot be."""

from __future__ import annotations

import pytest

from viralsim.errors import ScenarioError, UsageError
from viralsim.experiments.cells import Planner, base_of, difference
from viralsim.scenario import read_scenario

STICKINESS = "item.content.stickiness"


def planner(**given: object) -> Planner:
    return Planner(read_scenario(), **given)  # type: ignore[arg-type]


def test_a_cell_is_known_by_what_is_played_not_by_how_it_is_written() -> None:
    one = planner()
    assert one.cell({STICKINESS: "10%"}).key == one.cell({STICKINESS: 0.1}).key == one.cell({}).key
    assert one.cell({"title": "Another"}).key == one.cell({}).key
    assert one.cell({"report.times": 7}).key == one.cell({}).key
    different = [{STICKINESS: 0.11}, {"plan": "hubs"}, {"random_seed": 2}, {"network.people": 500}]
    different += [{"report.viral_threshold": "3%"}, {"time.horizon": "3d"}]
    keys = {one.cell(values).key for values in different} | {one.cell({}).key}
    assert len(keys) == len(different) + 1
    assert planner(impressions=False).cell({}).key not in keys


def test_values_are_shown_as_the_scenario_has_them() -> None:
    shown = planner().cell({STICKINESS: "10%", "time.horizon": "2d", "network.people": 500, "plan": "hubs"}).shown
    assert shown == {STICKINESS: 0.1, "time.horizon": 48, "network.people": 500}


def test_cells_share_a_network_where_it_is_described_alike() -> None:
    one = planner()
    assert one.cell({"random_seed": 5}).network == one.cell({}).network
    assert one.cell({"network.people": 500}).network != one.cell({}).network


def test_luck_of_its_own_depends_on_the_values_alone() -> None:
    own = planner(common_luck=False)
    one, other = own.cell({STICKINESS: 0.1}), own.cell({STICKINESS: 0.2})
    assert one.values["random_seed"] != other.values["random_seed"]
    assert own.cell({STICKINESS: 0.1}) == one
    assert own.read(one).random_seed == one.values["random_seed"]
    assert "random_seed" not in one.shown
    assert own.read(one).network == read_scenario().network  # the same network, whatever the luck


def test_each_thing_that_is_wrong_is_told_once_with_how_many_cells_have_it() -> None:
    points = [{STICKINESS: value, "plan": plan} for value in (0.1, 1.5) for plan in ("hubs", "hub")]
    with pytest.raises(ScenarioError) as caught:
        planner().cells(points)
    first, second = caught.value.problems
    assert str(first) == (
        "cell item.content.stickiness=0.1, plan=hub: there is no plan 'hub'; the plans are random, hubs, more-random\n"
        "  hint: did you mean 'hubs'?"
    )
    assert second.message.startswith("cell item.content.stickiness=1.5, plan=hubs: item.content.stickiness: expected")
    assert second.message.endswith("(2 cells)")


def test_an_invalid_combination_of_valid_values_is_named() -> None:
    values = {"item.content.law": "curve", "item.content.arc_probability": 0.1}
    with pytest.raises(
        ScenarioError, match=r"cell item\.content\.law=curve, item\.content\.arc_probability=0\.1: .*curve"
    ):
        planner().cells([values])


def test_an_unknown_plan_is_refused_at_once() -> None:
    with pytest.raises(UsageError, match="there is no plan 'hub'"):
        planner(plan="hub")


def test_the_base_leaves_out_what_varies_and_what_changes_nothing() -> None:
    base = base_of(read_scenario(), [STICKINESS])
    assert difference(base, base_of(read_scenario(settings=[f"{STICKINESS}=3%", "title=x"]), [STICKINESS])) is None
    other = base_of(read_scenario(settings=["item.content.endorsement=2"]), [STICKINESS])
    assert difference(base, other) == ("item.content.endorsement", 1.0, 2.0)
