"""The packaged stories tell what they promise: good and bad word of mouth, audiences and platforms.

All comparisons are paired: both sides have the luck of the same realisations, and `random_seed` is fixed, so that a
failure is never luck but a changed story, engine or luck. The bound of `surely` is for whoever changes one of these:
four standard errors of the mean difference. The differences asked for here are 4.6 to 83 of them; one that is none
would pass once in 1,700 tries (16 pairs: t with 15 degrees of freedom, one side).
"""

from __future__ import annotations

import functools
import itertools
import re

import numpy as np
import pytest

import viralsim as vs
from viralsim.cli import main
from viralsim.scenario import Scenario, check, choices, init_text, scenario_from_text, templates

STORIES = ("false-rumour", "product-recall", "restoration")
AUDIENCES = ("cause-campaign", "employee-advocacy", "local-shop", "product-launch")


@functools.cache
def story(name: str, *settings: str) -> Scenario:
    return scenario_from_text(init_text(name), settings=list(settings))


@functools.cache
def played(scenario: Scenario, metric: str, item: str | None = None, plan: str | None = None, count: int = 16):
    """Return a metric of every realisation: float64[count]."""
    return outcome(scenario, plan, count).values(metric, item)


@functools.cache
def outcome(scenario: Scenario, plan: str | None, count: int) -> vs.Outcome:
    return vs.simulate(scenario, plan=plan, realisations=count)


def surely(more: np.ndarray, less: np.ndarray) -> bool:
    difference = more - less
    return bool(difference.mean() > 4 * difference.std(ddof=1) / len(difference) ** 0.5)


