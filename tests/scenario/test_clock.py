"""Dates, time zones, clocks that are put forward and back, and when people are online."""

import datetime as dt

import pytest

from viralsim.errors import ScenarioError
from viralsim.scenario import Scenario, online_at, scenario_from_text
from viralsim.scenario.clock import date_text, read_date, read_zone, zone_named
from viralsim.scenario.units import BadValueError

BASE = """
network.generator = "ring"
item.post.stickiness = "5%"
plan.one.wave.first = { strategy = "random", count = 1 }
"""


def scenario(*settings: str) -> Scenario:
    return scenario_from_text(BASE, settings=settings)


def start_of_wave(*settings: str) -> int:
    return scenario(*settings).plan["one"].wave["first"].start


@pytest.mark.parametrize(
    "written", ["2026-11-27 09:00", "2026-11-27T09:00", "2026-11-27 09:00:00", " 2026-11-27 09:00 "]
)
def test_a_date_may_be_written_in_several_ways(written):
    assert read_date(written) == dt.datetime(2026, 11, 27, 9)
    assert start_of_wave("time.start=2026-11-26", f"plan.one.wave.first.start={written}") == 33


def test_a_date_of_toml_is_a_date_and_a_setting_takes_its_text():
    text = BASE + "[time]\nstart = 2026-11-27\n[plan.two.wave.first]\nstrategy='random'\ncount=1\n"
    read = scenario_from_text(text + "start = 2026-11-27T10:00:00\n")
    assert read.time.start == dt.datetime(2026, 11, 27)
    assert read.plan["two"].wave["first"].start == 10
    assert scenario("time.start=2026-11-27").time == read.time
    assert read.resolved()["time"] == {"tick": "1h", "horizon": 336, "start": "2026-11-27 00:00"}
    assert scenario_from_text(read.toml()) == read


def test_without_a_start_nothing_is_resolved_of_the_clock():
    assert scenario().resolved()["time"] == {"tick": "1h", "horizon": 336}
    assert scenario("time.zone=+02:00").resolved()["time"] == {"tick": "1h", "horizon": 336, "zone": "+02:00"}
    assert scenario().time.moment(3) is None


@pytest.mark.parametrize(
    ("start", "later", "zone", "tick", "expected"),
    [
        ("2026-11-27", "2026-11-28", "UTC", "1h", 24),
        ("2026-11-27", "2026-11-27", "UTC", "1h", 0),
        ("2026-11-27", "2026-11-27 00:59:59", "UTC", "1h", 0),  # a time inside a tick is that tick
        ("2026-11-27", "2026-11-27 01:00:00", "UTC", "1h", 1),
        ("2026-11-27 09:30", "2026-11-28 09:29", "UTC", "1d", 0),
        ("2026-11-27", "2026-11-27 00:00:01", "UTC", "0.1s", 10),
        ("2026-03-28", "2026-03-29 04:00", "Europe/Athens", "1h", 27),  # 3 o'clock is left out
        ("2026-03-28", "2026-03-29 04:00", "UTC", "1h", 28),
        ("2026-10-24", "2026-10-25 03:00", "Europe/Athens", "1h", 27),  # of two 3 o'clocks the first
        ("2026-10-24", "2026-10-25 04:00", "Europe/Athens", "1h", 29),
        ("2026-10-03", "2026-10-04 12:00", "Australia/Sydney", "1h", 35),
    ],
)
def test_ticks_count_the_hours_that_pass(start, later, zone, tick, expected):
    settings = [f"time.start={start}", f"time.zone={zone}", f"time.tick={tick}", "time.horizon=300"]
    assert start_of_wave(*settings, f"plan.one.wave.first.start={later}") == expected


@pytest.mark.parametrize("day", ["2026-03-28", "2026-10-24", "2026-07-01"])
def test_a_moment_is_in_the_tick_that_it_begins(day):
    settings = [f"time.start={day} 09:00", "time.zone=Europe/Athens", "time.tick=30min"]
    time = scenario(*settings).time
    for tick in range(100):
        moment = time.moment(tick)
        assert moment.tzinfo is zone_named("Europe/Athens")
        if moment.fold == 0:
            assert start_of_wave(*settings, f"plan.one.wave.first.start={date_text(moment)}") == tick


def test_all_starts_may_be_dates():
    read = scenario(
        "time.start=2026-11-27",
        "item.post.advertisement={dose=1, start='2026-11-28', end='2026-11-29 12:00'}",
        "item.gossip={kind='rumour', stickiness=0.1, proven_false_at='2026-11-30'}",
        "item.gossip.wave.first={strategy='random', count=1, start='2026-11-27 05:00'}",
    )
    assert (read.item["post"].advertisement.start, read.item["post"].advertisement.end) == (24, 60)
    assert read.item["gossip"].proven_false_at == 72
    assert read.item["gossip"].wave["first"].start == 5
    assert scenario_from_text(read.toml()) == read


def test_a_range_of_dates_is_a_range_of_ticks():
    read = scenario("time.start=2026-11-27", "plan.one.wave.first.start=2026-11-28..2026-11-30 06:00")
    (unknown,) = read.unknowns
    assert unknown.parameters == {"low": 24, "high": 78}


def test_only_the_horizon_limits_dates():
    settings = ["time.start=2026-11-27", "time.horizon=48"]
    assert start_of_wave(*settings, "plan.one.wave.first.start=2026-11-29 00:59") == 48
    with pytest.raises(ScenarioError, match="2026-11-29 01:00 is tick 49, after the horizon, tick 48"):
        scenario(*settings, "plan.one.wave.first.start=2026-11-29 01:00")


