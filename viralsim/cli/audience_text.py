"""What a forecast says of segments, platforms and message variants, as lines of plain text for a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from viralsim.cli.text import _between, _number, _percent, _plural, _table, _tables

if TYPE_CHECKING:
    from viralsim.outcome import Comparison, Estimate, Outcome
    from viralsim.outcome.audiences import Audiences, Part
    from viralsim.scenario import Scenario

__all__ = ["audience_lines", "compared_audience_lines", "served_lines"]

_MOST_ROWS = 15
_MOST_PLATFORMS = 8
_MOST_CARRIERS = 6
_NO_ROLE = "public"


def audience_lines(outcome: Outcome, scenario: Scenario, width: int = 80) -> list[str]:
    """Return what the main item did by segment, platform and variant; nothing where it is not told.

    Parameters
    ----------
    outcome : Outcome
    scenario : Scenario
    width : int
        Columns that tables may take; wider ones are split.

    Examples
    --------
    >>> import viralsim as vs
    >>> scenario = vs.read_scenario(settings=["network.people=1_000"])
    >>> audience_lines(vs.simulate(scenario, realisations=10), scenario)
    []
    """
    audience = outcome.audience
    if audience is None:
        return []
    width, lines = max(width, 60), []
    roles = set(audience.axes.roles) != {_NO_ROLE}
    told = _told(audience)
    if len(told) > 1 or roles:
        parts = {name: audience.together(members, name) for name, members in told.items()}
        of = {name: audience.segments[name].role if name in audience.segments else "" for name in told}
        lines += _parts("segment", parts, width, of if roles else {})
    if audience.axes.divided:
        told = _told(audience, groups=True)
        lines += _parts(
            "of segments", {name: audience.together(members, name) for name, members in told.items()}, width
        )
    if len(audience.platforms) > 1:
        used = {name: audience.platforms[name] for name in _most_used(audience, _MOST_ROWS)}
        lines += [*_parts("platform", used, width), *_left(audience, _MOST_ROWS)]
        lines += _flows(audience, width)
    if audience.delivered:
        lines += _delivery(audience, width)
        lines += served_lines(scenario, [outcome.plan], audience.item, width)
    notes = "±: half the 95% interval of the mean. 5 … 95%: of the engaged, in one campaign. each saw: impressions per "
    notes += "person reached."
    if len(audience.platforms) > 1:
        notes += " Who is reached on two platforms counts on both."
    if len(audience.items) > 1:
        notes = f"All of item '{audience.item}'. {notes}"
    lines += ["", *textwrap.wrap(notes, width)] if lines else []
    return [*lines, *_frequency(audience), *_earned(audience, width)]


def _told(audience: Audiences, *, groups: bool = False) -> dict[str, list[str]]:
    """Return the groups of which each line tells: of a segment, or of one group.

    Those without people are left out; of many, those in which most engage stay, and the others are one line.
    """
    axes, parts = audience.axes, audience.groups if groups else audience.segments
    told: dict[str, list[str]] = {name: [] for name, part in parts.items() if part.people}
    if groups:  # segments that are told whole have their line already
        told = {name: [] for name in told if name not in axes.segments}
    for group, of in zip(axes.names, axes.segment_of, strict=True):
        name = group if groups else axes.segments[of]
        if name in told:
            told[name].append(group)
    if len(told) <= _MOST_ROWS:
        return told
    by_size = sorted(told, key=lambda name: -(parts[name].engaged.mean or 0.0))
    others = set(by_size[_MOST_ROWS - 1 :])
    rest = [group for name in told if name in others for group in told[name]]
    shown = {name: members for name, members in told.items() if name not in others}
    return {**shown, f"{len(others)} other {'groups' if groups else 'segments'}": rest}


def _most_used(audience: Audiences, most: int) -> list[str]:
    """Return the platforms on which most people engage, as they are written."""
    by_size = sorted(audience.platforms, key=lambda name: -(audience.platforms[name].engaged.mean or 0.0))
    return [name for name in audience.platforms if name in by_size[:most]]


def _parts(what: str, parts: Mapping[str, Part], width: int, roles: Mapping[str, str] | None = None) -> list[str]:
    """Return a table with a line for each part."""
    counted = any(part.people is not None for part in parts.values())
    converts = any(part.conversions.mean for part in parts.values())
    rows = [
        [
            what,
            *(["role"] if roles else []),
            *(["people"] if counted else []),
            "reach",
            *(["of them"] if counted else []),
            "each saw",
            "engaged",
            "5 … 95%",
            *(["conversions"] if converts else []),
        ]
    ]
    for name, part in parts.items():
        engaged = part.engaged
        rows.append(
            [
                name,
                *([roles[name]] if roles else []),
                *([f"{part.people:,}"] if counted else []),
                _number(part.reach.mean),
                *([_percent(part.reached_share.mean)] if counted else []),
                _number(part.frequency.mean),
                _give_or_take(engaged),
                "" if engaged.p05 is None else f"{engaged.p05:,.0f} … {engaged.p95:,.0f}",
                *([_number(part.conversions.mean)] if converts else []),
            ]
        )
    return ["", *_tables(rows, width)]


def _flows(audience: Audiences, width: int) -> list[str]:
    """Return who persuaded whom across platforms: means, and half their 95 % interval."""
    shown = _most_used(audience, _MOST_PLATFORMS)
    rows = [["engaged on", *shown]]
    for source in (None, *shown):
        to = audience.flows[source]
        label = "from outside" if source is None else f"through people on {source}"
        rows.append([label, *(_give_or_take(to[platform]) for platform in shown)])
    return ["", *_tables(rows, width), *_left(audience, _MOST_PLATFORMS)]


def _left(audience: Audiences, most: int) -> list[str]:
    """Say how many platforms a table leaves out."""
    left = len(audience.platforms) - most
    return [f"(and {_plural(left, 'platform')} more: --json has all)"] if left > 0 else []


def _give_or_take(estimate: Estimate) -> str:
    half = estimate.half_width
    return _number(estimate.mean) + ("" if half is None else f" ± {_number(half)}")


def _delivery(audience: Audiences, width: int) -> list[str]:
    """Return to whom the message variants were delivered."""
    rows = [["variant", "meant for", "impressions", "engaged", "outside target", "95% interval"]]
    for name, one in audience.delivered.items():
        outside = one.outside_target
        target = textwrap.shorten(", ".join(one.target), 30, placeholder=" …") or "nobody"
        rows.append(
            [
                name,
                target,
                _number(one.impressions.mean),
                _number(one.engaged.mean),
                _percent(outside.mean),
                _between(outside.mean_low, outside.mean_high, percent=True),
            ]
        )
    return ["", *_tables(rows, width)]


def _frequency(audience: Audiences) -> list[str]:
    """Return how many impressions the people reached had."""
    everyone = audience.everyone
    shares = [share.mean for share in everyone.frequency_distribution]
    if any(share is None for share in shares):
        return []
    known = [share or 0.0 for share in shares]
    parts = {"0": known[0], "1": known[1], "2": known[2], "3": known[3], "4": known[4]}
    parts |= {f"5 … {len(known) - 2}": sum(known[5:-1]), f"{len(known) - 1}+": known[-1]}
    if parts["0"] < 0.0005:  # it would be shown as nothing
        del parts["0"]
    head = ["impressions per person reached", "mean", *parts]
    return ["", *_table([head, ["", _number(everyone.frequency.mean), *map(_percent, parts.values())]])]


def _earned(audience: Audiences, width: int) -> list[str]:
    """Say how many saw the item first through somebody's share, and who that was."""
    earned = audience.earned_reach
    if not earned.mean:
        return []
    interval = _between(earned.mean_low, earned.mean_high)
    said = f"earned reach: {_number(earned.mean)} people{f' ({interval})' if interval else ''} first saw it because "
    said += "somebody shared it"
    by = audience.earned if len(audience.earned) > 1 else audience.earned_by_segment
    carriers = sorted(by, key=lambda name: -(by[name].mean or 0.0))
    if len(carriers) > 1:
        told = []
        for name in carriers[:_MOST_CARRIERS]:
            between = _between(by[name].mean_low, by[name].mean_high, percent=True)
            told.append(f"{name} {_percent(by[name].mean)}{f' ({between})' if between else ''}")
        rest = sum(by[name].mean or 0.0 for name in carriers[_MOST_CARRIERS:])
        told += [f"others {_percent(rest)}"] if len(carriers) > _MOST_CARRIERS else []
        said += f", carried by {'; '.join(told)}"
    return ["", *textwrap.wrap(said + ".", width)]


