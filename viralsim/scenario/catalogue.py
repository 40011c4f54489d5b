"""Every choice a scenario offers, declared once: generators, strategies, laws, delays, metrics.

The room that implements a choice registers it by the name declared here, and a test holds both sides equal.
Command line help, the JSON Schema, "did you mean" and the docs are read from these declarations.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import erfc, fsum, inf, isfinite, log
from types import MappingProxyType
from typing import Any, Literal

from viralsim.errors import did_you_mean
from viralsim.scenario.units import (
    MOST_PRICE,
    BadValueError,
    read_duration,
    read_money,
    read_number,
    read_share,
    read_truth,
    read_whole,
    shown,
)

MOST_CHANCES = 10_000
"""The most ticks of a table of delays."""

__all__ = ["ARC_NUMBERS", "FAMILIES", "MIXABLE", "Choice", "Parameter", "Scalar", "choices", "complete_parameters"]

Scalar = int | float | str | bool
"""A parameter's value once it has been read, but for the kinds "shares" (a dict) and "names" (a tuple of text)."""
Kind = Literal[
    "integer",
    "number",
    "share",
    "duration",
    "truth",
    "text",
    "shares",
    "names",
    "list",
    "table",
    "chances",
    "own",
    "money",
    "tiers",
]


@dataclass(frozen=True)
class Parameter:
    """One parameter of a choice.

    Parameters
    ----------
    name : str
        The key that a scenario writes.
    kind : str
        "integer", "number", "share", "duration" (ticks once read), "truth", "text", "shares" (a table of text ->
        share), "names" (a list of text), "chances" (a list of shares), "money", "tiers" (a table of whole number ->
        number), "list", "table", or "own": a number of the kind that the key takes which the distribution stands at.
    default : int, float, str, bool or None
        Its value where none is written; None where it must be written (`required`) or nothing is assumed.
    minimum, maximum : int, float or None
        Bounds; None where there is none.
    help : str
        One line, with the unit, for people.
    exclusive : bool
        Whether the minimum itself is outside.
    required : bool
        Whether the scenario must write it.

    Examples
    --------
    >>> Parameter("people", "integer", 10, 2, None, "number of people").read(12)
    12
    """

    name: str
    kind: Kind
    default: Scalar | None
    minimum: int | float | None = None
    maximum: int | float | None = None
    help: str = ""
    exclusive: bool = False
    required: bool = False

    def read(self, value: object, tick_seconds: float = 3600.0) -> Any:
        """Return the value as the engine uses it.

        Parameters
        ----------
        value : object
            What was written.
        tick_seconds : float
            Length of a tick, for durations with a unit.

        Raises
        ------
        BadValueError
            If the value is of another kind or outside the bounds.
        """
        if self.kind == "integer":
            return read_whole(value, _whole(self.minimum), _whole(self.maximum))
        if self.kind == "number":
            return read_number(value, self.minimum, self.maximum, exclusive=self.exclusive)
        if self.kind == "share":
            return read_share(value, exclusive=self.exclusive)
        if self.kind == "duration":
            return read_duration(value, tick_seconds, exclusive=self.exclusive)
        if self.kind == "truth":
            return read_truth(value)
        if self.kind == "shares":
            return _read_shares(value)
        if self.kind == "names":
            return _read_names(value)
        if self.kind == "chances":
            return _read_chances(value)
        if self.kind == "money":
            return read_money(value, MOST_PRICE)
        if self.kind == "tiers":
            return _read_tiers(value)
        if self.kind == "text" and isinstance(value, str):
            return value
        raise BadValueError(f"expected text between quotes; got {shown(value)}")


def _read_chances(value: object) -> tuple[float, ...]:
    if not isinstance(value, list | tuple) or not 1 <= len(value) <= MOST_CHANCES:
        raise BadValueError(
            f'expected a list of 1 to {MOST_CHANCES:_} chances, such as ["50%", "30%", "20%"]; got {shown(value)}'
        )
    chances = []
    for index, one in enumerate(value):
        try:
            chances.append(read_share(one))
        except BadValueError as issue:
            raise BadValueError(f"the chance of {index} ticks: {issue.message}", issue.hint) from None
    total = fsum(chances)
    if total > 1.0 + 1e-9:
        raise BadValueError(f"the chances add up to {total:.6g}, expected at most 1 (the rest never shares)")
    return tuple(chances)


def _read_tiers(value: object) -> dict[str, float]:
    expected = "expected a table such as { 10_000 = 0.02, 100_000 = 0.01 }: followers -> money for each above that"
    if not isinstance(value, Mapping) or not value:
        raise BadValueError(f"{expected}; got {shown(value)}")
    tiers: dict[str, float] = {}
    for written, rate in value.items():
        text = str(written).replace("_", "").lstrip("0")
        if not (text.isascii() and text.isdigit() and len(text) <= 10):
            raise BadValueError(f"{expected}; {shown(written)} is no number of followers above 0")
        if text in tiers:
            raise BadValueError(f"{int(text):,} followers are listed twice")
        try:
            tiers[text] = read_number(rate, 0.0, float(MOST_PRICE))
        except BadValueError as issue:
            raise BadValueError(f"'{written}': {issue.message}", issue.hint) from None
    return dict(sorted(tiers.items(), key=lambda tier: int(tier[0])))


def _read_shares(value: object) -> dict[str, float]:
    if not isinstance(value, Mapping) or not value:
        raise BadValueError(
            f'expected a table of values and their shares, such as {{ oslo = "60%", rome = "40%" }}; got {shown(value)}'
        )
    shares: dict[str, float] = {}
    for name, share in value.items():
        try:
            shares[str(name)] = read_share(share)
        except BadValueError as issue:
            raise BadValueError(f"'{name}': {issue.message}", issue.hint) from None
    total = sum(shares.values())
    if abs(total - 1.0) > 1e-9:
        much = f"{abs(1.0 - total):.6%}".rstrip("%").rstrip("0").rstrip(".")
        summed = f"{total:.6%}".rstrip("%").rstrip("0").rstrip(".")
        raise BadValueError(
            f"the shares add up to {summed} %, expected 100 %",
            f"{much} % are missing: add a value for the rest" if total < 1.0 else f"{much} % are too many",
        )
    return shares


def _read_names(value: object) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not value or not all(isinstance(name, str) for name in value):
        raise BadValueError(f'expected a list of texts such as ["media", "blogger"]; got {shown(value)}')
    twice = [name for name in value if value.count(name) > 1]
    if twice:
        raise BadValueError(f"{shown(twice[0])} is listed twice")
    return tuple(value)