def test_what_is_wrong_with_the_start_is_said_once():
    with pytest.raises(ScenarioError) as caught:
        scenario("time.start=yesterday", "plan.one.wave.first.start=2026-11-28")
    assert len(caught.value.problems) == 1


@pytest.mark.parametrize(
    ("written", "hint"),
    [
        ("gmt", "did you mean 'UTC'?"),
        ("Z", "did you mean 'UTC'?"),
        ("+2", "did you mean '+02:00'?"),
        ("UTC-05:30", "did you mean '-05:30'?"),
        ("europe/athens", "did you mean 'Europe/Athens'?"),
        ("new york", "did you mean 'America/New_York'?"),
        ("Berlni", "did you mean 'Europe/Berlin'?"),
        ("Europe/Atens", "did you mean 'Europe/Athens'?"),
        ("+15:00", "zones are named by continent and city"),
        ("../../etc/passwd", "zones are named by continent and city"),
        ("Europe", None),
        ("", None),
        ("\0", None),
        ("x" * 1000, ""),
        (2, ""),
    ],
)
def test_zones_that_are_none(written, hint):
    with pytest.raises(BadValueError) as caught:
        read_zone(written)
    assert caught.value.message.startswith('expected a time zone such as "Europe/Athens", "UTC" or "+02:00"; got ')
    assert hint is None or caught.value.hint == hint


@pytest.mark.parametrize("written", ["UTC", "+00:00", "-03:30", "+14:00", "Europe/Athens", "America/Argentina/Ushuaia"])
def test_zones(written):
    assert scenario(f"time.zone={written}").time.zone == written


def test_what_a_machine_calls_local_is_no_zone():
    with pytest.raises(BadValueError):
        read_zone("localtime")


# -- when people are online


def online(settings: list[str], ticks: range) -> list[float]:
    read = scenario(*settings)
    return [online_at(read.segment["everyone"].online, read.time, tick) for tick in ticks]


def test_hours_wrap_around_midnight_and_the_last_is_not_among_them():
    hours = (
        scenario('segment.everyone.online.hours={"22..2"=1, "7..9"="25%", "12..13"=0.5}')
        .segment["everyone"]
        .online.hours
    )
    assert {hour: share for hour, share in enumerate(hours) if share} == {
        22: 1,
        23: 1,
        0: 1,
        1: 1,
        7: 0.25,
        8: 0.25,
        12: 0.5,
    }
    assert scenario('segment.everyone.online.hours={"0..24"=1}').segment["everyone"].online.hours == (1.0,) * 24
    assert scenario('segment.everyone.online.hours={"23..24"=1}').segment["everyone"].online.hours[23] == 1.0


def test_who_says_nothing_is_always_online():
    read = scenario()
    assert online_at(read.segment["everyone"].online, read.time, 5) == 1.0


def test_without_a_start_tick_0_is_monday_midnight_where_dates_are():
    weekdays = "segment.everyone.online.weekdays=[1, 0, 0, 0, 0, 0, 0.5]"
    assert online([weekdays], range(0, 192, 12)) == [1, 1, *[0] * 10, 0.5, 0.5, 1, 1]
    in_athens = ["time.zone=Europe/Athens", weekdays]
    assert online(in_athens, range(0, 192, 12)) == online([weekdays], range(0, 192, 12))
    # It is Sunday yet further west, by as many hours as the zones are apart.
    west = ["time.zone=+02:00", "segment.everyone.online={weekdays=[1, 0, 0, 0, 0, 0, 0.5], zone='-01:00'}"]
    assert online(west, range(5)) == [0.5, 0.5, 0.5, 1, 1]


def test_without_a_start_no_clock_is_put_forward():
    evening = ["time.zone=Europe/Athens", 'segment.everyone.online.hours={"18..19"=1}', "time.horizon=400d"]
    assert [tick % 24 for tick, share in enumerate(online(evening, range(24 * 400))) if share] == [18] * 400


def test_hours_of_the_day_follow_clocks_that_are_put_forward():
    evening = ["time.zone=Europe/Athens", 'segment.everyone.online.hours={"18..19"=1}', "time.start=2026-03-27"]
    assert [tick for tick, share in enumerate(online(evening, range(96))) if share] == [18, 42, 65, 89]
    # Those who live elsewhere keep their own hours.
    abroad = [*evening[::2], "segment.everyone.online={hours={'18..19'=1}, zone='Asia/Tokyo'}"]
    assert [tick for tick, share in enumerate(online(abroad, range(96))) if share] == [11, 35, 59, 83]


def test_a_tick_counts_by_the_hour_in_which_it_begins():
    long_ticks = ["time.tick=2h", "time.start=2026-11-27 07:30", 'segment.everyone.online.hours={"9..10"=1}']
    assert online(long_ticks, range(14)) == [0, 1, *[0] * 11, 1]


def test_ticks_of_many_years_have_hours_too():
    assert (
        online(["time.tick=1000w", "time.horizon=9000", 'segment.everyone.online.hours={"0..1"=1}'], range(8990, 8995))
        == [1.0] * 5
    )


def test_hours_and_weekdays_multiply():
    settings = ["segment.everyone.online={hours={'0..1'=0.5}, weekdays=[0.5, 1, 1, 1, 1, 1, 1]}"]
    assert online(settings, range(0, 48, 24)) == [0.25, 0.5]


def test_online_resolves_and_reads_back():
    read = scenario(
        "segment.everyone.online={hours={'22..6'='60%'}, zone='Asia/Tokyo'}", "time.start=2026-11-27 09:00:30"
    )
    assert scenario_from_text(read.toml()) == read
    assert read.content_hash("g") != scenario("time.start=2026-11-27 09:00:30").content_hash("g")
    assert scenario("segment.everyone.online=none") == scenario()