def served_lines(scenario: Scenario, plans: Sequence[str], item: str, width: int = 80) -> list[str]:
    """Say which variant of an item each plan serves to whom; nothing where the item has none.

    Parameters
    ----------
    scenario : Scenario
    plans : sequence of str
        Names of plans.
    item : str
        Name of the item.
    width : int
        Columns that a line may take.

    Examples
    --------
    >>> import viralsim as vs
    >>> settings = ["network.people=1_000", "item.content.variant={plain={}, bold={affinity={everyone=1.1}}}"]
    >>> served_lines(vs.read_scenario(settings=settings), ["hubs"], "content")
    ["plan 'hubs' serves: plain to all."]
    """
    variants, lines = list(scenario.item[item].variant), []
    for plan in plans if variants else ():
        served = scenario.plan[plan].serve.get(item, {})
        by_variant: dict[str, list[str]] = {}
        for segment in scenario.segment:
            by_variant.setdefault(served.get(segment, variants[0]), []).append(segment)
        words = [
            f"{variant} to {'all' if len(by_variant) == 1 else ', '.join(by_variant[variant])}"
            for variant in variants
            if variant in by_variant
        ]
        words += [
            f"seeds of wave '{path[3]}' start with {wave.variant}"
            for path, wave in scenario.waves(plan).items()
            if wave.item == item and wave.variant
        ]
        lines += textwrap.wrap(f"plan '{plan}' serves: {'; '.join(words)}.", width, subsequent_indent="  ")
    return lines


def compared_audience_lines(comparison: Comparison, scenario: Scenario, width: int = 80) -> list[str]:
    """Return how many engage in each segment under each plan, and what the plans serve to whom.

    Parameters
    ----------
    comparison : Comparison
    scenario : Scenario
    width : int
        Columns that tables and lines may take.

    Examples
    --------
    >>> import viralsim as vs
    >>> scenario = vs.read_scenario(settings=["network.people=1_000"])
    >>> compared_audience_lines(vs.compare(scenario, realisations=20, rivals=False), scenario)
    []
    """
    item = next(iter(comparison.outcomes.values())).main_item
    lines = served_lines(scenario, comparison.order, item, width)
    lines = ["", *lines] if lines else []
    told = {plan: audience for plan in comparison.order if (audience := comparison.outcomes[plan].audience) is not None}
    if not told:
        return lines
    segments = _told(next(iter(told.values())))
    if len(segments) < 2:
        return lines
    rows = [["engaged of", *told]]
    for name, members in segments.items():
        rows.append([name, *(_number(one.together(members, name).engaged.mean) for one in told.values())])
    return [*lines, "", *_tables(rows, width)]
