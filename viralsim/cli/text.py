"""Results as lines of plain text for a terminal."""

from __future__ import annotations

import math
import re
import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from viralsim.errors import DataError, Problem

if TYPE_CHECKING:
    from viralsim.engine import PredictedReproduction
    from viralsim.graph import SocialGraph
    from viralsim.outcome import CascadeShapes, Estimate, Expectation, Outcome, SizeMatched
    from viralsim.scenario import Scenario

__all__ = [
    "expectation_lines",
    "forecast_lines",
    "import_lines",
    "matched_lines",
    "network_line",
    "played_words",
    "problem_lines",
    "reproduction_lines",
    "shape_lines",
    "shown_metrics",
    "sparkline",
]

_ABOUT_TRUST = re.compile(
    r"^trust\.|^segment\.[^.]+\.(trust|satisfaction)$"
    r"|^item\.[^.]+\.(damage|scar|heal|disproof|repair|sensitivity|after_reach|reaction_delay)$"
)
_BARS = "▁▂▃▄▅▆▇█"
_TIMES = ("time_to_peak", "time_to_half")
_CONVERSIONS = ("conversions", "incremental_conversions", "baseline_conversions")
_LABELS = {
    "incremental_conversions": "  only through it",
    "baseline_conversions": "of their own accord",
    "trust": "trust at the end",
}


def sparkline(values: Sequence[float], width: int = 60) -> str:
    """Draw non-negative values as a row of bars; longer rows are averaged down to `width`.

    Examples
    --------
    >>> sparkline([0, 1, 2, 4])
    '▁▂▄█'
    """
    import numpy as np

    parts = np.array_split(np.asarray(values, dtype=float), min(width, len(values)))
    means = np.array([part.mean() for part in parts])
    top = means.max()
    heights = np.zeros(len(means), int) if top <= 0 else np.floor(means / top * 7.999).astype(int)
    return "".join(_BARS[height] for height in heights)


def problem_lines(problems: Sequence[Problem]) -> list[str]:
    r"""Return all findings in a scenario as text, and how many there are.

    Examples
    --------
    >>> print("\n".join(problem_lines([Problem("unknown key", place="a.toml:3:1")])))
    a.toml:3:1: unknown key
    <BLANKLINE>
    1 problem
    """
    lines: list[str] = []
    for problem in problems:
        lines += [str(problem), ""]
    return [*lines, _plural(len(problems), "problem")]


def import_lines(graph: SocialGraph, *, everything: bool = False) -> list[str]:
    """Return in a line or more what became of the rows of a graph's file.

    Of generated graphs only what they fell short of is said, or `everything` that is noted; of graphs kept in
    a folder what has been noted since.

    Examples
    --------
    >>> from viralsim.graph import generate
    >>> import_lines(generate("karate-club"))
    []
    """
    from viralsim.graph.platforms import platform_counts

    report = graph.report
    if report.origin:
        arcs = sum(map(len, graph.layers.values()))
        people = f"{graph.people:,} {'person' if graph.people == 1 else 'people'}"
        kept = f"network: {people}, {_plural(arcs, 'arc')}, kept from {report.origin}"
        return [kept, *(f"note: {note}" for note in report.notes[report.notes_kept :])]
    if report.kind != "file":
        return [f"note: {note}" for note in (report.notes if everything else report.shortfalls)]
    parts = [f"{_plural(report.kept, 'edge' if graph.mutual else 'arc')} kept"]
    if report.self_loops:
        parts.append(f"{_plural(report.self_loops, 'self-loop')} dropped")
    if report.merged:
        parts.append(f"{report.merged:,} merged")
    meaning = {
        "follows": "'a b' means: a follows b",
        "influences": "'a b' means: a influences b",
        "mutual": "each both ways",
    }[report.direction]
    lines = [f"network: {_plural(report.rows, 'row')} ({meaning}) = {' + '.join(parts)}"]
    if report.platforms:
        lines.append("platforms: " + "; ".join(platform_counts(report, "edge" if graph.mutual else "arc", 6)))
    if report.cached:
        lines[0] += "; read earlier, opened from the cache"
    return lines + [f"note: {note}" for note in report.notes]


