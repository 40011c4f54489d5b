"""What is printed of audiences: the tables, line by line, and how they stay short."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import viralsim as vs
from viralsim.cli.audience_text import audience_lines, served_lines
from viralsim.cli.text import forecast_lines
from viralsim.outcome import Outcome
from viralsim.outcome.audiences import Axes
from viralsim.outcome.tables import forecast, scale
from viralsim.scenario import Scenario

MakeOutcome = Callable[..., Outcome]

RUMOUR = (
    '{kind="rumour", stickiness=0.1, wave.first={strategy="random", count=2, variant="bold"}, '
    "variant={plain={}, bold={}}}"
)

PRINTED = """
segment      role  people  reach  of them  each saw      engaged  5 … 95%
young    prospect     700   11.6     1.7%      6.47  5.38 ± 0.43   1 … 11
old      customer     280   5.75     2.1%      6.43  2.69 ± 0.26    0 … 6
press       media      20   5.67    28.3%      6.55  2.46 ± 0.22    0 … 5

segment  conversions
young           1.39
old             0.56
press           0.57

of segments  people  reach  of them  each saw      engaged  5 … 95%  conversions
young / FR      500   5.68     1.1%      6.59  2.65 ± 0.27    0 … 6         0.75
young / DE      200   5.96     3.0%      6.35  2.72 ± 0.27    0 … 7         0.64

platform  reach  each saw      engaged  5 … 95%  conversions
photos     19.8      3.79  8.69 ± 0.60   2 … 16         2.21
clips      19.6      3.80  1.83 ± 0.13    1 … 4         0.30

engaged on                     photos        clips
from outside              1.00 ± 0.00  1.00 ± 0.00
through people on photos  3.58 ± 0.33  0.43 ± 0.09
through people on clips   4.11 ± 0.37  0.40 ± 0.09

variant     meant for  impressions  engaged  outside target   95% interval
plain    young, press         73.9     6.39           25.3%  23.1% … 27.4%
bold              old         75.5     4.13           75.7%  73.6% … 77.9%
plan 'hubs' serves: plain to young, everyone; bold to old; seeds of wave 'first'
  start with bold.

All of item 'rumour'. ±: half the 95% interval of the mean. 5 … 95%: of the
engaged, in one campaign. each saw: impressions per person reached. Who is
reached on two platforms counts on both.

impressions per person reached  mean     0     1     2     3     4  5 … 9    10+
                                6.48  8.7%  2.6%  4.3%  6.4%  7.1%  49.8%  21.1%

earned reach: 21.0 people (19.6 … 22.4) first saw it because somebody shared it,
carried by prospect 49.5% (48.0% … 50.9%); media 25.5% (24.3% … 26.7%); customer
25.0% (23.7% … 26.3%)."""


def _scenario(*settings: str) -> Scenario:
    return vs.read_scenario(
        settings=[
            "network.people=1_000",
            "segment.young.where={community=1}",
            "segment.old.where={community=2}",
            f"item.rumour={RUMOUR}",
            'plan.hubs.serve.rumour={old="bold"}',
            *settings,
        ]
    )


def test_the_text_of_audiences(told: MakeOutcome) -> None:
    outcome = replace(told(range(200)), main_item="rumour")
    assert "\n".join(audience_lines(outcome, _scenario())) == PRINTED


def test_of_many_segments_the_largest_are_shown_and_the_others_are_one_line(told: MakeOutcome) -> None:
    names = tuple(f"s{g:02}" for g in range(40))
    axes = Axes(names, ("public",) * 40, names, tuple(range(40)), (25,) * 40, ("feed",), ((),), ((),))
    outcome = told(range(50), axes=axes)
    lines = audience_lines(outcome, _scenario(), 100)
    table = lines[1 : lines.index("", 1)]
    assert len(table) == 1 + 15
    assert "role" not in table[0]
    assert table[-1].startswith("26 other segments")
    audience = outcome.audience
    assert audience is not None
    shown = [line.split()[0] for line in table[1:-1]]
    assert shown == sorted(shown)
    smallest = min(audience.segments[name].engaged.mean or 0.0 for name in shown)
    others = [name for name in names if name not in shown]
    assert smallest >= max(audience.segments[name].engaged.mean or 0.0 for name in others)
    assert f"{audience.together(others, '').engaged.mean:.2f} ±" in table[-1]
    text = " ".join(lines)
    assert "others " in text
    assert "engaged on" not in text


def test_many_platforms_are_cut_and_said_to_be(told: MakeOutcome) -> None:
    platforms = tuple(f"p{g:02}" for g in range(20))
    axes = Axes(("all",), ("public",), ("all",), (0,), (1000,), platforms, ((),), ((),))
    lines = audience_lines(told(range(10), axes=axes), _scenario())
    assert "(and 12 platforms more: --json has all)" in lines
    assert "(and 5 platforms more: --json has all)" in lines


def test_what_a_plan_serves() -> None:
    scenario = _scenario()
    assert served_lines(scenario, ["random"], "rumour") == [
        "plan 'random' serves: plain to all; seeds of wave 'first' start with bold."
    ]
    assert served_lines(scenario, ["random"], "content") == []


def test_a_network_that_is_a_sample_is_scaled_up(make_outcome: MakeOutcome) -> None:
    outcome = make_outcome(range(40))
    assert scale(outcome, _scenario()) is None
    scenario = _scenario("network.represents=2_500_000")
    found = scale(outcome, scenario)
    assert found is not None
    reached = float(f"{2500 * (outcome.reach.mean or 0.0):.3g}")
    assert (found["represents"], found["people"], found["factor"]) == (2_500_000, 1000, 2500.0)
    assert found["statement"] == (
        f"one person of the network stands for 2,500: about {reached:,.0f} reached people of 2,500,000 in all (assumes "
        "the network is a fair sample of the audience; what a sample of this size misses, such as larger cascades, is "
        "not in the intervals)"
    )
    assert forecast(outcome, scenario)["scale"] == found
    assert "scale" not in forecast(outcome, _scenario())
    graph = vs.load_network(scenario.network)
    assert "One person of the network stands for 2,500:" in " ".join(forecast_lines(outcome, scenario, graph))


def test_times_are_told_with_their_date(make_outcome: MakeOutcome) -> None:
    outcome = make_outcome(range(40))
    scenario = _scenario(
        "time.start=2026-03-28 09:00", "time.zone=Europe/Athens", "time.tick=30min", "time.horizon=20h"
    )
    graph = vs.load_network(scenario.network)
    lines = forecast_lines(outcome, scenario, graph, 200)
    assert lines[3] == "Sat 2026-03-28 09:00 … Sun 2026-03-29 06:00 (Europe/Athens)"  # an hour is skipped
    peak = outcome.time_to_peak
    mean, early, late = (
        f"{scenario.time.moment(round(ticks or 0)):%a %Y-%m-%d %H:%M}" for ticks in (peak.mean, peak.p05, peak.p95)
    )
    assert f"Most engage at {mean} on average; one campaign: {early} … {late} (5 … 95%)." in lines
    facts = forecast(outcome, scenario)
    assert (facts["start"], facts["end"]) == ("2026-03-28T09:00:00+02:00", "2026-03-29T06:00:00+03:00")
    assert "start" not in forecast(outcome, _scenario())
    assert not any("2026" in line for line in forecast_lines(outcome, _scenario(), graph))
