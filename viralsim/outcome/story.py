"""How the items of one realisation touched: what began when, who turned, who had heard bad news, where trust went."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from viralsim.html import printable_text
from viralsim.outcome.cascade import Cascade

if TYPE_CHECKING:
    from viralsim.engine import Campaign, Recalled

__all__ = ["Event", "Heard", "Story", "Swing", "tell"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_LEAST_SWING = 0.05
"""Trust turns where it comes back by this part of the distance between its lowest and its highest value."""
_MOST_SWINGS = 6
_MOST_TURNED = 10
_WIDTH = 80
_BORN, _SEED, _ADVERTISED = -3, -1, -2


@dataclass(frozen=True)
class Event:
    """Something that happened to an item.

    Parameters
    ----------
    tick : int
        When.
    item : str
        To which item.
    what : str
        "triggered", "advertised", "begins", "proven false", "peak" or "ends".
    people : int or None
        How many: with whom it begins, who engage in the tick of the peak, whom the item that triggers it has reached.
    words : str
        The same in words.
    """

    tick: int
    item: str
    what: str
    people: int | None
    words: str


@dataclass(frozen=True)
class Heard:
    """Whether those who engaged with a content had heard bad news by then: seen testimony or a rumour.

    Parameters
    ----------
    before, after, never : int
        People who had, who did afterwards, and who never did.
    """

    before: int
    after: int
    never: int


@dataclass(frozen=True)
class Swing:
    """A time in which mean trust in the brand fell, or rose.

    Parameters
    ----------
    start, end : int
        Report times, ticks.
    before, after : float
        Mean trust of all people at these.
    engaged : dict of str to int
        How many people engaged with each item meanwhile, the most first; items with none are left out.
    """

    start: int
    end: int
    before: float
    after: float
    engaged: dict[str, int]


@dataclass(frozen=True, eq=False)
class Story:
    r"""What came between the items of one realisation.

    Parameters
    ----------
    kinds : dict of str to str
        Kind of each item.
    events : tuple of Event
        In the order of time.
    heard : dict of str to Heard, or None
        For each content; None where there is no bad news, or where it is told in contacts.
    heard_at : ndarray of int64, shape (people,), or None
        The tick in which each person of the graph first heard bad news; -1: never.
    ticks : ndarray of int64, shape (K,)
        Report times.
    trust : dict of str to ndarray of float64, shape (K,)
        Mean trust in the brand by segment; empty where no item can take any.
    mean_trust : ndarray of float64, shape (K,), or None
        Of all people.
    swings : tuple of Swing
        Where it fell and rose, in the order of time.

    Examples
    --------
    >>> import viralsim as vs
    >>> scenario = vs.scenario_from_text('''
    ... network = { generator = "complete", people = 4 }
    ... segment.everyone.satisfaction = 0
    ... item.post = { stickiness = 1 }
    ... item.warning = { kind = "testimony", born_of = "post", stickiness = 1 }
    ... plan.one.wave.first = { strategy = "explicit", people = [0] }
    ... time.horizon = "3h"
    ... ''')
    >>> cascade = vs.replay(scenario, 0)
    >>> print("\n".join(cascade.story.lines(cascade)[:4]))
    0d 00:00  post begins with 1 seed
    0d 00:00  warning begins with 1 dissatisfied
    0d 01:00  warning at its peak: 3 people
    0d 01:00  warning ends: the last of 4 people
    """

    kinds: dict[str, str]
    events: tuple[Event, ...]
    heard: dict[str, Heard] | None
    heard_at: Ints | None
    ticks: Ints
    trust: dict[str, Floats]
    mean_trust: Floats | None
    swings: tuple[Swing, ...]

    def had_heard(self, cascade: Cascade, entry: int) -> bool:
        """Tell whether a person had heard bad news before they engaged with content.

        What is seen in a tick comes before who is persuaded in it, and after who becomes a seed.
        """
        if self.heard_at is None or self.kinds[cascade.items[cascade.item[entry]]] != "content":
            return False
        return bool(_had_heard(cascade, np.array([entry]), self.heard_at)[0])

    def lines(self, cascade: Cascade) -> list[str]:
        """Return it as lines of text.

        Parameters
        ----------
        cascade : Cascade
            Whose story it is.
        """
        lines = [f"{cascade.clock(event.tick)}  {event.words}" for event in self.events]
        lines += _turned_lines(cascade)
        for content, heard in (self.heard or {}).items():
            told = (
                f"of {_people(heard.before + heard.after + heard.never)} engaged with {content}, {heard.before:,} had "
                f"heard bad news before, {heard.after:,} heard some afterwards, {heard.never:,} never did"
            )
            lines += ["", *textwrap.wrap(told, _WIDTH)]
        if self.mean_trust is not None:
            least = int(np.argmin(self.mean_trust))
            lines += [
                "",
                f"mean trust: {self.mean_trust[0]:.3f} at first, {self.mean_trust[least]:.3f} at its lowest "
                f"({cascade.clock(int(self.ticks[least]))}), {self.mean_trust[-1]:.3f} at the end",
            ]
            for swing in self.swings:
                lines += _swing_lines(cascade, swing)
        return lines

    def to_dict(self, cascade: Cascade) -> dict[str, Any]:
        """Return it ready for JSON; undefined is None.

        Parameters
        ----------
        cascade : Cascade
            Whose story it is.

        Returns
        -------
        dict
            "items" (their kinds), "timeline", "turned" (who, when, through whom: entries and ids), "heard" by content,
            and "trust" by report time.
        """
        return {
            "items": self.kinds,
            "timeline": [
                {"tick": one.tick, "item": one.item, "what": one.what, "people": one.people, "words": one.words}
                for one in self.events
            ],
            "turned": [
                {
                    "tick": int(cascade.tick[entry]),
                    "person": cascade.identity(entry),
                    "testimony": cascade.items[cascade.item[entry]],
                    "testimony_entry": entry,
                    "content_entry": None if content < 0 else content,
                    "parent": None if parent < 0 else parent,
                    "parent_person": None if parent < 0 else cascade.identity(parent),
                }
                for entry, content, parent in _turned(cascade)
            ],
            "heard": None
            if self.heard is None
            else {
                content: {"before": heard.before, "after": heard.after, "never": heard.never}
                for content, heard in self.heard.items()
            },
            "trust": None
            if self.mean_trust is None
            else {
                "ticks": self.ticks.tolist(),
                "mean": self.mean_trust.tolist(),
                "segments": {
                    name: [None if np.isnan(value) else value for value in values.tolist()]
                    for name, values in self.trust.items()
                },
                "swings": [
                    {
                        "start": one.start,
                        "end": one.end,
                        "before": one.before,
                        "after": one.after,
                        "engaged": one.engaged,
                    }
                    for one in self.swings
                ],
            },
        }


def tell(campaign: Campaign, recalled: Recalled, cascade: Cascade, people: Ints) -> Story:
    """Tell the story of a realisation.

    Parameters
    ----------
    campaign : Campaign
    recalled : Recalled
        The realisation as the engine recalls it.
    cascade : Cascade
        Who engaged in it.
    people : ndarray of int64, shape (G,)
        People in each segment; none where no item can take trust.
    """
    scenario, ticks = campaign.scenario, campaign.report_ticks
    kinds = {name: item.kind for name, item in scenario.item.items()}
    trust: dict[str, Floats] = {}
    mean = None
    if len(people):
        sums = recalled.played.trust[0] / 2.0**32
        for name, total, count in zip(scenario.segment, sums, people.tolist(), strict=True):
            trust[name] = total / count if count else np.full(len(ticks), np.nan)
        mean = recalled.played.trust[0].sum(axis=0) / (float(people.sum()) * 2.0**32)
    heard = None
    if recalled.heard_at is not None:
        heard = {name: _heard(cascade, name, recalled.heard_at) for name, kind in kinds.items() if kind == "content"}
    return Story(
        kinds=kinds,
        events=tuple(_events(campaign, recalled, cascade)),
        heard=heard,
        heard_at=recalled.heard_at,
        ticks=ticks,
        trust=trust,
        mean_trust=mean,
        swings=() if mean is None else tuple(_swings(cascade, ticks, mean)),
    )


def _people(count: int) -> str:
    return f"{count:,} {'person' if count == 1 else 'people'}"


def _events(campaign: Campaign, recalled: Recalled, cascade: Cascade) -> list[Event]:
    """Return what happened to the items: in the order of time, then of the scenario."""
    found: list[Event] = []
    horizon = campaign.program.horizon
    for i, (name, item) in enumerate(campaign.scenario.item.items()):
        entries = np.flatnonzero(cascade.item == i)
        ticks = cascade.tick[entries]
        if item.after:
            found += _trigger(campaign, recalled, i, horizon)
        begins = int(recalled.begins[i])
        if item.advertisement is not None and begins >= 0 and not item.silent:
            start = (
                begins + int(campaign.program.items["reaction_delay"][i]) + int(campaign.program.items["ad_from"][i])
            )
            if start <= horizon:
                found.append(Event(start, name, "advertised", None, f"{name} is advertised"))
        if recalled.proven_at[i] >= 0:
            found.append(Event(int(recalled.proven_at[i]), name, "proven false", None, f"{name} is proven false"))
        if len(entries) == 0:
            continue
        first = int(ticks[0])
        starters = Counter(cascade.parent[entries[ticks == first]].tolist())
        found.append(Event(first, name, "begins", sum(starters.values()), f"{name} begins with {_starters(starters)}"))
        by_tick = np.bincount(ticks[cascade.parent[entries] != _SEED]) if len(ticks) else np.zeros(0, dtype=np.int64)
        if len(by_tick):
            peak = int(np.argmax(by_tick))
            most = int(by_tick[peak])
            found.append(Event(peak, name, "peak", most, f"{name} at its peak: {_people(most)}"))
        if int(ticks[-1]) < horizon and len(entries) > 1:
            found.append(
                Event(int(ticks[-1]), name, "ends", len(entries), f"{name} ends: the last of {_people(len(entries))}")
            )
    return sorted(found, key=lambda event: event.tick)


def _trigger(campaign: Campaign, recalled: Recalled, i: int, horizon: int) -> Iterable[Event]:
    """Return when an item was triggered that waits for another; or that it never was, at the end."""
    name, other = campaign.items[i], campaign.scenario.item[campaign.items[i]].after
    wanted = int(campaign.program.items["after_people"][i])
    tick = int(recalled.begins[i])
    if tick >= 0:
        yield Event(tick, name, "triggered", wanted, f"{name} is triggered: {other} has reached {_people(wanted)}")
        return
    reached = int(recalled.played.rows[0, campaign.items.index(other), 0])
    words = f"{name} was never triggered: {other} reached {reached:,} of {_people(wanted)}"
    yield Event(horizon, name, "never triggered", reached, words)


def _starters(starters: Counter[int]) -> str:
    seeds, advertised, born = (starters[origin] for origin in (_SEED, _ADVERTISED, _BORN))
    parts = [f"{seeds:,} seed{'' if seeds == 1 else 's'}"] if seeds else []
    if advertised:
        parts.append(f"{advertised:,} by the advertisement")
    if born:
        parts.append(f"{born:,} dissatisfied")
    return ", ".join(parts)


def _turned(cascade: Cascade) -> list[tuple[int, int, int]]:
    """Return entry of the testimony, entry of the content and whose share led to that, for all who turned."""
    contents = cascade.born_of[cascade.born]
    parents = np.where(contents >= 0, cascade.parent[contents], _SEED)
    return list(zip(cascade.born.tolist(), contents.tolist(), parents.tolist(), strict=True))


def _turned_lines(cascade: Cascade) -> list[str]:
    turned = _turned(cascade)
    if not turned:
        return []
    through = Counter(parent for _, _, parent in turned if parent >= 0)
    lines = ["", f"{_people(len(turned))} turned: engaged, were dissatisfied, and told others"]
    for entry, _, parent in turned[:_MOST_TURNED]:
        origin = {_SEED: "a seed", _ADVERTISED: "reached by the advertisement"}.get(parent)
        whose = origin or f"who had it from {_name(cascade, parent)}"
        lines.append(f"{cascade.clock(int(cascade.tick[entry]))}  {_name(cascade, entry)}, {whose}")
    if len(turned) > _MOST_TURNED:
        lines.append(f"... and {len(turned) - _MOST_TURNED:,} more")
    most = [f"{_name(cascade, parent)} ({count:,})" for parent, count in through.most_common(3) if count > 1]
    if most:
        lines.append(f"most of them through {', '.join(most)}")
    return lines


def _name(cascade: Cascade, entry: int) -> str:
    return printable_text(str(cascade.identity(entry)))


def _had_heard(cascade: Cascade, entries: Ints, heard_at: Ints) -> npt.NDArray[np.bool_]:
    first, tick = heard_at[cascade.person[entries]], cascade.tick[entries]
    return np.asarray((first >= 0) & ((first < tick) | ((first == tick) & (cascade.parent[entries] != _SEED))))


def _heard(cascade: Cascade, content: str, heard_at: Ints) -> Heard:
    """Count those engaged with a content by whether they had heard bad news."""
    entries = np.flatnonzero(cascade.item == cascade.items.index(content))
    never = int((heard_at[cascade.person[entries]] < 0).sum())
    before = int(_had_heard(cascade, entries, heard_at).sum())
    return Heard(before, len(entries) - before - never, never)


def turning_points(values: Sequence[float], least: float) -> list[int]:
    """Return the places where a curve turns by at least so much, its ends included.

    Examples
    --------
    >>> turning_points([1.0, 0.99, 0.6, 0.61, 0.5, 0.8, 0.9], 0.1)
    [0, 4, 6]
    >>> turning_points([1.0, 1.0], 0.1)
    [0, 1]
    """
    points = [0]
    low = high = 0
    direction = 0
    for k, value in enumerate(values):
        if direction >= 0 and value > values[high]:
            high = k
        if direction <= 0 and value < values[low]:
            low = k
        if direction >= 0 and values[high] - value >= least:
            if direction > 0:
                points.append(high)
            direction, low = -1, k
        elif direction <= 0 and value - values[low] >= least:
            if direction < 0:
                points.append(low)
            direction, high = 1, k
    last = len(values) - 1
    extreme = {1: high, -1: low}.get(direction, last)
    for point in (extreme, last):
        if point > points[-1]:
            points.append(point)
    return points


def _swings(cascade: Cascade, ticks: Ints, mean: Floats) -> list[Swing]:
    """Return the largest falls and rises of a curve, in the order of time."""
    spread = float(mean.max() - mean.min())
    if spread < 1e-6:
        return []
    points = turning_points(mean.tolist(), _LEAST_SWING * spread)
    found = []
    for one, other in pairwise(points):
        if abs(mean[one] - mean[other]) < _LEAST_SWING * spread:  # the rest after the last turn
            continue
        start, end = int(ticks[one]), int(ticks[other])
        within = (cascade.tick > start) & (cascade.tick <= end)
        counts = Counter(cascade.item[within].tolist()).most_common()
        engaged = {cascade.items[item]: count for item, count in counts}
        found.append(Swing(start, end, float(mean[one]), float(mean[other]), engaged))
    found.sort(key=lambda swing: -abs(swing.before - swing.after))
    return sorted(found[:_MOST_SWINGS], key=lambda swing: swing.start)


def _swing_lines(cascade: Cascade, swing: Swing) -> list[str]:
    moved = "falls" if swing.after < swing.before else "rises"
    time = f"{cascade.clock(swing.start)} to {cascade.clock(swing.end)}"
    spread = ", ".join(f"{item} ({count:,})" for item, count in swing.engaged.items())
    told = f"engaged meanwhile: {spread}" if spread else "nobody engages meanwhile"
    indent = " " * (len(time) + 2)
    return [
        f"{time}  {moved} from {swing.before:.3f} to {swing.after:.3f}",
        *textwrap.wrap(told, _WIDTH, initial_indent=indent, subsequent_indent=indent, break_long_words=False),
    ]