def played_words(scenario: Scenario, graph: SocialGraph) -> str:
    """Say in words which layers of a network a scenario plays; empty where there is one for all.

    Examples
    --------
    >>> import viralsim as vs
    >>> graph = vs.from_arcs([0, 1], [1, 0], platform=["calls", "texts"])
    >>> played_words(vs.read_scenario(settings=["platform.feed.layer=calls"]), graph)
    " of the layer 'calls' (of 2)"
    """
    if not graph.layered:
        return ""
    played = list(dict.fromkeys(platform.layer or name for name, platform in scenario.platform.items()))
    if len(played) > 1 and len(played) == len(graph.layers):
        return f" on {len(played)} platforms"
    word = "layer" if len(played) == 1 else "layers"
    return f" of the {word} {', '.join(map(repr, played))} (of {len(graph.layers)})"


def network_line(scenario: Scenario, graph: SocialGraph) -> tuple[str, int]:
    """Say how large a scenario's network is; also return how many arcs it plays, or there are if it cannot.

    Examples
    --------
    >>> import viralsim as vs
    >>> network_line(vs.read_scenario(), vs.generate("star", people=3))
    ('network: 3 people, 4 arcs', 4)
    """
    from viralsim.engine import arcs_by_platform

    try:
        arcs, played = sum(map(len, arcs_by_platform(scenario, graph).values())), played_words(scenario, graph)
    except DataError:  # no such layer; whoever asks for it hears of it elsewhere
        arcs, played = sum(map(len, graph.layers.values())), f" on {_plural(len(graph.layers), 'layer')}"
    people = f"{graph.people:,} {'person' if graph.people == 1 else 'people'}"
    return f"network: {people}, {_plural(arcs, 'arc')}{played}", arcs


def segment_lines(
    scenario: Scenario, people: Mapping[str, int], groups: Mapping[str, int], width: int = 80
) -> list[str]:
    r"""Say in words how many people are in each segment, and how many are in one because they are in no other.

    Parameters
    ----------
    scenario : Scenario
    people : mapping of str to int
        People by segment.
    groups : mapping of str to int
        People by group, as results are told.
    width : int
        Of the text.

    Examples
    --------
    >>> import viralsim as vs
    >>> scenario = vs.read_scenario(settings=["segment.north={where={city='oslo'}, per='age'}"])
    >>> people, groups = {"north": 3, "everyone": 1}, {"north / 20": 1, "north / 30": 2, "everyone": 1}
    >>> print("\n".join(segment_lines(scenario, people, groups)))
    segments: north 3 people (in 2 groups by age); 1 person is in none of these, and
      so in everyone
    """
    if len(people) == 1 and len(groups) == 1:
        return []
    told, rest = [], ""
    for name, segment in scenario.segment.items():
        count = f"{people[name]:,} {'person' if people[name] == 1 else 'people'}"
        split = sum(group.startswith(f"{name} / ") for group in groups)
        by = f" (in {_plural(split, 'group')} by {' and '.join(segment.per)})" if segment.per else ""
        if segment.is_default and len(people) > 1:
            rest = f"{count} {'is' if people[name] == 1 else 'are'} in none of these, and so in {name}{by}"
        else:
            told.append(f"{name} {count}{by}")
    text = f"segments: {'; '.join([', '.join(told), *([rest] if rest else [])])}"
    return textwrap.wrap(text, max(width, 40), subsequent_indent="  ", break_on_hyphens=False)


def reproduction_lines(
    predicted: Mapping[str, PredictedReproduction | None], width: int = 80, begin: str = ""
) -> list[str]:
    r"""Say in words what reproduction number each item has, and what follows from it.

    Examples
    --------
    >>> from viralsim.engine import PredictedReproduction
    >>> one = PredictedReproduction(0.5, 0.4, 1.9, False, True)
    >>> print("\n".join(reproduction_lines({"content": one})))
    item 'content': in the long run each engaged person engages at most 0.50 others,
    the predicted reproduction number (0.40 in the second generation after random
    seeds). Below 1 it dies out: a seed at random leads to at most 1.90 engaged
    people on average, itself included.
    """
    lines = []
    for name, one in predicted.items():
        if one is None:
            lines.append(
                f"{begin}item '{name}': there is no predicted reproduction number for its way of spreading, or "
                "where arcs or people come and go"
            )
            continue
        text = (
            f"item '{name}': in the long run each engaged person engages at most {one.number:.2f} others, the "
            f"predicted reproduction number ({one.mean_field:.2f} in the second generation after random seeds). "
        )
        if one.engaged_per_seed is None:
            text += "Above 1 it can go viral on its own." if one.viral else "At 1 it neither grows nor dies out."
        else:
            most = f"{one.engaged_per_seed:,.{_decimals(one.engaged_per_seed)}f}"
            text += f"Below 1 it dies out: a seed at random leads to at most {most} engaged people on average, "
            text += "itself included."
        if one.upper_bound:
            text += " Novelty that fades (half_life) and other items make it less; they are not counted in."
        if not one.settled:
            text += " The number still moved when the calculation ended."
        lines += textwrap.wrap(text, max(width, 40), initial_indent=begin, subsequent_indent=" " * len(begin))
    return lines