@pytest.mark.parametrize("name", [*STORIES, *AUDIENCES])
def test_a_story_is_packaged_whole_and_nothing_is_said_against_it(
    name: str, capsys: pytest.CaptureFixture[str], tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert name in templates()
    text = init_text(name)
    assert f"viralsim init --template {name} " in text
    assert text.count("ssumption") > 5
    assert max(len(line) for line in text.splitlines()) <= 120
    scenario = story(name)
    assert scenario.title
    assert scenario.description
    if name in STORIES:
        assert scenario.takes_trust
        assert {"content", "restoration"} < {item.kind for item in scenario.item.values()}
    else:
        assert scenario.tells_audiences
        assert scenario.time.start is not None
        assert "preset = " in text
    assert 4_000 <= scenario.network.parameters["people"] <= 20_000
    (tmp_path / "mine.toml").write_text(text, encoding="utf-8")
    assert check(tmp_path / "mine.toml") == []
    for words in (["check", "mine.toml"], ["run", "mine.toml", "-q", "--realisations", "2"]):
        with pytest.raises(SystemExit) as left:
            main(words)
        said = capsys.readouterr()
        assert (left.value.code, said.err) == (0, "")
        assert scenario.title in said.out or "valid" in said.out
    # Whatever the comments ask to try, with --set or as a key of the file, can be tried.
    settings = [quoted or plain for quoted, plain in re.findall(r'--set (?:"([^"]+)"|(\S+))', text)]
    assert settings
    for setting in settings:
        assert check(tmp_path / "mine.toml", settings=[setting]) == [] or "exclusive" in setting
    exclusive = [setting for setting in settings if "exclusive" in setting]
    assert check(tmp_path / "mine.toml", settings=exclusive) == []


@pytest.mark.long
def test_each_hour_of_a_recall_costs() -> None:
    """The answer helps, later ones help less, and the scar stays: trust is not what it was."""
    scenario = story("product-recall")
    at_once, a_day_later = (story("product-recall", f"item.recall.reaction_delay={delay}") for delay in ("1h", "1d"))
    nothing = scenario.without(["recall"])
    for metric in ("trust", "conversions"):
        assert surely(played(at_once, metric), played(scenario, metric))
        assert surely(played(scenario, metric), played(a_day_later, metric))
    assert surely(played(a_day_later, "trust"), played(nothing, "trust"))
    assert surely(played(a_day_later, "reach", "complaint"), played(at_once, "reach", "complaint"))
    untroubled = played(scenario.without(["complaint"]), "trust")
    assert np.all(untroubled == untroubled[0])  # nothing takes it
    assert np.all(untroubled - played(at_once, "trust") > 0.02)
    assert np.all(untroubled - played(nothing, "trust") < 0.10)  # a dip, no ruin
    assert np.all(played(scenario, "reach", "complaint") < 0.5 * scenario.network.parameters["people"])


@pytest.mark.long
def test_more_of_the_content_is_more_testimony() -> None:
    scenario, louder = story("product-recall"), story("product-recall", "item.launch.advertisement.visibility=1.2%")
    assert surely(played(louder, "conversions"), played(scenario, "conversions"))
    assert surely(played(louder, "roots", "complaint"), played(scenario, "roots", "complaint"))
    assert surely(played(scenario, "trust"), played(louder, "trust"))


@pytest.mark.long
def test_more_seeds_of_an_exclusive_item_reduce_another() -> None:
    scenario, more = story("product-recall"), story("product-recall", "item.recall.wave.owners.count=400")
    assert surely(played(more, "engaged", "recall"), played(scenario, "engaged", "recall"))
    assert surely(played(scenario, "engaged", "complaint"), played(more, "engaged", "complaint"))


@pytest.mark.long
def test_an_answer_before_the_rumour_repairs_nothing_and_a_later_one_more() -> None:
    scenario = story("false-rumour")
    nothing = played(scenario.without(["correction"]), "trust", count=24)
    gained = {plan: played(scenario, "trust", plan=plan, count=24) - nothing for plan in scenario.plan}
    assert np.all(gained["before"] >= 0)
    assert gained["before"].mean() < 0.15 * gained["at-once"].mean()  # late readers of it, after the rumour
    assert surely(gained["at-once"], gained["before"])
    assert surely(gained["late"], gained["at-once"])  # earlier is not always better
    started = played(scenario, "reach", "rumour", "late", count=24) > 1_000  # from some bloggers it goes nowhere
    assert 0.5 < started.mean() < 1
    assert np.all(gained["late"][started] > 0.002)


@pytest.mark.long
@pytest.mark.parametrize(
    ("scar", "heal", "back"), [("0", "50%", True), ("33%", "100%", True), ("33%", "50%", False), ("33%", "0%", False)]
)
def test_a_disproof_does_not_mend_what_cannot_be_mended(scar: str, heal: str, back: bool) -> None:
    """Wholly disproved, after ten half-lives and more restoration than anybody can pay: below the start iff scarred.

    Restoration is seen by everybody in each of the last 48 hours, so 0.6^48 of what can be mended is left.
    """
    scenario = story(
        "false-rumour",
        "network.people=2_000",
        "time.horizon=20d",
        "trust.half_life=1d",
        "item.rumour.wave.blog.count=10",
        "item.rumour.disproof=100%",
        f"item.rumour.scar={scar}",
        f"item.rumour.heal={heal}",
        "item.correction.advertisement={dose=0, start='18d'}",
    )
    found = outcome(scenario, None, 8)
    means = found.trust_sums.sum(axis=1) / 2**32 / found.people
    first, lowest, last = means[:, 0], means.min(axis=1), means[:, -1]
    assert np.all(first - lowest > 0.03)
    assert bool(np.all(first - last < 2.0**-10)) is back
    assert bool(np.all(first - last > 0.005)) is not back


@pytest.mark.long
def test_restoration_has_a_ceiling_and_a_second_wave_buys_less() -> None:
    scenario = story("restoration")
    start = played(scenario.without(["leak", "complaint"]), "trust")
    by_itself, one, two = (
        played(scenario.without(["campaign"]), "trust"),
        played(scenario, "trust"),
        played(scenario, "trust", plan="two-waves"),
    )
    posters = played(story("restoration", "plan.one-wave.wave.first.count=1"), "trust")
    assert surely(one, by_itself)
    assert surely(two, one)
    assert surely(one - posters, two - one)  # each wave closes a part of what is left
    assert np.all(start - two > 0.03)
    for easier in ("item.leak.heal=1", "item.leak.scar=0", "trust.half_life=3d"):
        assert surely(played(story("restoration", easier), "trust"), one)
    assert surely(one, played(story("restoration", "trust.half_life=never"), "trust"))


@pytest.mark.long
def test_bad_news_prevents_later_dissatisfaction_and_restoration_brings_it_back() -> None:
    scenario = story("restoration")
    roots, without_leak, without_campaign = (
        played(one, "roots", "complaint")
        for one in (scenario, scenario.without(["leak"]), scenario.without(["campaign"]))
    )
    assert surely(without_leak, roots)
    assert surely(roots, without_campaign)


@pytest.mark.long
def test_a_launch_is_worth_tailoring_and_who_begins_matters_less() -> None:
    """Two plans of the flagship differ in the message alone; what is meant for owners is mostly read by others."""
    scenario = story("product-launch")
    assert scenario.plan["tailored"].wave == scenario.plan["one-message"].wave
    tailored, plain = (outcome(scenario, plan, 150) for plan in ("tailored", "one-message"))
    assert np.array_equal(tailored.values("cost"), plain.values("cost"))
    for metric in ("engaged", "conversions"):
        assert surely(tailored.values(metric), plain.values(metric))
    others = [played(scenario, "engaged", plan=plan, count=150) for plan in ("hubs", "influencers", "staff-first")]
    gained = tailored.values("engaged") - plain.values("engaged")
    for other in others:
        assert surely(gained, plain.values("engaged") - other)
    assert surely(played(scenario, "time_to_half", plan="staff-first", count=150), tailored.values("time_to_half"))
    assert tailored.audience.delivered["facts"].outside_target.mean > 0.8
    assert {segment.role for segment in tailored.audience.segments.values()} == set(choices("role"))
    assert all(segment.engaged.mean > 0 for segment in tailored.audience.segments.values())
    assert all(platform.engaged.mean > 20 for platform in tailored.audience.platforms.values())


@pytest.mark.long
def test_the_launch_goes_viral_among_200_000_people() -> None:
    scenario = story("product-launch", "network.people=200_000")
    assert np.all(played(scenario, "reach", count=2) >= 0.3 * 200_000)
    assert np.all(played(scenario, "impressions", count=2) >= 500_000)


@pytest.mark.long
def test_a_petition_needs_neighbours_where_one_friend_is_not_enough() -> None:
    scenario, easy = story("cause-campaign"), story("cause-campaign", "item.petition.curve=['3%']")
    signed, once = (
        {plan: played(one, "engaged", plan=plan, count=100) for plan in one.plan} for one in (scenario, easy)
    )
    assert surely(signed["neighbours"], 2 * signed["everywhere"])
    assert surely(signed["neighbours"], 1.5 * signed["film"])
    seen = {plan: played(scenario, "reach", plan=plan, count=100).mean() for plan in ("neighbours", "film")}
    assert seen["film"] == pytest.approx(seen["neighbours"], rel=0.15)
    assert surely(once["film"], once["neighbours"])
    tipped = played(story("cause-campaign", "platform.clips.discovery.most=30"), "engaged", plan="film", count=24)
    assert tipped.mean() > 0.35 * 10_000
    begun = outcome(scenario, "celebrities", 100).generation_counts[:, 0, 0]
    assert 5 < begun.mean() < 20  # of 40 who are asked


@pytest.mark.long
def test_employees_are_worth_their_time_where_the_feed_is_not_full() -> None:
    advertised = "item.news.advertisement={dose=0.1, visibility='10%', end='5d'}"
    asked = {}
    for feed in ("3", "none"):
        length = f"platform.work.feed_length={feed}"
        page, some = (
            played(story("employee-advocacy", length), "conversions", plan=plan, count=64)
            for plan in ("page", "some-staff")
        )
        paid = played(story("employee-advocacy", length, advertised), "conversions", plan="page", count=64)
        asked[feed] = (page, some, paid)
    (page, some, paid), (page_alone, some_alone, paid_alone) = asked["3"], asked["none"]
    assert surely(some, page)
    assert surely(paid, some)
    assert some_alone.mean() > paid_alone.mean()
    assert surely(some_alone - page_alone, some - page)
    most = played(story("employee-advocacy"), "conversions", plan="most-staff", count=64)
    assert surely(most, some)
    seen = outcome(story("employee-advocacy", advertised), "page", 24).values("impressions")
    assert seen.mean() == pytest.approx(20_000, rel=0.1)  # what 600 buys at 30 the thousand


@pytest.mark.long
def test_the_hour_of_a_post_decides() -> None:
    scenario, dull = story("local-shop"), story("local-shop", "item.offer.stickiness=6%")
    assert scenario.plan["sunday-evening"].wave["post"].start == 6 * 24 + 20  # the clocks go back on that day
    came, of_dull = (
        {plan: played(one, "engaged", plan=plan, count=200) for plan in one.plan} for one in (scenario, dull)
    )
    order = ("saturday-noon", "sunday-evening", "thursday-evening", "monday-morning", "friday-night")
    assert all(surely(came[more], came[less]) for more, less in itertools.pairwise(order))
    assert np.quantile(came["saturday-noon"], 0.15) < np.quantile(came["thursday-evening"], 0.05)
    assert surely(of_dull["thursday-evening"], of_dull["saturday-noon"])
    monday, thursday = (
        outcome(scenario, plan, 200).audience.segments for plan in ("monday-morning", "thursday-evening")
    )
    assert monday["retired"].reach.mean > 2 * thursday["retired"].reach.mean
    assert thursday["working"].reach.mean > 2 * monday["working"].reach.mean
