"""Seeding: which people a campaign starts with.

A strategy is one declaration in `viralsim.scenario.catalogue` and one function in
`viralsim.seeding.strategies`, registered under the same name.
"""

from viralsim.seeding.choosing import Request, SeedGroups, seed_groups
from viralsim.seeding.strategies import STRATEGIES

__all__ = ["STRATEGIES", "Request", "SeedGroups", "seed_groups"]
