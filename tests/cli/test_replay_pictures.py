"""`viralsim replay` to a page, a film or a picture, of a realisation that is picked."""

from __future__ import annotations

import json
from pathlib import Path

import click
import pytest

import viralsim as vs
from viralsim.cli.commands import _PICTURES, replay
from viralsim.outcome.picking import PICKS
from viralsim.show.replaying import FORMS

SIGNS = {".html": b"<!doctype html>", ".gif": b"GIF89a", ".png": b"\x89PNG", ".svg": b"<?xml"}


def test_the_command_knows_what_the_rooms_know():
    (pick,) = (one for one in replay.params if one.name == "pick")
    assert isinstance(pick.type, click.Choice)
    assert tuple(pick.type.choices) == PICKS
    assert _PICTURES == FORMS == tuple(SIGNS)


@pytest.mark.parametrize("ending", SIGNS)
def test_the_ending_says_what_is_written(call, ending):
    answer = call("replay", "small.toml", "--realisation", 3, "-o", f"cascade{ending}")
    assert (answer.code, answer.out) == (0, "")
    assert f"written to cascade{ending}" in answer.err
    assert Path(f"cascade{ending}").read_bytes().lower().startswith(SIGNS[ending].lower())


@pytest.mark.parametrize("how", PICKS)
def test_the_realisation_that_is_picked_is_told_and_shown(call, how):
    answer = call("replay", "small.toml", "--pick", how, "--realisations", 60, "--first", 20, "--json")
    outcome = vs.simulate(vs.read_scenario("small.toml"), realisations=60, first=20)
    number = vs.pick_realisation(outcome, how)
    shown = json.loads(answer.out)
    assert shown["realisation"] == number
    engaged = outcome.values("engaged")[number - 20]
    assert f"realisation {number} of 20 to 79: {engaged:,.0f} engaged; " in answer.err
    assert shown["size"] == engaged


def test_without_a_number_a_pick_is_from_those_of_the_scenario(call):
    answer = call("replay", "small.toml", "--set", "realisations=30", "--pick", "largest", "--limit", 1)
    assert "of 0 to 29: " in answer.err
    assert "no other has more" in answer.err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--pick", "median", "--realisation", "3"), "two ways to say which one"),
        (("--pick", "median", "--against", "hubs"), "--against needs --realisations"),
        (("--pick", "mode"), "'mode' is not one of"),
        (("-o", "a.png", "--json"), "ends in .png is a picture, --json is text"),
        (("-o", "a.html", "--format", "csv"), "ends in .html is a picture, --format csv is text"),
        (("-o", "a.gif", "--limit", "3"), "--limit is about text"),
        (("-o", "a.svg", "--realisations", "9"), "a picture shows one realisation"),
        (
            (
                "-o",
                "taken.gif",
            ),
            "the file exists already",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(value),
)
def test_what_contradicts_is_refused_before_anything_is_played(call, options, said):
    Path("taken.gif").write_text("mine")
    answer = call("replay", "small.toml", *options)
    assert answer.code == 2
    assert said in answer.err
    assert sorted(path.name for path in Path().iterdir()) == ["small.toml", "taken.gif", "ties.txt"]
    assert Path("taken.gif").read_text() == "mine"


def test_force_replaces_a_picture(call):
    Path("taken.png").write_text("mine")
    assert call("replay", "small.toml", "-o", "taken.png", "--force").code == 0
    assert Path("taken.png").read_bytes().startswith(SIGNS[".png"])