def _whole(bound: float | None) -> int | None:
    return None if bound is None else int(bound)


@dataclass(frozen=True)
class Choice:
    """One thing to choose in a scenario: its name, what it is, its parameters and where it comes from.

    Parameters
    ----------
    family : str
        One of `FAMILIES`.
    name : str
        What a scenario writes.
    help : str
        One line for people.
    parameters : tuple of Parameter
        Its parameters, in the order of the docs.
    source : str
        The work that it comes from; empty for what needs none.
    unit : str
        Unit of a metric; empty for other families.
    open : bool
        Whether it takes further parameters, numbers and truths, that only the room which implements it knows.
    attributes : tuple of str
        Attributes of people that a generator makes.
    has_probabilities : bool
        Whether a generator gives every arc its chance, for arc_probability = "column".
    also : tuple of str
        What people may call it instead, for "did you mean".
    fills : tuple of (str, value, str)
        What a preset writes where nothing else is written: the key, its value as one writes it, and where that comes
        from, or that it is an assumption.

    Examples
    --------
    >>> choices("generator")["ring"].defaults
    {'people': 10, 'neighbours': 1}
    """

    family: str
    name: str
    help: str
    parameters: tuple[Parameter, ...] = ()
    source: str = ""
    unit: str = ""
    open: bool = False
    attributes: tuple[str, ...] = ()
    has_probabilities: bool = False
    also: tuple[str, ...] = ()
    fills: tuple[tuple[str, Any, str], ...] = ()

    @property
    def defaults(self) -> dict[str, Scalar]:
        """Parameters that have a default, with it."""
        return {p.name: p.default for p in self.parameters if p.default is not None}

    def parameter(self, name: str) -> Parameter | None:
        """Return the parameter called `name`, or None."""
        return next((p for p in self.parameters if p.name == name), None)


_MOST_PEOPLE = 100_000_000


def _people(default: int, minimum: int = 1, maximum: int = _MOST_PEOPLE) -> Parameter:
    return Parameter("people", "integer", default, minimum, maximum, "number of people")


_GENERATORS = (
    Choice(
        "generator",
        "communities",
        "people in communities, with a few hubs, some ties across and friends of friends who know each other",
        (
            _people(20_000, 2),
            Parameter("mean_degree", "number", 12.0, 0.0, 100_000.0, "mean number of ties of a person (assumption)"),
            Parameter(
                "exponent",
                "number",
                2.5,
                2.0,
                10.0,
                "tail exponent of the number of ties: smaller means bigger hubs "
                "(most social networks lie between 2 and 3)",
                exclusive=True,
            ),
            Parameter(
                "mixing",
                "share",
                0.2,
                0.0,
                1.0,
                "share of a person's ties that leave the own community (assumption)",
            ),
            Parameter(
                "community_size",
                "number",
                100.0,
                1.0,
                float(_MOST_PEOPLE),
                "mean number of people in a community (assumption)",
            ),
            Parameter("clustering", "share", 0.3, 0.0, 1.0, "share of ties that close a triangle (assumption)"),
        ),
        "after Lancichinetti, Fortunato & Radicchi 2008 (communities, mixing, heavy-tailed degrees)",
        attributes=("community",),
    ),
    Choice(
        "generator",
        "scale-free",
        "grows by newcomers who tie themselves to people in proportion to the ties these have",
        (
            _people(20_000, 2),
            Parameter("mean_degree", "number", 8.0, 0.0, 100_000.0, "mean number of ties of a person"),
        ),
        "Barabasi & Albert 1999",
    ),
    Choice(
        "generator",
        "scale-free-directed",
        "people follow others: a few have huge audiences, nobody follows that many, some follow back",
        (
            _people(20_000, 2),
            Parameter("mean_degree", "number", 8.0, 0.0, 100_000.0, "mean number of followers of a person"),
            Parameter(
                "exponent",
                "number",
                2.3,
                2.0,
                10.0,
                "tail exponent of the number of followers: smaller means bigger hubs "
                "(2.3: Twitter up to 100,000 followers, with more beyond; Kwak et al. 2010)",
                exclusive=True,
            ),
            Parameter(
                "following_exponent",
                "number",
                3.0,
                2.0,
                10.0,
                "tail exponent of the number of people followed (assumption)",
                exclusive=True,
            ),
            Parameter(
                "reciprocity",
                "share",
                0.36,
                0.0,
                1.0,
                "share of arcs whose opposite is there too (36 % is 22 % of the tied pairs: Twitter, Kwak et al. 2010)",
            ),
        ),
        "after the static model of Goh, Kahng & Kim 2001, with mutual ties",
    ),
    Choice(
        "generator",
        "small-world",
        "a ring in which some ties lead anywhere: friends of friends know each other, yet everybody is near",
        (
            _people(1_000, 3),
            Parameter("neighbours", "integer", 5, 1, 100_000, "ties to each side before rewiring"),
            Parameter("rewiring", "share", 0.1, 0.0, 1.0, "chance of a tie to lead to somebody at random instead"),
        ),
        "Watts & Strogatz 1998",
    ),
    Choice(
        "generator",
        "erdos-renyi",
        "every pair of people is tied with the same chance: no hubs, no communities, the yardstick",
        (
            _people(20_000),
            Parameter("mean_degree", "number", 8.0, 0.0, 100_000.0, "mean number of ties of a person"),
        ),
        "Gilbert 1959; Batagelj & Brandes 2005",
    ),
    Choice(
        "generator",
        "regular",
        "everybody has the same number of ties, with people at random",
        (_people(20_000), Parameter("degree", "integer", 8, 0, 100_000, "number of ties of everybody")),
        "Bollobas 1980; switches as McKay & Wormald 1990",
    ),
    Choice(
        "generator",
        "configuration",
        "numbers of ties from a power law, and nothing else: ties are with people at random",
        (
            _people(20_000, 2),
            Parameter("exponent", "number", 2.5, 0.0, 10.0, "P(k ties) is in proportion to k^-exponent"),
            Parameter("minimum_degree", "integer", 3, 1, 100_000, "smallest number of ties"),
            Parameter("maximum_degree", "integer", 300, 1, 1_000_000, "largest number of ties"),
        ),
        "Molloy & Reed 1995; Newman, Strogatz & Watts 2001",
    ),
    Choice(
        "generator",
        "strong-weak",
        "closed groups with strong ties inside; everybody also follows a few people outside, at random, by weak ties",
        (
            Parameter("groups", "integer", 103, 1, _MOST_PEOPLE, "number of groups"),
            Parameter("group_size", "integer", 29, 1, 20_000, "people of a group, all tied to each other"),
            Parameter("weak_ties", "integer", 29, 0, 1_000, "people outside the group whom everybody follows"),
            Parameter("strong", "share", 0.07, 0.0, 1.0, "chance that a share along a strong tie persuades"),
            Parameter("weak", "share", 0.015, 0.0, 1.0, "chance that a share along a weak tie persuades"),
        ),
        "Goldenberg, Libai & Muller 2001",
        attributes=("group",),
        has_probabilities=True,
    ),
    Choice(
        "generator",
        "networkx",
        "what a function of networkx makes; its parameters, plain numbers, are further keys",
        (
            Parameter(
                "function",
                "text",
                None,
                help="name of a function of networkx.generators, e.g. powerlaw_cluster_graph",
                required=True,
            ),
        ),
        "Hagberg, Schult & Swart 2008",
        open=True,
    ),
    Choice("generator", "complete", "everybody is tied to everybody", (_people(10, 1, 20_000),)),
    Choice("generator", "star", "one hub tied to everybody else; nobody else has a tie", (_people(10),)),
    Choice("generator", "path", "a line of people, each tied to the next", (_people(10),)),
    Choice(
        "generator",
        "ring",
        "people in a circle, each tied to the nearest on either side",
        (_people(10), Parameter("neighbours", "integer", 1, 1, 100_000, "ties to each side")),
    ),
    Choice(
        "generator",
        "tree",
        "one root; everybody above the last generation has the same number of children",
        (
            Parameter("branching", "integer", 2, 1, 1_000_000, "children of a person"),
            Parameter("depth", "integer", 3, 0, 10_000, "generations below the root"),
        ),
    ),
    Choice(
        "generator",
        "karate-club",
        "34 members of a karate club and 78 friendships",
        source="Zachary 1977",
        attributes=("club",),
    ),
    Choice("generator", "les-miserables", "77 characters of a novel, tied where they meet", source="Knuth 1993"),
    Choice(
        "generator",
        "florentine-families",
        "15 families of Florence tied by marriages",
        source="Breiger & Pattison 1986",
    ),
    Choice(
        "generator",
        "davis-southern-women",
        "18 women and the 14 social events they attended; ties join women to events",
        source="Davis, Gardner & Gardner 1941",
        attributes=("bipartite",),
    ),
)

