"""The reproduction number a campaign has on its graph, worked out from the arcs without playing."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from viralsim.engine.compile import Campaign
from viralsim.engine.law_kernels import EMISSIONS, LAWS

__all__ = ["PredictedReproduction", "predicted_reproduction"]

_WINDOW = 12
"""Generations over which growth is averaged: whatever repeats every 2, 3, 4, 6 or 12 of them cancels out."""
_MOST_WINDOWS = 20
_TOLERANCE = 1e-5


@dataclass(frozen=True)
class PredictedReproduction:
    """How many people each engaged person engages in turn, were nobody reached twice.

    All numbers count every way along which an item can pass without going straight back. Where ways meet again
    (friends of friends who know each other) somebody is counted once per way, so that what a campaign really
    does stays below; on a graph without circles the numbers are exact.

    Parameters
    ----------
    number : float
        Growth from generation to generation in the long run. Above 1 an item can go viral on its own; below 1
        every chain of sharing dies out, and seeds start some `seeds / (1 - number)` engaged people in all.
    mean_field : float
        Growth from the first generation to the second after seeds chosen at random: what a person engages who was
        reached along an arc, all arcs weighted by their chances.
    engaged_per_seed : float or None
        Engaged people that one seed chosen at random leads to on average, itself included, at most; None where
        the number is 1 or more.
    upper_bound : bool
        Something is not taken into account that makes the real numbers lower: novelty that fades (`half_life`), trust
        in the brand that others may take, items that exclude this one, that it is proven false, people who are not
        always online, or variants, the best of which counts for everybody.
    settled : bool
        Whether `number` stood still at the end; where not, it is the growth of the last generations looked at.

    Examples
    --------
    >>> PredictedReproduction(0.5, 0.5, 2.0, False, True).viral
    False
    """

    number: float
    mean_field: float
    engaged_per_seed: float | None
    upper_bound: bool
    settled: bool

    @property
    def viral(self) -> bool:
        """Whether the number is above 1."""
        return self.number > 1.0

    def to_dict(self) -> dict[str, float | bool | None]:
        """Return all fields as JSON takes them.

        Examples
        --------
        >>> PredictedReproduction(1.5, 1.2, None, False, True).to_dict()["number"]
        1.5
        """
        return asdict(self)


def predicted_reproduction(campaign: Campaign) -> dict[str, PredictedReproduction | None]:
    """Work out the reproduction number of each item of a campaign on its graph, without playing.

    The number is the spectral radius of the non-backtracking operator of the arcs (Hashimoto 1989), each arc
    weighted by the chance that a share is seen and persuades, times the share rate (Karrer, Newman &
    Zdeborova, "Percolation on sparse networks", Physical Review Letters 2014; Hamilton & Pryadko, "Tight lower
    bound for percolation threshold on an infinite graph", 2014). It is found by power iteration over the arcs,
    generation by generation from a seed at random, in one written order; no matrix is made.

    Visibility, attention, affinity, tie trust and endorsement are in the chances, as the engine plays them. With hidden
    thresholds the chance is that one share suffices. Delays do not matter; the horizon is taken as far enough. With a
    `half_life` the chances are those of a fresh item. Advertising and second shares at the same person play no part.

    Parameters
    ----------
    campaign : Campaign
        Of which the seeds are not used.

    Returns
    -------
    dict of str to PredictedReproduction or None
        By item. None for contacts, for repeated shares under the law curve, where arcs or people come and go, on
        several platforms and where feeds are full or show what strangers share: their growth no chance of an arc says.

    Examples
    --------
    On a ring everybody has one more neighbour to pass it on to:

    >>> import viralsim as vs
    >>> from viralsim.engine import compile_campaign
    >>> settings = ["network.generator=ring", "network.people=100", "platform.feed.visibility=50%"]
    >>> scenario = vs.read_scenario(settings=[*settings, "item.content.share_rate=50%", "item.content.endorsement=0"])
    >>> campaign = compile_campaign(scenario, vs.load_network(scenario.network))
    >>> found = predicted_reproduction(campaign)["content"]
    >>> round(found.number, 6), found.number < 1  # 1 x 50% x 50% x 10% stickiness
    (0.025, True)
    """
    platforms = campaign.program.platforms
    chosen = (platforms["feed"] >= 0) | (platforms["discovery_rate"] > 0.0)
    if len(platforms) > 1 or platforms["timed"].any() or chosen.any():
        return dict.fromkeys(campaign.items)
    return {name: _on_the_platform(campaign, item) for item, name in enumerate(campaign.items)}


def _chances(program: Any, item: int, platform: int) -> npt.NDArray[np.float64] | None:
    """Return the chance of each arc of a platform to persuade somebody nobody else has reached, or one for all.

    Under hidden thresholds that is the chance that one share suffices (Watts 2002: those are the vulnerable).
    None where no such chance says how the item grows.
    """
    of_item, pair = program.items[item], program.pairs[item, platform]
    law, emission = LAWS[of_item["law"]], EMISSIONS[of_item["emission"]]
    if emission == "contact" or (emission == "repeat" and law == "curve"):
        return None
    if law == "independent":
        once = _independent_chances(program, pair, platform)
        return once if emission == "once" else _over_time(of_item, program.activity_table[item], once)
    begin, end = int(program.offsets[platform, 0]), int(program.offsets[platform, -1])
    first, kind = int(pair["dose_first"]), int(pair["dose_kind"])
    doses = [np.zeros(1), program.dose[first : first + 1], program.dose[begin + first : end + first]][kind]
    if law == "curve":
        hazard = program.hazard[item, : of_item["hazard_count"]]
        suffices = np.zeros(len(doses))
        for unit, rate in enumerate([*hazard.tolist(), float(of_item["hazard_after"])]):
            width = np.clip(doses - unit, 0.0, 1.0) if unit < len(hazard) else np.maximum(doses - unit, 0.0)
            suffices += np.where(width > 0.0, rate, 0.0) * width
        suffices = 1.0 - np.exp(-suffices)
    else:
        needs = program.needs[item, program.followers[begin:end]]
        suffices = np.where(needs <= 1, 1.0, 0.0) * (doses > 0.0) if law == "fixed" else np.minimum(doses / needs, 1.0)
    seen = program.seen_chances[platform]
    alike = seen.min() == seen.max()
    met = seen[:1] if alike else seen[program.profile_of[program.followers[begin:end]]]
    if emission == "repeat":
        met = _over_time(of_item, program.activity_table[item], met)
    chances: npt.NDArray[np.float64] = suffices * met
    return chances


def _over_time(
    of_item: Any, table: npt.NDArray[np.uint64], chances: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Return the chances that one of many shares succeeds: for ever, or for a geometric number of ticks."""
    if of_item["is_active_for_ever"]:
        return (chances > 0.0).astype(np.float64)
    ends = float(table[0]) / 4294967296.0  # after each tick
    failed = (1.0 - chances) * ends / (1.0 - (1.0 - ends) * (1.0 - chances))
    return 1.0 - failed


def _independent_chances(program: Any, pair: Any, platform: int) -> npt.NDArray[np.float64]:
    """Return the chance of each arc as the kernel plays it, or one for all."""
    begin, end = int(program.offsets[platform, 0]), int(program.offsets[platform, -1])
    if pair["persuades"] == 0:
        return np.zeros(1)
    alike = pair["persuades"] == 1
    if alike:
        chances = np.array([(float(pair["limit"]) + 1.0) / 4294967296.0])
    else:
        shift = int(pair["limit_shift"])
        chances = (program.limits[begin + shift : end + shift].astype(np.float64) + 1.0) / 4294967296.0
    if pair["reexamine"]:
        first = int(pair["log_miss_first"])
        misses = program.log_miss[first : first + 1] if alike else program.log_miss[begin + first : end + first]
        chances[misses == 0.0] = 0.0  # a limit of 0 also stands for what never succeeds
    return chances


def _on_the_platform(campaign: Campaign, item: int, platform: int = 0) -> PredictedReproduction | None:
    from viralsim.engine.reproduction_kernels import next_generation, opposite_arcs

    program = campaign.program
    begin, end = int(program.offsets[platform, 0]), int(program.offsets[platform, -1])
    offsets, followers = program.offsets[platform] - begin, program.followers[begin:end]
    chance = _chances(program, item, platform)
    if chance is None:
        return None
    chance = chance * (float(program.items[item]["share_threshold"]) / 4294967296.0)
    chance = chance * (float(program.cross[platform, platform]) / 4294967296.0)
    satisfied = program.profiles["satisfied_threshold"] / 4294967296.0
    if not program.items[item]["disappoints"]:
        satisfied = np.ones_like(satisfied)
    if len(satisfied) > 1 and satisfied.min() < 1.0:
        chance = chance * np.repeat(satisfied[program.profile_of], np.diff(offsets))
    else:
        chance = chance * satisfied[0]
    of_item = program.items[item]
    fades = bool((program.novelty[item, platform] < 1.0).any() or of_item["left"] < 1.0)
    differs = bool(of_item["follows_trust"] or of_item["variants"] or program.online.shape[1] > 1)
    upper_bound = fades or differs or bool(of_item["exclusive"])
    flow = np.broadcast_to(chance, len(followers)).copy()
    whole = math.fsum(flow)
    if whole == 0.0:
        return PredictedReproduction(0.0, 0.0, 1.0, upper_bound, True)
    opposite = np.empty(len(followers), np.int32 if len(followers) < 2**31 else np.int64)
    opposite_arcs(offsets, followers, opposite)
    sums, after = np.empty(program.people), np.empty(len(followers))
    generation = whole / program.people  # expected people of it, after one seed
    engaged = 1.0 + generation
    number = mean_field = 0.0
    settled = False
    for window in range(_MOST_WINDOWS):
        before, growth, logs = number, 1.0, []
        for step in range(_WINDOW):
            # Each generation is scaled to a sum of 1, so that nothing overflows.
            growth = next_generation(offsets, followers, opposite, chance, 1.0 / whole, flow, sums, after)
            whole = growth
            flow, after = after, flow
            generation = min(generation * growth, 1e300)
            engaged += generation
            if window == step == 0:
                mean_field = growth
            if growth == 0.0:
                return PredictedReproduction(0.0, mean_field, engaged, upper_bound, True)
            logs.append(math.log(growth))
        number = math.exp(math.fsum(logs) / _WINDOW)
        settled = abs(number - before) <= _TOLERANCE * number
        if settled:
            break
    rest = generation * number / (1.0 - number) if number < 1.0 else None
    return PredictedReproduction(number, mean_field, None if rest is None else engaged + rest, upper_bound, settled)
