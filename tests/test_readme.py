"""The README tells the truth: its Python examples run, its commands work, its scenario is valid."""

from __future__ import annotations

import doctest
import re
import shlex
from pathlib import Path

import pytest

import viralsim
from viralsim.cli import main
from viralsim.scenario import choices, scenario_from_text

README = Path(__file__).parents[1] / "README.md"
TEXT = README.read_text(encoding="utf-8")
OWN_FILES = ("own.toml", "kettle.toml", "audiences.toml")
"""Scenarios that stand in it whole, by the name in their first line."""


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)


def test_python_examples() -> None:
    failed, tried = doctest.testfile(str(README), module_relative=False, encoding="utf-8")
    assert tried >= 8
    assert failed == 0


def test_the_scenario_is_valid_and_uses_no_key_twice() -> None:
    text, *further = blocks("toml")
    further = [block for block in further if not block.startswith(tuple(f"# {name}" for name in OWN_FILES))]
    unsure = next(block for block in further if '"5%..15%"' in block)
    items = [block for block in further if block.startswith("[item.content]") and block is not unsure]
    segments = next(block for block in further if block.startswith("[segment.students]"))
    prices = next(block for block in further if block.startswith("[price]"))
    gossip = next(block for block in further if block.startswith("[item.gossip]"))
    touching = next(block for block in further if block.startswith("[trust]"))
    tables = [block for block in further if block not in (unsure, segments, prices, gossip, touching, *items)]
    assert list(scenario_from_text(text + gossip).item) == ["content", "gossip"]
    scenario = scenario_from_text("\n".join([text, *tables]))
    assert list(scenario.plan) == ["random", "hubs"]
    bare = text.replace('[segment.everyone]\nattention = "100%"', "")
    assert list(scenario_from_text(bare + segments).segment) == ["students", "everyone"]
    crisis = scenario_from_text(bare + touching).item
    assert [(item.kind, item.born_of, item.after) for item in crisis.values()] == [
        ("content", "", ""),
        ("testimony", "content", ""),
        ("restoration", "", "complaint"),
    ]
    bought = scenario_from_text(text[: text.index("[plan.hubs")] + text[text.index("[time]") :] + prices)
    assert [wave.budget for wave in bought.plan["hubs"].wave.values()] == [5_000.0, None]
    assert list(scenario.network.attribute) == ["city", "age", "role"]
    for item in items:  # each takes the place of the scenario's own
        changed = scenario_from_text(re.sub(r"\[item\.content\].*?(?=\n\[)", item, text, flags=re.DOTALL))
        assert changed.item != scenario.item
    assert len(items) == 3
    plans = text[text.index("[plan.random") :]
    assert len(scenario_from_text(f'network.generator = "ring"\n{unsure}\n{plans}').unknowns) == 4


@pytest.mark.long
def test_every_console_command_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    edges, people, layers = blocks("csv")  # as they begin
    ties = [(f"p{i}", f"p{(i * 7 + 3) % 100}", i) for i in range(100)]
    edges += "".join(f"{a},{b},0.{i % 10}\n" for a, b, i in ties)
    people += "".join(f"{a},{'Oslo' if i % 2 else 'Rome'},{i // 9 or ''}\n" for a, _, i in ties)
    calls = "from,to,time\n" + "".join(f"p{i % 9},p{(i * 7 + 3) % 40},{16 * 10**8 + i * 999}\n" for i in range(90))
    (tmp_path / "calls.csv").write_text(calls, encoding="utf-8")
    layers += "".join(f"{a},{b},{1 + i % 2}\n" for a, b, i in ties)
    for name, text in (("edges.csv", edges), ("people.csv", people), ("layers.csv", layers)):
        assert f"`{name}`" in TEXT
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "habits.py").write_text(next(block for block in blocks("python") if block.startswith("# habits.py")))
    for name in OWN_FILES:
        (tmp_path / name).write_text(next(block for block in blocks("toml") if block.startswith(f"# {name}")))
    commands = [line[2:] for block in blocks("console") for line in block.splitlines()]
    assert len(commands) >= 10
    for command in commands:
        program, *words = shlex.split(command)
        assert program == "viralsim"
        with pytest.raises(SystemExit) as left:
            main(words)
        assert left.value.code == 0, command
    assert (tmp_path / "results" / "forecast.json").exists()
    assert (tmp_path / "cascade.graphml").exists()


def test_the_two_commands_come_first_and_are_one_line_each() -> None:
    first, second = (block.strip() for block in blocks("sh")[:2])
    assert first.endswith("viralsim run")
    assert second.endswith("pytest")
    for command in (first, second):
        assert command.startswith("apt-get")
        assert "\n" not in command


def test_every_command_and_generator_is_mentioned() -> None:
    from viralsim.cli import viralsim as group

    names = [name for name in group.commands if name != "graph"]
    for name in [*names, "graph info", *choices("generator")]:
        assert name in TEXT


def test_the_version_is_in_the_changelog() -> None:
    changelog = README.with_name("CHANGELOG.md").read_text(encoding="utf-8")
    assert viralsim.__version__ in changelog


def test_the_table_of_strategies_is_that_of_the_catalogue() -> None:
    rows = []
    for choice in choices("strategy").values():
        own = [parameter.name for parameter in choice.parameters if parameter.name not in ("count", "where", "per")]
        keys = ", ".join(f"`{name}`" for name in own)
        rows.append(f'| `"{choice.name}"` | {choice.help} | {keys} | {choice.source} |\n')
    assert "|---|---|---|---|\n" + "".join(rows) + "\n" in TEXT


def test_the_table_of_presets_is_that_of_the_catalogue() -> None:
    rows = []
    for choice in choices("platform").values():
        keys = ", ".join(f"`{key}`" for key, _, _ in choice.fills)
        rows.append(f'| `"{choice.name}"` | {choice.help} | {keys} | {choice.source} |\n')
    assert "|---|---|---|---|\n" + "".join(rows) + "\n" in TEXT
