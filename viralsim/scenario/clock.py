"""Ticks and the clock on the wall: dates, time zones, and when people are online."""

from __future__ import annotations

import datetime as dt
import re
import zoneinfo
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING

from viralsim.errors import did_you_mean
from viralsim.scenario.units import BadValueError, read_share, shown

if TYPE_CHECKING:
    from viralsim.scenario.schema import Online, Time

__all__ = [
    "DATE",
    "date_text",
    "in_zone",
    "is_date",
    "online_at",
    "read_date",
    "read_hours",
    "read_shares",
    "read_zone",
    "tick_of",
    "zone_named",
]

_DAYS = "0[1-9]|[12][0-9]|3[01]"
DATE = rf"^[0-9]{{4}}-(0[1-9]|1[0-2])-({_DAYS})([ T]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?)?$"
"""What a date looks like in text, as a regular expression."""
_LIKE_A_DATE = re.compile(r"\s*[0-9]{4}-[0-9]{1,2}(-|$)|\s*[0-9]{1,2}[./][0-9]{1,2}[./][0-9]{4}")
_ISO = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"([ T][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?( ?(Z|[+-][0-9]{2}:?[0-9]{2}))?)?"
)
_OFFSET = re.compile(r"([+-])([01][0-9]):([0-5][0-9])")
_HOURS = re.compile(r"([0-9]{1,2})\s*\.\.\s*([0-9]{1,2})")
_YEARS = (1900, 2199)
_LATEST_OFFSET = 14 * 60
_DATE_EXPECTED = 'expected a date such as "2026-11-27" or "2026-11-27 09:00"'
_A_MONDAY = dt.datetime(2024, 1, 1)
"""What tick 0 is where no time.start is written; the zones keep the offsets that they have then."""
_WEEK = 7 * 86_400


# ---------------------------------------------------------------------------------------------------------
# Time zones


def read_zone(value: object) -> str:
    """Return a time zone: "UTC", an offset such as "+02:00", or a name of the tz database.

    Raises
    ------
    BadValueError
        If there is no such zone.

    Examples
    --------
    >>> read_zone("Europe/Athens"), read_zone("+02:00")
    ('Europe/Athens', '+02:00')
    >>> read_zone("Athens")
    Traceback (most recent call last):
    viralsim.scenario.units.BadValueError: expected a time zone such as "Europe/Athens", "UTC" or "+02:00"; got "Athens"
    """
    if isinstance(value, str) and zone_named(value) is not None:
        return value
    hint = _meant_zone(value.strip()) if isinstance(value, str) and len(value) <= 60 else ""
    raise BadValueError(f'expected a time zone such as "Europe/Athens", "UTC" or "+02:00"; got {shown(value)}', hint)


@lru_cache
def _zones() -> frozenset[str]:
    # (What one machine calls "localtime" is another zone elsewhere.)
    return frozenset(zoneinfo.available_timezones() - {"localtime", "posixrules", "Factory"})


@lru_cache
def zone_named(name: str) -> dt.tzinfo | None:
    """Return the zone of this name, None where there is none.

    Examples
    --------
    >>> print(zone_named("+05:30"), zone_named("Middle-earth"))
    UTC+05:30 None
    """
    if name == "UTC":
        return dt.UTC
    offset = _OFFSET.fullmatch(name)
    if offset:
        minutes = int(offset[2]) * 60 + int(offset[3])
        sign = -1 if offset[1] == "-" else 1
        return dt.timezone(dt.timedelta(minutes=sign * minutes)) if minutes <= _LATEST_OFFSET else None
    return zoneinfo.ZoneInfo(name) if name in _zones() else None


def _meant_zone(text: str) -> str:
    if text.upper() in ("GMT", "Z", "UT", "ZULU", "UTC"):
        return "did you mean 'UTC'?"
    offset = re.fullmatch(r"(?:UTC|GMT)?\s?([+-])([0-9]{1,2}):?([0-5][0-9])?", text, re.IGNORECASE)
    if offset and int(offset[2]) * 60 + int(offset[3] or 0) <= _LATEST_OFFSET:
        return f"did you mean '{offset[1]}{int(offset[2]):02d}:{offset[3] or '00'}'?"
    plain = text.lower().replace(" ", "_")
    known = sorted(name for name in _zones() if "/" in name)
    whole = [name for name in known if name.lower() == plain] or [
        name for name in known if name.lower().rpartition("/")[2] == plain
    ]
    if whole:
        return f"did you mean '{whole[0]}'?"
    cities = {name.rpartition("/")[2]: name for name in known}
    close = re.search("'(.*)'", did_you_mean(text, [*known, *cities]))
    return f"did you mean '{cities.get(close[1], close[1])}'?" if close else "zones are named by continent and city"


# ---------------------------------------------------------------------------------------------------------
# Dates


