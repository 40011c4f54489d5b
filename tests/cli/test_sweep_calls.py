"""`viralsim sweep` and `viralsim results`: what they print, keep and refuse."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import viralsim as vs

Call = Callable[..., Any]

STICKINESS = "item.content.stickiness"
GRID = ("sweep", "small.toml", "--vary", f"{STICKINESS}=5%,20%", "--vary", "plan=hubs,random", "--realisations", "30")


@pytest.fixture
def kept(call: Call) -> str:
    assert call(*GRID, "-o", "out", "-q").code == 0
    return "out"


def test_a_line_for_each_cell_and_what_explains_it(call: Call) -> None:
    answer = call(*GRID, "--metric", "engaged", "--figures", "figures")
    assert answer.code == 0
    lines = answer.out.splitlines()
    assert lines[0].startswith(f"4 cells: grid of {STICKINESS}, plan; 30 realisations of each; common")
    at = lines.index("engaged of item 'content'")
    assert lines[at + 1].split()[:3] == ["stickiness", "plan", "mean"]
    outcome = vs.simulate(vs.read_scenario("small.toml", settings=[f"{STICKINESS}=20%"]), plan="hubs", realisations=30)
    mean, low, high = (outcome.engaged.mean, outcome.engaged.mean_low, outcome.engaged.mean_high)
    assert lines[at + 4].split()[:6] == ["20%", "hubs", f"{mean:.1f}", f"{low:.1f}", "…", f"{high:.1f}"]
    assert "what explains engaged: shares of the variance between cells" in answer.out
    assert "results are kept nowhere: -o DIR keeps them" in answer.err
    names = [f"{name}.{ending}" for name in ("curve", "effects", "heat-map") for ending in ("png", "svg")]
    assert sorted(path.name for path in Path("figures").iterdir()) == names


def test_the_same_call_goes_on_and_more_is_added(call: Call, kept: str) -> None:
    again = call(*GRID, "-o", kept)
    assert "0 realisations played" in again.err
    more = call(*GRID[:-1], "40", "-o", kept)
    assert "40 realisations played" in more.err
    assert call("results", kept).out == more.out


def test_a_dry_run_tells_what_it_takes_and_plays_nothing(call: Call) -> None:
    answer = call(*GRID, "--dry-run", "-o", "out")
    assert answer.code == 0
    assert [line.split()[:2] for line in answer.out.splitlines()[:3]] == [
        ["cells", "4"],
        ["graphs", "1"],
        ["realisations", "120"],
    ]
    assert not Path("out").exists()
    told = json.loads(call(*GRID, "--dry-run", "--json").out)
    assert (told["cells"], told["realisations"]) == (4, 120)


def test_a_tipping_point(call: Call) -> None:
    words = ("sweep", "small.toml", "--find", f"{STICKINESS}=1%:60%", "--until", "engaged >= 20%")
    answer = call(*words, "--realisations", "100", "-o", "out", "--figures", "figures")
    assert answer.code == 0
    assert f"engaged >= 20% from {STICKINESS} " in " ".join(answer.out.split())
    assert "(95% interval" in " ".join(answer.out.split())
    assert sorted(path.name for path in Path("figures").iterdir()) == ["curve.png", "curve.svg"]
    told = json.loads(call(*words, "--realisations", "100", "--json").out)
    (point,) = told["tipping_points"]
    assert point["low"] <= point["value"] <= point["high"]
    kept = call("results", "out").out
    assert "engaged >= 20% from item.content.stickiness" in kept
    assert "one campaign: 5%" in kept  # and the cells on the way


def test_what_is_in_the_file_is_swept(call: Call) -> None:
    with Path("small.toml").open("a") as file:
        file.write('[sweep]\nrealisations = 5\nmetric = "shares"\n[sweep.vary]\nplan = ["hubs", "random"]\n')
    answer = call("sweep", "small.toml")
    assert answer.out.startswith("2 cells: grid of plan; 5 realisations of each; common luck\n\nshares of item")


def test_results_in_every_form(call: Call, kept: str) -> None:
    rows = list(csv.DictReader(io.StringIO(call("results", kept, "--format", "csv", "--metric", "engaged").out)))
    told = json.loads(call("results", kept, "--json", "--metric", "engaged").out)
    assert [float(row["mean"]) for row in rows] == [row["mean"] for row in told["rows"]]
    assert [row["plan"] for row in rows] == ["hubs", "random"] * 2
    assert [one["names"] for one in told["effects"]] == [[STICKINESS], ["plan"], [STICKINESS, "plan"]]
    assert call("results", kept, "-o", "all.parquet").code == 0
    assert Path("all.parquet").read_bytes()[:4] == b"PAR1"
    assert call("results", kept, "-o", "all.parquet").code == 2
    assert call("results", kept, "-o", "all.csv", "-q").err == ""
    assert len(Path("all.csv").read_text().splitlines()) == 1 + 4 * 15


def test_sql(call: Call, kept: str) -> None:
    sql = "SELECT plan, count(*) AS n, max(mean) AS most FROM results WHERE metric = 'cost' GROUP BY plan ORDER BY plan"
    assert call("results", kept, "--sql", sql).out == "plan    n  most\nhubs    2     0\nrandom  2     0\n"
    assert json.loads(call("results", kept, "--sql", "SELECT count(*) AS n FROM realisations", "--json").out) == [
        {"n": 120}
    ]
    assert call("results", kept, "--sql", "SELECT 1 AS a, NULL AS b", "--format", "csv").out == "a,b\n1,\n"


def test_the_scenario_of_a_cell_plays_as_the_cell_did(call: Call, kept: str) -> None:
    assert call("results", kept, "--scenario", "3", "-o", "cell.toml").code == 0
    played = json.loads(call("run", "cell.toml", "--plan", "random", "--realisations", "30", "--json").out)
    told = json.loads(call("results", kept, "--json", "--metric", "engaged").out)["rows"][3]
    assert played["metrics"]["engaged"]["mean"] == told["mean"]
    assert played["scenario_hash"] == told["scenario_hash"]


def test_effects_alone(call: Call, kept: str) -> None:
    answer = call("results", kept, "--effects", "--format", "csv")
    assert [line.split(",")[0] for line in answer.out.splitlines()] == [
        "names",
        STICKINESS,
        "plan",
        f"{STICKINESS} x plan",
    ]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("sweep", "small.toml"), 2, "nothing varies"),
        (("sweep", "small.toml", "--vary", "item.content.stickines=1%,2%"), 3, "did you mean 'stickiness'"),
        (("sweep", "small.toml", "--vary", f"{STICKINESS}=1%:2%"), 2, "a grid needs to know how many values"),
        (("sweep", "small.toml", "--vary", "plan=hubs,nobody"), 3, "no plan 'nobody'"),
        (("sweep", "small.toml", "--vary", "plan=hubs,random", "--design", "sobl"), 2, "did you mean 'sobol'"),
        (("sweep", "small.toml", "--vary", "plan=hubs,random", "--metric", "engagd"), 2, "did you mean 'engaged'"),
        (("sweep", "small.toml", "--find", STICKINESS), 2, "--until is missing"),
        (("sweep", "small.toml", "--vary", "plan=hubs", "--cluster", "local:2", "--workers", "3"), 2, "has its own"),
        (("sweep", "small.toml", "--vary", "plan=hubs", "-o", "ties.txt"), 2, "this is a file"),
        (("sweep", "small.toml", "--vary", "plan=hubs", "--dry-run", "--figures", "x"), 2, "nothing that could"),
        (("results", "nowhere"), 2, "no such folder"),
        (("results", "."), 2, "holds no sweep"),
        (("results", "out", "--metric", "engagd"), 2, "did you mean 'engaged'"),
        (("results", "out", "--item", "rumour"), 2, "no item 'rumour'"),
        (("results", "out", "--sql", "SELECT nothing FROM results"), 2, "results has cell, item.content.stickiness"),
        (("results", "out", "--sql", "DROP TABLE results"), 2, "expected one SELECT"),
        (("results", "out", "--sql", "SELECT 1", "--effects"), 2, "ask for different things"),
        (("results", "out", "--sql", "SELECT 1", "--metric", "reach"), 2, "--metric does not go with --sql"),
        (("results", "out", "--format", "parquet"), 2, "Parquet is no text"),
        (("results", "out", "--json", "--format", "csv"), 2, "contradict each other"),
        (("results", "out", "--scenario", "4"), 2, "numbered from 0 to 3"),
        (("results", "out", "--scenario", "0", "--json"), 2, "a scenario is TOML"),
        (("results", "out", "--figures", "ties.txt"), 1, "cannot be written"),
    ],
)
def test_wrong_calls_are_told(call: Call, kept: str, words: tuple[str, ...], code: int, said: str) -> None:
    answer = call(*words)
    assert answer.code == code, answer.err
    assert said in answer.err
    assert answer.out == ""


def test_where_there_is_no_tipping_point_the_range_is_told_as_it_was_written(call: Call) -> None:
    words = ("sweep", "small.toml", "--find", f"{STICKINESS}=1%:2.5%", "--until", "engaged >= 90%", "-q")
    answer = call(*words, "--realisations", "20")
    assert answer.code == 0
    assert answer.out.splitlines()[-1] == "engaged >= 90% is not reached from 1% to 2.5%"