def _plural(count: int, one: str) -> str:
    return f"{count:,} {one}{'' if count == 1 else 's'}"


def _decimals(value: float) -> int:
    return 0 if abs(value) >= 1000 else 1 if abs(value) >= 10 else 2


def _quantile(value: float | None) -> str:
    """Quantiles are values that occurred: whole numbers are shown as such."""
    if value is None:
        return "–"
    return f"{int(value):,}" if value == int(value) else f"{value:,.{_decimals(value)}f}"


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{value:.1%}"


def _unit(seconds: float) -> tuple[str, float]:
    for unit, length, least in (("d", 86_400.0, 2.0), ("h", 3600.0, 1.0), ("min", 60.0, 1.0)):
        if seconds >= least * length:
            return unit, length
    return "s", 1.0


def _duration(seconds: float, tick: float = 0.0) -> str:
    unit, length = _unit(max(seconds, tick))
    return f"{seconds / length:.3g} {unit}"


def _row(name: str, estimate: Estimate, tick: float) -> tuple[str, str, str, str]:
    """Return a metric's line: name, mean, its interval in the unit and decimals of the mean, quantiles."""
    label = _LABELS.get(name, name.replace("_", " "))
    mean, low, high = estimate.mean, estimate.mean_low, estimate.mean_high
    if mean is None:
        return label, "–", "", ""
    if name == "viral_chance":
        return label, _percent(mean), f"{_percent(low)} … {_percent(high)}", ""
    quantiles = (estimate.p05, estimate.p50, estimate.p95)
    after, scale = "", 1.0
    if name in _TIMES:
        unit, length = _unit(max(mean, 1.0) * tick)
        after, scale = f" {unit}", tick / length
        shown = [_duration(value * tick, tick) for value in quantiles if value is not None]
    elif name in ("reproduction_number", "trust"):
        shown = [f"{value:,.{3 if name == 'trust' else 2}f}" for value in quantiles if value is not None]
    else:
        shown = [_quantile(value) for value in quantiles]
    digits = 3 if name == "trust" else _decimals(mean * scale)
    interval = "" if low is None or high is None else f"{low * scale:,.{digits}f} … {high * scale:,.{digits}f}{after}"
    return label, f"{mean * scale:,.{digits}f}{after}", interval, " … ".join(shown)


def _uncertainty_lines(outcome: Outcome, scenario: Scenario, width: int) -> list[str]:
    """Say which of the three uncertainties dominates the number engaged, and list what is not known."""
    import math

    estimate = outcome.engaged
    unknowns = [one for one in scenario.unknowns if one.path[0] != "plan" or one.path[1] == outcome.plan]
    names = [one.name for one in unknowns]
    if not names:
        return []
    what = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    luck, unknown = estimate.luck_share, estimate.unknown_share
    if luck is None or unknown is None or estimate.half_width is None or estimate.mean is None:
        said = "Luck and what is not known cannot be told apart here: "
        said += "all campaigns engaged equally many." if len(outcome) > 3 else "that takes two pairs of realisations."
    else:
        said = (
            f"Of what makes one campaign engage more people than another, {luck:.0%} is luck and {unknown:.0%} is not "
            f"knowing {what}. "
        )
        values = outcome.rows[:, outcome.items.index(outcome.main_item), 2]
        # The interval of the mean, as a standard error, against the larger of the two others.
        spread = math.sqrt(max(luck, unknown)) * float(values.std())
        if estimate.half_width / 1.96 > spread / 4.0:
            said += (
                f"But the realisations are few: the mean itself is only known to ±{estimate.half_width:,.3g}. "
                "Play more (--realisations, --precision) before anything is read into this."
            )
        elif luck >= unknown:
            said += (
                "Luck dominates: neither more realisations nor more knowledge narrows much what one campaign brings."
            )
        else:
            said += f"Not knowing dominates: find out more about {what}; more realisations do not help."
    lines = textwrap.wrap(said, max(width, 40))
    for one in unknowns:
        lines += textwrap.wrap(f"not known: {one.name}, {one.text()}", max(width, 40), subsequent_indent="  ")
    return ["", *lines]


