"""Accounts of audiences: they add, their sums are the row's, and what is read off them is what was counted."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import numpy as np
import pytest

from viralsim.engine.accounts import CELLS, Audience
from viralsim.errors import DataError, UsageError
from viralsim.outcome import tables
from viralsim.outcome.audiences import PART_METRICS, Audiences, Axes
from viralsim.outcome.estimate import Estimate, mean_estimate, ratio_estimate
from viralsim.outcome.outcome import Outcome

MakeOutcome = Callable[..., Outcome]
SCENARIO: Any = SimpleNamespace(
    toml=lambda: "",
    assumptions=lambda plan: (),
    time=SimpleNamespace(moment=lambda tick: None),
    network=SimpleNamespace(represents=None),
)


def _audience(outcome: Outcome, item: str = "content") -> Audiences:
    assert outcome.audience is not None
    return outcome.audience.of(item)


def _query(path: Path, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(":memory:") as connection:
        return connection.execute(sql.format(f"read_parquet('{path}')")).fetchall()


# -- adding -----------------------------------------------------------------------------------------


def test_outcomes_with_accounts_add_in_any_order_to_the_same_bytes(told: MakeOutcome) -> None:
    whole = told(range(12))
    a, b, c = told([0, 3, 4, 9]), told([1, 2, 11]), told([5, 6, 7, 8, 10])
    for added in (a + b + c, c + (a + b), Outcome.total([b, told([]), c, a])):
        assert added == whole
        assert hash(added) == hash(whole)
        assert added.accounts is not None
        assert whole.accounts is not None
        assert [one.tobytes() for one in added.accounts] == [one.tobytes() for one in whole.accounts]
        assert json.dumps(added.to_dict()) == json.dumps(whole.to_dict())


@pytest.mark.parametrize("name", Audience._fields)
def test_one_count_that_differs_makes_another_outcome(told: MakeOutcome, name: str) -> None:
    outcome = told(range(3))
    assert outcome.accounts is not None
    array = getattr(outcome.accounts, name).copy()
    array.flat[-1] += 1
    assert replace(outcome, accounts=outcome.accounts._replace(**{name: array})) != outcome


def test_what_is_told_by_audience_does_not_add_to_what_is_not(told: MakeOutcome) -> None:
    with_them, other = told([0]), told([1])
    without = replace(other, axes=None, accounts=None)
    with pytest.raises(UsageError, match="only one is told by segment and platform"):
        with_them + without
    assert other.axes is not None
    renamed = replace(other, axes=replace(other.axes, platforms=("photos", "feed")))
    with pytest.raises(UsageError, match="different segments or platforms"):
        with_them + renamed


@pytest.mark.parametrize("name", Audience._fields)
def test_accounts_of_a_wrong_shape_are_refused(told: MakeOutcome, name: str) -> None:
    outcome = told([0, 1])
    assert outcome.accounts is not None
    accounts = outcome.accounts._replace(**{name: getattr(outcome.accounts, name)[..., :-1]})
    with pytest.raises(ValueError, match=f"accounts.{name}: expected shape"):
        replace(outcome, accounts=accounts)
    with pytest.raises(ValueError, match="expected both or neither"):
        replace(outcome, axes=None)


# -- reading ----------------------------------------------------------------------------------------


def test_without_accounts_there_is_no_audience(make_outcome: MakeOutcome) -> None:
    outcome = make_outcome(range(3))
    assert outcome.audience is None
    facts = outcome.to_dict()
    assert facts["segments"] == facts["platforms"] == {}
    assert not {"roles", "groups", "flows", "earned_reach", "frequency", "delivery"} & set(facts)


@pytest.mark.parametrize("item", ["content", "rumour"])
def test_parts_sum_to_the_outcome(told: MakeOutcome, item: str) -> None:
    outcome = told(range(20))
    audience = _audience(outcome, item)
    for name in CELLS:
        wanted = outcome.metric(name, item)
        assert audience.everyone.metric(name) == wanted
        for parts in (audience.segments, audience.groups, audience.roles):
            assert sum(part.metric(name).mean or 0.0 for part in parts.values()) == pytest.approx(wanted.mean)
        on_platforms = sum(part.metric(name).mean or 0.0 for part in audience.platforms.values())
        cells = sum(audience.cell(s, p).metric(name).mean or 0.0 for s in audience.segments for p in audience.platforms)
        assert cells == pytest.approx(on_platforms)
        if name == "reach":  # who is reached on both counts on both
            assert on_platforms > (wanted.mean or 0.0)
        else:
            assert on_platforms == pytest.approx(wanted.mean)
    to = {
        platform: sum(audience.flows[source][platform].mean or 0.0 for source in audience.flows)
        for platform in audience.platforms
    }
    assert to == pytest.approx({name: part.engaged.mean for name, part in audience.platforms.items()})
    assert sum(share.mean or 0.0 for share in audience.earned.values()) == pytest.approx(1.0)
    assert sum(share.mean or 0.0 for share in audience.earned_by_segment.values()) == pytest.approx(1.0)


def test_a_segment_told_in_parts_is_their_sum(told: MakeOutcome) -> None:
    outcome = told(range(20))
    audience, accounts = _audience(outcome), outcome.accounts
    assert accounts is not None
    young = audience.segments["young"]
    assert (young.people, young.role) == (700, "prospect")
    reach = accounts.reach[:, 0, :2].sum(axis=1)
    assert young.reach == mean_estimate(reach, at_least=0.0)
    assert young.reached_share == mean_estimate(reach, at_least=0.0).divided(700)
    seen = accounts.cells[:, 0, :2, :, CELLS.index("impressions")].sum(axis=(1, 2))
    assert young.frequency == ratio_estimate(seen, reach)
    assert audience.groups["young / DE"].people == 200
    both = audience.together(["young / FR", "young / DE"], "both")
    assert both.metric("conversions") == young.conversions


def test_shares_by_number_of_impressions_are_of_the_people_reached(told: MakeOutcome) -> None:
    outcome = told(range(30))
    everyone = _audience(outcome).everyone
    found = everyone.frequency_distribution
    assert len(found) == 11
    assert sum(share.mean or 0.0 for share in found) == pytest.approx(1.0)
    reach, accounts = outcome.rows[:, 0, 0], outcome.accounts
    assert accounts is not None
    assert (found[0].mean or 0.0) * reach.sum() == pytest.approx(60)  # two seeds that see nothing
    assert (found[10].mean or 0.0) * reach.sum() == pytest.approx(accounts.frequency[:, 0, :, 9].sum())


def test_nobody_is_undefined_and_no_role(told: MakeOutcome) -> None:
    audience = _audience(told(range(5)))
    nobody = audience.segments["nobody"]
    assert (nobody.reach.mean, nobody.reached_share, nobody.frequency) == (0.0, Estimate(), Estimate())
    assert list(audience.roles) == ["prospect", "customer", "media"] == list(audience.earned)
    assert "nobody" not in audience.earned_by_segment
    assert audience.platforms["clips"].reached_share == Estimate()


def test_delivery_by_variant_and_outside_its_target(told: MakeOutcome) -> None:
    outcome = told(range(20))
    assert _audience(outcome).delivered == {}
    found, accounts = _audience(outcome, "rumour").delivered, outcome.accounts
    assert accounts is not None
    assert {name: one.target for name, one in found.items()} == {"plain": ("young", "press"), "bold": ("old",)}
    bold = accounts.delivered[:, 1, :, 1]
    assert found["bold"].impressions == mean_estimate(bold[:, :, 0].sum(axis=1), at_least=0.0)
    assert found["bold"].outside_target == ratio_estimate(bold[:, [0, 1, 3], 0].sum(axis=1), bold[:, :, 0].sum(axis=1))
    assert found["bold"].segments["young"]["engaged"] == mean_estimate(bold[:, :2, 1].sum(axis=1), at_least=0.0)
    plain = accounts.delivered[:, 1, :, 0, 0]
    assert found["plain"].outside_target == ratio_estimate(plain[:, 2], plain.sum(axis=1))


def test_with_unknowns_intervals_are_over_pairs(told: MakeOutcome) -> None:
    drawn = np.repeat([[0.1], [0.2], [0.3]], 2, axis=0)
    outcome = told(range(6), unknowns=("item.content.stickiness",), drawn=drawn)
    audience = _audience(outcome)
    for one in (
        audience.segments["young"].reach,
        audience.platforms["clips"].frequency,
        audience.flows[None]["photos"],
        audience.earned["customer"],
        _audience(outcome, "rumour").delivered["bold"].outside_target,
        audience.everyone.frequency_distribution[1],
    ):
        assert one.pairs == 3
    assert set(audience.segments["nobody"].reached_share.to_dict()) >= {"luck_share", "unknown_share"}


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda audience: audience.segments["yuong"], "no segment 'yuong'; there is young, nobody, old, press"),
        (lambda audience: audience.cell("young", "photo"), "no platform 'photo'; there is photos, clips"),
        (lambda audience: audience.cell("yuong", "photos"), "no segment 'yuong'"),
        (lambda audience: audience.roles["boss"], "no role 'boss'"),
        (lambda audience: audience.of("rumuor"), "no item 'rumuor'; there is content, rumour"),
        (lambda audience: audience.everyone.metric("likes"), "no metric 'likes'"),
        (lambda audience: audience.delivered["bold"], "no variant 'bold'; there is none"),
    ],
)
def test_a_name_that_is_none_is_an_error_for_people(told: MakeOutcome, ask: Any, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        ask(_audience(told([0, 1])))


# -- JSON -------------------------------------------------------------------------------------------


def test_the_json_of_audiences(told: MakeOutcome) -> None:
    outcome = told(range(10))
    facts = json.loads(json.dumps(outcome.to_dict(), allow_nan=False))
    audience = _audience(outcome)
    assert list(facts["segments"]) == ["young", "nobody", "old", "press"]
    young = facts["segments"]["young"]
    assert young["people"] == 700
    assert young["role"] == "prospect"
    assert young["reach"] == audience.segments["young"].reach.to_dict()
    assert set(young) == {"people", "role", "frequency_distribution", *PART_METRICS}
    assert facts["segments"]["nobody"]["frequency"]["mean"] is None
    assert list(facts["platforms"]) == ["photos", "clips"]
    assert set(facts["platforms"]["clips"]) == set(PART_METRICS) - {"reached_share"}
    assert facts["groups"]["young / DE"]["segment"] == "young"
    assert [(one["from"], one["to"]) for one in facts["flows"]][:3] == [
        (None, "photos"),
        (None, "clips"),
        ("photos", "photos"),
    ]
    assert list(facts["earned_reach"]["by_role"]) == ["prospect", "customer", "media"]
    last = facts["frequency"]["distribution"][-1]
    assert (last["impressions"], last["or_more"]) == (10, True)
    assert "delivery" not in facts
    told_rumour = replace(outcome, main_item="rumour").to_dict()
    assert set(told_rumour["delivery"]["bold"]["segments"]) == {"young", "old", "press"}


def test_trust_of_segments_stays_beside_what_is_new(told: MakeOutcome, make_outcome: MakeOutcome) -> None:
    segments = ("young", "nobody", "old")
    plain = make_outcome(range(4), items=("content", "rumour"), segments=segments)
    outcome = told(range(4), segments=segments)
    for name in segments:
        found = outcome.to_dict()["segments"][name]
        assert plain.to_dict()["segments"][name] == {"people": found["people"], "trust": found["trust"]}
        assert found["reach"] == _audience(outcome).segments[name].reach.to_dict()


def test_segments_that_are_not_divided_are_no_groups(told: MakeOutcome) -> None:
    axes = Axes(("all",), ("public",), ("all",), (0,), (1000,), ("feed",), ((),), ((),))
    facts = told(range(3), axes=axes).to_dict()
    assert "groups" not in facts
    assert list(facts["roles"]) == ["public"]


# -- tables -----------------------------------------------------------------------------------------


def test_results_are_read_back_as_they_were(told: MakeOutcome, tmp_path: Path) -> None:
    outcome = told([3, 4, 8])
    folder = tables.write_results(tmp_path / "results", outcome, SCENARIO)
    assert sorted(path.name for path in folder.iterdir()) == sorted((*tables.FILES, *tables.AUDIENCE_FILES))
    again = tables.read_outcome(folder)
    assert again == outcome
    assert again.axes == outcome.axes
    more = told([5])
    assert (again + more) == told([3, 4, 5, 8])
    tables.write_results(folder, more, SCENARIO, force=True)  # what it wrote it may replace


def test_results_of_format_3_are_read_without_accounts(make_outcome: MakeOutcome, tmp_path: Path) -> None:
    outcome = make_outcome(range(3))
    folder = tables.write_results(tmp_path / "results", outcome, SCENARIO)
    manifest = folder / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"format": 4', '"format": 3'))
    assert tables.read_outcome(folder) == outcome


def test_accounts_that_are_damaged_are_an_error_for_people(told: MakeOutcome, tmp_path: Path) -> None:
    folder = tables.write_results(tmp_path / "results", told([3, 4]), SCENARIO)
    (folder / "flows_by_realisation.parquet").unlink()
    with pytest.raises(DataError, match="flows_by_realisation"):
        tables.read_outcome(folder)


def test_tables_by_realisation_hold_every_count_where_its_names_say(told: MakeOutcome, tmp_path: Path) -> None:
    outcome = told([3, 8])
    accounts, axes = outcome.accounts, outcome.axes
    assert accounts is not None
    assert axes is not None
    folder = tables.write_results(tmp_path / "results", outcome, SCENARIO)
    where = "SELECT {} FROM {{}} WHERE realisation = 8 AND item = 'rumour' AND {}"
    cells, groups, flows, delivery = (
        folder / f"{name}_by_realisation.parquet" for name in ("cells", "groups", "flows", "delivery")
    )
    found = _query(cells, where.format("segment, shares", "\"group\" = 'young / DE' AND platform = 'clips'"))
    assert found == [("young", accounts.cells[1, 1, 1, 1, CELLS.index("shares")])]
    found = _query(groups, where.format("reach, carried, impressions_10", "segment = 'press'"))
    assert found == [(accounts.reach[1, 1, 3], accounts.carried[1, 1, 3], accounts.frequency[1, 1, 3, 9])]
    found = _query(flows, where.format("engaged", '"from" IS NULL AND "to" = \'clips\''))
    assert found == [(accounts.flows[1, 1, 0, 1],)]
    found = _query(flows, where.format("engaged", "\"from\" = 'clips' AND \"to\" = 'photos'"))
    assert found == [(accounts.flows[1, 1, 2, 0],)]
    found = _query(delivery, where.format("impressions, engaged", "variant = 'bold' AND segment = 'old'"))
    assert found == [tuple(accounts.delivered[1, 1, 2, 1])]
    assert _query(delivery, "SELECT DISTINCT variant FROM {} WHERE item = 'content'") == [(None,)]


def test_the_table_of_audiences(told: MakeOutcome) -> None:
    outcome = told(range(6))
    table = tables.audiences_table(outcome)
    rows = list(zip(*(column.tolist() for column in table.values()), strict=True))
    audience = _audience(outcome, "rumour")

    def row(metric: str, *place: str) -> tuple[Any, ...]:
        (found,) = [one[6:] for one in rows if one[0] == "rumour" and one[1:6] == (*place, metric)]
        return found

    def numbers(estimate: Estimate) -> tuple[Any, ...]:
        return tuple(estimate.to_dict().values())

    every = "(all)"
    assert row("reach", every, every, every, every) == (1000, *numbers(outcome.metric("reach", "rumour")))
    assert row("engaged", every, every, every, "clips") == (None, *numbers(audience.platforms["clips"].engaged))
    assert row("shares", "media", every, every, every) == (20, *numbers(audience.roles["media"].shares))
    press = audience.cell("press", "photos")
    assert row("frequency", "media", "press", every, "photos") == (20, *numbers(press.frequency))
    group = audience.groups["young / FR"]
    assert row("impressions", "prospect", "young", "young / FR", every) == (500, *numbers(group.impressions))
    assert row("reached_share", "employee", "nobody", every, every) == (0, *[None] * 6)
