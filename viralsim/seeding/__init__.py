"""Seeding: which people a campaign starts with.

A strategy is one declaration in `viralsim.scenario.catalogue` and one function in
`viralsim.seeding.strategies`, registered under the same name.
"""

from viralsim.seeding.strategies import STRATEGIES, SeedGroups, seed_groups

__all__ = ["STRATEGIES", "SeedGroups", "seed_groups"]
