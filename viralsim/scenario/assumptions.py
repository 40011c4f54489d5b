"""What a result rests on that nobody has written: defaults that their descriptions call assumptions.

Which these are is read from the descriptions of the keys, so that a new key of that kind is not forgotten; what is
decided here is when a key can change a result at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import BaseModel

from viralsim.errors import UsageError, did_you_mean
from viralsim.scenario.catalogue import Choice, choices
from viralsim.scenario.locating import KeyPath, path_text
from viralsim.scenario.schema import Delay, Discovery, Item, Scenario, Wave, strangers
from viralsim.scenario.toml_text import toml_value
from viralsim.scenario.units import shown

__all__ = ["Assumption", "assumptions_of"]

_DEFAULT = re.compile(r"\s*\bDefault(?:(?: [^\s:]+(?: %)?)?:)? (?P<why>.*assumption.*)", re.DOTALL)
_SCOPE = re.compile(r"^[A-Z][\w, ]{0,30}: (?=[a-z])")  # "Testimony, rumour: ..."
_NEVER = {"conversion", "baseline"}
"""Keys that bring something into a scenario by being written: nothing rests on their defaults."""


@dataclass(frozen=True)
class Assumption:
    """A default that a result rests on, since nobody has written the key, and no finding says that it is so.

    Parameters
    ----------
    path : str
        The key, as `--set` takes it.
    value : object
        The default as one would write it: a number, a share from 0 to 1, text, a duration with its unit.
    why : str
        Where the default comes from.
    meaning : str
        What the key says.

    Examples
    --------
    >>> from viralsim.scenario import read_scenario
    >>> for assumption in read_scenario(settings=["segment.everyone.attention=90%"]).assumptions():
    ...     if assumption.path.startswith("segment"):
    ...         print(f"{assumption.path}={assumption.value}: {assumption.why}")
    segment.everyone.trust=1.0: an assumption
    segment.everyone.satisfaction=1.0: an assumption
    segment.everyone.decline=0.0: an assumption
    """

    path: str
    value: object
    why: str
    meaning: str = ""


def assumptions_of(scenario: Scenario, plan: str | None = None) -> tuple[Assumption, ...]:
    """Return the assumptions that matter; see `Scenario.assumptions`."""
    if plan is not None and plan not in scenario.plan:
        close = did_you_mean(str(plan), scenario.plan)
        raise UsageError(f"no plan {shown(plan)}; there is {', '.join(scenario.plan)}", hint=close)
    campaign = _Campaign(scenario, plan)
    found = [
        (campaign.rank(path), Assumption(path_text(path), value, why, meaning))
        for path, value, why, meaning in _labelled(scenario)
        if path not in scenario._written and path[-1] not in _NEVER and campaign.rests_on(path)
    ]
    return tuple(assumption for _, assumption in sorted(found, key=lambda one: one[0]))


# ---------------------------------------------------------------------------------------------------------
# All defaults that are called assumptions


def _labelled(scenario: Scenario) -> Iterator[tuple[KeyPath, object, str, str]]:
    """Yield the path, value, reason and meaning of every key whose default is called an assumption."""
    for path, table in _tables(scenario):
        if path in scenario._filled:
            continue  # as part of what a preset has written
        for name, field in type(table).model_fields.items():
            meaning, found = _told(field.description or "")
            source = scenario._filled.get((*path, name))
            if source is not None:
                found = source if "assumption" in source else ""
            if found:
                yield (*path, name), _written_value(getattr(table, name), (*path, name), scenario), found, meaning
    for path, choice in _choices(scenario):
        for parameter in choice.parameters:
            meaning, label, _ = parameter.help.partition(" (assumption)")
            if label:
                yield (*path, parameter.name), parameter.default, "an assumption", meaning


def _told(description: str) -> tuple[str, str]:
    """Return what a description says of the key, and why its default is what it is; "" where that is no assumption.

    Examples
    --------
    >>> _told("Rumour: how much (share). Default 0.1: an assumption; 0 is usual.")
    ('how much (share)', 'an assumption; 0 is usual')
    """
    description = _SCOPE.sub("", description)
    found = _DEFAULT.search(description)
    if found is None:
        return description, ""
    return description[: found.start()].rstrip(" ."), found["why"].rstrip(".")


def _tables(scenario: Scenario) -> Iterator[tuple[KeyPath, BaseModel]]:
    """Yield every table with its path, in the order in which assumptions are told."""
    yield ("trust",), scenario.trust
    for name, item in scenario.item.items():
        yield ("item", name), item
        if item.advertisement is not None:
            yield ("item", name, "advertisement"), item.advertisement
    for name, segment in scenario.segment.items():
        yield ("segment", name), segment
    for name, platform in scenario.platform.items():
        yield ("platform", name), platform
        if platform.discovery is not None:
            yield ("platform", name, "discovery"), platform.discovery
    yield ("network",), scenario.network
    for name, layer in scenario.network.layer.items():
        yield ("network", "layer", name), layer
    if scenario.price is not None:
        yield ("price",), scenario.price
    yield ("time",), scenario.time
    yield ("report",), scenario.report


def _choices(scenario: Scenario) -> Iterator[tuple[KeyPath, Choice]]:
    """Yield the choices with parameters of their own, with the path of the table that holds these."""
    network = scenario.network
    if network.generator is not None:
        yield ("network",), choices("generator")[network.generator]
    if network.tie_trust is not None:
        yield ("network", "tie_trust"), choices("tie_trust")[network.tie_trust.origin]
    for path, wave in _waves(scenario, list(scenario.plan)):
        yield path, choices("strategy")[wave.strategy]


def _waves(scenario: Scenario, plans: list[str]) -> Iterator[tuple[KeyPath, Wave]]:
    # (Waves of items are in every plan.)
    yield from {path: wave for plan in plans for path, wave in scenario.waves(plan).items()}.items()


def _written_value(value: object, path: KeyPath, scenario: Scenario) -> object:
    """Return a default as one would write it."""
    match value:
        case None:
            return "none"
        case Delay():
            return value.law if value.law == "none" else toml_value(value._resolved())
        case Discovery():
            return toml_value(value.model_dump())
        case dict() if path[-1] == "cross_post":
            return "none"
        case dict():  # affinities: all alike
            return next(iter(value.values()), 1.0)
    if path in (("trust", "half_life"), ("time", "horizon")) and isinstance(value, int | float):
        seconds = round(value * scenario.time.tick, 6)  # (30 days need be no whole number of ticks)
        units = (("d", 86_400), ("h", 3600), ("min", 60))
        unit, length = next((one for one in units if seconds % one[1] == 0), ("s", 1))
        return f"{seconds / length:g}{unit}"
    return value


# ---------------------------------------------------------------------------------------------------------
# Which of them can change a result


class _Campaign:
    """What of a scenario can happen at all, in one plan or in any of them."""

    def __init__(self, scenario: Scenario, plan: str | None) -> None:
        self.scenario = scenario
        self.unknown = {unknown.path for unknown in scenario.unknowns}
        self.waves = dict(_waves(scenario, list(scenario.plan) if plan is None else [plan]))
        self.items = self._started()
        self.harm = {
            name: item
            for name, item in self.items.items()
            if item.kind in ("testimony", "rumour") and self.above(0.0, item, "item", name, "damage")
        }
        self.answers = [
            name
            for name, item in self.items.items()
            if item.kind == "restoration" and self.above(0.0, item, "item", name, "repair")
        ]

    def above(self, least: float, table: BaseModel, *path: str) -> bool:
        """Tell whether the number at `path`, the last part of which is a key of `table`, can be above `least`."""
        return path in self.unknown or bool(getattr(table, path[-1]) > least)

    def below(self, most: float, table: BaseModel, *path: str) -> bool:
        """Tell the same of below `most`."""
        return path in self.unknown or bool(getattr(table, path[-1]) < most)

    def _some_segment(self, key: str) -> bool:
        """Tell whether a share of some segment can be below 1."""
        return any(self.below(1.0, one, "segment", name, key) for name, one in self.scenario.segment.items())

    def _started(self) -> dict[str, Item]:
        """Return the items that something starts: waves, advertisements, or dissatisfied people."""
        known = {name: item for name, item in self.scenario.item.items() if not item.silent}
        seeded = {wave.item for wave in self.waves.values()}
        disappointed = self._some_segment("satisfaction")
        found: dict[str, Item] = {}
        for _ in known:  # one may begin what the one before has begun
            for name, item in known.items():
                begun = (name in seeded or item.advertisement is not None) and (not item.after or item.after in found)
                if begun or (disappointed and item.born_of in found):
                    found[name] = item
        return {name: item for name, item in known.items() if name in found}

    def rank(self, path: KeyPath) -> int:
        """Return the place in the list: what is about trust first, where any item takes it."""
        if not self.harm:
            return 9
        match path:
            case ("trust", _) | ("item", _, "damage" | "scar" | "heal" | "disproof"):
                return 0
            case ("segment", _, "trust" | "satisfaction") | ("item", _, "sensitivity"):
                return 1
            case ("item", _, "repair"):
                return 2
            case ("item", _, "after_reach" | "reaction_delay"):
                return 3
        return 9

    def rests_on(self, path: KeyPath) -> bool:
        """Tell whether the key at `path` can change a result."""
        match path:
            case ("trust", _):
                return any(self.below(1.0, item, "item", name, "scar") for name, item in self.harm.items())
            case ("item", str(name), *_) if name not in self.items:
                return False
            case ("item" | "plan", _, "wave", _, _):
                return path[:4] in self.waves and self.waves[path[:4]].item in self.items
            case ("item", str(name), str(key)):
                return self._of_item(name, key)
            case ("segment", _, str(key)):
                return self._of_segment(key)
            case ("platform", _, "visibility"):
                return any(item.emission != "contact" for item in self.items.values())
            case ("platform", _, str(key)):
                return path in self.scenario._filled or self._of_platform(key)
            case ("network", str(key)):
                return self._of_network(key)
            case ("price", "declined"):
                segments = self.scenario.segment.items()
                return any(self.above(0.0, one, "segment", name, "decline") for name, one in segments)
        return True

    def _of_item(self, name: str, key: str) -> bool:
        item = self.items[name]
        if any(key in strangers(family, getattr(item, family)) for family in ("kind", "law", "emission")):
            return False
        match key:
            case "scar":
                return name in self.harm
            case "heal":
                return name in self.harm and bool(self.answers) and self.above(0.0, item, "item", name, "scar")
            case "disproof":
                return item.proven_false_at is not None
            case "repair":
                return bool(self.harm)
            case "after_reach" | "reaction_delay":
                return bool(item.after)
            case "sensitivity":
                return bool(self.harm) or self._some_segment("trust")
            case "endorsement":
                return item.arc_probability is None
            case "trials":
                return self.scenario.network.file is not None
            case "half_life":
                return item.novelty is None and item.half_life is None
            case "affinity":
                return len(self.scenario.segment) > 1
        return True

    def _of_platform(self, key: str) -> bool:
        match key:
            case "share_rate" | "cross_post" | "discovery" | "feed_length":
                return len(self.scenario.platform) > 1
            case "half_life":
                return any(item.half_life == "platform" for item in self.items.values())
        return True

    def _of_segment(self, key: str) -> bool:
        kinds = {item.kind for item in self.items.values()}
        match key:
            case "susceptibility":
                return len(self.scenario.segment) > 1
            case "online":
                segments = self.scenario.segment.values()
                return self.scenario.time.start is not None or any(one.online is not None for one in segments)
            case "satisfaction":
                return "content" in kinds
            case "decline":
                return bool(self.waves)
            case "trust":
                sensitive = any(self.above(0.0, one, "item", name, "sensitivity") for name, one in self.items.items())
                converting = any(
                    self.above(0.0, one, "segment", name, "conversion") for name, one in self.scenario.segment.items()
                )
                return bool(self.harm) or sensitive or ("content" in kinds and converting)
        return True

    def _of_network(self, key: str) -> bool:
        network = self.scenario.network
        match key:
            case "trust":
                endorsed = any(
                    self._of_item(name, "endorsement") and self.above(0.0, item, "item", name, "endorsement")
                    for name, item in self.items.items()
                )
                return endorsed and network.tie_trust is None and network.trust_column is None
            case "direction":
                return network.file is not None
            case "merge":
                return network.file is not None and network.trust_column is not None
        return True
