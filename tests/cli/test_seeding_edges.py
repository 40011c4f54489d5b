"""Seeding at its edges, as a user meets it: a sensible result, or an error that names the place and a way out."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from viralsim.scenario import choices

Call = Callable[..., Any]

NETWORKS = {
    "one person": ("1 1\n", "id,worth,town\n1,5,a\n"),
    "no arcs": ("1 1\n2 2\n3 3\n", "id,worth,town\n1,5,a\n2,6,a\n3,,b\n"),
    "two parts": ("1 2\n2 3\n3 1\n4 5\n5 6\n", "id,worth,town\n1,5,a\n2,6,a\n3,,b\n4,1,b\n5,1,a\n6,2,\n"),
}
PEOPLE = {"one person": 1, "no arcs": 3, "two parts": 6}
ALSO = {
    "explicit": "people = [1]",
    "column": 'attribute = "worth"',
    "mixture": 'parts = { degree = "50%", random = "50%" }',
}
SCENARIO = """{head}
[network]
file = "ties.txt"
people_file = "people.csv"

[item.content]
stickiness = "50%"

[time]
horizon = 5
"""


def write(network: str, plans: str, head: str = "") -> None:
    ties, people = NETWORKS[network]
    Path("ties.txt").write_text(ties)
    Path("people.csv").write_text(people)
    Path("edge.toml").write_text(SCENARIO.format(head=head) + plans)


def wave(name: str, *lines: str, plan: str = "it") -> str:
    """Return a wave of a plan; explicit people take no count, where or per."""
    kept = [line for line in lines if name != "explicit" or not line.startswith(("count", "where", "per"))]
    return "\n".join(["", f"[plan.{plan}.wave.first]", f'strategy = "{name}"', ALSO.get(name, ""), *kept, ""])


def all_plans(*lines: str) -> Iterator[tuple[str, str]]:
    for name in choices("strategy"):
        yield name, wave(name, *lines, plan=name)


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize(
    "lines",
    [
        ("count = 1",),
        ("count = 1", 'where = { town = "a" }'),
        ("budget = 5", "price = 5"),
        ("budget = 1_000_000", "price = 5"),
        ("budget = 0", "price = 0"),
        ("budget = 10", "count = 1", "price = 0", 'where = { town = "a" }'),
    ],
)
def test_every_strategy_plays_on_odd_networks(call: Call, network: str, lines: tuple[str, ...]) -> None:
    """21 plans of one scenario, compared: cheap, and all of the table at once."""
    write(network, "".join(plan for _, plan in all_plans(*lines)))
    answer = call("compare", "edge.toml", "--realisations", 10, "--no-stop", "--json", "-q")
    assert answer.code == 0, answer.err
    found = json.loads(answer.out)["plans"]
    assert set(found) == set(choices("strategy"))
    for name, plan in found.items():
        seeds, cost = plan.get("seeds"), plan.get("cost")
        if "price = 5" not in lines:
            assert cost is None
            assert 1 <= seeds <= PEOPLE[network]
        elif "budget = 5" in lines or name == "explicit":
            assert cost == 5.0
        else:  # everybody can be had, but for those without a value in the column
            without = sum(line.split(",")[1] == "" for line in NETWORKS[network][1].splitlines())
            assert cost == 5.0 * (PEOPLE[network] - (without if name == "column" else 0))


REFUSED = {
    "too few": (["count = 7"], "count", "number 6", "ask for at most 6"),
    "nowhere": (["count = 1", 'where = { town = "zzz" }'], "where", "nobody has town = 'zzz'", "'a', 'b'"),
    "too dear": (["budget = 4", "price = 5"], "budget", "buys nobody: the cheapest costs 5.00", "a larger budget"),
    "budget of nothing": (["budget = 0", "price = 5"], "budget", "buys nobody", "a larger budget"),
    "no prices": (["budget = 0"], "budget", "a budget needs prices", "price = 50"),
}


@pytest.mark.parametrize("case", REFUSED)
@pytest.mark.parametrize("name", [name for name in choices("strategy") if name != "explicit"])
def test_what_cannot_be_had_is_refused_in_words(call: Call, name: str, case: str) -> None:
    lines, key, said, hint = REFUSED[case]
    if name == "column" and case == "too few":
        said, hint = "of the people who are eligible 5 have a value of 'worth'", "at most 5"
        lines = ["count = 6"]
    write("two parts", wave(name, *lines))
    answer = call("run", "edge.toml", "-q")
    assert answer.code == (3 if case == "no prices" else 4)
    assert answer.out == ""
    assert "edge.toml:" in answer.err  # with line and column
    for words in (f"plan.it.wave.first.{key}: ", said, hint):
        assert words in answer.err


def test_explicit_people_too_dear_or_named_twice(call: Call) -> None:
    write("two parts", wave("explicit", "budget = 4", "price = 5"))
    answer = call("run", "edge.toml", "-q")
    assert answer.code == 4
    assert "plan.it.wave.first.budget: buys nobody: the cheapest costs 5.00" in answer.err
    write("two parts", wave("explicit").replace("[1]", "[1, 2, 1]"))
    answer = call("run", "edge.toml", "-q")
    assert answer.code == 3
    assert "people[2]: 1 is listed twice" in answer.err


@pytest.mark.parametrize("name", ["degree", "random", "betweenness", "mixture"])
def test_an_earlier_wave_took_everybody(call: Call, name: str) -> None:
    second = wave(name, "count = 1", "start = 1").replace("first", "second")
    write("two parts", wave("degree", "count = 6") + second)
    answer = call("run", "edge.toml", "-q")
    assert answer.code == 4
    assert "plan.it.wave.second.count: asks for 1, but the people who are eligible number 0" in answer.err
    assert "hint: 6 in an earlier wave of this plan" in answer.err  # it said that nobody fits `where`
    write("two parts", wave("degree", "count = 5") + second)
    assert call("run", "edge.toml", "-q", "--realisations", 5).code == 0


def test_nobody_has_a_price(call: Call) -> None:
    price = '[price]\nmodel = "column"\nattribute = "worth"\n'
    write("two parts", "")
    Path("people.csv").write_text("id,worth,town\n1,5,a\n2,,b\n3,,b\n4,1,a\n5,1,a\n6,2,a\n")
    for line, said in (("budget = 9", "budget: buys nobody: "), ("count = 1", "count: asks for 1, but ")):
        plan = wave("degree", line, 'where = { town = "b" }')
        Path("edge.toml").write_text(SCENARIO.format(head=price) + plan)
        answer = call("run", "edge.toml", "-q")
        assert answer.code == 4
        assert f"plan.it.wave.first.{said}the people who are eligible number 0" in answer.err
        assert "hint: 2 without a price" in answer.err  # it said that nobody fits `where`
    Path("edge.toml").write_text(SCENARIO.format(head=price) + wave("degree", "count = 5"))
    assert "hint: ask for at most 4; 2 without a price" in call("run", "edge.toml", "-q").err


@pytest.mark.parametrize("share", ["60%", "100%"])
def test_seeds_may_all_decline(call: Call, share: str) -> None:
    price = '[price]\nmodel = "flat"\namount = 10\ndeclined = "10%"\n'
    plans = wave("explicit", plan="named") + wave("degree", "budget = 10", plan="hub")
    write("two parts", plans, price + f'\n[segment.everyone]\ndecline = "{share}"\n')
    every = ("--realisations", 40, "-q")
    run = call("run", "edge.toml", *every, "--json", "-o", "forecast")
    assert run.code == 0
    metrics = json.loads(run.out)["metrics"]
    if share == "100%":
        assert (metrics["cost"]["mean"], metrics["engaged"]["mean"], metrics["time_to_half"]["mean"]) == (
            1.0,
            0.0,
            None,
        )
    for more in ((), ("--metric", "time_to_half"), ("--all",), ("--after", "2", "-o", "compared"), ("--json",)):
        assert call("compare", "edge.toml", *every, *more).code == 0
    assert {"comparison.json", "named", "hub"} <= {path.name for path in Path("compared").rglob("*")}
    for form in ("text", "json", "csv", "graphml"):
        for realisation in range(4):
            assert call("replay", "edge.toml", "-q", "--realisation", realisation, "--format", form).code == 0
    shapes = call("replay", "edge.toml", "-q", "--realisations", 20, "--against", "hub")
    assert shapes.code == 0
    assert "20 realisations, " in shapes.out
