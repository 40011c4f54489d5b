"""What holds for all tests."""

from __future__ import annotations

import signal

import pytest
from browser import browser, page  # noqa: F401


def pytest_configure() -> None:
    """Hear interrupts: tests started in the background may have SIGINT ignored, and so would commands they start."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def no_graph_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes the user's cache of graphs; those about it name a folder of their own."""
    monkeypatch.setenv("VIRALSIM_GRAPH_CACHE", "off")