def shown_metrics(outcomes: Sequence[Outcome], scenario: Scenario) -> list[str]:
    """Return the metrics that a scenario has a use for: counted, and not nothing for want of prices or trust.

    Parameters
    ----------
    outcomes : sequence of Outcome
        Of one scenario; the main item's metrics are meant.
    scenario : Scenario

    Examples
    --------
    >>> import viralsim as vs
    >>> scenario = vs.read_scenario(settings=["network.people=500"])
    >>> shown_metrics([vs.simulate(scenario, realisations=5, impressions=False)], scenario)[:3]
    ['engaged', 'shares', 'generations']
    """
    from viralsim.engine.kernels import ROW
    from viralsim.outcome import METRICS

    some, segments = outcomes[0], scenario.segment.values()
    item = some.items.index(some.main_item)
    converts = scenario.item[some.main_item].kind == "content" and scenario.converts
    use = {
        "reach": some.impressions_counted,
        "impressions": some.impressions_counted,
        "cost": any(one.rows[..., ROW.index("cost")].any() for one in outcomes),
        "roots": any(one.rows[:, item, ROW.index("roots")].any() for one in outcomes),
        "conversions": converts,
        "incremental_conversions": converts and any(one.baseline for one in segments),
        "baseline_conversions": any(one.baseline for one in segments),
        "trust": bool(some.segments),
    }
    return [name for name in METRICS if use.get(name, True)]


def forecast_lines(outcome: Outcome, scenario: Scenario, graph: SocialGraph, width: int = 80) -> list[str]:
    """Return the forecast of the main item as lines of text.

    Parameters
    ----------
    outcome : Outcome
    scenario : Scenario
        Its title is the heading.
    graph : SocialGraph
        What it was played on.
    width : int
        Columns that the curve and the notes may take; the table takes what it needs, somewhat below 80.

    Examples
    --------
    >>> import viralsim as vs
    >>> scenario = vs.read_scenario(settings=["network.people=1_000"])
    >>> graph = vs.load_network(scenario.network)
    >>> print(forecast_lines(vs.simulate(scenario, graph=graph, realisations=10), scenario, graph)[0])
    A first look
    """
    import numpy as np

    from viralsim.cli.audience_text import audience_lines
    from viralsim.engine import arcs_by_platform
    from viralsim.engine.kernels import ROW
    from viralsim.outcome.tables import scale

    tick = outcome.tick_seconds
    count = len(outcome)
    arcs = sum(map(len, arcs_by_platform(scenario, graph).values()))
    estimates = {name: outcome.metric(name) for name in shown_metrics([outcome], scenario)}
    rows = [("", "mean", "95% interval of it", "one campaign: 5% … median … 95%")]
    rows += [_row(name, estimate, tick) for name, estimate in estimates.items()]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    length = _duration(outcome.horizon * tick, tick)
    lines = [
        scenario.title or scenario.source,
        f"plan '{outcome.plan}', item '{outcome.main_item}': {_plural(count, 'realisation')} of {length}",
        f"{graph.people:,} {'person' if graph.people == 1 else 'people'}, {_plural(arcs, 'arc')}"
        + played_words(scenario, graph),
        *_dates(scenario),
        "",
    ]
    for row in rows:
        cells = [
            row[0].ljust(widths[0]),
            *(cell.rjust(size) for cell, size in zip(row[1:], widths[1:], strict=True)),
        ]
        lines.append("  ".join(cells).rstrip())
    means = np.asarray(outcome.curve("engaged").mean)
    if len(means) > 1:
        room = max(10, min(60, width - len(f"newly engaged    0 … {length}")))
        lines += ["", f"newly engaged  {sparkline(np.diff(means).tolist(), room)}  0 … {length}"]
    by_generation = [e.mean for e in outcome.reproduction_by_generation() if e.mean is not None][:8]
    if by_generation:
        lines.append(f"reproduction   {'  '.join(f'{mean:.2f}' for mean in by_generation)}  (seeds first)")
    lines += _items(outcome, scenario, width)
    lines += audience_lines(outcome, scenario, width)
    lines += _trust_lines(outcome, scenario, width)
    share = outcome.viral_threshold / outcome.people if outcome.people else 0.0
    notes = [
        f"viral: {outcome.viral_threshold:,} {'person' if outcome.viral_threshold == 1 else 'people'} or more engaged "
        f"({f'{share:.2g}' if share < 0.001 else f'{share:.1%}'} of all)."
    ]
    seeds = outcome.rows[:, outcome.items.index(outcome.main_item), ROW.index("seeds")]
    most = int(seeds.max())
    shown = f"{most:,}" if most == seeds.min() else f"{seeds.mean():,.1f} on average"
    notes.append(f"reach and engaged count the seeds, too ({shown}).")
    if "incremental_conversions" in estimates:
        notes.append(
            "only through it: those of the conversions who would not have come of their own accord by the end; of "
            "their own accord: who come with or without the campaign."
        )
    if seeds.min() >= outcome.viral_threshold:
        notes.append(f"The seeds alone make every campaign viral: set report.viral_threshold above {most:,}.")
    if count > 1 and estimates["engaged"].half_width == 0.0:
        notes.append("All realisations engaged equally many; what happens once in many more has not been seen.")
    for name in _TIMES if scenario.time.start is not None else ():
        one = outcome.metric(name)
        if one.mean is not None and one.p05 is not None and one.p95 is not None:
            mean, early, late = (_when(scenario, round(ticks), tick) for ticks in (one.mean, one.p05, one.p95))
            words = "Most engage at" if name == "time_to_peak" else "Half of all whom it engages are engaged by"
            notes.append(f"{words} {mean} on average; one campaign: {early} … {late} (5 … 95%).")
    scaled = scale(outcome, scenario)
    if scaled is not None:
        notes.append(f"{scaled['statement'][0].upper()}{scaled['statement'][1:]}.")
    if scenario.unknowns:
        lines += _uncertainty_lines(outcome, scenario, width)
    partly: dict[int, list[str]] = {}
    for name, estimate in estimates.items():
        if 0 < estimate.realisations < count:
            partly.setdefault(estimate.realisations, []).append(name.replace("_", " "))
    for fewer, names in partly.items():
        notes.append(
            f"{', '.join(names)}: over the {_plural(fewer, 'realisation')} that {'has' if fewer == 1 else 'have'} one."
        )
    notes.append("More realisations narrow the interval of the mean, not one campaign's spread.")
    lines.append("")
    for text in notes:
        lines += textwrap.wrap(text, max(width, 40))
    if outcome.segments:
        lines += _assumption_lines(scenario, outcome.plan, width)
    lines.append(f"random_seed {outcome.random_seed}, scenario {outcome.scenario_hash}")
    return lines


