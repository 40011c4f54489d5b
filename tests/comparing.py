"""Holding the kernel to the plain reference: realisation by realisation, person by person, parent by parent."""

from __future__ import annotations

import math
from collections import Counter
from fractions import Fraction
from typing import Any

import numpy as np
import reference

from viralsim.engine import Audience, compile_campaign, play_realisations, record_realisation
from viralsim.engine.accounts import CELLS, FREQUENCIES
from viralsim.engine.kernels import CURVES, ROW
from viralsim.graph import SocialGraph
from viralsim.scenario import Scenario

UNITS = 8
"""Units of 2^-32 by which a person's trust may differ: both sides round."""
QUANTILES = (Fraction(5, 100), Fraction(50, 100), Fraction(95, 100))

Events = dict[tuple[str, int], tuple[int, int, int, int]]


def recorded(campaign: Any, realisation: int) -> Events:
    """(item, person) -> tick, who persuaded them, generation, tick of their own share."""
    queue = record_realisation(campaign, realisation)
    entries = zip(queue.item, queue.person, queue.tick, queue.parent, queue.generation, queue.shared_at, strict=True)
    found = {}
    for item, person, tick, parent, generation, shared_at in entries:
        assert parent < 0 or queue.item[parent] == item
        by = int(queue.person[parent]) if parent >= 0 else int(parent)
        found[campaign.items[item], int(person)] = (int(tick), by, int(generation), int(shared_at))
    assert len(found) == len(queue.person)
    return found


def platforms_of(campaign: Any, realisation: int) -> dict[tuple[str, int], str]:
    """(item, person) -> the platform where they engaged."""
    queue = record_realisation(campaign, realisation)
    entries = zip(queue.item, queue.person, queue.platform, strict=True)
    return {(campaign.items[item], int(person)): campaign.platforms[platform] for item, person, platform in entries}


def told(truth: reference.Played) -> Events:
    return {
        (name, person): (event.tick, event.parent, event.generation, event.shared_at)
        for name, played in truth.items.items()
        for person, event in played.events.items()
    }


def assert_same_trust(played: Any, index: int, campaign: Any, truth: reference.Played) -> None:
    ticks = campaign.report_ticks.tolist()
    quantile_ticks = sorted({ticks[round(k)] for k in _evenly(len(ticks))})
    for number, segment in enumerate(campaign.scenario.segment):
        people = truth.segments.count(segment)
        for k, tick in enumerate(ticks):
            expected = math.fsum(truth.trust_in(segment, tick)) * 2**32
            assert abs(int(played.trust[index, number, k]) - expected) <= UNITS * people, (segment, tick)
        for k, tick in enumerate(quantile_ticks):
            found = played.trust_quantiles[index, number, :, k].tolist()
            if people == 0:
                assert found == [-1, -1, -1]
                continue
            ordered = sorted(truth.trust_in(segment, tick))
            wanted = [1000 * ordered[math.ceil(q * people) - 1] for q in QUANTILES]
            assert all(abs(one - other) <= 0.5 + 1e-6 for one, other in zip(found, wanted, strict=True)), (
                found,
                wanted,
            )


def _evenly(times: int) -> list[float]:
    """Which of the report times quantiles are told at: at most 20."""
    count = min(20, times)
    return [k * (times - 1) / max(1, count - 1) for k in range(count)]


