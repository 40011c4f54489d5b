"""Seeding: which people a campaign starts with.

A strategy is one declaration in `viralsim.scenario.catalogue` and one function in
`viralsim.seeding.strategies`, registered under the same name. Who is eligible is decided in
`viralsim.seeding.eligible`, who is in which segment in `viralsim.seeding.segments`, what people
cost and who is taken in `viralsim.seeding.choosing`.
"""

from viralsim.seeding.choosing import SeedGroups, seed_groups, seed_prices
from viralsim.seeding.drawing import NO_LIMIT
from viralsim.seeding.request import Request
from viralsim.seeding.segments import affinity_numbers, groups_of, individual_numbers, segments_of
from viralsim.seeding.strategies import STRATEGIES

__all__ = [
    "NO_LIMIT",
    "STRATEGIES",
    "Request",
    "SeedGroups",
    "affinity_numbers",
    "groups_of",
    "individual_numbers",
    "seed_groups",
    "seed_prices",
    "segments_of",
]
