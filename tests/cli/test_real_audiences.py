"""Real audiences, from the command line: by country, dorm, year, language and department, and on three platforms.

Who is in which group is counted from the raw files here, without the importers. Skipped where ../shared/data is absent.
"""

from __future__ import annotations

import csv
import gzip
import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import viralsim as vs
from viralsim.outcome import Outcome

DATA = Path(__file__).parents[2].parent / "shared" / "data"
Call = Callable[..., Any]

REALISATIONS = 4
REST = """
[time]
tick = "1h"
horizon = "3d"

[report]
audiences = true
"""


def real(name: str) -> Path:
    path = DATA / name
    if not path.exists():
        pytest.skip(f"real data not here: {path}")
    return path


def rows(path: Path) -> list[list[str]]:
    """Return the fields of every line: between commas, else between spaces or tabs."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [line.strip().split("," if "," in line else None) for line in file if line.strip()]


def played(call: Call, text: str) -> tuple[dict[str, Any], Outcome]:
    """Play a scenario with `viralsim run`; return its JSON and what it left in a folder, which agree and balance."""
    Path("mine.toml").write_text(text + REST, encoding="utf-8")
    answer = call("run", "mine.toml", "-q", "--json", "--realisations", REALISATIONS, "-o", "results")
    assert (answer.code, answer.err) == (0, "")
    forecast, outcome = json.loads(answer.out), vs.read_outcome("results")
    balances(outcome)
    assert sum(part["people"] for part in forecast["segments"].values()) == outcome.people
    for metric in ("reach", "impressions", "engaged", "shares", "conversions"):
        whole = forecast["metrics"][metric]["mean"]
        assert sum(part[metric]["mean"] for part in forecast["segments"].values()) == pytest.approx(whole)
        on_platforms = sum(part[metric]["mean"] for part in forecast["platforms"].values())
        if metric == "reach":  # who is reached on two platforms counts on both
            assert on_platforms >= whole - 1e-9
        else:
            assert on_platforms == pytest.approx(whole)
    with Path("results/audiences.csv").open(newline="", encoding="utf-8") as file:
        told = {row["segment"] for row in csv.DictReader(file)}
    assert told == {"(all)", *forecast["segments"]}
    return forecast, outcome


def balances(outcome: Outcome) -> None:
    """What happened to groups, on platforms and through shares adds up to what happened, in every realisation."""
    accounts = outcome.accounts
    assert accounts is not None
    reach, impressions, engaged, shares = (
        outcome.values(name) for name in ("reach", "impressions", "engaged", "shares")
    )
    cells = accounts.cells[:, 0]
    for c, whole in ((1, impressions), (2, engaged), (3, shares)):
        assert np.array_equal(cells[..., c].sum(axis=(1, 2)), whole)
    assert np.array_equal(accounts.reach[:, 0].sum(axis=1), reach)
    assert np.all(cells[..., 0].sum(axis=2) >= accounts.reach[:, 0])
    assert np.all(accounts.reach[:, 0] <= outcome.axes.people)
    assert np.array_equal(accounts.flows[:, 0].sum(axis=(1, 2)), engaged)
    assert np.array_equal(accounts.flows[:, 0].sum(axis=1), cells[..., 2].sum(axis=1))
    assert np.all(accounts.carried[:, 0].sum(axis=1) <= reach)
    assert np.array_equal(accounts.delivered[:, 0, ..., 1].sum(axis=(1, 2)), engaged)
    assert np.all(accounts.frequency[:, 0].sum(axis=2) <= accounts.reach[:, 0])


def grouped(outcome: Outcome, counts: Mapping[str, int]) -> None:
    """Nobody is missing: the groups are those of the raw file, with as many people."""
    assert dict(zip(outcome.axes.names, outcome.axes.people, strict=True)) == dict(counts)


def named(segment: str, values: Iterable[str]) -> Counter[str]:
    return Counter(f"{segment} / {value}" for value in values)


def test_lastfm_by_country(call: Call) -> None:
    countries = Counter(country for _, country in rows(real("lastfm/lastfm_target.csv.gz"))[1:])
    _, outcome = played(
        call,
        f"""
