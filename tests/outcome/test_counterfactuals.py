"""Counterfactuals are paired exactly, and the rows of a crisis panel are what they are called."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import ttest_1samp

import viralsim as vs
from viralsim.engine.kernels import ROW
from viralsim.errors import ScenarioError, UsageError
from viralsim.outcome import counterfactuals
from viralsim.outcome.counterfactuals import DIFFERENCES, counterfactual_scenario, crisis_rows, differs
from viralsim.scenario import Scenario, scenario_from_text

CRISIS = """
[network]
generator = "communities"
people = 300
mean_degree = 8
community_size = 30
[platform.feed]
delay = { law = "log-normal", median = "3h", sigma = 1.0 }
[segment.everyone]
trust = "60%"
satisfaction = "60%"
conversion = "20%"
baseline = "0.5%"
[item.launch]
stickiness = "25%"
[item.story]
kind = "testimony"
born_of = "launch"
stickiness = "15%"
damage = "20%"
proven_false_at = "2d"
[item.reply]
kind = "restoration"
after = "story"
after_reach = 5
stickiness = "20%"
repair = "30%"
wave.first = { strategy = "degree", count = 5 }
[item.charm]
kind = "restoration"
stickiness = "10%"
wave.first = { strategy = "random", count = 3 }
[plan.hubs.wave.first]
strategy = "degree"
count = 3
[plan.random.wave.first]
strategy = "random"
count = 3
[time]
horizon = "5d"
"""
GRAPH = vs.generate("communities", people=300, mean_degree=8, community_size=30)


def scenario(*settings: str) -> Scenario:
    return scenario_from_text(CRISIS, settings=settings)


def played(one: Scenario, **options: Any) -> vs.Outcome:
    return vs.simulate(one, graph=GRAPH, **{"realisations": 60, **options})


def same(one: vs.Outcome, other: vs.Outcome) -> bool:
    """Whether two outcomes hold the same numbers, whatever their scenarios are called."""
    names = ("indices", "rows", "generation_counts")
    return np.array_equal(one.trust_sums[..., -1], other.trust_sums[..., -1]) and all(
        np.array_equal(getattr(one, name), getattr(other, name)) for name in names
    )


# -- counterfactuals --------------------------------------------------------------------------------


def test_differences_are_those_of_two_plays_realisation_by_realisation() -> None:
    one = scenario()
    found = vs.counterfactual(one, without=["testimony"], graph=GRAPH, plan="random", realisations=60, first=7)
    actual, otherwise = (
        played(each, plan="random", first=7) for each in (one, one.with_settings(["item.story.silent=true"]))
    )
    assert found.actual == actual
    assert found.otherwise == otherwise
    for i, item in enumerate(one.item):
        for metric in ("reach", "impressions", "engaged", "shares", "conversions", "incremental_conversions", "roots"):
            expected = actual.rows[:, i, ROW.index(metric)] - otherwise.rows[:, i, ROW.index(metric)]
            assert np.array_equal(found.values(metric, item), expected)
            estimate = found.difference(metric, item)
            assert estimate.mean == pytest.approx(expected.mean())
            assert estimate.p05 == np.sort(expected)[2]  # of 60: the smallest that 5 % do not exceed
            if expected.any():
                interval = ttest_1samp(expected, 0.0).confidence_interval()
                assert (estimate.mean_low, estimate.mean_high) == pytest.approx((interval.low, interval.high))
    trust = (actual.trust_sums - otherwise.trust_sums)[:, :, -1].sum(axis=1) / (300 * 2.0**32)
    assert found.difference("trust").mean == pytest.approx(trust.mean())
    assert found.difference("trust").half_width == pytest.approx(
        ttest_1samp(trust, 0.0).confidence_interval().high - trust.mean()
    )


def test_the_sign_is_actual_minus_otherwise() -> None:
    found = vs.counterfactual(scenario(), without=["story"], graph=GRAPH, realisations=60)
    assert found.names == ("as it is", "without story")
    assert found.difference("reach", "story").mean == found.actual.metric("reach", "story").mean > 0
    assert found.otherwise.metric("reach", "story").mean == 0
    assert found.difference("trust").mean < 0  # testimony takes trust
    assert differs(found.difference("trust"))
    back = vs.counterfactual(found.scenarios[1], scenario(), graph=GRAPH, realisations=60)
    assert np.array_equal(back.values("engaged"), -found.values("engaged"))


@pytest.mark.parametrize(
    "setting",
    ["title=another", "item.story.silent=false", "item.quiet={stickiness='90%', silent=true}", "report.times=3"],
)
def test_a_change_that_does_nothing_differs_by_exactly_nothing(setting: str) -> None:
    found = vs.counterfactual(scenario(), settings=[setting], graph=GRAPH, realisations=20)
    for item in found.items:
        for metric in DIFFERENCES:
            estimate = found.difference(metric, item)
            if estimate.realisations:
                assert set(estimate.to_dict().values()) == {0.0}
                assert differs(estimate) is False
    assert found.items == ("launch", "story", "reply", "charm")


def test_undefined_differences_are_left_out() -> None:
    found = vs.counterfactual(scenario(), without=["launch", "charm"], graph=GRAPH, realisations=20)
    assert found.difference("time_to_peak").mean is None
    assert found.difference("engaged").realisations == 20
    quick = vs.counterfactual(
        scenario().with_settings(["item.story.silent=true"]),
        settings=["item.launch.stickiness=1%"],
        graph=GRAPH,
        realisations=50,
    )
    known = (quick.actual.rows[:, 0, 5] >= 0) & (quick.otherwise.rows[:, 0, 5] >= 0)
    assert 0 < quick.difference("time_to_peak").realisations == known.sum() < 50


@pytest.mark.parametrize("unknown", ["actual", "otherwise", "both"])
def test_where_numbers_are_not_known_intervals_are_over_pairs(unknown: str) -> None:
    one = scenario()
    ranged = one.with_settings(["item.story.damage=5%..60%"])
    if unknown == "both":
        found = vs.counterfactual(ranged, without=["reply"], graph=GRAPH, realisations=40, first=2)
    else:
        both = (ranged, one) if unknown == "actual" else (one, ranged)
        found = vs.counterfactual(*both, graph=GRAPH, realisations=40, first=2)
    means = found.values("trust").reshape(20, 2).mean(axis=1)
    estimate = found.difference("trust")
    assert estimate.pairs == 20
    interval = ttest_1samp(means, 0.0).confidence_interval()
    assert (estimate.mean_low, estimate.mean_high) == pytest.approx((interval.low, interval.high), rel=1e-6)
    if unknown == "both":
        assert np.array_equal(found.actual.drawn, found.otherwise.drawn)


def test_threads_and_blocks_change_nothing_and_both_know_the_precision() -> None:
    one = scenario()
    runs = [
        vs.counterfactual(one, without=["story"], graph=GRAPH, precision=0.02, threads=threads, block=block)
        for threads, block in ((1, 7), (2, 64))
    ]
    assert runs[0].to_dict() == runs[1].to_dict()
    assert all(outcome.engaged.precision <= 0.02 for outcome in (runs[0].actual, runs[0].otherwise))
    count = len(runs[0])
    assert count in (250, 500, 1000, 2000, 4000)
    half = [played(one.with_settings(with_), realisations=count // 2) for with_ in ([], ["item.story.silent=true"])]
    assert count == 250 or any(outcome.engaged.precision > 0.02 for outcome in half)
    assert len(vs.counterfactual(one, without=["story"], graph=GRAPH, precision=0.001, realisations=300)) == 300


def test_the_network_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[Any] = []

    def load(*words: Any) -> vs.SocialGraph:
        calls.append(words)
        return GRAPH

    monkeypatch.setattr(counterfactuals, "load_network", load)
    vs.counterfactual(scenario(), without=["story"], realisations=3)
    assert len(calls) == 1
    vs.crisis(scenario(), realisations=3)
    assert len(calls) == 2


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("network.people=301", "network.people is 300 in one and 301 in the other"),
        ("network.trust=0.3", "network.trust is 0.5 in one and 0.3 in the other"),
        ("network.generator=ring", "network.generator is communities in one and ring in the other"),
        ("random_seed=9", "random_seed is 1 in one and 9 in the other"),
        ("time.tick=30min", "time.tick is 1h in one and 30min in the other"),
        ("time.horizon=6d", "time.horizon is 120 in one and 144 in the other"),
    ],
)
def test_what_has_no_luck_in_common_is_refused(setting: str, said: str) -> None:
    with pytest.raises(UsageError, match=f"{said}: they have no luck in common to pair"):
        vs.counterfactual(scenario(), settings=[setting])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({}, "nothing is otherwise, so there is nothing to compare"),
        ({"without": "story"}, "without: a list of names was expected, got 'story'"),
        ({"without": ["storry"]}, 'no item "storry"'),
        ({"without": ["rumour"]}, 'no item "rumour"'),
        ({"otherwise": scenario(), "without": ["story"]}, "leave out without and settings"),
        ({"otherwise": 3, "without": []}, "a Scenario was expected, got int 3"),
        ({"without": ["story"], "graph": 3}, "a SocialGraph was expected"),
        ({"without": ["story"], "realisations": 0}, "at least 1"),
        ({"without": ["story"], "plan": "hub"}, "hub"),
    ],
)
def test_wrong_calls_are_explained(words: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        vs.counterfactual(scenario(), **words)


def test_other_wrong_calls_are_explained() -> None:
    with pytest.raises(ScenarioError, match="did you mean 'damage'"):
        vs.counterfactual(scenario(), settings=["item.story.damag=3%"])
    silent = scenario("item.story.silent=true")
    with pytest.raises(UsageError, match="leaving out story changes nothing: it is silent already"):
        counterfactual_scenario(silent, without=["story"])
    found = vs.counterfactual(scenario(), without=["story"], graph=GRAPH, realisations=2)
    with pytest.raises(UsageError, match="did you mean 'reach'"):
        found.difference("reech")
    with pytest.raises(UsageError, match="no paired differences of reproduction_number"):
        found.difference("reproduction_number")
    with pytest.raises(UsageError, match="did you mean 'story'"):
        found.difference("reach", "storry")


def test_json_is_strict_and_says_what_differs() -> None:
    found = vs.counterfactual(scenario(), without=["story"], graph=GRAPH, realisations=30)
    facts = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert facts["names"] == {"actual": "as it is", "otherwise": "without story"}
    assert facts["differences"]["story"]["reach"] == found.difference("reach", "story").to_dict() | {"differs": True}
    assert facts["differences"]["charm"]["roots"]["differs"] is False
    assert facts["actual"]["metrics"]["engaged"]["mean"] == found.actual.engaged.mean
    alone = vs.counterfactual(scenario(), without=["story"], graph=GRAPH, realisations=1).to_dict()
    assert alone["differences"]["story"]["reach"]["differs"] is None
    json.dumps(alone, allow_nan=False)


# -- the panel of a crisis --------------------------------------------------------------------------

SILENT = ["item.reply.silent=true", "item.charm.silent=true"]
NEVER = "item.story.proven_false_at=none"
ROWS = {
    "no crisis": [*SILENT, "item.story.silent=true"],
    "no answer": [*SILENT, NEVER],
    "answered at once": [NEVER, "item.charm.silent=true", "item.reply.reaction_delay=0"],
    "answered after 6h": [NEVER, "item.charm.silent=true", "item.reply.reaction_delay=6h"],
    "answered after 1d": [NEVER, "item.charm.silent=true", "item.reply.reaction_delay=1d"],
    "disproved": SILENT,
    "answered and restored": [],
}


@pytest.fixture(scope="module")
def panel() -> vs.CrisisPanel:
    return vs.crisis(scenario(), delays=["1d", 0, 6, "6h"], graph=GRAPH, plan="random", realisations=60, first=3)


def test_rows_are_what_they_are_called(panel: vs.CrisisPanel) -> None:
    assert list(panel.rows) == list(ROWS)
    for name, settings in ROWS.items():
        alone = played(scenario(*settings), plan="random", first=3)
        assert same(panel.outcomes[name], alone), name
        assert panel.outcomes[name].scenario_hash == alone.scenario_hash, name
    assert {name: row.delay for name, row in panel.rows.items() if row.delay is not None} == {
        "answered at once": 0,
        "answered after 6h": 6,
        "answered after 1d": 24,
    }
    assert panel.left_out == {}
    assert len({outcome.trust.mean for outcome in panel.outcomes.values()}) == len(ROWS)  # all of them differ


def test_columns_are_read_off_the_outcomes(panel: vs.CrisisPanel) -> None:
    assert list(panel.columns) == ["reach of launch", "reach of story", "trust", "converted"]
    for name, outcome in panel.outcomes.items():
        assert panel.value(name, "reach of story") == outcome.metric("reach", "story")
        assert panel.value(name, "trust").mean == pytest.approx(outcome.trust.mean, abs=1e-9)
        converted = outcome.rows[:, :, ROW.index("incremental_conversions")].sum(axis=1)
        converted = converted + outcome.rows[:, 0, ROW.index("baseline_conversions")]
        assert np.array_equal(panel.values(name, "converted"), converted)
        difference = panel.values(name, "converted") - panel.values("no answer", "converted")
        assert panel.difference(name, "converted").mean == pytest.approx(difference.mean())
    assert panel.difference("no answer", "trust").mean == 0.0
    assert panel.difference("no crisis", "trust").mean > 0.0 > panel.difference("no crisis", "reach of story").mean
    assert panel.difference("no answer", "trust", to="no crisis").mean == -panel.difference("no crisis", "trust").mean
    assert panel.own_accord == panel.outcomes["no crisis"].metric("baseline_conversions")


def test_an_hour_of_delay_is_the_slope_between_two(panel: vs.CrisisPanel) -> None:
    names = ["answered at once", "answered after 6h", "answered after 1d"]
    assert panel.steps == [*pairwise(names), (names[0], names[2])]
    assert [panel.hours(*step) for step in panel.steps] == [6.0, 18.0, 24.0]
    for column in panel.columns:
        first, second, whole = (panel.hour(*step, column) for step in panel.steps)
        assert whole.mean == pytest.approx((6.0 * first.mean + 18.0 * second.mean) / 24.0, abs=1e-9)
        slopes = (panel.values(names[1], column) - panel.values(names[0], column)) / 6.0
        assert first.mean == pytest.approx(slopes.mean(), abs=1e-9)
        if slopes.any():
            high = ttest_1samp(slopes, 0.0).confidence_interval().high
            assert first.mean_high == pytest.approx(high, rel=1e-6, abs=1e-9)
    half = vs.crisis(scenario("time.tick=30min"), delays=["1h", "3h"], graph=GRAPH, realisations=4)
    assert half.hours(*half.steps[0]) == 2.0
    assert len(half.steps) == 1


def test_in_how_many_realisations_the_answer_begins() -> None:
    rare = vs.crisis(scenario("item.reply.after_reach=285"), delays=["1h"], graph=GRAPH, realisations=60)
    row = rare.rows["answered after 1h"]
    begun = row.outcome.rows[:, 2, ROW.index("seeds")] > 0
    assert row.answered == begun.mean()
    assert 0.0 < row.answered < 1.0
    assert rare.rows["no answer"].answered is None
    never = vs.crisis(scenario("item.reply.after_reach=300"), delays=["1h"], graph=GRAPH, realisations=20)
    assert never.rows["answered after 1h"].answered == 0.0
    assert same(never.outcomes["answered after 1h"], never.outcomes["no answer"])


def test_without_after_all_restoration_is_later() -> None:
    rows, _ = crisis_rows(scenario("item.reply.after=''"), [0, "6h"])
    assert list(rows)[2:4] == ["answered as planned", "answered 6h later"]
    later, delay = rows["answered 6h later"]
    assert delay == 6
    assert [later.item[name].reaction_delay for name in ("reply", "charm")] == [6, 6]
    assert not any(item.silent for item in later.item.values())


def test_an_item_named_like_its_kind_silences_no_other() -> None:
    """`without` takes names of kinds, too: the panel must mean the item alone."""
    named = scenario_from_text(CRISIS.replace("charm", "restoration").replace("story", "testimony"))
    rows, _ = crisis_rows(named, ["6h"])
    later = rows["answered after 6h"][0]
    assert [name for name, item in later.item.items() if item.silent] == ["restoration"]


def test_what_is_left_out_is_said() -> None:
    rows, left_out = crisis_rows(scenario(NEVER))
    assert list(rows)[-1] == "answered and restored"
    assert left_out == {"disproved": "nothing is ever proven false here (proven_false_at)"}
    rows, left_out = crisis_rows(scenario("item.reply.silent=true", "item.charm.silent=true"))
    assert list(rows) == ["no crisis", "no answer", "disproved"]
    assert set(left_out) == {"answered after a delay", "answered and restored"}
    assert rows["disproved"][0].item["story"].proven_false_at == 48
    # Of the usual delays those that there can be.
    rows, left_out = crisis_rows(scenario("time.tick=4h", "time.horizon=2d", NEVER))
    assert [name for name in rows if "after" in name] == ["answered after 1d"]
    assert left_out["answered after 6h"] == "6h is 1.5 ticks of 4h, expected whole ticks"
    assert left_out["answered after 3d"] == "3d is not before the end of the campaign, 2d"
    assert set(left_out) == {f"answered after {delay}" for delay in ("1h", "6h", "3d")} | {"disproved"}
    late = scenario("item.reply.wave.first.start=2d", "time.horizon=4d", "item.charm.silent=true")
    rows, left_out = crisis_rows(late)
    assert "answered after 1d" in rows
    assert left_out["answered after 3d"].startswith("3d: ")
    with pytest.raises(UsageError, match=r"delays: 3d: .*'reply' starts at tick 121 at the earliest"):
        crisis_rows(late, ["3d"])


def test_proven_false_at_is_set_for_all_that_harms() -> None:
    two = scenario(NEVER, "item.gossip={kind='rumour', stickiness='9%', wave={a={strategy='random', count=2}}}")
    rows, _ = crisis_rows(two, ["1h"], "1d")
    for name in ("disproved", "answered and restored"):
        assert [rows[name][0].item[item].proven_false_at for item in ("story", "gossip")] == [24, 24]
    for name in ("no answer", "answered after 1h"):
        assert [rows[name][0].item[item].proven_false_at for item in ("story", "gossip")] == [None, None]
    panel = vs.crisis(two, delays=["1h"], proven_false_at=24, graph=GRAPH, realisations=3)
    assert list(panel.columns) == ["reach of launch", "reach of story", "reach of gossip", "trust", "converted"]
    assert "item.gossip.disproof" in [one.path for one in panel.assumptions]


def test_columns_follow_the_scenario() -> None:
    none = "segment.everyone={trust='60%', satisfaction='60%'}"
    other = "item.second={stickiness='5%', wave={a={strategy='random', count=2}}}"
    panel = vs.crisis(scenario(none, other, "report.item=second"), delays=["1h"], graph=GRAPH, realisations=3)
    assert list(panel.columns) == ["reach of second", "reach of story", "trust"]
    # What is reported may be the bad one: the good one is the first content then.
    panel = vs.crisis(scenario(none, "report.item=story"), delays=["1h"], graph=GRAPH, realisations=3)
    assert list(panel.columns) == ["reach of launch", "reach of story", "trust"]


@pytest.mark.parametrize(
    ("settings", "words", "said"),
    [
        (["item.story.silent=true"], {}, "has no crisis: story is silent"),
        ([], {"delays": []}, "delays: a list such as"),
        ([], {"delays": "6h"}, "delays: a list such as"),
        ([], {"delays": ["90min"]}, "delays: 90min is 1.5 ticks of 1h, expected whole ticks"),
        ([], {"delays": ["6d"]}, "delays: 6d is not before the end of the campaign, 5d"),
        ([], {"delays": [-1]}, "delays: expected a duration"),
        ([], {"delays": ["soon"]}, "delays: expected a duration"),
        ([], {"proven_false_at": "5d"}, "proven_false_at: 5d is not before the end of the campaign, 5d"),
        ([], {"proven_false_at": "never"}, "proven_false_at: expected a duration"),
        ([], {"realisations": 0}, "the number of realisations must be a whole number of at least 1, got 0"),
        ([], {"realisations": 10**9}, "of memory"),
        ([], {"plan": "hub"}, "hub"),
        (SILENT, {"delays": ["1h"]}, "delays: nothing answers in <text>: restoration is silent"),
    ],
)
def test_wrong_panels_are_explained(settings: list[str], words: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        vs.crisis(scenario(*settings), graph=GRAPH, **words)


def test_a_scenario_without_a_crisis_gets_an_example_that_works() -> None:
    head, _, rest = CRISIS.partition("[item.story]")
    plain = head + rest[rest.index("[plan.hubs") :]
    with pytest.raises(UsageError, match="no item is of kind testimony or rumour") as caught:
        vs.crisis(scenario_from_text(plain))
    block = "\n".join(line.strip() for line in caught.value.hint.splitlines()[1:])
    assert block.startswith("[item.complaint]\n")
    rows, _ = crisis_rows(scenario_from_text(f"{plain}\n{block}"))
    assert [name for name in rows if name.startswith("answered after")] == [
        f"answered after {delay}" for delay in ("1h", "6h", "1d", "3d")
    ]


def test_reading_a_panel_wrongly_is_explained(panel: vs.CrisisPanel) -> None:
    with pytest.raises(UsageError, match="no row 'no anser' in this panel"):
        panel.value("no anser", "trust")
    with pytest.raises(UsageError, match="did you mean 'reach of story'"):
        panel.difference("no crisis", "reach of storry")
    with pytest.raises(UsageError, match="'no crisis' is not answered after a delay"):
        panel.hour("no crisis", "answered after 6h", "trust")
    with pytest.raises(UsageError, match="the second with the longer delay"):
        panel.hour("answered after 1d", "answered after 6h", "trust")


def test_the_panel_as_json(panel: vs.CrisisPanel) -> None:
    facts = json.loads(json.dumps(panel.to_dict(), allow_nan=False))
    assert list(facts["rows"]) == list(ROWS)
    row = facts["rows"]["answered after 6h"]
    assert row["delay"] == 6
    assert row["values"]["trust"] == panel.value("answered after 6h", "trust").to_dict()
    assert row["to_no_answer"]["trust"]["differs"] is True
    assert row["items"]["story"]["roots"]["mean"] > 0
    assert facts["hour_of_delay"][1]["hours"] == 18.0
    assert facts["assumptions"] == [
        {"path": one.path, "value": one.value, "why": one.why} for one in scenario().assumptions("random")
    ]
    assert facts["realisations"] == 60
    assert facts["first_realisation"] == 3


def test_panels_and_counterfactuals_are_written_whole(tmp_path: Path) -> None:
    found = vs.counterfactual(scenario(), without=["story"], graph=GRAPH, realisations=10)
    folder = vs.write_panel(tmp_path / "out", found, graph=GRAPH)
    assert sorted(path.name for path in folder.iterdir()) == ["actual", "counterfactual.json", "otherwise"]
    assert vs.read_outcome(folder / "otherwise") == found.otherwise
    assert vs.read_scenario(folder / "otherwise" / "scenario.toml").item["story"].silent
    panel = vs.crisis(scenario(), delays=["6h"], graph=GRAPH, realisations=10, curves=True)
    with pytest.raises(UsageError, match="exists and is not empty"):
        vs.write_panel(folder, panel)
    vs.write_panel(folder, panel, graph=GRAPH, force=True)
    assert sorted(path.name for path in folder.iterdir()) == [
        *("answered-after-6h", "answered-and-restored", "crisis.json", "disproved", "no-answer", "no-crisis")
    ]
    assert vs.read_outcome(folder / "no-answer") == panel.outcomes["no answer"]
    assert json.loads((folder / "crisis.json").read_text()) == json.loads(json.dumps(panel.to_dict()))
    (folder / "mine.txt").write_text("mine")
    with pytest.raises(UsageError, match=r"no results, such as '(mine.txt|answered-after-6h)'"):
        vs.write_panel(folder, found, force=True)