_COUNT = Parameter("count", "integer", None, 1, 2**31 - 1, "number of people to seed, the most where there is a budget")
_WHERE = Parameter("where", "table", None, help="who is eligible: attribute -> value, list or range")
_PER = Parameter("per", "text", None, help="attribute: `count` people are taken for each of its values")

_CHOOSING = (_COUNT, _WHERE, _PER)
_MULTIPLICITY = Parameter(
    "multiplicity", "truth", False, help="whether an arc counts as often as rows were merged into it"
)


def _samples(what: str) -> Parameter:
    return Parameter("samples", "integer", None, 2, 2**31 - 1, f"people {what} (default: by size; all of few)")


_STRATEGIES = (
    Choice(
        "strategy",
        "explicit",
        "the people that you name",
        (Parameter("people", "list", None, help="ids as in the network's file", required=True),),
        also=("list", "named", "people"),
    ),
    Choice(
        "strategy",
        "random",
        "people drawn at random: always show it as a rival (a few more random seeds can match optimal ones)",
        (
            _COUNT,
            Parameter("redraw", "truth", False, help="whether every realisation draws its own people"),
            _WHERE,
            _PER,
        ),
        "Akbarpour, Malladi & Saberi 2020",
    ),
    Choice(
        "strategy",
        "degree",
        "the people with most followers, the hubs: they win through reach, not persuasion",
        _CHOOSING,
        "Hinz, Skiera, Barrot & Becker 2011",
        also=("hub", "hubs", "followers", "influencers", "top-degree", "high-degree"),
    ),
    Choice(
        "strategy",
        "weighted-degree",
        "the people whose followers trust them most, all in all: the sum of a number of their arcs",
        (
            *_CHOOSING,
            Parameter("weight", "text", "trust", help='"trust", "probability", "weight" or "multiplicity" of the arcs'),
        ),
        "Barrat, Barthelemy, Pastor-Satorras & Vespignani 2004 (strength)",
    ),
    Choice(
        "strategy",
        "single-discount",
        "hubs, but followers who are seeds already do not count",
        (*_CHOOSING, _MULTIPLICITY),
        "Chen, Wang & Yang 2009",
    ),
    Choice(
        "strategy",
        "degree-discount",
        "hubs, discounted for followers who are seeds and for the chance that seeds whom they follow persuade them",
        (
            *_CHOOSING,
            Parameter(
                "probability",
                "share",
                0.01,
                help="chance that a share persuades (default: the item's arc_probability where it is a number)",
            ),
            _MULTIPLICITY,
        ),
        "Chen, Wang & Yang 2009",
    ),
    Choice(
        "strategy",
        "pagerank",
        "people followed by people who are important in the same sense",
        (*_CHOOSING, Parameter("damping", "number", 0.85, 0.0, 0.999, "share of the importance that is passed on")),
        "Page, Brin, Motwani & Winograd 1999",
    ),
    Choice(
        "strategy",
        "k-core",
        "the innermost circle, all tied to many of each other; among equals those with most followers",
        _CHOOSING,
        "Kitsak et al. 2010",
        also=("core", "kcore", "k-shell"),
    ),
    Choice(
        "strategy",
        "betweenness",
        "bridges: people on many of the shortest paths between others",
        (*_CHOOSING, _samples("from whom paths are followed")),
        "Freeman 1977; Brandes & Pich 2007 (samples)",
        also=("bridge", "bridges", "brokers"),
    ),
    Choice(
        "strategy",
        "closeness",
        "people from whom everybody is a few shares away",
        (*_CHOOSING, _samples("to whom the distance is measured")),
        "Wasserman & Faust 1994; Eppstein & Wang 2004 (samples)",
    ),
    Choice(
        "strategy",
        "eigenvector",
        "people whose followers have many followers who have many followers",
        _CHOOSING,
        "Bonacich 1972",
    ),
    Choice(
        "strategy",
        "collective-influence",
        "people without whom the network would fall apart, one taken out after the other",
        (
            *_CHOOSING,
            Parameter("radius", "integer", 2, 1, 2, "hops at which the people around somebody are counted"),
        ),
        "Morone & Makse 2015",
    ),
    Choice(
        "strategy",
        "voterank",
        "hubs elected one after the other; whoever follows a winner has less of a vote next time",
        _CHOOSING,
        "Zhang, Chen, Dong & Zhao 2016",
    ),
    Choice(
        "strategy",
        "one-hop",
        "people who together reach most others in one hop, each counted once",
        (
            *_CHOOSING,
            Parameter("probability", "share", 1.0, help="chance that a share reaches a follower"),
        ),
        "after Tang, Tang & Yuan 2018 (greedy on hops)",
    ),
    Choice(
        "strategy",
        "nomination",
        "a random person names one of those they follow, and the next one another: needs no map of the network",
        _CHOOSING,
        "Cohen, Havlin & ben-Avraham 2003; Kim et al. 2015",
        also=("friends", "friend", "contacts", "acquaintances", "friendship-nomination", "friendship"),
    ),
    Choice(
        "strategy",
        "community-best",
        "the person with most followers of each community, the largest community first, then the second of each, ...",
        _CHOOSING,
        "after Montes, Jaramillo & Zambrano 2020 (community hubs); communities: Traag, Waltman & van Eck 2019",
        also=("communities", "community-hubs", "best-per-community"),
    ),
    Choice(
        "strategy",
        "clustering",
        "people whose contacts know each other; among equals those with most followers",
        _CHOOSING,
        "Watts & Strogatz 1998",
    ),
    Choice(
        "strategy",
        "clusters",
        "groups of people tied to each other, for what takes several friends: each begins with the person in most "
        "triangles, apart from the others, and grows by who is tied to most of it, among equals again by triangles",
        (*_CHOOSING, Parameter("size", "integer", 10, 1, 2**31 - 1, "people of a group (assumption)")),
        "after Centola 2018; Guilbeault & Centola 2021",
    ),
    Choice(
        "strategy",
        "fringe",
        "the people with fewest followers, but at least one: the rival of the hubs",
        _CHOOSING,
        "Hinz, Skiera, Barrot & Becker 2011",
        also=("low-degree", "periphery"),
    ),
    Choice(
        "strategy",
        "column",
        "the people with the largest values of an attribute; who has none is not chosen",
        (*_CHOOSING, Parameter("attribute", "text", None, help="name of an attribute with numbers", required=True)),
        also=("attribute", "by-column"),
    ),
    Choice(
        "strategy",
        "mixture",
        "several strategies, each at its defaults: each takes its share of the count or the budget, in the order of "
        "this list, among those not taken yet",
        (
            *_CHOOSING,
            Parameter("parts", "shares", None, help="strategy -> share, 100% together", required=True),
        ),
        also=("mix", "mixed", "hybrid"),
    ),
)