def assert_equal(scenario: Scenario, graph: SocialGraph, first: int = 0, count: int = 4) -> list[reference.Played]:
    """Hold the kernel to the reference; return what that has played."""
    campaign = compile_campaign(scenario, graph)
    played = play_realisations(campaign, first, count, threads=1)
    bare = play_realisations(campaign, first, count, threads=1, impressions=False)
    truths = []
    for index in range(count):
        truth = reference.play(scenario, graph, "only", first + index)
        truths.append(truth)
        assert recorded(campaign, first + index) == told(truth)
        assert platforms_of(campaign, first + index) == {
            (name, person): event.platform
            for name, played in truth.items.items()
            for person, event in played.events.items()
        }
        for number, (name, item) in enumerate(truth.items.items()):
            row, quiet = item.row(), {} if campaign.needs_brand or campaign.needs_crowd else {"reach": 0, "impressions": 0}
            assert dict(zip(ROW, played.rows[index, number].tolist(), strict=True)) == row, name
            assert dict(zip(ROW, bare.rows[index, number].tolist(), strict=True)) == row | quiet, name
            depths = [event.generation for event in item.events.values()]
            assert played.generations[index, number].tolist() == [depths.count(g) for g in range(16)]
            if played.audience is not None:
                expected = audience_of(scenario, truth, name, campaign.groups)
                for what, found in zip(Audience._fields, played.audience, strict=True):
                    assert (found[index, number] == getattr(expected, what)).all(), (name, what)
            for k, tick in enumerate(campaign.report_ticks.tolist()):
                assert tuple(played.curves[index, number, :, k].tolist()) == item.curves[tick], (name, CURVES, tick)
        assert (played.audience is not None) == scenario.tells_audiences
        if played.audience is not None:
            people = Counter(truth.groups)
            assert campaign.group_people.tolist() == [people[group] for group in campaign.groups]
        if played.trust.shape[1]:
            assert_same_trust(played, index, campaign, truth)
            assert (bare.trust == played.trust).all()
            assert (bare.trust_quantiles == played.trust_quantiles).all()
        else:
            assert all(trust == truth.trust[0] for trust in truth.trust)
    return truths


def audience_of(scenario: Scenario, truth: reference.Played, name: str, groups: tuple[str, ...]) -> Audience:
    """Return what the reference counts of one item: arrays as the engine's, of one realisation and one item."""
    found, platforms = reference.accounts(truth.items[name], truth.groups), list(scenario.platform)
    variants = list(scenario.item[name].variant) or [""]
    most = max(1, *(len(item.variant) for item in scenario.item.values()))
    G, L = len(groups), len(platforms)
    empty = ((G, L, len(CELLS)), (G,), (G, FREQUENCIES), (L + 1, L), (G,), (G, most, 2))
    audience = Audience(*(np.zeros(shape, dtype=np.int64) for shape in empty))
    for (group, platform), cell in found.cells.items():
        for what, count in cell.items():
            audience.cells[groups.index(group), platforms.index(platform), CELLS.index(what)] = count
    for group, count in found.reach.items():
        audience.reach[groups.index(group)] = count
    for (group, impressions), count in found.frequency.items():
        audience.frequency[groups.index(group), impressions - 1] = count
    for (origin, platform), count in found.flows.items():
        row = 0 if origin is None else 1 + platforms.index(origin)
        audience.flows[row, platforms.index(platform)] = count
    for group, count in found.carried.items():
        audience.carried[groups.index(group)] = count
    for (group, variant, what), count in found.delivered.items():
        audience.delivered[groups.index(group), variants.index(variant), int(what == "engaged")] = count
    return audience


def assert_adds_up(row: dict[str, int], audience: Audience) -> None:
    """Hold the accounts of one item in one realisation to what they must be by what they mean."""
    cells = dict(zip(CELLS, np.moveaxis(audience.cells, -1, 0), strict=True))
    for what in ("impressions", "engaged", "shares", "conversions"):
        assert cells[what].sum() == row[what], what
    assert audience.reach.sum() == row["reach"] <= row["impressions"] + row["seeds"] + row["roots"]
    assert (cells["reach"].max(axis=1) <= audience.reach).all()
    assert (audience.reach <= cells["reach"].sum(axis=1)).all()
    assert (cells["conversions"] <= cells["engaged"]).all()
    seen, by_number = audience.frequency.sum(axis=1), audience.frequency @ np.arange(1, FREQUENCIES + 1)
    assert (seen <= audience.reach).all()
    assert row["reach"] - seen.sum() <= row["seeds"] + row["roots"]
    exact, impressions = audience.frequency[:, -1] == 0, cells["impressions"].sum(axis=1)
    assert (by_number[exact] == impressions[exact]).all()
    assert (by_number <= impressions).all()
    assert (audience.flows.sum(axis=0) == cells["engaged"].sum(axis=0)).all()
    assert audience.flows[0].sum() >= row["seeds"] + row["roots"]
    assert audience.carried.sum() <= seen.sum()
    assert (audience.carried <= cells["shares"].sum(axis=1) * audience.reach.sum()).all()
    assert (audience.delivered[..., 0].sum(axis=1) == impressions).all()
    assert (audience.delivered[..., 1].sum(axis=1) == cells["engaged"].sum(axis=1)).all()
