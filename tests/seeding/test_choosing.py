"""Prices, budgets, segments, declines and waves: what they cost and whom they take."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scenes import scene

from viralsim.engine import compile_campaign
from viralsim.errors import DataError, ScenarioError
from viralsim.graph import from_arcs, generate
from viralsim.outcome import simulate
from viralsim.seeding import Request, seed_prices, segments_of

STEADY = settings(max_examples=200, deadline=None, derandomize=True)
STAR = from_arcs([0] * 20, range(1, 21), attributes={"fee": np.r_[0.29, np.arange(20.0)]})


def naive_take(ranking, count, budget, prices):
    taken = []
    for person in ranking:
        if len(taken) < count and prices[person] <= budget:
            taken.append(person)
            budget -= prices[person]
    return taken


@STEADY
@given(
    prices=st.lists(st.integers(0, 9), min_size=1, max_size=40),
    count=st.integers(1, 45),
    budget=st.integers(0, 90),
    random=st.randoms(use_true_random=False),
)
def test_people_are_taken_while_the_budget_lasts(prices, count, budget, random):
    ranking = list(range(len(prices)))
    random.shuffle(ranking)
    graph = from_arcs([], [], people=len(prices))
    request = Request(graph, graph.arcs, np.arange(len(prices)), count, budget, np.array(prices))
    taken = request.take(np.array(ranking))
    assert taken.tolist() == naive_take(ranking, count, budget, prices)


@STEADY
@given(budget=st.integers(1, 60), more=st.integers(0, 30), seed=st.integers(0, 99))
def test_a_random_draw_by_budget_never_costs_more_and_ends_only_when_hardly_anybody_fits(budget, more, seed):
    prices = np.random.default_rng(seed).integers(1, 12, 30)
    graph = from_arcs([0], [1], people=30, attributes={"fee": prices.astype(float)})
    scenario = scene(
        "price={model='column', attribute='fee'}",
        f"random_seed={seed}",
        f"plan.only.wave.first={{strategy='random', budget={budget}, redraw=true}}",
    )
    if prices.min() > budget:
        with pytest.raises(DataError, match="buys nobody"):
            compile_campaign(scenario, graph)
        return
    rows = simulate(scenario, graph=graph, realisations=20).rows[:, 0]
    seeds, cost = rows[:, 7], rows[:, 8]
    assert (cost <= 100 * budget).all()
    # A hundred draws in a row that fit nobody: with 30 people those who would have fitted are hardly ever missed.
    left = 100 * budget - cost
    assert ((left < 100 * prices.max()) | (seeds == 30)).all()
    fixed = simulate(scenario.with_settings(["plan.only.wave.first.redraw=false"]), graph=graph, realisations=2).rows
    assert (fixed[0, 0, 7:] == fixed[1, 0, 7:]).all()
    assert fixed[0, 0, 8] <= 100 * budget


def test_prices_by_model():
    def prices(*given):
        scenario = scene(*given)
        return seed_prices(STAR, STAR.arcs, scenario.price, scenario.plan["only"].wave["first"].price)

    assert prices() is None
    assert set(prices("price={model='flat', amount=0.29}").tolist()) == {29}
    assert prices("price={model='column', attribute='fee'}")[:3].tolist() == [29, 0, 100]
    followers = "price={model='per-follower', base=1, rate=0.5, tiers={10=0.25, 15=2}}"
    assert prices(followers)[:2].tolist() == [100 + 500 + 125 + 1000, 100]
    assert set(prices(followers, "plan.only.wave.first.price=7").tolist()) == {700}


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (["2", "free"], "'fee' of person 1 is 'free', expected a price"),
        ([2.0, -1.0], "'fee' of person 1 is '-1', expected a price"),
        ([2.0, 1e12], "'fee' of person 1 is '1000000000000', expected a price"),
    ],
)
def test_what_is_no_price(values, message):
    graph = from_arcs([0], [1], attributes={"fee": values})
    with pytest.raises(DataError, match=message):
        compile_campaign(scene("price={model='column', attribute='fee'}"), graph)


def test_who_has_no_price_cannot_be_had():
    graph = from_arcs([0, 0, 1], [1, 2, 2], attributes={"fee": [np.nan, 5.0, 5.0]})
    settings = ["price={model='column', attribute='fee'}", "plan.only.wave.first={strategy='degree', budget=5}"]
    campaign = compile_campaign(scene(*settings), graph)
    assert campaign.seeds["first"].people.tolist() == [1]  # 0 has more followers
    with pytest.raises(DataError, match="person 0 has no price"):
        compile_campaign(scene(settings[0]), graph)


def test_later_waves_take_others_but_named_people_are_taken_as_named():
    graph = generate("communities", people=200)
    waves = ["late={strategy='degree', count=3, start=4}", "early={strategy='degree', count=3}"]
    campaign = compile_campaign(scene(f"plan.only.wave={{{', '.join(waves)}}}"), graph)
    both = compile_campaign(scene("plan.only.wave={one={strategy='degree', count=6}}"), graph)
    early, late = (set(campaign.seeds[name].people.tolist()) for name in ("early", "late"))
    assert not early & late
    degrees = graph.arcs.out_degree
    assert sorted(degrees[list(early | late)]) == sorted(degrees[both.seeds["one"].people])
    named = f"late={{strategy='explicit', people=[{min(early)}], start=4}}"
    again = compile_campaign(scene(f"plan.only.wave={{{waves[1]}, {named}}}"), graph)
    assert again.seeds["late"].people.tolist() == [min(early)]
    drawn = f"plan.only.wave={{{waves[1]}, late={{strategy='random', redraw=true, count=197, start=4}}}}"
    assert not early & set(compile_campaign(scene(drawn), graph).seeds["late"].people.tolist())


def test_declined_seeds_cost_their_part_and_start_nothing():
    """Binomial: 4,000 realisations of 20 people who each decline at 30 %; 4.5 standard errors, 1 in 150,000."""
    graph = from_arcs([], [], people=20)
    scenario = scene(
        "segment.everyone.decline=30%",
        "price={model='flat', amount=10, declined='20%'}",
        f"plan.only.wave.first.people={list(range(20))}",
    )
    rows = simulate(scenario, graph=graph, realisations=4_000).rows[:, 0]
    seeds, cost = rows[:, 7], rows[:, 8]
    assert (cost == 1000 * seeds + 200 * (20 - seeds)).all()
    assert abs(seeds.mean() - 14.0) < 4.5 * (20 * 0.3 * 0.7 / 4_000) ** 0.5
    assert abs(seeds.var(ddof=1) - 4.2) < 0.5
    twice = scenario.with_settings(["plan.other.wave.first={strategy='explicit', people=[3], start=5}"])
    other = simulate(twice, graph=graph, plan="other", realisations=4_000).rows[:, 0, 7]
    alone = simulate(scenario.with_settings(["plan.only.wave.first.people=[3]"]), graph=graph, realisations=4_000)
    assert (other == alone.rows[:, 0, 7]).all()  # one person says the same to every plan


def test_satisfaction_on_a_star():
    """The hub passes it on if satisfied: 1 + q n p; those it persuades have nobody to pass it on to."""
    scenario = scene("item.content.arc_probability=50%", "segment.everyone.satisfaction=80%")
    outcome = simulate(scenario, graph=STAR, realisations=20_000)
    estimate = outcome.engaged
    error = (estimate.mean_high - estimate.mean) / 1.96
    assert abs(estimate.mean - (1 + 0.8 * 20 * 0.5)) < 4.5 * error  # 1 in 150,000
    assert abs(np.mean(outcome.rows[:, 0, 3]) - 0.8 - 0.8 * 0.8 * 10) < 0.15


def test_trust_and_attention_of_a_segment_on_a_star():
    """Followers 1 to 10 are wary: k = 1 - (1 - s)^(T^2), and they see half of it."""
    graph = from_arcs([0] * 20, range(1, 21), attributes={"wary": [False] + [True] * 10 + [False] * 10})
    scenario = scene(
        "item.content={stickiness=0.4, endorsement=0, sensitivity=2}",
        "segment.wary={where={wary=true}, trust=0.6, attention=0.5}",
    )
    outcome = simulate(scenario, graph=graph, realisations=20_000)
    expected = 1 + 10 * 0.4 + 10 * 0.5 * (1 - 0.6**0.36)
    error = (outcome.engaged.mean_high - outcome.engaged.mean) / 1.96
    assert abs(outcome.engaged.mean - expected) < 4.5 * error
    assert abs(outcome.reach.mean - (1 + 10 + 5)) < 4.5 * (10 * 0.25 / 20_000) ** 0.5


def test_segments_do_not_overlap():
    graph = from_arcs([0, 1], [1, 2], attributes={"city": ["oslo", "rome", "oslo"], "age": [20, 20, 30]})
    both = ["segment.north={where={city='oslo'}}", "segment.young={where={age=20}}"]
    with pytest.raises(DataError, match=r"segment.young.where: person 0 is in the segment 'north' already\n"):
        segments_of(scene(*both), graph)
    apart = scene(both[0], "segment.young={where={age=20, city='rome'}}")
    names = list(apart.segment)
    assert [names[index] for index in segments_of(apart, graph)] == ["north", "young", "north"]
    with pytest.raises(ScenarioError, match="is in the segment 'north' already"):
        scene(both[0], "segment.other={where={city=['rome', 'oslo']}}")


def test_a_segment_alike_the_others_changes_nothing():
    graph = generate("communities", people=300)
    plain = scene("item.content.arc_probability=8%", "platform.feed.visibility=0.5")
    named = plain.with_settings(["segment.some={where={community=0}}"])
    rows = [simulate(one, graph=graph, realisations=50).rows for one in (plain, named)]
    assert np.array_equal(*rows)


def test_a_price_that_is_not_known_changes_who_is_bought():
    graph = generate("communities", people=300)
    scenario = scene("price={model='flat', amount='1..10'}", "plan.only.wave.first={strategy='degree', budget=20}")
    rows = simulate(scenario, graph=graph, realisations=40).rows[:, 0]
    assert (rows[:, 8] <= 2000).all()
    assert len(set(rows[:, 7].tolist())) > 3
    assert (rows[::2, 7] == rows[1::2, 7]).all()  # a pair has one price
