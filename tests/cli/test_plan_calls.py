"""`viralsim plan`: what is printed, written and refused."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

Call = Callable[..., object]
PRICED = ("--set", "price={model='flat', amount=20}")
QUICK = ("--training", "20", "--candidates", "30", "--realisations", "40")


def test_what_is_printed_is_a_plan_to_append(call) -> None:  # type: ignore[no-untyped-def]
    answer = call("plan", "small.toml", "--budget", "5_0", *PRICED, *QUICK)
    assert answer.code == 0
    block = tomllib.loads(answer.out)["plan"]["planned"]["wave"]["first"]
    assert len(block["people"]) == 2
    assert "# best strategy, " in answer.out
    assert answer.err.splitlines()[0] == "looking at what the strategies choose ..."
    assert "choosing among 30 of 300 people on 20 training realisations ..." in answer.err
    Path("small.toml").write_text(Path("small.toml").read_text() + answer.out)
    run = call("run", "small.toml", "--plan", "planned", "--realisations", "40", "--json", "-q", *PRICED)
    mean = json.loads(run.out)["metrics"]["engaged"]["mean"]
    assert f"# engaged: {mean:.1f} " in answer.out or f"# engaged: {mean:.2f} " in answer.out
    again = call("plan", "small.toml", "--count", "2", *QUICK, "--plan", "planned")
    assert "[plan.planned-2.wave.first]" in again.out


def test_json_and_files(call) -> None:  # type: ignore[no-untyped-def]
    answer = call("plan", "small.toml", "--count", "3", *QUICK, "--json", "-q", "--objective", "reach")
    assert answer.err == ""
    found = json.loads(answer.out)
    assert found["certificate"] is None
    assert [step["seeds"] for step in found["curve"]] == [1, 2, 3]
    assert found["curve"][-1]["estimate"] == found["estimate"]
    written = call("plan", "small.toml", "--count", "3", *QUICK, "--objective", "reach", "-o", "plan.toml", "-q")
    assert (written.code, written.out, written.err) == (0, "", "")
    assert Path("plan.toml").read_text() == found["toml"]
    refused = call("plan", "small.toml", "--count", "3", "-o", "plan.toml")
    assert (refused.code, refused.err) == (
        2,
        "error: plan.toml: the file exists already\n  hint: --force replaces it\n",
    )


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        ((), 2, "error: either --budget or --count says how many seeds there are; neither is given"),
        (("--budget", "5", "--count", "5"), 2, "both are given"),
        (("--budget", "-5"), 2, "expected an amount of money above 0, such as 5_000 or 2.50; got '-5'"),
        (("--budget", "nan"), 2, "expected an amount of money above 0"),
        (("--count", "0"), 2, "expected a whole number"),
        (("--count", "301"), 2, "asks for 301 seeds, but the people who are eligible number 300"),
        (("--budget", "5"), 2, "a budget needs prices, and here seeds cost nothing"),
        (("--budget", "5", *PRICED), 2, "a budget of 5.00 buys nobody: the cheapest costs 20.00"),
        (("--count", "1", "--objective", "viral"), 2, "there is no such metric"),
        (("--count", "1", "--plan", "hub"), 2, "did you mean 'hubs'?"),
        (("--count", "1", "--set", "plan.random.wave.first.where={town='Oslo'}"), 4, "town"),
        (("--count", "1", "--set", "item.content.stickiness=110%"), 3, "1 problem"),
    ],
)
def test_what_is_refused(call, words: tuple[str, ...], code: int, message: str) -> None:  # type: ignore[no-untyped-def]
    answer = call("plan", "small.toml", *words)
    assert (answer.code, answer.out) == (code, "")
    assert message in answer.err