def _when(scenario: Scenario, ticks: int, tick: float) -> str:
    """Say when a tick begins: the date where the scenario has one, else how long after the start."""
    moment = scenario.time.moment(ticks)
    return _duration(ticks * tick, tick) if moment is None else f"{moment:%a %Y-%m-%d %H:%M}"


def _dates(scenario: Scenario) -> list[str]:
    """Say in a line from which date to which is played; nothing where the scenario has none."""
    time = scenario.time
    if time.start is None:
        return []
    return [f"{_when(scenario, 0, time.tick)} … {_when(scenario, time.horizon, time.tick)} ({time.zone})"]


def _items(outcome: Outcome, scenario: Scenario, width: int) -> list[str]:
    """Return a table of the items, a line each, and what converts through all of them; nothing where there is one."""
    import numpy as np

    from viralsim.engine.kernels import ROW
    from viralsim.outcome import mean_estimate

    if len(outcome.items) == 1:
        return []
    kinds = {item: scenario.item[item].kind for item in outcome.items}
    alike = set(kinds.values()) == {"content"}
    names = ["reach", "engaged", "shares", *(["viral_chance"] if alike else [])]
    names = [name for name in names if outcome.metric(name).mean is not None]
    names += [name for name in ("roots", "conversions", "cost") if np.asarray(outcome.rows[..., ROW.index(name)]).any()]
    of_one_kind = {"roots": "testimony", "conversions": "content"}
    rows: list[list[str]] = [["items", *(name.replace("_", " ") for name in names)]]
    for item, kind in kinds.items():
        means = [
            _row(name, outcome.metric(name, item), outcome.tick_seconds)[1]
            if of_one_kind.get(name, kind) == kind
            else "–"
            for name in names
        ]
        rows.append([item, *means])
    if not alike:
        for row, kind in zip(rows, ["kind", *kinds.values()], strict=True):
            row.insert(1, kind)
    lines = ["", *_tables(rows, max(width, 60))]
    if "reach" in names:
        for i, item in enumerate(outcome.items):
            if not scenario.item[item].silent and not outcome.rows[:, i, ROW.index("reach")].any():
                lines += textwrap.wrap(f"{item} never begins: {_why_never(scenario, item)}", max(width, 40))
    if sum(bool(outcome.rows[:, i, ROW.index("conversions")].any()) for i in range(len(outcome.items))) > 1:
        one, alone = (
            mean_estimate(outcome.rows[..., ROW.index(name)].sum(axis=1), at_least=0.0, pairs=outcome.pairs)
            for name in _CONVERSIONS[:2]
        )
        interval = _between(one.mean_low, one.mean_high)
        told = f"conversions through all items: {_number(one.mean)}{f' ({interval})' if interval else ''}"
        if any(segment.baseline for segment in scenario.segment.values()):
            told += f", of them only through these {_number(alone.mean)}"
        lines += textwrap.wrap(told, max(width, 40))
    return lines