def is_date(value: object) -> bool:
    """Tell whether a value is a date, or a text that can only mean one.

    Examples
    --------
    >>> is_date("2026-11-27 09:00"), is_date("2d")
    (True, False)
    """
    return isinstance(value, dt.date | dt.time) or (isinstance(value, str) and _LIKE_A_DATE.match(value) is not None)


def read_date(value: object) -> dt.datetime:
    """Return a date and time, without a zone.

    Raises
    ------
    BadValueError
        If it is no date, has a zone or parts of a second, or is of another century.

    Examples
    --------
    >>> print(read_date("2026-11-27"), read_date("2026-11-27T09:00"))
    2026-11-27 00:00:00 2026-11-27 09:00:00
    >>> read_date("27.11.2026")
    Traceback (most recent call last):
    viralsim.scenario.units.BadValueError: expected a date such as "2026-11-27" or "2026-11-27 09:00"; got "27.11.2026"
    """
    if isinstance(value, str):
        moment = _date_of_text(value)
    elif isinstance(value, dt.datetime):
        moment = value
    elif isinstance(value, dt.date):
        moment = dt.datetime(value.year, value.month, value.day)
    else:
        raise BadValueError(f"{_DATE_EXPECTED}; got {shown(value)}")
    if moment.tzinfo is not None:
        raise BadValueError(
            f"expected a date without an offset from UTC; got {shown(value)}",
            "time.zone says in which zone dates are: leave the offset out",
        )
    if moment.microsecond:
        raise BadValueError(f"expected a date in whole seconds; got {shown(value)}")
    if not _YEARS[0] <= moment.year <= _YEARS[1]:
        raise BadValueError(f"expected a date from {_YEARS[0]} to {_YEARS[1]}; got {shown(value)}")
    return moment


def _date_of_text(value: str) -> dt.datetime:
    text = value.strip()
    try:
        if _ISO.fullmatch(text):
            return dt.datetime.fromisoformat(text.replace(" ", "T", 1).replace(" ", ""))
    except ValueError:
        raise BadValueError(f"{_DATE_EXPECTED}; got {shown(value)}, which no calendar has") from None
    raise BadValueError(f"{_DATE_EXPECTED}; got {shown(value)}", _meant_date(text))


def _meant_date(text: str) -> str:
    """Return how to write a date that was written otherwise; "" where that is not plain."""
    found = re.fullmatch(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:[ T]+([0-9]{1,2})(?::([0-9]{2}))?h?)?", text)
    if found is None:
        return "year, month and day, then the hour: 2026-11-27 09:00" if _LIKE_A_DATE.match(text) else ""
    year, month, day, hour, minute = found.groups()
    time = f" {int(hour):02d}:{minute or '00'}" if hour else ""
    return f'did you mean "{year}-{int(month):02d}-{int(day):02d}{time}"?'


def date_text(moment: dt.datetime) -> str:
    """Return a date as one writes it, without its zone.

    Examples
    --------
    >>> date_text(read_date("2026-11-27T09:00"))
    '2026-11-27 09:00'
    """
    return moment.replace(tzinfo=None).isoformat(sep=" ", timespec="seconds" if moment.second else "minutes")


def in_zone(moment: dt.datetime, zone: str) -> dt.datetime:
    """Return a date with its zone; of an hour that comes twice, the first.

    Raises
    ------
    BadValueError
        If the clocks of the zone skip it.

    Examples
    --------
    >>> in_zone(read_date("2026-11-27"), "Europe/Athens").isoformat()
    '2026-11-27T00:00:00+02:00'
    >>> in_zone(read_date("2026-03-29 03:30"), "Europe/Athens")
    Traceback (most recent call last):
    viralsim.scenario.units.BadValueError: there is no 2026-03-29 03:30 in Europe/Athens: clocks are put forward
    """
    local = moment.replace(tzinfo=zone_named(zone), fold=0)
    if local.astimezone(dt.UTC).astimezone(local.tzinfo).replace(tzinfo=None, fold=0) != moment:
        message = f"there is no {date_text(moment)} in {zone}: clocks are put forward"
        raise BadValueError(message, "an hour earlier or later there is one")
    return local


def tick_of(moment: dt.datetime, start: dt.datetime, tick_seconds: float) -> int:
    """Return the tick in which a moment is; both with their zones, so that hours are counted as they pass.

    Examples
    --------
    >>> start, later = (in_zone(read_date(day), "Europe/Athens") for day in ("2026-03-28", "2026-03-30"))
    >>> tick_of(later, start, 3600.0)  # clocks are put forward in between
    47
    """
    passed = (moment.astimezone(dt.UTC) - start.astimezone(dt.UTC)) // dt.timedelta(seconds=1)
    return passed // Fraction(repr(tick_seconds))


