"""What comes out: JSON as promised, tables that no thread or block changes, replays of what was counted."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import networkx
import pytest

import viralsim as vs
from viralsim.outcome.tables import FILES, forecast, read_outcome
from viralsim.scenario import choices

Call = Callable[..., Any]
NUMBERS = {"mean", "mean_low", "mean_high", "p05", "p50", "p95"}


def strictly(text: str) -> Any:
    """Parse JSON as the standard has it: no NaN, no Infinity."""

    def refuse(word: str) -> None:
        raise AssertionError(f"{word} is not JSON")

    return json.loads(text, parse_constant=refuse)


@pytest.mark.parametrize("options", [(), ("--no-impressions",), ("--realisations", "1"), ("--plan", "hubs")])
def test_json_of_a_forecast(call: Call, options: tuple[str, ...]) -> None:
    answer = call("run", "small.toml", "--json", "--realisations", "40", *options)
    assert answer.err == ""
    forecast = strictly(answer.out)
    assert {"metrics", "items", "segments", "platforms", "realisations", "random_seed", "scenario_hash"} <= set(
        forecast
    )
    assert set(forecast["metrics"]) == set(choices("metric"))
    for name, estimate in forecast["metrics"].items():
        assert set(estimate) == NUMBERS
        if name == "trust" or (name in ("reach", "impressions") and "--no-impressions" in options):
            assert set(estimate.values()) == {None}
        else:
            assert isinstance(estimate["mean"], int | float)
    assert forecast["items"]["content"] == forecast["metrics"]
    assert forecast["realisations"] == (1 if "1" in options else 40)
    if "1" in options:
        assert forecast["metrics"]["engaged"]["mean_low"] is None


def test_json_is_what_python_gives(call: Call) -> None:
    scenario = vs.read_scenario("small.toml", settings=["random_seed=7"])
    outcome = vs.simulate(scenario, plan="hubs", realisations=30, first=5)
    words = ("run", "small.toml", "--set", "random_seed=7", "--plan", "hubs", "--realisations", "30", "--first", "5")
    assert strictly(call(*words, "--json").out) == forecast(outcome, scenario)
    assert strictly(json.dumps(outcome.to_dict(), allow_nan=False)) == outcome.to_dict()


def test_tables_are_the_same_bytes_for_any_threads_and_block(call: Call) -> None:
    for name, options in {
        "plain": [],
        "one": ["--threads", "1", "--block", "1"],
        "some": ["--threads", "2", "--block", "64"],
        "all": ["--threads", "2", "--block", "1000"],
    }.items():
        assert call("run", "small.toml", "-q", "--realisations", "130", "-o", name, *options).code == 0
    for file in FILES:
        assert len({Path(name, file).read_bytes() for name in ("plain", "one", "some", "all")}) == 1, file


def test_blocks_of_realisations_add(call: Call) -> None:
    for name, first, count in (("whole", 0, 60), ("left", 0, 25), ("right", 25, 35)):
        words = ("run", "small.toml", "-q", "--first", first, "--realisations", count, "-o", name)
        assert call(*words).code == 0
    whole, left, right = (read_outcome(name) for name in ("whole", "left", "right"))
    assert left + right == whole
    rows = [Path(name, "realisations.csv").read_text().splitlines() for name in ("whole", "left", "right")]
    assert rows[0] == rows[1] + rows[2][1:]


def test_a_folder_of_results(call: Call) -> None:
    answer = call("run", "small.toml", "--realisations", "20", "-o", "out", "--json")
    assert answer.err == "written to out\n"
    assert sorted(path.name for path in Path("out").iterdir()) == sorted(FILES)
    assert strictly(Path("out/forecast.json").read_text()) == strictly(answer.out)
    manifest = strictly(Path("out/manifest.json").read_text())
    forecast = strictly(answer.out)
    assert manifest["scenario_hash"] == forecast["scenario_hash"]
    assert {"viralsim", "numpy", "numba", "python"} <= set(manifest["versions"])
    # The resolved scenario plays the same, and has more written down.
    again = strictly(call("run", "out/scenario.toml", "--realisations", "20", "--json").out)
    assert len(again.pop("assumptions")) < len(forecast.pop("assumptions"))
    assert again == forecast


def test_replay_is_the_realisation_that_was_counted(call: Call) -> None:
    words = ("small.toml", "-q", "--set", "item.content.stickiness=30%")
    assert call("run", *words, "--realisations", "12", "-o", "out").code == 0
    rows = list(csv.DictReader(Path("out/realisations.csv").read_text().splitlines()))
    assert len({row["engaged"] for row in rows}) > 1
    for row in rows[::4]:
        replay = ("replay", *words, "--realisation", row["realisation"])
        people = list(csv.DictReader(io.StringIO(call(*replay, "--format", "csv").out)))
        assert len(people) == int(row["engaged"])
        generations = [int(person["generation"]) for person in people]
        assert max(generations) == int(row["generations"])
        assert generations.count(1) == int(row["generation_1"])
        cascade = strictly(call(*replay, "--json").out)
        assert (cascade["size"], cascade["depth"]) == (len(people), max(generations))
        graph = networkx.parse_graphml(call(*replay, "--format", "graphml").out)
        assert graph.number_of_nodes() == len(people)
        assert graph.number_of_edges() == len(people) - generations.count(0)
        text = call(*replay, "--limit", "100000").out.splitlines()
        assert text[0].startswith(f"plan random, realisation {row['realisation']}: {len(people):,} ")
        assert len(text) == 2 + len(people)


def test_replay_to_a_file(call: Call) -> None:
    printed = call("replay", "small.toml", "--format", "json").out
    answer = call("replay", "small.toml", "--format", "json", "-o", "cascade.json")
    assert (answer.code, answer.out, answer.err) == (0, "", "written to cascade.json\n")
    assert Path("cascade.json").read_text() == printed
    again = call("replay", "small.toml", "-o", "cascade.json")
    assert (again.code, again.err) == (2, "error: cascade.json: the file exists already\n  hint: --force replaces it\n")
    assert call("replay", "small.toml", "-q", "-o", "cascade.json", "--force").err == ""
    assert Path("cascade.json").read_text().startswith("plan random, realisation 0:")
    assert sorted(path.name for path in Path().iterdir()) == ["cascade.json", "small.toml", "ties.txt"]


def test_text_of_a_long_cascade_is_cut_and_says_so(call: Call) -> None:
    words = ("replay", "small.toml", "--set", "item.content.stickiness=100%")
    answer = call(*words, "--limit", "3")
    lines = answer.out.splitlines()
    assert len(lines) == 2 + 3 + 1
    size = strictly(call(*words, "--json").out)["size"]
    assert lines[-1] == f"... and {size - 3:,} more people"


def test_many_cascades_as_text_json_and_csv(call: Call) -> None:
    words = ("replay", "small.toml", "--realisations", "30", "-q")
    plain = ("--set", "item.content.endorsement=0")
    found = strictly(call(*words, *plain, "--json").out)
    assert (found["realisations"], found["first_realisation"], found["cascades"]) == (30, 0, 60)
    assert sum(one["cascades"] for one in found["by_size"]) == 60
    assert set(found["by_size"][0]["depth"]) == NUMBERS
    assert found["exposure_curve"][0]["expected"] == pytest.approx(0.2, abs=1e-9)
    ran = strictly(call("run", *words[1:], *plain, "--json").out)
    assert found["reproduction_by_generation"] == ran["reproduction_by_generation"]
    assert found["scenario_hash"] == ran["scenario_hash"]

    rows = list(csv.DictReader(io.StringIO(call(*words, *plain, "--format", "csv").out)))
    assert list(rows[0]) == ["realisation", "size", "depth", "max_breadth", "structural_virality"]
    assert sum(int(row["size"]) for row in rows) / 30 == ran["metrics"]["engaged"]["mean"]

    text = call(*words, *plain).out
    assert "30 realisations, 60 cascades (one per seed)" in text
    assert "share 1" in text
    assert max(map(len, text.splitlines())) <= 80
    assert (
        "No chance by the number of shares seen: the novelty" in call(*words, "--set", "item.content.half_life=2h").out
    )


def test_cascades_of_two_plans_matched_on_size(call: Call) -> None:
    words = ("replay", "small.toml", "--realisations", "40", "-q", "--plan", "random", "--against", "hubs")
    found = strictly(call(*words, "--json").out)
    assert (found["plan"], found["against"]["plan"]) == ("random", "hubs")
    assert set(found["matched"]["by_size"]) == {"size", "depth", "max_breadth", "structural_virality"}
    assert found["matched"]["matched"] <= min(found["matched"]["cascades"])
    text = call(*words).out
    assert f"{found['matched']['matched']} cascades of each, of equal size" in text
    assert text.count("plan 'hubs'") == 2
    shifted = strictly(call(*words, "--json", "--first", "7", "--threads", "1").out)
    assert shifted["first_realisation"] == 7