def _why_never(scenario: Scenario, name: str) -> str:
    """Say what an item that begins in no realisation may have waited for."""
    item = scenario.item[name]
    if item.after:
        return f"'{item.after}' does not reach so many people in time (after_reach, reaction_delay)."
    if item.born_of:
        return f"nobody is dissatisfied with '{item.born_of}' (satisfaction)."
    return "none of its seeds is free and willing, and no advertising is seen."


def _trust_lines(outcome: Outcome, scenario: Scenario, width: int) -> list[str]:
    """Return a table of trust in the brand: at the end, when it was lowest, how people differ; a line per segment."""
    import numpy as np

    tick = outcome.tick_seconds
    rows = [["trust", "people", "at end", "95% interval", "lowest mean", "people 5 … 95%"]]
    segments = [*outcome.segments, None] if len(outcome.segments) > 1 else list(outcome.segments)
    for g, segment in enumerate(segments):
        people = int(outcome.segment_people.sum() if segment is None else outcome.segment_people[g])
        curve = outcome.trust_curve(segment)
        row = ["all people" if segment is None else segment, f"{people:,}", "–", "", "", ""]
        if curve.realisations:
            least = int(np.argmin(curve.mean))
            row[2] = f"{curve.mean[-1]:.3f}"
            if not math.isnan(curve.mean_low[-1]):
                row[3] = f"{curve.mean_low[-1]:.3f} … {curve.mean_high[-1]:.3f}"
            row[4] = f"{curve.mean[least]:.3f} at {_when(scenario, int(curve.ticks[least]), tick)}"
            if curve.mean[least] == curve.mean[0]:
                row[4] = "never fell"
            if segment is not None:
                low, _, high = outcome.trust_of_people(segment)[:, -1]
                row[5] = f"{low:.2f} … {high:.2f}"
        rows.append(row)
    return ["", *_tables(rows, max(width, 60))] if len(rows) > 1 else []


def _assumption_lines(scenario: Scenario, plan: str, width: int) -> list[str]:
    """Say which defaults that nobody has written trust rests on, in two lines, and how many others there are."""
    assumed = scenario.assumptions(plan)
    told = [f"{one.path} = {one.value}" for one in assumed if _ABOUT_TRUST.search(one.path)]
    lines: list[str] = []
    for count in range(len(told), 0, -1):
        rest = len(assumed) - count
        text = (
            "rests on assumptions: "
            + ", ".join(told[:count])
            + (f"; and {rest} more: --json lists them" if rest else "")
        )
        lines = textwrap.wrap(text, max(width, 40), break_on_hyphens=False, break_long_words=False)
        if len(lines) <= 2:
            break
    return lines