# ---------------------------------------------------------------------------------------------------------
# When people are online


def read_hours(value: object) -> tuple[float, ...]:
    """Return the shares of 24 hours, from a list of them or a table of hours "from..to", `to` not among them.

    Raises
    ------
    BadValueError
        If it is neither, or an hour is named twice.

    Examples
    --------
    >>> read_hours({"7..9": "60%", "22..6": 1})[5:10]
    (1.0, 0.0, 0.6, 0.6, 0.0)
    """
    if isinstance(value, list | tuple):
        return read_shares(value, 24, "hour, from midnight on")
    expected = 'expected 24 shares or a table of hours such as { "7..9" = "60%", "18..23" = 1 }'
    if not isinstance(value, dict) or not value:
        raise BadValueError(f"{expected}; got {shown(value)}")
    hours: dict[int, tuple[float, str]] = {}
    issues = []
    for written, share in value.items():
        try:
            amount = read_share(share)
            for hour in _hours_of(str(written)):
                if hour in hours:
                    raise BadValueError(f"the hour {hour} is in {shown(hours[hour][1])} already")
                hours[hour] = (amount, str(written))
        except BadValueError as issue:
            issues.append(BadValueError(issue.message, issue.hint, (written,)))
    if issues:
        issues[0].others = tuple(issues[1:20])
        raise issues[0]
    return tuple(hours[hour][0] if hour in hours else 0.0 for hour in range(24))


def _hours_of(written: str) -> list[int]:
    expected = 'expected hours such as "18..23", from 0 to 24, the second not among them'
    found = _HOURS.fullmatch(written.strip())
    if found is None:
        single = re.fullmatch(r"([0-9]{1,2})", written.strip())
        hint = f'did you mean "{single[1]}..{int(single[1]) + 1}"?' if single and int(single[1]) < 24 else ""
        between = re.fullmatch(r"([0-9]{1,2})(?::00)?\s?(?:-|–|to)\s?([0-9]{1,2})(?::00)?", written.strip())
        hint = f'did you mean "{int(between[1])}..{int(between[2])}"?' if between else hint
        raise BadValueError(f"{expected}; got {shown(written)}", hint)
    first, last = int(found[1]), int(found[2])
    if first > 23 or last > 24:
        raise BadValueError(f"{expected}; got {shown(written)}")
    if first == last:
        raise BadValueError(f"{shown(written)} is no hour at all", 'all of them are "0..24"')
    return [hour % 24 for hour in range(first, last if last > first else last + 24)]


def read_shares(value: object, count: int, what: str) -> tuple[float, ...]:
    """Return a list of so many shares.

    Raises
    ------
    BadValueError
        If it is none.

    Examples
    --------
    >>> read_shares([1, "50%"], 2, "half")
    (1.0, 0.5)
    """
    if not isinstance(value, list | tuple) or len(value) != count:
        got = f"a list of {len(value)}" if isinstance(value, list | tuple) else shown(value)
        raise BadValueError(f"expected a list of {count} shares, one for each {what}; got {got}")
    read, issues = [], []
    for index, one in enumerate(value):
        try:
            read.append(read_share(one))
        except BadValueError as issue:
            issues.append(BadValueError(issue.message, issue.hint, (index,)))
    if issues:
        issues[0].others = tuple(issues[1:20])
        raise issues[0]
    return tuple(read)


def online_at(online: Online | None, time: Time, tick: int) -> float:
    """Return the chance of people to be online in a tick: by the hour and weekday in which it begins, where they are.

    Without time.start tick 0 begins on a Monday at midnight (in time.zone), and clocks are never put forward or back.

    Parameters
    ----------
    online : Online or None
        When they are (`Segment.online`); None: always.
    time : Time
        The scenario's clock.
    tick : int
        Any tick from 0 on.

    Examples
    --------
    >>> from viralsim.scenario import read_scenario
    >>> settings = ['time.start=2026-11-27 09:00', 'segment.everyone.online.hours={"9..11"=1, "11..12"="50%"}']
    >>> scenario = read_scenario(settings=settings)
    >>> [online_at(scenario.segment["everyone"].online, scenario.time, tick) for tick in range(4)]
    [1.0, 1.0, 0.5, 0.0]
    """
    if online is None:
        return 1.0
    zone = zone_named(time.zone if online.zone is None else online.zone)
    begins = time.moment(tick)
    if begins is not None:
        local = begins.astimezone(zone)
    else:
        there = _A_MONDAY.replace(tzinfo=zone_named(time.zone)).astimezone(zone).replace(tzinfo=None)
        passed = tick * Fraction(repr(time.tick)) % _WEEK  # (a tick may be of many years)
        local = there + dt.timedelta(seconds=float(passed))
    return online.hours[local.hour] * online.weekdays[local.weekday()]
