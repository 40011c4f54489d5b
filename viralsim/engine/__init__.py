"""The engine: a scenario on a graph compiled to flat arrays, and the kernel that plays them.

`compile` turns scenario, graph and plan into a `Program`; `kernels` plays realisations of it;
`law_kernels`, `trust_kernels`, `item_kernels`, `platform_kernels` and `crowd_kernels` hold what it calls where there is
more than chances on arcs; `profiles` finds which people are alike;
`realisations` deals blocks of them to threads; `reproduction` predicts the reproduction number without playing.
`vectors` and `viralsim.arithmetic` are what the kernel is made of.
"""

from viralsim.engine.accounts import Audience
from viralsim.engine.compile import (
    Campaign,
    arcs_by_platform,
    compile_campaign,
    fresh_effects,
    needs_brand,
    needs_crowd,
    needs_laws,
    quantile_times,
)
from viralsim.engine.realisations import (
    MOST_REALISATIONS,
    Played,
    Recalled,
    Recorded,
    play_here,
    play_realisations,
    recall_realisation,
    record_realisation,
    require_memory,
    usable_threads,
    workspace,
)
from viralsim.engine.reproduction import PredictedReproduction, predicted_reproduction
from viralsim.engine.seed_sets import SeedSets
from viralsim.engine.unknowns import drawn_numbers, numbers_of

__all__ = [
    "MOST_REALISATIONS",
    "Audience",
    "Campaign",
    "Played",
    "PredictedReproduction",
    "Recalled",
    "Recorded",
    "SeedSets",
    "arcs_by_platform",
    "compile_campaign",
    "drawn_numbers",
    "fresh_effects",
    "needs_brand",
    "needs_crowd",
    "needs_laws",
    "numbers_of",
    "play_here",
    "play_realisations",
    "predicted_reproduction",
    "quantile_times",
    "recall_realisation",
    "record_realisation",
    "require_memory",
    "usable_threads",
    "workspace",
]
