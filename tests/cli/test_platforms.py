"""Networks with several platforms on the command line: what is said, and what a first wrong call is told."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Call = Callable[..., Any]

ROWS = "platform,source,target\n" + "".join(
    f"{'calls' if k % 3 else 'texts'},p{k % 20},p{(k * 7 + 3) % 20}\n" for k in range(60)
)
LAYERED = """[network]
file = "layers.csv"
platform_column = "platform"

[platform.feed]
visibility = "50%"

[item.content]
stickiness = "50%"

[plan.all.wave.first]
strategy = "degree"
count = 3

[plan.other.wave.first]
strategy = "random"
count = 3
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "layers.csv").write_text(ROWS, encoding="utf-8")
    (tmp_path / "mine.toml").write_text(LAYERED, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_run_says_which_layer_it_plays(call: Call, folder: Path) -> None:
    answer = call("run", "mine.toml", "--realisations", "20", "--set", "platform.feed.layer=calls")
    assert answer.code == 0
    assert "arcs of the layer 'calls' (of 2)" in answer.out
    assert "platforms: texts: 20 rows = " in answer.err
    assert "; calls: 40 rows = " in answer.err


@pytest.mark.parametrize("words", [["run", "mine.toml"], ["check", "--data", "mine.toml"], ["replay", "mine.toml"]])
def test_the_first_thing_a_user_hits(call: Call, folder: Path, words: list[str]) -> None:
    """The platform of a scenario is no layer: said once, though two plans play it, with what to write."""
    answer = call(*words)
    assert answer.code == 4
    assert answer.err.count("mine.toml:5:1: platform.feed: the network (") == 1
    assert "has no layer 'feed'; its layers are texts, calls\n" in answer.err
    assert answer.err.endswith('  hint: say which one it plays: platform.feed.layer = "texts"\n')


def test_check_with_data(call: Call, folder: Path) -> None:
    words = ("check", "--data", "mine.toml", "--set", "platform.feed.layer=calls")
    assert "arcs of the layer 'calls' (of 2); all seeds are found" in call(*words).out
    arcs = json.loads(call("graph", "info", "layers.csv", "--platform-column", "1", "--json").out)["platforms"]
    assert json.loads(call(*words, "--json").out)["arcs"] == arcs["calls"]["arcs"]


def test_graph_info_of_all_and_of_one(call: Call, folder: Path) -> None:
    words = ("graph", "info", "layers.csv", "--platform-column", "platform")
    answer = call(*words)
    assert answer.code == 0
    assert "on 2 platforms" in answer.out
    assert "choose one to see more, e.g. --platform texts" in answer.out
    one = call(*words, "--platform", "calls")
    assert one.out.startswith("layers.csv, platform calls\n")
    assert "import: 40 rows = " in one.out
    named = call(*words, "--platform-names", "calls=phone", "--platform", "phone")
    assert named.out.splitlines()[1:-1] == one.out.splitlines()[1:-1]


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        ("--platform call", 4, "there is no layer 'call'; the layers are texts, calls\n  hint: did you mean 'calls'?"),
        ("--platform-names calls", 2, "--platform-names: expected VALUE=NAME, found 'calls'"),
        ("--platform-names calls=a,calls=b", 2, "--platform-names: expected VALUE=NAME, found 'calls' twice"),
        ("--platform-names call=a", 4, "--platform-names names 'call', but the platforms of the data are texts, calls"),
    ],
)
def test_wrong_calls(call: Call, folder: Path, options: str, code: int, message: str) -> None:
    answer = call("graph", "info", "layers.csv", "--platform-column", "1", *options.split())
    assert (answer.code, answer.out) == (code, "")
    assert message in answer.err


def test_platforms_without_their_column(call: Call, folder: Path) -> None:
    answer = call("graph", "info", "layers.csv", "--platform", "calls")
    assert answer.code == 4
    assert "the arcs of this network are of no platform, so there is no 'calls' to choose" in answer.err
    assert "--platform-column names the column" in answer.err
    answer = call("graph", "info", "layers.csv", "--platform-names", "calls=a")
    assert (answer.code, answer.out) == (2, "")
    assert "--platform-names needs a --platform-column" in answer.err