MIXABLE = tuple(
    choice.name
    for choice in _STRATEGIES
    if choice.name != "mixture" and not any(p.required and p not in _CHOOSING for p in choice.parameters)
)
"""Strategies that may be part of a mixture: those that need nothing of their own."""

ARC_NUMBERS = ("trust", "probability", "weight", "multiplicity")
"""What `weight` of the strategy weighted-degree may name."""

_PRICES = (
    Choice(
        "price",
        "flat",
        "the same for everybody",
        (Parameter("amount", "money", None, 0, MOST_PRICE, "what a seed costs (money)", required=True),),
    ),
    Choice(
        "price",
        "per-follower",
        "by the number of followers on the wave's platform, in tiers as with income tax",
        (
            Parameter("rate", "number", None, 0.0, MOST_PRICE, "money per follower", required=True),
            Parameter("base", "money", 0.0, 0, MOST_PRICE, "money for anybody, on top"),
            Parameter("tiers", "tiers", None, help="number of followers -> money for each follower above it"),
        ),
    ),
    Choice(
        "price",
        "column",
        "an attribute of people holds it; who has none cannot be had",
        (Parameter("attribute", "text", None, help="name of the attribute", required=True),),
    ),
)

_ENDORSEMENT = Parameter("endorsement", "number", 1.0, 0.0, 1e6, "how much the sharer's tie trust adds to the dose")

_LAWS = (
    Choice(
        "law",
        "independent",
        "each share that is seen is a fresh chance to persuade: k = 1 - (1 - stickiness)^dose",
        (
            Parameter("stickiness", "share", None, help="chance that one seen share of dose 1 persuades"),
            Parameter("arc_probability", "text", None, help="in place of stickiness, the chance of each arc"),
            Parameter("trials", "text", "arcs", help="whether merged arcs give one chance or several"),
            _ENDORSEMENT,
        ),
        source="Goldenberg, Libai & Muller 2001; Kempe, Kleinberg & Tardos 2003",
    ),
    Choice(
        "law",
        "curve",
        "chances for the 1st, 2nd, ... unit of dose: repeated exposure",
        (
            Parameter("curve", "list", None, help="a list of shares", required=True),
            Parameter("then", "share", None, help="chance of every later unit"),
            _ENDORSEMENT,
        ),
        source="Romero, Meeder & Kleinberg 2011",
    ),
    Choice(
        "law",
        "uniform",
        "a person engages once the weights of those who shared reach a threshold drawn from U(0, 1): linear threshold",
        (Parameter("arc_weight", "text", "in-degree", help="1 / number of people followed, or a column"),),
        source="Granovetter 1978; Kempe, Kleinberg & Tardos 2003",
    ),
    Choice(
        "law",
        "fixed",
        "a person engages once a fraction, or a number, of the people they follow has shared",
        (Parameter("threshold", "share", None, help="a share of them, or a whole number", required=True),),
        source="Watts 2002; Centola & Macy 2007",
    ),
)

_HARM = (
    Parameter("damage", "share", 0.1, help="part of the trust one has that an impression takes"),
    Parameter("scar", "share", 0.33, help="part of that which does not come back by itself"),
    Parameter("heal", "share", 0.5, help="part of a scar that restoration can mend"),
    Parameter("proven_false_at", "duration", None, help="from then on it is known to be false"),
    Parameter("disproof", "share", 0.45, help="part of dose and damage that this takes"),
)

