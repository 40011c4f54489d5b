"""What the tests of sweeps share."""

from __future__ import annotations

import numpy as np

import viralsim as vs


def same_tables(one: vs.Sweep, other: vs.Sweep) -> bool:
    """Byte by byte, masks too; rows of single realisations as well."""
    for first, second in ((one.table(), other.table()), (one.realisations_table(), other.realisations_table())):
        if list(first) != list(second):
            return False
        for name, values in first.items():
            if not np.array_equal(np.ma.getmaskarray(values), np.ma.getmaskarray(second[name])):
                return False
            if np.ma.filled(values, -1).tolist() != np.ma.filled(second[name], -1).tolist():
                return False
    return True
