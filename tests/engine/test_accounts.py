"""What the accounts of audiences must be, whatever happens: identities, neutral settings, numbers known beforehand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from comparing import assert_adds_up
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st
from measuring import SIGMAS
from scenes import audiences, crises, graphs, scenarios, scene

from viralsim.engine import Audience, Played, compile_campaign, play_realisations, record_realisation
from viralsim.engine.accounts import CELLS
from viralsim.engine.kernels import ROW
from viralsim.graph import SocialGraph, from_arcs, generate
from viralsim.scenario import Scenario

ENGAGED = CELLS.index("engaged")


def play(scenario: Scenario, graph: SocialGraph, realisations: int, first: int = 0) -> Played:
    return play_realisations(compile_campaign(scenario, graph), first, realisations, threads=1)


def assert_all_add_up(played: Played) -> None:
    """Hold every realisation of every item to what its accounts mean."""
    assert played.audience is not None
    for index, item in np.ndindex(played.rows.shape[:2]):
        row = dict(zip(ROW, played.rows[index, item].tolist(), strict=True))
        assert_adds_up(row, Audience(*(counts[index, item] for counts in played.audience)))


@settings(max_examples=80, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data(), graph=graphs(16, 90, timed=True, least_people=3, layered=True))
def test_segments_and_platforms_add_up(data: st.DataObject, graph: SocialGraph) -> None:
    """Impressions, seeds and roots are together at least the reach; parts are what their whole is."""
    scenario = data.draw(audiences(graph))
    note(scenario.toml())
    assert_all_add_up(play(scenario, graph, 12))


@settings(max_examples=80, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data(), graph=graphs(timed=True, least_people=3), several=st.booleans())
def test_what_is_written_without_an_effect_has_none(data: st.DataObject, graph: SocialGraph, several: bool) -> None:
    """With everything off, or at its neutral value, rows and curves are equal to the byte."""
    plain = data.draw(crises(graph) if several else scenarios(graph)).with_settings(["report.audiences=false"])
    note(plain.toml())
    graph = graph.with_attributes(blank=np.full(graph.people, np.nan))
    neutral = [
        *(f"platform.feed.{key}='none'" for key in ("feed_length", "discovery", "cross_post", "half_life")),
        "platform.feed.share_rate=1",
        *(f"individual.{key}=blank" for key in ("attention", "susceptibility", "trust", "satisfaction", "conversion")),
        "time.start='2026-11-27 09:00'",
        "report.audiences=true",
    ]
    of_segments = {"susceptibility": 1, "role": "'media'", "per": ["town", "mood"]}
    of_segments["online"] = f"{{hours={[1] * 24}, weekdays={[1] * 7}}}"
    neutral += [f"segment.{name}.{key}={value}" for name in plain.segment for key, value in of_segments.items()]
    for name in plain.item:
        neutral += [f"item.{name}.variant.only={{}}", f"item.{name}.affinity_attribute=blank"]
        neutral += [f"plan.only.serve.{name}.everyone=only"]
    written = plain.with_settings(neutral)
    before, after = (play(one, graph, 5) for one in (plain, written))
    for what in ("rows", "generations", "curves", "trust", "trust_quantiles"):
        assert getattr(before, what).tobytes() == getattr(after, what).tobytes(), what
    assert before.audience is None
    assert_all_add_up(after)


ZERO = {
    "independent": "stickiness=0.3",
    "arcs": "arc_probability=0.3",
    "certain": "arc_probability=1",
    "cascade": "arc_probability='weighted-cascade'",
    "curve": "law='curve', curve=[0.3, 1]",
    "uniform": "law='uniform'",
    "fixed": "law='fixed', threshold=1",
    "contact": "stickiness=1, emission='contact', activity=4",
    "repeat": "law='fixed', threshold=2, emission='repeat', activity=3",
    "chance": "arc_probability=0.1, advertisement={chance=0.5, end=4}",
    "dose": "law='curve', curve=[0.5], advertisement={dose=0.7, end=4}",
}


@pytest.mark.parametrize("how", ZERO)
@pytest.mark.parametrize("where", ["affinity={south=0}", "variant={a={affinity={south=0}}, b={affinity={south=0}}}"])
def test_without_affinity_nobody_engages_but_seeds_and_roots(how: str, where: str) -> None:
    graph = generate("communities", people=300, mean_degree=8)
    graph = graph.with_attributes(town=["south" if person % 3 == 0 else "north" for person in range(300)])
    scenario = scene(
        f"item.content={{{ZERO[how]}, {where}}}",
        f"item.anger={{kind='testimony', born_of='content', {ZERO[how]}, {where}, damage=0.1}}",
        "segment.south={where={town='south'}, satisfaction=0.5}",
        "segment.everyone.satisfaction=0.8",
        "platform.feed={cross_post={clips=0.5}, discovery={rate=0.2}}",
        "platform.clips.share_rate=0.5",
        "plan.only.wave={first={strategy='random', count=30, redraw=true}, second={strategy='random', count=9, "
        "platform='clips', redraw=true}}",
        "time.horizon=12",
        "report.audiences=true",
    )
    campaign = compile_campaign(scenario, graph)
    south, others = campaign.groups.index("south"), campaign.groups.index("everyone")
    for realisation in range(4):
        queue = record_realisation(campaign, realisation)
        in_south = queue.person % 3 == 0
        assert set(queue.parent[in_south].tolist()) <= {-1, -3}
        assert (queue.parent[~in_south] >= 0).any()
    played = play_realisations(campaign, 0, 4, threads=1)
    assert played.audience is not None
    reached, engaged = played.audience.reach, played.audience.cells[..., ENGAGED].sum(axis=-1)
    assert (reached[..., south] > engaged[..., south]).any(axis=1).all()
    assert (engaged[:, 0, others] > 39 * 0.5).all()


def test_arcs_dealt_onto_two_equal_platforms_spread_as_on_one() -> None:
    """Everybody posts on both, so each arc is used by its one post: sizes have the same distribution.

    Three means and three Kolmogorov-Smirnov distances of 4,000 realisations each: false alarm once in 15,000.
    """
    whole = generate("communities", people=300, mean_degree=10)
    arcs, random = whole.arcs, np.random.default_rng(3)
    dealt = from_arcs(
        arcs.sharers,
        arcs.followers,
        people=whole.people,
        platform=random.integers(0, 2, len(arcs)),
        platform_names=["feed", "clips"],
    )
    one = scene(
        "item.content={stickiness=0.09, endorsement=1, share_rate=0.8, half_life=6}",
        "platform.feed.visibility=0.7",
        "plan.only.wave.first={strategy='random', count=3, redraw=true}",
        "time.horizon=40",
    )
    two = one.with_settings(
        ["random_seed=2", "platform.feed.cross_post={clips=1}", "platform.clips={visibility=0.7, cross_post={feed=1}}"]
    )
    count = 4_000
    on_one, on_two = (play(scenario, graph, count).rows[:, 0] for scenario, graph in ((one, whole), (two, dealt)))
    critical = math.sqrt(math.log(2 / 1e-5) / 2) * math.sqrt(2 / count)
    for what in ("reach", "impressions", "engaged"):
        a, b = (rows[:, ROW.index(what)].astype(float) for rows in (on_one, on_two))
        error = math.sqrt((a.var(ddof=1) + b.var(ddof=1)) / count)
        assert error < 0.03 * a.mean(), "too few realisations to tell anything"
        assert abs(a.mean() - b.mean()) <= SIGMAS * error, what
        points = np.unique(np.concatenate([a, b]))
        below = [np.searchsorted(np.sort(one), points, side="right") / count for one in (a, b)]
        assert np.abs(below[0] - below[1]).max() <= critical, what


def test_two_segments_carry_each_other_as_their_matrix_says() -> None:
    """Next-generation matrix [[.4, .2], [.1, .5]]: a seed of a segment brings its row of (I - M)^-1, itself among it.

    Everybody has 4 or 1 followers in one segment and 2 or 5 in the other, at random among 20,000, and a tenth of
    them are persuaded. Within 4 standard errors: false alarm once in 4,000.
    """
    followers, people, chance, seeds = np.array([[4, 2], [1, 5]]), 20_000, 0.1, 20
    random = np.random.default_rng(11)
    sharers, targets = [], []
    for a, b in np.ndindex(2, 2):
        for _ in range(followers[a, b]):  # as many for each, and followed by as many
            sharers.append(a * people + np.arange(people))
            targets.append(b * people + random.permutation(people))
    graph = from_arcs(
        np.concatenate(sharers),
        np.concatenate(targets),
        people=2 * people,
        attributes={"side": ["a"] * people + ["b"] * people},
    )
    expected = np.linalg.inv(np.eye(2) - followers * chance)
    assert expected == pytest.approx(np.array([[1.785714, 0.714286], [0.357143, 2.142857]]), abs=1e-6)
    for row, side in enumerate("ab"):
        scenario = scene(
            f"item.content.arc_probability={chance}",
            "segment.first.where={side='a'}",
            "segment.everyone={}",
            f"plan.only.wave.first={{strategy='random', count={seeds}, redraw=true, where={{side='{side}'}}}}",
            "time.horizon=100",
        )
        campaign = compile_campaign(scenario, graph)
        played = play_realisations(campaign, 0, 2_000)
        assert played.audience is not None
        for column, name in enumerate(("first", "everyone")):
            found = played.audience.cells[:, 0, campaign.groups.index(name), 0, ENGAGED] / seeds
            error = found.std(ddof=1) / math.sqrt(len(found))
            assert error < 0.03 * expected[row, column], "too few realisations to tell anything"
            assert abs(found.mean() - expected[row, column]) <= 4 * error, (side, name, found.mean(), error)


def test_accounts_are_the_same_in_any_block_and_on_any_thread() -> None:
    graph = generate("communities", people=500, mean_degree=8)
    graph = graph.with_attributes(town=["south" if person % 3 == 0 else "north" for person in range(500)])
    scenario = scene(
        "item.content={stickiness=0.1, variant={a={}, b={affinity={south=2}}}}",
        "segment.south={where={town='south'}}",
        "platform.feed={cross_post={clips=0.5}, feed_length=2}",
        "platform.clips.discovery={rate=0.2}",
        "plan.only.serve.content={south='b'}",
        "plan.only.wave.first={strategy='random', count=5, redraw=true}",
    )
    campaign = compile_campaign(scenario, graph)
    whole = play_realisations(campaign, 0, 40, threads=3).audience
    parts: list[Any] = [play_realisations(campaign, first, 10, threads=1).audience for first in range(0, 40, 10)]
    assert whole is not None
    for number, what in enumerate(Audience._fields):
        assert np.array_equal(whole[number], np.concatenate([part[number] for part in parts])), what