_KINDS = (
    Choice(
        "kind",
        "content",
        "what a brand publishes: people engage, and buy or not, and are satisfied or not",
        also=(
            *("post", "message", "campaign", "advertisement", "ad", "ads", "advertising", "marketing", "promotion"),
            *("video", "story", "article", "product", "launch", "news", "good-news", "positive", "brand"),
        ),
    ),
    Choice(
        "kind",
        "testimony",
        "what dissatisfied people tell of their own experience; who sees it loses trust in the brand",
        (*_HARM, Parameter("born_of", "text", "", help="content whose dissatisfied people start it")),
        source="Chen et al. 2011",
        also=(
            *("complaint", "complaints", "review", "reviews", "bad-review", "negative-review", "negative"),
            *("testimonial", "experience", "dissatisfaction", "criticism", "word-of-mouth", "bad-word-of-mouth"),
        ),
    ),
    Choice(
        "kind",
        "rumour",
        "what is told whoever was there; who sees it loses trust in the brand",
        _HARM,
        also=(
            *("rumor", "rumors", "gossip", "hearsay", "hoax", "lie", "slander", "smear", "bad-news", "scandal"),
            *("fake-news", "false-news", "misinformation", "disinformation", "conspiracy"),
        ),
    ),
    Choice(
        "kind",
        "restoration",
        "an answer, an apology, a campaign: who sees it regains trust",
        (Parameter("repair", "share", 0.05, help="part of what is missing that an impression gives back"),),
        also=(
            *("answer", "apology", "correction", "repair", "reply", "response", "reaction", "statement", "denial"),
            *("rebuttal", "debunking", "fact-check", "clarification", "compensation", "recovery", "trust-restoration"),
        ),
    ),
)

_ACTIVITY = Parameter("activity", "duration", None, help="mean time of sharing, or for ever")

_EMISSIONS = (
    Choice("emission", "once", "an engaged person shares once, with all followers"),
    Choice(
        "emission",
        "repeat",
        "an engaged person shares in every tick for as long as they are active",
        (_ACTIVITY,),
        source="Kermack & McKendrick 1927 (SIR); Bass 1969",
    ),
    Choice(
        "emission",
        "contact",
        "in every tick an active person tells one follower, drawn at random, who always sees it",
        (
            _ACTIVITY,
            Parameter("stifle", "share", 1.0, help="chance to stop on meeting somebody who is engaged already"),
            Parameter("stop", "text", "initiator", help="who stops then: the initiator, or both"),
        ),
        source="Daley & Kendall 1965; Maki & Thompson 1973",
    ),
)

_DELAYS = (
    Choice("delay", "none", "an engaged person shares at the next tick"),
    Choice(
        "delay",
        "geometric",
        "a constant chance to share in each tick",
        (Parameter("mean", "duration", None, 0.0, None, "mean delay", exclusive=True, required=True),),
    ),
    Choice(
        "delay",
        "log-normal",
        "most share soon, some much later: the logarithm of the delay is normal",
        (
            Parameter(
                "median",
                "duration",
                None,
                0.0,
                None,
                "half of all delays are shorter",
                exclusive=True,
                required=True,
            ),
            Parameter(
                "sigma",
                "number",
                None,
                0.0,
                100.0,
                "standard deviation of the delay's natural logarithm",
                exclusive=True,
                required=True,
            ),
        ),
        "Iribarren & Moro 2009",
    ),
    Choice(
        "delay",
        "power-law",
        "a heavy tail: a delay longer than x has probability (x / minimum)^(1 - exponent)",
        (
            Parameter("minimum", "duration", None, 0.0, None, "the shortest delay", exclusive=True, required=True),
            Parameter(
                "exponent",
                "number",
                None,
                1.0,
                1000.0,
                "exponent of the density",
                exclusive=True,
                required=True,
            ),
        ),
        "Barabasi 2005",
    ),
    Choice(
        "delay",
        "table",
        "the chance of each number of ticks, from 0 on; what is left of 1 never shares",
        (Parameter("chances", "chances", None, help="a list of chances", required=True),),
    ),
)

_METRICS = (
    Choice("metric", "reach", "people with at least one impression, seeds included", unit="people"),
    Choice("metric", "impressions", "shares that were seen", unit="impressions"),
    Choice("metric", "engaged", "people persuaded to engage, seeds included", unit="people"),
    Choice("metric", "shares", "broadcasts to followers, and contacts with single ones", unit="shares"),
    Choice(
        "metric",
        "generations",
        "steps from a seed, or somebody an advertisement engaged, to the most distant person engaged",
        unit="steps",
    ),
    Choice("metric", "time_to_peak", "time until most people engage in one tick, seeds left out", unit="ticks"),
    Choice(
        "metric",
        "time_to_half",
        "time until half of the people ever engaged by a share or an advertisement are engaged, seeds left out",
        unit="ticks",
    ),
    Choice(
        "metric",
        "reproduction_number",
        "people engaged by one person of generation 1, the first number free of the choice of seeds",
        source="Goel, Watts & Goldstein 2012",
        unit="people per person",
    ),
    Choice(
        "metric",
        "cost",
        "what the seeds cost; those who decline cost what price.declined says",
        unit="money",
    ),
    Choice(
        "metric",
        "viral_chance",
        "chance that as many people engage as report.viral_threshold asks",
        unit="probability",
    ),
    Choice("metric", "roots", "dissatisfied people who start the item themselves: testimony", unit="people"),
    Choice("metric", "conversions", "people who convert on engaging with the item, each once", unit="people"),
    Choice(
        "metric",
        "incremental_conversions",
        "those of them who would not have come of their own accord by the end",
        unit="people",
    ),
    Choice(
        "metric",
        "baseline_conversions",
        "people who come of their own accord by the end, with or without the campaign; the same for every item",
        unit="people",
    ),
    Choice(
        "metric",
        "trust",
        "mean trust of all people in the brand at the end, the same for every item; undefined where no item takes any",
        unit="share",
    ),
)

_LOW = Parameter("low", "share", 0.0, 0.0, 1.0, "tie trust that 0 becomes")
_HIGH = Parameter("high", "share", 1.0, 0.0, 1.0, "tie trust that 1 becomes")
_STRETCH = Parameter("stretch", "truth", False, help="take the smallest number for 0 and the largest for 1")
_TRUST_SEED = Parameter("random_seed", "integer", 1, 0, 2**63 - 1, "keys the luck of tie trust alone")


def _weight(name: str, help_: str) -> Parameter:
    return Parameter(name, "number", 0.0, 0.0, 1e6, f"weight of {help_}")


