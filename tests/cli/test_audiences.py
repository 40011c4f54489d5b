"""A campaign on two platforms, told by segment, role, platform and variant: text, JSON, folders, comparisons."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import viralsim as vs
from viralsim.engine.accounts import CELLS
from viralsim.engine.kernels import ROW
from viralsim.outcome.tables import AUDIENCE_FILES, FILES, read_outcome

Call = Callable[..., Any]

THREE = """
title = "Three audiences"

[network]
generator = "communities"
people = 400
mean_degree = 8
community_size = 40
represents = 20_000

[segment.students]
where = { community = [0, 1, 2] }
role = "prospect"
per = "community"
conversion = "10%"

[segment.press]
share = "5%"
role = "media"

[segment.others]
role = "customer"

[platform.photos]
visibility = 0.6
cross_post = { clips = "30%" }

[platform.clips]
visibility = 0.5

[item.content]
stickiness = "12%"
variant.plain = {}
variant.bold = { affinity = { students = 1.5, press = 0.8, others = 0.8 } }

[plan.onesize.wave.first]
strategy = "degree"
count = 6

[plan.tailored]
serve.content = { students = "bold" }
wave.first = { strategy = "degree", count = 6 }

[time]
start = "2026-11-27 09:00"
horizon = "2d"
"""


@pytest.fixture(autouse=True)
def three(folder: Path) -> None:
    Path("three.toml").write_text(THREE)


def test_the_text_of_three_audiences(call: Call) -> None:
    text = call("run", "three.toml", "-q", "--plan", "tailored", "--realisations", "40").out
    heads = [
        line.split()[0] for line in text.splitlines() if line.startswith(("segment ", "of segments ", "platform "))
    ]
    assert heads[0] == "segment"
    assert {"of", "platform"} <= set(heads)
    assert "Fri 2026-11-27 09:00 … Sun 2026-11-29 09:00 (UTC)" in text
    assert "through people on photos" in text
    assert "plan 'tailored' serves: plain to press, others; bold to students." in text
    assert "One person of the network stands for 50: about" in text
    assert max(map(len, text.splitlines())) <= 80


def test_the_json_of_three_audiences_is_what_was_counted(call: Call) -> None:
    found = json.loads(call("run", "three.toml", "--json", "--realisations", "40", "--no-impressions").out)
    assert found["impressions_counted"] is True
    assert list(found["segments"]) == ["students", "press", "others"]
    assert (
        sum(one["people"] for one in found["segments"].values())
        == 400
        == sum(one["people"] for one in found["groups"].values())
    )
    assert {one["segment"] for name, one in found["groups"].items() if name.startswith("students / ")} == {"students"}
    for metric in CELLS:
        mean = found["metrics"][metric]["mean"]
        for parts in ("segments", "groups", "roles"):
            assert sum(one[metric]["mean"] for one in found[parts].values()) == pytest.approx(mean)
    assert found["delivery"]["bold"]["target"] == ["students"]
    assert found["delivery"]["bold"]["impressions"]["mean"] == 0.0  # the first plan serves it to nobody
    assert found["scale"]["factor"] == 50.0
    assert found["start"] == "2026-11-27T09:00:00+00:00"


def test_accounts_on_disk_add_to_those_played_at_once(call: Call) -> None:
    for name, first, count in (("whole", 0, 30), ("left", 0, 11), ("right", 11, 19)):
        words = ("--plan", "tailored", "--first", first, "--realisations", count)
        assert call("run", "three.toml", "-q", *words, "-o", name).code == 0
    assert sorted(path.name for path in Path("whole").iterdir()) == sorted((*FILES, *AUDIENCE_FILES))
    whole = read_outcome("whole")
    assert read_outcome("right") + read_outcome("left") == whole
    assert whole == vs.simulate(vs.read_scenario("three.toml"), plan="tailored", realisations=30, threads=1)
    assert whole.accounts is not None
    for c, name in enumerate(CELLS[1:], start=1):
        counted = whole.accounts.cells[..., c].sum(axis=(2, 3))
        np.testing.assert_array_equal(counted, whole.rows[..., ROW.index(name)])
    np.testing.assert_array_equal(whole.accounts.reach.sum(axis=2), whole.rows[..., ROW.index("reach")])


def test_plans_that_serve_otherwise_are_compared(call: Call) -> None:
    words = ("compare", "three.toml", "-q", "--realisations", "60", "--no-stop")
    text = call(*words).out
    assert "plan 'onesize' serves: plain to all." in text
    assert "plan 'tailored' serves: plain to press, others; bold to students." in text
    assert "engaged of  tailored  onesize" in text
    found = json.loads(call(*words, "--json").out)["plans"]
    assert found["tailored"]["audience"]["delivery"]["bold"]["impressions"]["mean"] > 0.0
    seeds = {name: one["audience"]["flows"][0]["engaged"]["mean"] for name, one in found.items()}
    assert seeds == {"onesize": 6.0, "tailored": 6.0}


def test_without_an_item_its_audience_is_empty(call: Call) -> None:
    rumour = "item.rumour={kind='rumour', stickiness='20%', wave={a={strategy='random', count=3}}}"
    words = ("run", "three.toml", "-q", "--realisations", "30", "--set", rumour, "--set", "report.item=rumour")
    found = json.loads(call(*words, "--without", "rumour", "--json").out)
    assert found["segments"]["press"]["reach"]["mean"] == 0.0
    assert found["segments"]["press"]["frequency"]["mean"] is None
    assert found["segments"]["press"]["trust"]["mean"] == 1.0


def test_audiences_are_told_where_they_are_asked_for(call: Call) -> None:
    one = ("run", "small.toml", "-q", "--realisations", "20")
    assert "frequency" not in json.loads(call(*one, "--json").out)
    assert "frequency" in json.loads(call(*one, "--json", "--set", "report.audiences=true").out)
    assert "frequency" not in json.loads(
        call("run", "three.toml", "-q", "--realisations", "20", "--json", "--set", "report.audiences=false").out
    )


def test_who_converts_by_a_number_of_their_own_is_told(call: Call, tmp_path: Path) -> None:
    ids = "\n".join(f"{person},{person + 1}" for person in range(60))
    people = "\n".join(f"{person},{0.5 if person % 2 else ''}" for person in range(61))
    (tmp_path / "ties.csv").write_text(f"a,b\n{ids}\n", encoding="utf-8")
    (tmp_path / "people.csv").write_text(f"id,buys\n{people}\n", encoding="utf-8")
    (tmp_path / "own.toml").write_text(
        'network = { file = "ties.csv", people_file = "people.csv" }\nindividual.conversion = "buys"\n'
        "item.content.stickiness = 0.5\n"
        + "".join(
            f"plan.{name}.wave.first = {{ strategy = 'random', count = {n} }}\n" for name, n in (("a", 9), ("b", 30))
        ),
        encoding="utf-8",
    )
    own = str(tmp_path / "own.toml")
    assert "\nconversions " in call("run", own, "--realisations", "20").out
    compared = call("compare", own, "--realisations", "20", "--metric", "conversions")
    assert compared.code == 0, compared.err
