"""`viralsim compare`: what it prints, writes and refuses."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import viralsim as vs
from viralsim.errors import UsageError
from viralsim.outcome.tables import FILES, read_outcome
from viralsim.scenario import choices

Call = Callable[..., Any]
PAIR = {
    *("difference", "difference_low", "difference_high", "ratio", "ratio_low", "ratio_high"),
    *("verdict", "pairing", "realisations_needed"),
}


def strictly(text: str) -> Any:
    def refuse(word: str) -> None:
        raise AssertionError(f"{word} is not JSON")

    return json.loads(text, parse_constant=refuse)


@pytest.mark.parametrize("options", [(), ("--after", "6h"), ("--plans", "hubs"), ("--metric", "time_to_half")])
def test_json_holds_all_numbers(call: Call, options: tuple[str, ...]) -> None:
    answer = call("compare", "small.toml", "--json", "-q", "--realisations", "60", "--no-stop", *options)
    assert (answer.code, answer.err) == (0, "")
    found = strictly(answer.out)
    names = ["hubs"] if "--plans" in options else ["random", "hubs"]
    assert list(found["plans"]) == names
    assert sorted(found["order"]) == sorted(names)
    for plan in found["plans"].values():
        assert set(plan["metrics"]) == set(choices("metric"))
        assert {"ranks", "chance_best", "wins", "dominated_by", "chance_undominated", found["effort"]} <= set(plan)
        assert set(plan["to_best"]) == set(plan["to_baseline"]) == PAIR
    for pair in found["pairs"]:
        assert set(pair) == PAIR | {"plan", "other"}
        assert pair["verdict"] in ("better", "worse", "tie", None)
    assert len(found["pairs"]) == len(names) - 1
    assert (found["decided"] is not None) == ("--after" in options)
    assert found["rivals"]["verdict"] in ("already", "within", "beyond")
    assert found["baseline"] == names[0]
    assert found["realisations"] == 60
    assert found["most_realisations"] is None
    assert found["scenario_hash"]


def test_json_is_what_python_gives_on_any_number_of_threads(call: Call) -> None:
    words = ("compare", "small.toml", "-q", "--json", "--realisations", "1500", "--after", "3h")
    one, two = call(*words, "--threads", "1"), call(*words, "--threads", "2")
    assert one.out == two.out
    assert strictly(one.out) == vs.compare(vs.read_scenario("small.toml"), realisations=1500, after="3h").to_dict()


def test_the_text_says_what_it_should(call: Call) -> None:
    answer = call("compare", "small.toml", "--realisations", "2000", "--after", "6h")
    assert answer.code == 0
    text = " ".join(answer.out.split())
    assert "2 plans by engaged of item 'content'" in text
    assert "against 'hubs', the best" in text
    assert "against 'random', the baseline" in text
    assert "Settled after 1,000 realisations at 95% confidence: hubs > random." in text
    assert "no pair of plans is judged wrongly" in text
    assert "The same luck for all plans" in text
    assert "random is beaten by hubs" in text
    assert "random people instead of 'hubs'" in text
    assert "as many people" in text
    assert "decided after 6 h" in text
    assert "is ahead at the end in" in text
    assert max(map(len, answer.out.splitlines())) <= 80


def test_what_cannot_be_told_apart_is_said(call: Call) -> None:
    """A ranking was printed as if the order of two means were one."""
    again = "plan.again.wave.other={strategy='random', count=2, redraw=true}"
    answer = call("compare", "small.toml", "--set", again, "--margin", "0", "--realisations", "1200")
    assert answer.code == 0
    assert "after 1,000 realisations: hubs leads" in answer.err
    text = " ".join(answer.out.split())
    assert "Not settled after 1,200 realisations at 95% confidence" in text
    assert "cannot be told apart" in text
    assert "not told apart" in answer.out
    assert call("compare", "small.toml", "-q", "--set", again, "--margin", "0", "--realisations", "1200").err == ""


def test_equal_plans_are_called_equal(call: Call) -> None:
    again = "plan.again.wave.first={strategy='random', count=2, redraw=true}"
    text = " ".join(call("compare", "small.toml", "-q", "--set", again).out.split())
    assert "hubs > random = again." in text
    assert "Equal means that means surely differ by less than 1% of the best." in text


def test_all_shows_every_metric_and_pair(call: Call) -> None:
    answer = call("compare", "small.toml", "-q", "--all", "--realisations", "50", "--no-stop")
    assert "hubs against random" in answer.out
    heads = [line for line in answer.out.splitlines() if "95% interval" in line and "5% … median" in line]
    absent = {"cost", "roots", "conversions", "incremental_conversions", "baseline_conversions", "trust"}
    assert len(heads) == len(set(choices("metric")) - absent)  # nothing costs anything, nobody converts, no trust


def test_one_plan_is_compared_with_random_people(call: Call) -> None:
    answer = call("compare", "small.toml", "-q", "--plans", "hubs", "--realisations", "50")
    assert "against" not in answer.out
    assert "random people instead of 'hubs'" in answer.out


def test_prices_are_shown(call: Call) -> None:
    answer = call("compare", "small.toml", "-q", "--set", "price={model='flat', amount=12.5}", "--realisations", "50")
    header = next(line for line in answer.out.splitlines() if line.startswith("plan"))
    assert header.split()[:3] == ["plan", "cost", "engaged"]
    assert "25.00" in answer.out
    assert "Worth looking at by cost and result" in " ".join(answer.out.split())


def test_a_folder_with_a_folder_for_each_plan(call: Call) -> None:
    words = ("compare", "small.toml", "--realisations", "40", "--no-stop", "-o", "out")
    answer = call(*words, "--json")
    assert answer.err == "written to out\n"
    assert sorted(path.name for path in Path("out").iterdir()) == ["comparison.json", "hubs", "random"]
    assert strictly(Path("out/comparison.json").read_text()) == strictly(answer.out)
    scenario = vs.read_scenario("small.toml")
    for plan in ("hubs", "random"):
        assert sorted(path.name for path in Path("out", plan).iterdir()) == sorted(FILES)
        assert read_outcome(Path("out", plan)) == vs.simulate(scenario, plan=plan, realisations=40)
    assert call(*words).code == 2
    again = call(*words, "--force", "-q")
    assert (again.code, again.err) == (0, "")
    Path("out/hubs/mine.txt").write_text("keep me")
    refused = call(*words, "--force")
    assert refused.code == 2
    assert Path("out/hubs/mine.txt").read_text() == "keep me"
    assert [path.name for path in Path().iterdir() if path.name.startswith(".out")] == []


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("--plans hubs,rendom", "there is no plan 'rendom' in small.toml; the plans are random, hubs"),
        ("--plans hubs,,random", "expected names with commas between them; got 'hubs,,random'"),
        ("--plans hubs,hubs", "plan 'hubs' is named twice"),
        ("--plans hubs --baseline random", "the baseline, 'random', is not among the plans compared: hubs"),
        ("--rivals-of nobody", "the plan to catch up with, 'nobody', is not among the plans compared: random, hubs"),
        ("--confidence 0", "expected a share of at least 50% and below 100%, such as 95% or 0.99; got '0'"),
        ("--confidence 5%", "expected a share of at least 50% and below 100%"),
        ("--confidence 100%", "expected a share of at least 50% and below 100%"),
        ("--margin -1%", "expected a share above 0 and below 100%"),
        ("--margin 100%", "expected a share above 0 and below 100%"),
        ("--metric reech", "no metric 'reech'; choose from reach,"),
        ("--metric reproduction_number", "plans cannot be compared by reproduction_number"),
        ("--metric reach --no-impressions", "plans cannot be compared by reach where impressions are not counted"),
        ("--after 90min", "after: 90min is 1.5 ticks of 1h"),
        ("--after 3d", "after: 3d is not before the end of the campaign, 2d"),
        ("--after soon", 'after: expected a duration such as "6h"'),
        ("--after -1h", "after: expected a duration"),
        ("--realisations 0", "expected a whole number of at least 1"),
        ("--realisations 1000000000", "of memory"),
        ("--first 4294967290 --realisations 20", "realisations are numbered from 0 to 4,294,967,295"),
        ("--plan hubs", "no such option '--plan'"),
    ],
)
def test_a_wrong_call_is_explained(call: Call, words: str, message: str) -> None:
    answer = call("compare", "small.toml", "-q", *words.split())
    assert (answer.code, answer.out) == (2, "")
    assert message in answer.err


def test_wrong_calls_are_refused_before_the_network_is_read(call: Call) -> None:
    answer = call("compare", "small.toml", "--set", "network.file=nowhere.csv", "--metric", "reech")
    assert answer.code == 2
    assert call("compare", "small.toml", "--set", "network={file='nowhere.csv'}").code == 4


def test_invalid_scenarios_and_missing_seeds_have_their_exit_codes(call: Call) -> None:
    assert call("compare", "small.toml", "--set", "item.content.stickiness=2").code == 3
    assert call("compare", "nowhere.toml").code in (2, 3, 4)
    missing = call("compare", "small.toml", "-q", "--set", "plan.bad.wave.one={strategy='explicit', people=[9999]}")
    assert missing.code == 4
    assert "plan.bad.wave.one.people" in missing.err


@pytest.mark.long
def test_ctrl_c_ends_at_once_and_leaves_nothing(folder: Path) -> None:
    words = [
        "compare",
        "small.toml",
        "--set",
        "network.people=20000",
        "--no-stop",
        "--realisations",
        "100000",
        "-o",
        "out",
    ]
    process = subprocess.Popen(
        [sys.executable, "-c", "from viralsim.cli import main; main()", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=folder,
        env=dict(os.environ),
    )
    time.sleep(6.0)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert out == b""
    assert b"interrupted" in err
    assert not (folder / "out").exists()


def test_what_has_no_price_is_not_compared_by_cost(call: Call) -> None:
    answer = call("compare", "--metric", "cost")
    assert (answer.code, answer.out) == (2, "")
    assert "plans cannot be compared by cost: nothing has a price" in answer.err


def test_a_comparison_is_no_outcome(tmp_path: Path) -> None:
    comparison = vs.compare(vs.read_scenario(settings=["network.people=300"]), realisations=20, rivals=False)
    with pytest.raises(UsageError, match="an Outcome was expected, got Comparison"):
        vs.write_results(tmp_path / "out", comparison, vs.read_scenario())  # type: ignore[arg-type]
