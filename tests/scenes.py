"""Small scenarios and graphs that several tests play."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from viralsim.errors import DataError
from viralsim.graph import SocialGraph, from_arcs, members_of
from viralsim.scenario import Scenario, scenario_from_text
from viralsim.seeding.eligible import people_where

SKELETON = """
random_seed = 1
[network]
generator = "path"
[platform.feed]
[item.content]
arc_probability = 0.5
[plan.only.wave.first]
strategy = "explicit"
people = [0]
[time]
horizon = 1000
[report]
times = 2
"""


def scene(*settings: str) -> Scenario:
    """One item on one platform from person 0 with arc probability 1/2, and what `settings` change."""
    return scenario_from_text(SKELETON, settings=settings)


def independent_cascade(p: float | str, *seeds: int, settings: tuple[str, ...] = ()) -> Scenario:
    """The independent cascade model with nothing else: no delay, everything seen, nobody fades."""
    value = f'"{p}"' if isinstance(p, str) else repr(p)
    return scene(
        f"item.content.arc_probability={value}",
        f"plan.only.wave.first.people={list(seeds or (0,))}",
        *settings,
    )


def mutual(edges: Any) -> SocialGraph:
    pairs = np.array([tuple(edge) for edge in edges])
    return from_arcs(pairs[:, 0], pairs[:, 1], mutual=True)


@st.composite
def graphs(
    draw: st.DrawFn,
    most_people: int = 12,
    most_arcs: int = 40,
    *,
    timed: bool = False,
    least_people: int = 1,
    layered: bool = False,
) -> SocialGraph:
    """Random directed graphs with trust, probabilities and parallel arcs.

    If `timed`, half of them come and go; if `layered`, most arcs are those of two or three platforms.

    Hypothesis chooses the sizes and a number that the arcs are drawn from: drawing arc by arc it made a third of
    all graphs empty, and an engine that ignored tie trust passed.
    """
    people = draw(st.integers(least_people, most_people))
    few = [0, 1] if least_people == 1 else []
    arcs = draw(st.sampled_from([*few, most_arcs // 2, most_arcs // 2, most_arcs, most_arcs]))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    shares = np.array([0.0, 0.25, 0.5, 0.9, 1.0])
    followers = random.integers(0, people, arcs)
    sharers = random.integers(0, people, arcs)
    weights = random.choice(shares, arcs) / np.bincount(followers, minlength=people)[followers]
    times = {}
    if timed and draw(st.booleans()):
        start = random.integers(0, 9, arcs).astype(float)
        times = {"start": start, "end": start + random.integers(1, 9, arcs)}
        for bound in times.values():
            bound[random.random(arcs) < 0.4] = np.nan
        start[np.flatnonzero(sharers != followers)[:1]] = np.nan  # one that is there before any horizon
    join = np.where(random.random(people) < 0.5, np.nan, random.integers(0, 6, people))
    leave = np.where(random.random(people) < 0.5, np.nan, random.integers(6, 12, people))
    join[0] = leave[0] = np.nan  # somebody is always there
    attributes: dict[str, Any] = {
        "town": ["north" if person % 3 else "south" for person in range(people)],
        "join": join,
        "leave": leave,
        "fee": random.choice([0.5, 1.0, 3.25], people),
        "mood": random.choice(["glad", "sad", ""], people),
        "age": random.choice([12.0, 20.0, 34.5, 50.0, np.nan], people),
        "fit": random.choice([0.0, 0.5, 1.0, 1.7, np.nan, np.nan], people),
        **{name: random.choice([0.0, 0.3, 0.8, 1.0, np.nan, np.nan], people) for name in ("keen", "happy")},
    }
    platforms = PLATFORMS[: draw(st.sampled_from([1, 2, 2, 3]))] if layered else PLATFORMS[:1]
    if len(platforms) > 1:
        codes = random.integers(0, len(platforms), arcs)
        times |= {"platform": codes, "platform_names": platforms}
        if random.random() < 0.3:  # who is there without any arc, as where arcs have been dealt
            ends = np.zeros(people, bool)
            ends[np.concatenate([sharers[codes == 0], followers[codes == 0]])] = True
            attributes["on_" + platforms[0]] = ends | (random.random(people) < 0.5)
    return from_arcs(
        sharers,
        followers,
        people=people,
        trust=random.choice(shares, arcs),
        probability=random.choice(shares, arcs),
        weight=weights,
        **times,
        attributes=attributes,
    )


PLATFORMS = ("feed", "clips", "chat")
LAWS = ("stickiness", "weighted-cascade", "column", "constant", "curve", "curve", "uniform", "weights", "fixed")
EMISSIONS = ("once", "once", "repeat", "contact")


@st.composite
def scenarios(
    draw: st.DrawFn,
    graph: SocialGraph,
    laws: tuple[str, ...] = LAWS,
    emissions: tuple[str, ...] = EMISSIONS,
    *,
    plain: bool = False,
) -> Scenario:
    """Random scenarios that use everything the engine knows, for a graph that `graphs` has drawn.

    The plain ones have no advertising, and people do not come and go.
    """
    people = graph.people
    settings = [
        f"random_seed={draw(st.integers(0, 2**63 - 1))}",
        f"time.horizon={draw(st.integers(3, 30))}",
        f"report.times={draw(st.integers(2, 40))}",
        f"platform.feed.visibility={draw(st.sampled_from([0.0, 0.3, 0.8, 1.0, 1.0]))}",
        f"segment.everyone.attention={draw(st.sampled_from([0.5, 1.0, 1.0]))}",
        "platform.feed.delay="
        + draw(
            st.sampled_from(
                [
                    '"none"',
                    '"none"',
                    "{law='geometric', mean=1.5}",
                    "{law='log-normal', median=2.5, sigma=1.0}",
                    "{law='power-law', minimum=1.5, exponent=2.2}",
                    "{law='table', chances=[0.25, 0, 0.5]}",
                ]
            )
        ),
        draw(
            st.sampled_from(
                [
                    *("item.content.half_life=" + time for time in ("none", "0.005", "0.5", "2", "7")),
                    "item.content.novelty=[1, 0.5, 0.25, 0, 0.75]",
                    "item.content.novelty=[0.5]",
                ]
            )
        ),
        f"item.content.share_rate={draw(st.sampled_from([0.0, 0.6, 1.0, 1.0]))}",
        f"item.content.affinity.everyone={draw(st.sampled_from([0.0, 0.7, 1.0, 1.0, 2.5]))}",
        f"item.content.trials={draw(st.sampled_from(['arcs', 'multiplicity']))}",
    ]
    law = draw(st.sampled_from(laws))
    if law in ("curve", "uniform", "weights", "fixed"):
        settings.remove(next(one for one in settings if one.startswith("item.content.trials")))
        settings += [f"item.content.law={'uniform' if law == 'weights' else law}"]
    if law == "curve":
        settings += [
            f"item.content.curve={draw(st.sampled_from([[0.3], [0.1, 0.5], [0, 0, 1], [0.9, 0.1, 0.2, 0.05]]))}",
            f"item.content.endorsement={draw(st.sampled_from([0.0, 1.0, 4.0]))}",
            *draw(st.sampled_from([[], ["item.content.then=0"], ["item.content.then=0.5"]])),
        ]
    elif law == "weights":
        settings += ["item.content.arc_weight=column", "network.file=any.csv", "network.weight_column=3"]
    elif law == "fixed":
        settings.append(f"item.content.threshold={draw(st.sampled_from([1, 2, 3, '18%', '50%', '100%']))}")
    elif law == "uniform":
        pass
    elif law == "stickiness":
        settings += [
            f"item.content.stickiness={draw(st.sampled_from([0.05, 0.3, 1.0]))}",
            f"item.content.endorsement={draw(st.sampled_from([0.0, 1.0, 4.0]))}",
        ]
    else:
        settings.append(f"item.content.arc_probability={0.4 if law == 'constant' else law}")
    if law == "column":
        settings += ["network.file=any.csv", "network.probability_column=3"]
    emission = draw(st.sampled_from(emissions))
    settings.append(f"item.content.emission={emission}")
    if emission != "once":
        settings.append(f"item.content.activity={draw(st.sampled_from(['for ever', '1', '2.5']))}")
    if emission == "contact":
        settings.append(f"item.content.stifle={draw(st.sampled_from([1.0, 0.4, 0.0]))}")
        settings.append(f"item.content.stop={draw(st.sampled_from(['initiator', 'both']))}")
    if not plain and draw(st.sampled_from([False, False, True])):
        whole = law not in ("stickiness", "curve", "uniform", "weights")
        advertisement = "chance=0.2" if whole else f"dose={draw(st.sampled_from([0.2, 1.0]))}"
        start = draw(st.integers(0, 2))
        settings.append(
            f"item.content.advertisement={{{advertisement}, start={start}, "
            f"visibility={draw(st.sampled_from([0.0, 0.3, 1.0]))}, end={start + draw(st.integers(1, 9))}}}"
        )
    if draw(st.booleans()):
        south = (
            f"attention={draw(st.sampled_from([0.0, 0.4, 1.0]))}, trust={draw(st.sampled_from([0.0, 0.6, 1.0]))}, "
            f"satisfaction={draw(st.sampled_from([0.3, 1.0]))}, decline={draw(st.sampled_from([0.0, 0.5, 1.0]))}"
        )
        settings += [
            f"segment.south={{where={{town='south'}}, {south}}}",
            f"item.content.affinity.south={draw(st.sampled_from([0.0, 1.0, 1.8]))}",
        ]
    settings += [
        f"segment.everyone.decline={draw(st.sampled_from([0.0, 0.0, 0.4]))}",
        f"segment.everyone.satisfaction={draw(st.sampled_from([1.0, 1.0, 0.7]))}",
        f"segment.everyone.trust={draw(st.sampled_from([1.0, 1.0, 0.8]))}",
        f"item.content.sensitivity={draw(st.sampled_from([1.0, 1.0, 0.0, 2.5]))}",
    ]
    price = draw(
        st.sampled_from(
            [
                "",
                "",
                "model='flat', amount=2.5",
                "model='per-follower', base=1, rate=0.5, tiers={2=0.25, 5=1}",
                "model='column', attribute='fee'",
            ]
        )
    )
    if price:
        settings.append(f"price={{{price}, declined={draw(st.sampled_from([0.0, 0.15]))}}}")
    come_and_go = () if plain else draw(st.sampled_from([(), (), (), ("join",), ("leave",), ("join", "leave")]))
    waves = {}
    names = draw(st.lists(st.sampled_from(_WAVES), min_size=1, max_size=3, unique=True))
    starts = {name: draw(st.integers(0, 3)) for name in names}
    there = {name: np.ones(people, bool) for name in names}
    for name, start in starts.items():
        if "join" in come_and_go:
            there[name] &= ~(graph.attribute("join") > start)
        if "leave" in come_and_go:
            there[name] &= ~(graph.attribute("leave") <= start)
    # Whom one wave has taken the next cannot take: with few people there is one wave.
    remaining = min(int(one.sum()) for one in there.values()) - 4 * ("explicit" in names)
    if len(names) > 1 and remaining < len(names):
        names = names[:1]
    for name in names:
        start, eligible = starts[name], np.flatnonzero(there[name]).tolist()
        count = draw(st.integers(1, len(eligible) if len(names) == 1 else remaining // len(names)))
        money = ""
        if draw(st.booleans()):
            money += ", price=1.5" if draw(st.booleans()) else ""
            if money or price:
                money += f", budget={draw(st.sampled_from([14, 20, 75]))}"
        named = draw(st.lists(st.sampled_from(eligible), min_size=1, max_size=4, unique=True))
        how = {
            "explicit": f"strategy='explicit', people={named}",
            "degree": f"strategy='degree', count={count}{money}",
            "fixed": f"strategy='random', count={count}{money}",
            "redrawn": f"strategy='random', redraw=true, count={count}{money}",
            "towns": f"strategy='random', redraw=true, count=1, per='town'{money}",
        }
        waves[name] = f"{name}={{{how[name]}, start={start}}}"
    settings += [f"network.{name}_attribute={name}" for name in come_and_go]
    settings.append(f"plan.only.wave={{{', '.join(waves.values())}}}")
    return scene(*settings)


_WAVES = ("degree", "explicit", "fixed", "redrawn", "towns")


_LAWS = (
    "arc_probability=0.4",
    "arc_probability=1",
    "stickiness=0.3, endorsement=1",
    "stickiness=1, endorsement=0",
    "law='curve', curve=[0.3, 0.6], endorsement=0.5",
    "law='uniform'",
    "law='fixed', threshold=1",
    "law='fixed', threshold='50%'",
)
_HOW_OFTEN = (
    "",
    "",
    "emission='repeat', activity=2",
    "emission='contact', stifle=0.4, stop='both'",
    "emission='contact', activity=3",
)
_CRISIS = {
    "anger": "testimony",
    "badge": "content",
    "complaint": "testimony",
    "rumour": "rumour",
    "answer": "restoration",
    "zeal": "restoration",
}
_MOTHERS = {"anger": "content", "complaint": "badge"}


@st.composite
def crises(draw: st.DrawFn, graph: SocialGraph) -> Scenario:
    """Random scenarios of two to four items of all kinds that touch in all the ways there are.

    Hypothesis chooses the main item, how many there are and a number that everything else is drawn from: drawing
    key by key it made worlds in which hardly ever anything happened.
    """
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))

    def among(*choices: Any) -> Any:
        return choices[random.integers(len(choices))]

    def some(choices: list[Any], most: int) -> list[Any]:
        return random.permutation(choices)[: random.integers(1, most + 1)].tolist()

    first = draw(scenarios(graph))
    names = ["content", *random.permutation([*_CRISIS])[: draw(st.integers(1, 3))].tolist()]
    if "anger" not in names and among(False, True):
        names[-1] = "anger"
    always = np.isnan(graph.attribute("join")) & np.isnan(graph.attribute("leave"))
    come_and_go = first.network.join_attribute or first.network.leave_attribute
    there = np.flatnonzero(always | (come_and_go is None)).tolist()
    sets = {name: among("", "", "one", "one", "two") for name in names}
    order = random.permutation(names).tolist()  # nobody waits for somebody later in it
    settings, main_kind = [], "content"
    if "anger" not in names and among(False, False, True):
        main_kind = among("testimony", "rumour", "restoration")
        settings.append(f"item.content.kind={main_kind}")
    for name in names:
        kind, mother = _CRISIS.get(name, main_kind), _MOTHERS.get(name)
        born = mother in names and among(*[True] * 4, False)
        advertised = name != "content" and among(False, False, True)
        planted = name != "content" and (not (born or advertised) or among(False, True))
        keys: dict[str, Any] = {"priority": among(0, 0, 0, -1, 1), "sensitivity": among(0, 0, 1, 1, 2.5)}
        keys["exclusive"] = f"'{sets[name]}'" if list(sets.values()).count(sets[name]) > 1 else "''"
        keys["silent"] = among(*["false"] * 9, "true")
        if kind in ("testimony", "rumour"):
            keys["damage"], keys["scar"] = among((0.1, 0.33), (0.5, 0.33), (0.5, 0), (0.3, 1), (1, 0.33), (0, 0.5))
            keys["heal"], keys["disproof"] = among(0, 0.5, 1), among(0, 0.45, 1)
            keys["proven_false_at"] = among("'none'", "'none'", 0, 2, 5)
        elif kind == "restoration":
            keys["repair"] = among(0, 0.05, 0.5, 1)
        if name == "content" or advertised or planted:  # these wait, births do not
            keys["reaction_delay"] = among(0, 0, 0, 1, 3)
            if order.index(name) and among(False, True):
                keys["after"] = f"'{among(*order[: order.index(name)])}'"
                keys["after_reach"] = among(1, 2, min(4, graph.people), "'20%'", "'50%'")
        if name == "content":
            settings += [f"item.content.{key}={value}" for key, value in keys.items()]
            continue
        table = [f"kind='{kind}'", among(*_LAWS), among(*_HOW_OFTEN), *(f"{key}={one}" for key, one in keys.items())]
        table += [among("", "", "half_life=2"), f"share_rate={among(1, 1, 0.6)}"]
        table += [f"born_of='{mother}'"] if born else []
        if advertised:
            alone = "arc_probability" in table[1] or "fixed" in table[1]
            table.append(
                f"advertisement={{{'chance' if alone else 'dose'}={among(0.1, 0.5)}, visibility={among(0.2, 0.5, 1)}, "
                f"start={among(0, 1, 3)}, end={among('5', '8', chr(39) + 'none' + chr(39))}}}"
            )
        if planted:
            people = some(there, 3)
            first_wave = f"first={{strategy='explicit', people={people}, start={among(0, 0, 2)}}}"
            second_wave = f", second={{strategy='random', redraw=true, count=1, start={among(0, 1)}}}"
            table.append(f"wave={{{first_wave}{among('', second_wave) if len(there) > len(people) else ''}}}")
        settings.append(f"item.{name}={{{', '.join(filter(None, table))}}}")
    for segment in first.segment:
        settings += [
            f"segment.{segment}.{key}={value}"
            for key, value in {
                "attention": among(1, 1, 0.6),
                "trust": among(0, 0.4, 0.8, 1, 1, 1),
                "satisfaction": among(0, 0.3, 0.7, 0.7, 1),
                "conversion": among(0, 0.3, 1),
                "baseline": among(0, 0, 0.1, 0.5, 1),
                "decline": among(0, 0, 0.3),
            }.items()
        ]
    settings += [
        f"trust.half_life={among(chr(39) + 'never' + chr(39), 0.3, 4, 1000)}",
        f"time.tick={among('1h', '6h')}",
        f"time.horizon={max(8, first.time.horizon)}",  # something of every item begins before
        f"platform.feed.visibility={among(1, 1, 0.7)}",
        f"item.content.share_rate={among(1, 1, 0.6)}",
        f"item.content.affinity.everyone={among(1, 1, 0.7, 2.5)}",
    ]
    return first.with_settings(settings)


_DELAYS = (
    "'none'",
    "'none'",
    "{law='geometric', mean=1.5}",
    "{law='table', chances=[0.25, 0, 0.5]}",
)
_CONDITIONS = (
    "age='>=34.5'",
    "age='12..20', town='north'",
    "any=[{age='<20'}, {mood='sad'}]",
    "town=['north', 'west'], not={mood='glad', age='>30'}",
    "not={any=[{mood='sad'}, {age='<=20'}]}",
)


@st.composite
def audiences(draw: st.DrawFn, graph: SocialGraph) -> Scenario:
    """Random scenarios of one to four items for audiences on one to four platforms, which the graph may deal arcs to.

    What `scenarios` and `crises` draw, and on top of it, each of them in some: habits of sharing, cross-posting, feeds
    that show strangers and feeds that end, hours, segments by any conditions and by luck, numbers of each person,
    variants. As with `crises`, hypothesis chooses what these are, and a number that all else is drawn from.
    """
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))

    def among(*choices: Any) -> Any:
        return choices[random.integers(len(choices))]

    first = draw(st.sampled_from([scenarios, crises, crises]).flatmap(lambda strategy: strategy(graph)))
    settings = ["report.audiences=true"]

    platforms = list(graph.layers) if graph.layered else list(PLATFORMS[: among(1, 2, 2, 3)])
    played = {"forum": among(*platforms)} if graph.layered and among(False, False, True) else {}
    for name, layer in played.items():
        settings.append(f"platform.{name}.layer='{layer}'")
        platforms.append(name)
    fades = among(False, True)
    for name in platforms:
        keys = {
            "visibility": among(1, 1, 1, 0.6),
            "delay": among(*_DELAYS),
            "share_rate": among(1, 1, 1, 0.6, 0),
            "feed_length": among("'none'", "'none'", 1, 2, 3),
            "half_life": among("'none'", 0.5, 2, 7) if fades else "'none'",
        }
        others = {other: among(0.4, 1, 1) for other in platforms if other != name and among(False, True)}
        if len(platforms) > 1:  # a platform where nobody could post would be refused
            others[platforms[platforms.index(name) - 1]] = among(0, 0.4, 1)
        keys["cross_post"] = _inline(others)
        if among(False, True):
            keys["discovery"] = f"{{rate={among(0.3, 1.5, 4)}, most={among(1.5, 4, 20)}}}"
        settings += [f"platform.{name}.{key}={value}" for key, value in keys.items()]

    segments, taken = list(first.segment), np.zeros(graph.people, bool)
    if "south" in segments:
        taken |= graph.attribute("town") == "south"
    if among(False, True):
        where = among(*_CONDITIONS)
        try:
            meets = people_where(graph, scene(f"segment.others={{where={{{where}}}}}").segment["others"].where).tolist()
        except DataError:  # nobody does
            meets = []
        if meets:
            settings.append(f"segment.others.where={{{where}}}")
            taken[meets] = True
            if "south" in segments:
                settings += [f"segment.south.priority={among(-1, 1)}", "segment.others.priority=0"]
            segments.append("others")
    if among(False, True) and not taken.all():
        count = random.integers(1, np.count_nonzero(~taken) + 1)
        settings.append(f"segment.lucky.share={float(count / graph.people)!r}")
        segments.append("lucky")
    for name in segments:
        keys = {
            "role": f"'{among('prospect', 'customer', 'media', 'blogger', 'employee', 'public')}'",
            "susceptibility": among(1, 1, 1, 0, 0.6, 1.8, 3),
            "attention": among(1, 1, 1, 0.5),
            "trust": among(1, 1, 1, 0.5),
            "satisfaction": among(1, 1, 0.6),
        }
        if among(False, False, True):
            keys["per"] = among("'town'", "'mood'", "['town', 'mood']")
        if among(False, False, True):
            hours = among("{'0..7'=1, '9..23'='80%'}", "{'22..6'=1, '6..22'='60%'}", "[0.5" + ", 1, 0.7" * 11 + ", 1]")
            keys["online"] = f"{{hours={hours}, weekdays=[1, 0.5, 1, 0, 1, 1, 0.7]}}"
            if among(False, True):
                keys["online"] = keys["online"][:-1] + f", zone='{among('Asia/Kolkata', '-03:30', 'UTC')}'}}"
        settings += [f"segment.{name}.{key}={value}" for key, value in keys.items()]
    if among(False, True):
        settings += [f"time.start='{among('2026-03-28 20:00', '2026-11-27')}'", "time.zone='Europe/Athens'"]

    columns = {"attention": "keen", "susceptibility": "fit", "satisfaction": "happy", "trust": "keen"}
    columns["conversion"] = "happy"
    settings += [f"individual.{key}={name}" for key, name in columns.items() if among(*[False] * 5, True)]

    for name, item in first.item.items():
        if item.novelty is None and fades and among(False, True):
            settings.append(f"item.{name}.half_life='platform'")
        if among(*[False] * 4, True):
            settings.append(f"item.{name}.affinity_attribute=fit")
        if among(False, False, True):
            settings += [
                f"item.{name}.affinity.{one}={among(0, 0.7, 1.5, 3)}" for one in segments if among(False, True)
            ]
        if item.advertisement is not None:
            settings.append(f"item.{name}.advertisement.platform='{among(*platforms)}'")
        variants = among((), ("plain", "young"), ("plain", "young", "odd"))
        for variant in variants:
            factors = {one: among(0, 0.5, 1, 2, 4) for one in segments if among(False, True)}
            settings.append(f"item.{name}.variant.{variant}.affinity={_inline(factors)}")
        if variants:
            served = {one: f"'{among(*variants)}'" for one in segments if among(False, True)}
            settings.append(f"plan.only.serve.{name}={_inline(served)}")
        for path, wave in first.waves("only").items():
            if wave.item == name:
                where, platform = ".".join(path), among(*platforms)
                settings.append(f"{where}.platform='{platform}'")
                if graph.layered and wave.strategy != "explicit":  # only who is on the platform can be had
                    layer = played.get(platform, platform)
                    settings.append(f"{where}.count={max(1, wave.count - np.count_nonzero(~members_of(graph, layer)))}")
                settings += [f"{where}.variant='{among(*variants)}'"] if variants and among(False, True) else []
    return first.with_settings(settings)


def _inline(table: dict[str, Any]) -> str:
    return "{" + ", ".join(f"{key}={value}" for key, value in table.items()) + "}"