def expectation_lines(rows: Sequence[Expectation]) -> list[str]:
    r"""Return a table of expected and measured numbers, scenario by scenario, and how many do not hold.

    Examples
    --------
    >>> import viralsim as vs
    >>> print("\n".join(expectation_lines(vs.classics("centola-ring"))))
                              expected  allowed  measured  95% interval of it
    centola-ring: Complex contagion on a ring (Centola & Macy 2007)
      two side by side             100      ± 0       100           100 … 100  holds
      two far apart                  2      ± 0         2               2 … 2  holds
      where three are needed         2      ± 0         2               2 … 2  holds
    <BLANKLINE>
    all 3 numbers hold
    """
    cells = [_expectation_cells(row) for row in rows]
    head = ("", "expected", "allowed", "measured", "95% interval of it", "")
    widths = [max(len(row[column]) for row in (head, *cells)) for column in range(5)]

    def line(row: Sequence[str]) -> str:
        aligned = [row[0].ljust(widths[0]), *(row[column].rjust(widths[column]) for column in range(1, 5)), row[5]]
        return "  ".join(aligned).rstrip()

    lines = [line(head)]
    before = None
    for row, cell in zip(rows, cells, strict=True):
        if row.scenario != before:
            lines.append(f"{row.scenario}: {row.title}" if row.title else row.scenario)
            before = row.scenario
        lines.append(line(cell))
    wrong = sum(not row.holds for row in rows)
    verdict = f"{wrong} of {_plural(len(rows), 'number')} {'does' if wrong == 1 else 'do'} not hold"
    if not wrong:
        verdict = f"all {len(rows)} numbers hold" if len(rows) > 1 else "the number holds"
    return [*lines, "", verdict]


def _expectation_cells(row: Expectation) -> tuple[str, ...]:
    """Return what, expected, allowed, measured, interval, verdict: as many digits as what is allowed has a use for."""
    measured, allowed = row.measured, row.allowed
    digits = 0 if allowed == 0 or allowed >= 10 else min(7, 1 - math.floor(math.log10(allowed)))

    def number(value: float | None) -> str:
        if value is None:
            return "–"
        if allowed:
            return f"{value:,.{digits}f}"
        return f"{value:,.0f}" if value == int(value) else f"{value:.3g}"

    low, high = measured.mean_low, measured.mean_high
    return (
        "  " + row.name.replace("-", " ").replace("_", " "),
        number(row.expected.value),
        f"± {number(allowed)}",
        number(measured.mean),
        "" if low is None or high is None else f"{number(low)} … {number(high)}",
        "holds" if row.holds else "DOES NOT HOLD",
    )


_MOST_ROWS = 10
_SHAPES = {
    "size": "people",
    "depth": "depth",
    "max_breadth": "widest generation",
    "structural_virality": "structural virality",
}


def _table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Align columns: the first to the left, the others to the right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "  ".join(
            [row[0].ljust(widths[0]), *(cell.rjust(size) for cell, size in zip(row[1:], widths[1:], strict=True))]
        ).rstrip()
        for row in rows
    ]


