"""`--figures DIR` draws what a command found, and what stands in the way of it is told before anything is played."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Call = Callable[..., Any]

STORY = "item.story={kind='rumour', stickiness='10%', wave={first={strategy='random', count=5}}}"


def names(folder: str) -> set[str]:
    found = sorted(path.name for path in Path(folder).iterdir())
    assert [name for name in found if name.endswith(".png")] == [
        name.replace(".svg", ".png") for name in found if name.endswith(".svg")
    ]
    return {name.removesuffix(".png") for name in found if name.endswith(".png")}


@pytest.mark.parametrize(
    ("words", "drawn"),
    [
        (("run", "small.toml", "--realisations", "20"), {"reach", "distribution"}),
        (("run", "small.toml", "--realisations", "1", "--set", STORY), {"reach", "distribution", "trust"}),
        (("compare", "small.toml", "--realisations", "20", "--no-stop"), {"differences", "effort"}),
        (("crisis", "small.toml", "--realisations", "5", "--set", STORY), {"crisis", "crisis-trust"}),
        (("graph", "info", "communities:people=200"), {"degrees"}),
        (("graph", "info", "small.toml"), {"degrees"}),
    ],
)
def test_figures_are_written_and_replaced(call: Call, words: tuple[str, ...], drawn: set[str]) -> None:
    answer = call(*words, "--figures", "new/figures")
    assert (answer.code, names("new/figures")) == (0, drawn)
    assert "written to new/figures: " in answer.err
    plain = call(*words)
    assert plain.out == answer.out  # what is printed stays the same
    (Path("new/figures") / f"{sorted(drawn)[0]}.png").write_text("old")
    assert call(*words, "--figures", "new/figures").code == 0
    assert (Path("new/figures") / f"{sorted(drawn)[0]}.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    "words",
    [
        ("run", "small.toml"),
        ("compare", "small.toml"),
        ("crisis", "small.toml", "--set", STORY),
        ("sweep", "small.toml", "--vary", "plan=hubs,random"),
        ("graph", "info", "small.toml"),
        ("graph", "info", "communities:people=200"),
    ],
)
def test_where_figures_cannot_go_is_told_before_anything_is_played(
    call: Call, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    def played(*_: object, **__: object) -> None:
        raise AssertionError("played")

    for module in ("outcome", "experiments"):
        for name in {"outcome": ("simulate", "compare", "crisis"), "experiments": ("sweep",)}[module]:
            monkeypatch.setattr(f"viralsim.{module}.{name}", played)
    answer = call(*words, "--figures", "small.toml")
    assert (answer.code, answer.out) == (1, "")
    assert "small.toml: cannot be written: File exists" in answer.err
