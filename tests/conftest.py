"""What holds for all tests."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def no_graph_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes the user's cache of graphs; those about it name a folder of their own."""
    monkeypatch.setenv("VIRALSIM_GRAPH_CACHE", "off")