[network]
file = "{real("lastfm/lastfm_edges.csv.gz")}"
people_file = "{real("lastfm/lastfm_target.csv.gz")}"

[segment.largest]
where = {{ target = 17 }}

[segment.others]
per = "target"

[item.content]
stickiness = "3%"

[plan.largest.wave.first]
strategy = "degree"
count = 20
where = {{ target = 17 }}
""",
    )
    assert len(countries) == 18
    others = {f"others / {country}": people for country, people in countries.items() if country != "17"}
    grouped(outcome, {"largest": countries["17"], **others})
    within, elsewhere = (outcome.audience.segments[name].reached_share.mean for name in ("largest", "others"))
    assert within > 2 * elsewhere > 0  # it stays in the country where it begins, mostly
    text = call("run", "mine.toml", "-q", "--realisations", 2).out
    assert "others / 10 " in text
    assert "largest " in text


def test_american75_by_dorm_and_year(call: Call) -> None:
    table = rows(real("facebook100/American75.nodelist.gz"))
    header, people = table[0], table[1:]
    dorm, year, kind = (header.index(name) for name in ("dorm", "year", "student_fac"))

    def known(value: str) -> str:
        return "none" if value == "0" else value

    students = [row for row in people if row[kind] == "1"]
    lived = ["none" if row[dorm] == row[year] == "0" else f"{known(row[dorm])}, {known(row[year])}" for row in students]
    _, outcome = played(
        call,
        f"""
[network]
file = "{real("facebook100/American75.net.gz")}"
people_file = "{real("facebook100/American75.nodelist.gz")}"
people_missing = ["0"]

[segment.students]
where = {{ student_fac = 1 }}
role = "prospect"
per = ["dorm", "year"]

[segment.classes-of-2006-to-2008]
where = {{ year = "2006..2008", not = {{ student_fac = 1 }} }}
role = "customer"

[segment.others]
per = "year"

[item.content]
stickiness = "2%"

[platform.feed]
visibility = "20%"

[plan.freshmen.wave.first]
strategy = "random"
redraw = true
count = 20
where = {{ year = 2009 }}
""",
    )
    recent = [row for row in people if row[kind] != "1" and row[year] in ("2006", "2007", "2008")]
    rest = [row[year] for row in people if row[kind] != "1" and row[year] not in ("2006", "2007", "2008")]
    counts = named("students", lived) + named("others", map(known, rest))
    grouped(outcome, {**counts, "classes-of-2006-to-2008": len(recent)})
    assert outcome.people == 6_386
    assert {"prospect", "customer", "public"} == set(outcome.audience.roles)


def test_twitch_in_two_languages(call: Call, folder: Path) -> None:
    """The two networks share nobody: what begins among German streamers stays there. They are separate components."""
    ties, people = ["from,to"], ["id,language,views,partner"]
    for language in ("DE", "ENGB"):
        for one, other in rows(real(f"musae-twitch/{language}_edges.csv.gz"))[1:]:
            ties.append(f"{language}-{one},{language}-{other}")
        for _, _, _, views, partner, number in rows(real(f"musae-twitch/{language}_target.csv.gz"))[1:]:
            people.append(f"{language}-{number},{language},{views},{partner}")
    (folder / "ties.csv").write_text("\n".join(ties) + "\n")
    (folder / "people.csv").write_text("\n".join(people) + "\n")
    forecast, outcome = played(
        call,
        """
[network]
file = "ties.csv"
people_file = "people.csv"

[segment.partners]
where = { partner = true }
role = "blogger"
per = "language"

[segment.well-known]
where = { views = ">=100_000", partner = false }
role = "blogger"
per = "language"

[segment.viewers]
per = "language"

[item.content]
stickiness = "3%"