_TIE_TRUST = (
    Choice(
        "tie_trust",
        "given",
        "what network.trust or the trust column says, rescaled",
        (_LOW, _HIGH, _STRETCH),
    ),
    Choice(
        "tie_trust",
        "reciprocity",
        "high where two people follow each other, low where one follows the other",
        (_LOW, _HIGH),
    ),
    Choice(
        "tie_trust",
        "overlap",
        "the more of their other ties two people have in common, the higher",
        (_LOW, _HIGH, _STRETCH),
        "Onnela et al., PNAS 2007",
    ),
    Choice("tie_trust", "uniform", "drawn for each tie, all values alike", (_LOW, _HIGH, _TRUST_SEED)),
    Choice(
        "tie_trust",
        "triangular",
        "drawn for each tie, most often near the mode",
        (
            _LOW,
            Parameter("mode", "share", 0.5, 0.0, 1.0, "most frequent tie trust (assumption)"),
            _HIGH,
            _TRUST_SEED,
        ),
    ),
    Choice(
        "tie_trust",
        "beta",
        "drawn for each tie from a beta distribution of mean a / (a + b)",
        (
            Parameter("a", "integer", 2, 1, 50, "first shape: more of it, more trust (assumption)"),
            Parameter("b", "integer", 2, 1, 50, "second shape: more of it, less trust (assumption)"),
            _LOW,
            _HIGH,
            _TRUST_SEED,
        ),
    ),
    Choice(
        "tie_trust",
        "combined",
        "the weighted mean of several of these",
        (
            _weight("given", "what network.trust or the trust column says"),
            _weight("reciprocity", "1 where two people follow each other, else 0"),
            _weight("overlap", "the share of their other ties that two people have in common"),
            _weight("uniform", "a number drawn for each tie, from 0 to 1"),
            _LOW,
            _HIGH,
            _STRETCH,
            _TRUST_SEED,
        ),
    ),
)


def tie_trust_faults(name: str, values: Mapping[str, Scalar]) -> list[tuple[str, str, str]]:
    """Return what is wrong with parameters of a tie trust that are right one by one: (name, message, hint).

    Examples
    --------
    >>> tie_trust_faults("overlap", {"low": 0.9, "high": 0.2})
    [('low', 'low is 0.9, more than high, 0.2', 'exchange them')]
    """
    low, high = values.get("low", 0.0), values.get("high", 1.0)
    if isinstance(low, float) and isinstance(high, float) and low > high:
        return [("low", f"low is {low:g}, more than high, {high:g}", "exchange them")]
    mode = values.get("mode")
    if name == "triangular" and not low <= mode <= high:  # type: ignore[operator]
        return [("mode", f"mode is {mode:g}, expected a share from low, {low:g}, to high, {high:g}", "")]
    parts = ("given", "reciprocity", "overlap", "uniform")
    if name == "combined" and not any(values.get(part) for part in parts):
        return [
            (
                "combined",
                f"all weights are 0; expected at least one of {', '.join(parts)}",
                "give one of them more, such as overlap 1",
            )
        ]
    return []


_HOMOPHILY = Parameter(
    "homophily",
    "share",
    0.0,
    0.0,
    1.0,
    "how much more often ties join people alike than by chance: 0 not at all, 1 only people alike (assortativity)",
)
_WHOLE = Parameter("whole", "truth", False, help="whether numbers are rounded to whole ones")
_AT_LEAST = Parameter("low", "number", None, -1e300, 1e300, "nobody has less; the rest keeps its proportions")
_AT_MOST = Parameter("high", "number", None, -1e300, 1e300, "nobody has more; the rest keeps its proportions")


def _of_distribution(
    name: str, help_: str, minimum: float | None = None, maximum: float | None = None, *, exclusive: bool = False
) -> Parameter:
    low = -1e300 if minimum is None else minimum
    high = 1e300 if maximum is None else maximum
    return Parameter(name, "number", None, low, high, help_, exclusive=exclusive, required=True)


_DISTRIBUTIONS = (
    Choice(
        "distribution",
        "shares",
        "texts, each with its share of the people; the one meant where none is written",
        (
            Parameter(
                "values", "shares", None, help="value -> share of the people; they add up to 100 %", required=True
            ),
            _HOMOPHILY,
            Parameter("hubs", "names", None, help="values that go to the people with most followers, best first"),
            Parameter(
                "strength",
                "share",
                1.0,
                0.0,
                1.0,
                "share of those whose value is among hubs who are hubs indeed; the others are anybody (with hubs)",
            ),
        ),
        "homophily: Newman 2003, Phys. Rev. E 67, 026126",
    ),
    Choice(
        "distribution",
        "uniform",
        "numbers, all alike between two bounds",
        (_of_distribution("low", "the smallest"), _of_distribution("high", "the largest"), _WHOLE, _HOMOPHILY),
    ),
    Choice(
        "distribution",
        "normal",
        "numbers around a mean",
        (
            _of_distribution("mean", "their mean, before low and high"),
            _of_distribution("deviation", "their standard deviation, before low and high", 0.0, exclusive=True),
            _AT_LEAST,
            _AT_MOST,
            _WHOLE,
            _HOMOPHILY,
        ),
    ),
    Choice(
        "distribution",
        "log-normal",
        "numbers above 0, most small and a few very large",
        (
            _of_distribution("median", "half of them are smaller, before low and high", 0.0, exclusive=True),
            _of_distribution("sigma", "standard deviation of their natural logarithm", 0.0, 100.0, exclusive=True),
            _AT_LEAST,
            _AT_MOST,
            _WHOLE,
            _HOMOPHILY,
        ),
    ),
    Choice(
        "distribution",
        "triangular",
        "numbers between two bounds, most often near the mode",
        (
            _of_distribution("low", "the smallest"),
            _of_distribution("mode", "the most frequent"),
            _of_distribution("high", "the largest"),
            _WHOLE,
            _HOMOPHILY,
        ),
    ),
)

_SMALLEST = Parameter("low", "own", None, help="the smallest number", required=True)
_LARGEST = Parameter("high", "own", None, help="the largest number", required=True)
_NONE_SMALLER = Parameter("low", "own", None, help="none is smaller; the rest keeps proportions (default: as allowed)")
_NONE_LARGER = Parameter("high", "own", None, help="none is larger; the rest keeps proportions (default: as allowed)")


def _above_zero(name: str, help_: str, maximum: float) -> Parameter:
    return Parameter(name, "number", None, 0.0, maximum, help_, exclusive=True, required=True)


_UNKNOWNS = (
    Choice("unknown", "uniform", "all numbers alike between two bounds", (_SMALLEST, _LARGEST)),
    Choice(
        "unknown",
        "triangular",
        "between two bounds, most often near the mode",
        (_SMALLEST, Parameter("mode", "own", None, help="the most frequent number", required=True), _LARGEST),
    ),
    Choice(
        "unknown",
        "normal",
        "around a mean",
        (
            Parameter("mean", "own", None, help="their mean, before low and high", required=True),
            Parameter("deviation", "own", None, help="standard deviation, before low and high", required=True),
            _NONE_SMALLER,
            _NONE_LARGER,
        ),
    ),
    Choice(
        "unknown",
        "log-normal",
        "above 0, most small and a few very large",
        (
            Parameter("median", "own", None, help="half of them are smaller, before low and high", required=True),
            _above_zero("sigma", "standard deviation of their natural logarithm", 100.0),
            _NONE_SMALLER,
            _NONE_LARGER,
        ),
    ),
    Choice(
        "unknown",
        "beta",
        "between two bounds, with the mean low + a / (a + b) x (high - low)",
        (
            _above_zero("a", "first shape: more of it, larger numbers", 1e6),
            _above_zero("b", "second shape: more of it, smaller numbers", 1e6),
            Parameter("low", "own", None, help="the smallest number (default for shares: 0)"),
            Parameter("high", "own", None, help="the largest number (default for shares: 1)"),
        ),
    ),
    Choice(
        "unknown",
        "values",
        "one of several numbers",
        (
            Parameter("values", "list", None, help="the numbers", required=True),
            Parameter("weights", "list", None, help="how often each is drawn, in proportion (default: all alike)"),
        ),
    ),
)