def _tables(rows: Sequence[Sequence[str]], width: int) -> list[str]:
    """Align columns, in several tables one below the other where they are too wide; each begins with the first."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines: list[str] = []
    first = 1
    while first < len(widths):
        last, used = first, widths[0]
        while last < len(widths) and (last == first or used + 2 + widths[last] <= width):
            used += 2 + widths[last]
            last += 1
        lines += ["", *_table([[row[0], *row[first:last]] for row in rows])]
        first = last
    return lines[1:]


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:,.{_decimals(value)}f}"


def _between(low: float | None, high: float | None, percent: bool = False) -> str:
    show = _percent if percent else _number
    return "" if low is None or high is None else f"{show(low)} … {show(high)}"


def shape_lines(shapes: CascadeShapes, scenario: Scenario, width: int = 80) -> list[str]:
    """Return what was measured of many cascades: shape by size, people per generation, the exposure curve.

    Examples
    --------
    >>> import viralsim as vs
    >>> scenario = vs.read_scenario(settings=["network.people=1_000"])
    >>> print(shape_lines(vs.cascade_shapes(scenario, realisations=10), scenario)[1])
    plan 'random', item 'content': 10 realisations, 100 cascades (one per seed)
    """
    outcome = shapes.outcome
    item = scenario.item[shapes.item]
    starts = [
        "seed",
        *(["person engaged by advertising"] if item.advertisement is not None else []),
        *(["dissatisfied person"] if item.born_of else []),
    ]
    each = " or ".join(starts)
    lines = [
        scenario.title or scenario.source,
        f"plan '{outcome.plan}', item '{shapes.item}': {_plural(len(outcome), 'realisation')}, "
        f"{_plural(len(shapes), 'cascade')} (one per {each})",
        "",
    ]
    rows = [("people", "cascades", "of all", "depth", "", "widest", "", "virality", "")]
    for one in shapes.by_size():
        cells = [f"{one.low:,}" if one.low == one.high else f"{one.low:,} … {one.high:,}", f"{one.cascades:,}"]
        cells.append(_percent(one.share.mean))
        for estimate in (one.depth, one.max_breadth, one.structural_virality):
            half = estimate.half_width
            if one.high == 1:  # one person has no shape to be estimated
                cells += [_quantile(estimate.mean), ""]
            else:
                cells += [_number(estimate.mean), "" if half is None else f"± {_number(half)}"]
        rows.append(tuple(cells))  # type: ignore[arg-type]
    lines += _table(rows)

    generations = outcome.reproduction_by_generation(shapes.item)
    if generations:
        lines += ["", "people of a generation per person of the one before"]
        shown = [
            (f"  generation {g + 1}", _number(one.mean), _between(one.mean_low, one.mean_high), _of_realisations(one))
            for g, one in enumerate(generations[:_MOST_ROWS])
        ]
        lines += _table([("", "mean", "95% interval of it", "over"), *shown])
    lines.append("")
    notes = [
        "Widest: people of the largest generation. Virality: structural, the mean number of steps between two people "
        "of a cascade. Means, ± half their 95% interval."
    ]
    if shapes.no_exposure_curve:
        notes.append(f"No chance by the number of shares seen: {shapes.no_exposure_curve}.")
    else:
        curve = shapes.exposure_curve()
        lines.append("chance that a share persuades somebody who sees it, by how many they have seen")
        table = [("", "saw it", "persuaded", "chance", "95% interval of it", "in the scenario")]
        for k, chance in enumerate(curve.chances[:_MOST_ROWS]):
            known = _between(chance.mean_low, chance.mean_high, percent=True)
            seen, persuaded = f"{curve.seen[k]:,}", f"{curve.persuaded[k]:,}"
            table.append(
                (f"  share {k + 1}", seen, persuaded, _percent(chance.mean), known, _percent(curve.expected[k]))
            )
        lines += [*_table(table), ""] if curve.chances else ["  nobody saw any", ""]
        if len(curve.chances) > _MOST_ROWS:
            notes.append(f"Shares {_MOST_ROWS + 1} to {len(curve.chances)} are in --json.")
    notes.append(
        "Larger cascades are deeper and wider whatever makes them: compare plans among cascades of equal size "
        "(--against)."
    )
    for text in notes:
        lines += textwrap.wrap(text, max(width, 40))
    return [*lines, f"random_seed {outcome.random_seed}, scenario {outcome.scenario_hash}"]


def _of_realisations(estimate: Estimate) -> str:
    return _plural(estimate.realisations, "realisation")


def matched_lines(matched: SizeMatched, width: int = 80) -> list[str]:
    r"""Return a comparison of two sets of cascades: as they are, and matched on size.

    Examples
    --------
    >>> import viralsim as vs
    >>> scenario = vs.read_scenario(settings=["network.people=1_000"])
    >>> one, other = (vs.cascade_shapes(scenario, plan=plan, realisations=10) for plan in ("random", "hubs"))
    >>> print(matched_lines(one.against(other))[1].split())
    ['random', 'hubs', 'difference', '95%', 'interval', 'of', 'it']
    """
    rows = [("", matched.one, matched.other, "difference", "95% interval of it", "")]
    for title, found in (
        ("as they are", matched.raw),
        (f"{_plural(matched.matched, 'cascade')} of each, of equal size", matched.by_size),
    ):
        rows.append((title, "", "", "", "", ""))
        for name, one in found.items():
            mean, low, high = (getattr(one.difference, part) for part in ("mean", "mean_low", "mean_high"))
            verdict = {None: "", True: "differs", False: "no difference seen"}[one.differs]
            if name == "size" and found is matched.by_size and one.differs is not None:
                verdict = "matched" if not one.differs or abs(mean) < 0.02 * (one.one or 0.0) else "not well matched"
            cells = (_number(one.one), _number(one.other), _number(mean), _between(low, high), verdict)
            rows.append((f"  {_SHAPES[name]}", *cells))
    head = f"cascades of two people or more: {matched.cascades[0]:,} of plan '{matched.one}', "
    lines = [head + f"{matched.cascades[1]:,} of plan '{matched.other}'"]
    lines += [line.rstrip() for line in _table([(*row[:-1], row[-1].ljust(18)) for row in rows])]
    told = (
        "What still differs among cascades of equal size is how they spread, not how well. Each interval is a 95% one "
        "of its own; of many, one in twenty differs by chance."
        if matched.matched
        else "No cascade of one plan has the size of one of the other, so nothing can be said of how they spread."
    )
    return [*lines, "", *textwrap.wrap(told, max(width, 40))]