[plan.german.wave.first]
strategy = "column"
attribute = "views"
count = 10
where = { language = "DE" }
""",
    )
    table = [line.split(",") for line in people[1:]]
    counts = named("partners", (row[1] for row in table if row[3] == "True"))
    counts += named("well-known", (row[1] for row in table if row[3] == "False" and int(row[2]) >= 100_000))
    counts += named("viewers", (row[1] for row in table if row[3] == "False" and int(row[2]) < 100_000))
    grouped(outcome, counts)
    assert forecast["people"] == 9_498 + 7_126
    for name, group in outcome.audience.groups.items():
        assert (group.reach.mean > 0) is name.endswith(" / DE")


def test_email_eu_core_by_department(call: Call) -> None:
    labels = rows(real("email-eu-core/email-Eu-core-department-labels.txt.gz"))
    _, outcome = played(
        call,
        f"""
[network]
file = "{real("email-eu-core/email-Eu-core.txt.gz")}"
people_file = "{real("email-eu-core/email-Eu-core-department-labels.txt.gz")}"
direction = "influences"

[platform.mail]
preset = "e-mail"

[segment.colleagues]
role = "employee"
per = "column 2"

[item.content]
stickiness = "3%"

[plan.department-4.wave.first]
strategy = "degree"
count = 10
where = {{ "column 2" = 4 }}
""",
    )
    departments = named("colleagues", (department for _, department in labels))
    assert len(departments) == 42
    grouped(outcome, departments)
    shares = {name: group.reached_share.mean for name, group in outcome.audience.groups.items()}
    assert shares["colleagues / 4"] > 1.5 * np.mean(list(shares.values()))


def test_copenhagen_on_three_platforms(call: Call) -> None:
    """Calls, Facebook and texts are platforms with members and ties of their own; people carry it across."""
    ties = rows(real("copenhagen/cns_edges.txt.gz"))
    names = {"1": "calls", "2": "facebook", "3": "texts"}
    members = {
        name: {person for layer, *ends, _ in ties if layer == number for person in ends}
        for number, name in names.items()
    }
    everybody = set().union(*members.values())
    forecast, outcome = played(
        call,
        f"""
[network]
file = "{real("copenhagen/cns_edges.txt.gz")}"
source_column = 2
target_column = 3
platform_column = 1
platform_names = {{ 1 = "calls", 2 = "facebook", 3 = "texts" }}

[platform.calls]
visibility = "100%"
cross_post = {{ texts = "50%" }}

[platform.facebook]
preset = "social-network"
half_life = "none"
cross_post = {{ calls = "20%", texts = "20%" }}

[platform.texts]
preset = "messenger"
cross_post = {{ calls = "20%" }}

[segment.some]
share = "40%"

[segment.rest]

[item.content]
stickiness = "5%"

[plan.on-facebook.wave.first]
strategy = "degree"
platform = "facebook"
count = 10
""",
    )
    assert outcome.people == len(everybody)
    assert list(forecast["platforms"]) == ["calls", "facebook", "texts"]
    grouped(outcome, {"some": 333, "rest": 833 - 333})  # 40 % of 833
    reach = outcome.accounts.cells[:, 0, :, :, 0].sum(axis=1)
    for axis, name in enumerate(forecast["platforms"]):
        assert np.all(reach[:, axis] <= len(members[name]))
        assert np.all(reach[:, axis] > 0)
    flows = {(flow["from"], flow["to"]): flow["engaged"]["mean"] for flow in forecast["flows"]}
    assert flows[None, "facebook"] == 10
    assert flows[None, "calls"] == flows[None, "texts"] == 0
    assert flows["facebook", "texts"] > 0
    assert flows["texts", "facebook"] == flows["calls", "facebook"] == 0  # nobody posts from there to Facebook
    # Removing the ways between them leaves the luck of Facebook alone, and the other two empty.
    apart = [f"--set=platform.{name}.cross_post=none" for name in members]
    alone = json.loads(call("run", "mine.toml", "-q", "--json", "--realisations", 2, *apart).out)["platforms"]
    assert (alone["calls"]["reach"]["mean"], alone["texts"]["reach"]["mean"]) == (0, 0)
    assert alone["facebook"]["reach"]["mean"] > 10