def distribution_faults(name: str, values: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Return what is wrong with parameters of a distribution that are right one by one: (name, message, hint).

    Examples
    --------
    >>> distribution_faults("uniform", {"low": 3.0, "high": 2.0})
    [('low', 'low is 3, expected less than high, 2', 'exchange them')]
    >>> distribution_faults("shares", {"values": {"media": 0.1, "public": 0.9}, "hubs": ("medai",)})[0][2]
    "did you mean 'media'?"
    """
    if name == "shares":
        hubs = values.get("hubs", ())
        for hub in hubs:
            if hub not in values["values"]:
                listed = ", ".join(values["values"])
                return [("hubs", f"'{hub}' is not among the values {listed}", did_you_mean(hub, values["values"]))]
        if hubs and values.get("homophily"):
            return [("homophily", "choose one of 'homophily' and 'hubs', not both", "")]
        if not hubs and values.get("strength", 1.0) != 1.0:
            return [("strength", "this belongs to hubs, and none are named", "")]
        return []
    low, high = values.get("low", -inf), values.get("high", inf)
    if low >= high:
        return [("low", f"low is {low:g}, expected less than high, {high:g}", "exchange them" if low > high else "")]
    if name == "triangular" and not low <= values["mode"] <= high:
        return [("mode", f"mode is {values['mode']:g}, expected a number from low, {low:g}, to high, {high:g}", "")]
    if name in ("normal", "log-normal"):
        lower, upper = _share_below(name, values, low), _share_below(name, values, high)
        if upper - lower < 1e-9:
            given = "high" if "high" in values else "low"
            return [(given, "hardly a number of this distribution lies from low to high", "")]
    return []


def _share_below(name: str, values: Mapping[str, Any], number: float) -> float:
    if name == "log-normal":
        return _normal_share((log(number / values["median"]) if number > 0.0 else -inf) / values["sigma"])
    return _normal_share((number - values["mean"]) / values["deviation"])


def _normal_share(z: float) -> float:
    return 0.5 * erfc(-z / 1.4142135623730951)


_ROLES = (
    Choice(
        "role",
        "prospect",
        "who may become a customer",
        also=("prospects", "lead", "leads", "buyer", "buyers", "target", "target-group", "potential-customer"),
    ),
    Choice("role", "customer", "who has bought already", also=("customers", "client", "clients", "user", "users")),
    Choice(
        "role",
        "media",
        "newspapers, broadcasters, journalists",
        also=("press", "journalist", "journalists", "news", "newspaper", "newspapers", "editor", "broadcaster"),
    ),
    Choice(
        "role",
        "blogger",
        "who publishes for an audience of their own",
        also=(
            "bloggers",
            "influencer",
            "influencers",
            "creator",
            "creators",
            "celebrity",
            "youtuber",
            "opinion-leader",
        ),
    ),
    Choice(
        "role", "employee", "who works for the brand", also=("employees", "staff", "worker", "workers", "colleague")
    ),
    Choice(
        "role", "public", "everybody else", also=("everyone", "everybody", "people", "consumer", "audience", "other")
    ),
)

_HALF_LIVES = "half-life of a post on {}: Graffius 2018, of practitioners' figures"
_SHOWN_TO_STRANGERS = "an assumption: it is known that most of what is watched was recommended, not how"

_PLATFORMS = (
    Choice(
        "platform",
        "microblog",
        "short public posts that strangers follow, with numbers of Twitter",
        source="Zhao et al. 2015; Graffius 2018",
        also=("twitter", "x", "tweets", "mastodon", "bluesky", "threads", "weibo"),
        fills=(
            ("visibility", "20%", "an assumption: most posts have passed before one looks"),
            (
                "delay",
                {"law": "power-law", "minimum": "5min", "exponent": 1.242},
                "reaction times on Twitter: Zhao et al. 2015 (SEISMIC), without what is shorter than 5 minutes",
            ),
            ("half_life", "21min", _HALF_LIVES.format("Twitter")),
        ),
    ),
    Choice(
        "platform",
        "social-network",
        "posts among friends, with numbers of Facebook",
        source="Bernstein, Bakshy, Burke & Karrer 2013; Graffius 2018",
        also=("facebook", "friends", "vk", "social"),
        fills=(
            (
                "visibility",
                "35%",
                "share of one's friends that a post reaches on Facebook: Bernstein, Bakshy, Burke & Karrer 2013",
            ),
            ("half_life", "30min", _HALF_LIVES.format("Facebook")),
        ),
    ),
    Choice(
        "platform",
        "photos",
        "pictures of people one follows, with numbers of Instagram",
        source="Graffius 2018",
        also=("instagram", "pictures", "images", "photo", "pinterest"),
        fills=(
            ("visibility", "35%", "an assumption: as on Facebook (Bernstein, Bakshy, Burke & Karrer 2013)"),
            ("half_life", "19h", _HALF_LIVES.format("Instagram")),
        ),
    ),
    Choice(
        "platform",
        "professional",
        "posts among colleagues, with numbers of LinkedIn",
        source="Graffius 2018",
        also=("linkedin", "xing", "business", "work", "colleagues"),
        fills=(
            ("visibility", "20%", "an assumption: it is not looked at every day"),
            ("half_life", "24h", _HALF_LIVES.format("LinkedIn")),
        ),
    ),
    Choice(
        "platform",
        "video",
        "videos that are mostly recommended to strangers, with numbers of YouTube",
        source="Graffius 2018",
        also=("youtube", "videos", "clips", "tiktok", "reels", "shorts", "vimeo"),
        fills=(
            ("visibility", "10%", "an assumption"),
            ("half_life", "6d", _HALF_LIVES.format("YouTube").replace("a post", "a video")),
            ("discovery", {"rate": 0.01, "most": 20}, _SHOWN_TO_STRANGERS),
        ),
    ),
    Choice(
        "platform",
        "messenger",
        "messages to people one knows, with numbers that are assumptions, of no platform in particular",
        also=("whatsapp", "telegram", "chat", "messages", "signal", "sms", "texts", "messaging"),
        fills=(
            ("visibility", "90%", "an assumption: messages are read"),
            ("share_rate", "30%", "an assumption: a message is forwarded by hand"),
        ),
    ),
    Choice(
        "platform",
        "e-mail",
        "messages that are opened or not, with numbers of newsletters and of forwarded e-mails",
        source="Mailchimp 2019; Iribarren & Moro 2009",
        also=("email", "mail", "newsletter", "newsletters", "e-mails", "emails"),
        fills=(
            ("visibility", "21%", "mean open rate of newsletters: Mailchimp's benchmarks of 2019"),
            (
                "delay",
                {"law": "log-normal", "median": "6h", "sigma": 1.7},
                "forwarded e-mails wait for about a day in the mean, log-normally: Iribarren & Moro 2009; "
                "median and sigma are an assumption",
            ),
        ),
    ),
)

_DESIGNS = (
    Choice(
        "design", "grid", "every combination of the values", also=("full", "factorial", "full-factorial", "product")
    ),
    Choice(
        "design",
        "random",
        "samples drawn independently; more samples add to those before",
        also=("monte-carlo", "mc", "uniform"),
    ),
    Choice(
        "design",
        "latin",
        "samples that fill every key's range evenly; another number of samples draws all anew",
        source="McKay, Beckman & Conover 1979",
        also=("lhs", "latin-hypercube", "hypercube"),
    ),
    Choice(
        "design",
        "sobol",
        "low-discrepancy samples from which Sobol indices are estimated: samples x (2 x keys + 2) cells",
        source="Sobol 2001; Saltelli et al. 2010",
        also=("saltelli", "sobol-indices"),
    ),
    Choice(
        "design",
        "morris",
        "trajectories that move one key at a time, for screening: samples x (keys + 1) cells",
        source="Morris 1991; Campolongo, Cariboni & Saltelli 2007",
        also=("elementary-effects", "screening", "trajectories"),
    ),
)

FAMILIES: tuple[str, ...] = (
    "generator",
    "strategy",
    "kind",
    "law",
    "emission",
    "delay",
    "metric",
    "tie_trust",
    "distribution",
    "unknown",
    "price",
    "role",
    "platform",
    "design",
)
"""The families of choices."""

_CHOICES: Mapping[str, Mapping[str, Choice]] = MappingProxyType(
    {
        family: MappingProxyType({choice.name: choice for choice in declared})
        for family, declared in zip(
            FAMILIES,
            (
                _GENERATORS,
                _STRATEGIES,
                _KINDS,
                _LAWS,
                _EMISSIONS,
                _DELAYS,
                _METRICS,
                _TIE_TRUST,
                _DISTRIBUTIONS,
                _UNKNOWNS,
                _PRICES,
                _ROLES,
                _PLATFORMS,
                _DESIGNS,
            ),
            strict=True,
        )
    }
)


def choices(family: str) -> dict[str, Choice]:
    """Return the choices of a family by name, in the order of the docs.

    Parameters
    ----------
    family : str
        One of `FAMILIES`.

    Raises
    ------
    KeyError
        If there is no such family (a defect of the caller, not of a scenario).

    Examples
    --------
    >>> list(choices("delay"))
    ['none', 'geometric', 'log-normal', 'power-law', 'table']
    """
    return dict(_CHOICES[family])


def complete_parameters(
    choice: Choice, given: Mapping[str, object], tick_seconds: float = 3600.0
) -> tuple[dict[str, Any], list[tuple[str, str, str]]]:
    """Check parameters against their declaration and fill in the defaults.

    Parameters
    ----------
    choice : Choice
        The declaration.
    given : mapping of str to object
        What was written.
    tick_seconds : float
        Length of a tick, for durations with a unit.

    Returns
    -------
    values : dict
        Every parameter that could be read, defaults included, in the declared order.
    findings : list of (name, message, hint)
        What is wrong: unknown, missing and unusable parameters.

    Examples
    --------
    >>> complete_parameters(choices("generator")["ring"], {"people": 6})
    ({'people': 6, 'neighbours': 1}, [])
    >>> for name, message, hint in complete_parameters(choices("generator")["ring"], {"peple": 6})[1]:
    ...     print(message, "-", hint)
    generator 'ring' has no parameter 'peple'; it has people, neighbours - did you mean 'people'?
    """
    findings: list[tuple[str, str, str]] = []
    further: dict[str, Scalar] = {}
    for name, value in given.items():
        if choice.parameter(name) is None:
            if choice.open and isinstance(value, int | float) and isfinite(value):
                further[name] = float(value) if isinstance(value, float) else value
            elif choice.open and not did_you_mean(name, (p.name for p in choice.parameters)):
                findings.append((name, f"expected a number, true or false; got {shown(value)}", ""))
            else:
                findings.append((name, *unknown_parameter(choice, name)))
    values: dict[str, Any] = {}
    for parameter in choice.parameters:
        if parameter.name in given:
            try:
                values[parameter.name] = parameter.read(given[parameter.name], tick_seconds)
            except BadValueError as issue:
                findings.append((parameter.name, issue.message, issue.hint))
        elif parameter.default is not None:
            values[parameter.name] = parameter.default
        elif parameter.required:
            findings.append(
                (
                    parameter.name,
                    f"missing: {choice.family} '{choice.name}' needs it ({parameter.help})",
                    "",
                )
            )
    return {**values, **further}, findings


def unknown_parameter(choice: Choice, name: str) -> tuple[str, str]:
    """Return message and hint for a parameter that `choice` does not have.

    Examples
    --------
    >>> unknown_parameter(choices("generator")["star"], "mixing")[1]
    "'mixing' belongs to generator 'communities'"
    """
    own = [parameter.name for parameter in choice.parameters]
    message = f"{choice.family} '{choice.name}' has no parameter '{name}'; it has {', '.join(own) or 'none'}"
    family = _CHOICES[choice.family].values()
    owners = [f"'{other.name}'" for other in family if other.parameter(name) is not None]
    lacking = [f"'{other.name}'" for other in family if other.parameter(name) is None]
    if len(owners) > 2 * len(lacking) > 0:
        return message, f"'{name}' belongs to every {choice.family} but {', '.join(lacking)}"
    if owners:
        return message, f"'{name}' belongs to {choice.family} {', '.join(owners)}"
    return message, did_you_mean(name, own)
