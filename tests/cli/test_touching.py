"""What is printed of items that touch: kinds, conversions, trust in the brand, what it rests on, and the story."""

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
from viralsim.outcome.tables import AUDIENCE_FILES, FILES, TRUST_FILES, read_outcome

Call = Callable[..., Any]

TOUCHING = """
title = "A complaint and an answer"

[network]
generator = "communities"
people = 300
mean_degree = 8
community_size = 30

[segment.young]
where = { community = [1, 2] }
satisfaction = "60%"
conversion = "20%"

[segment.rest]
satisfaction = "80%"
conversion = "10%"
baseline = "1%"
trust = 0.8

[item.content]
stickiness = "20%"

[item.complaints]
kind = "testimony"
born_of = "content"
stickiness = "10%"
damage = "20%"

[item.answer]
kind = "restoration"
after = "complaints"
after_reach = 30
stickiness = "20%"
wave.first = { strategy = "degree", count = 3 }

[plan.hubs.wave.first]
strategy = "degree"
count = 2

[time]
horizon = "2d"
"""


@pytest.fixture(autouse=True)
def touching(folder: Path) -> None:
    Path("touching.toml").write_text(TOUCHING)


def test_text_of_one_item_is_as_ever(call: Call) -> None:
    """Conversions, trust and kinds are not mentioned where they are not in play."""
    assert (
        call("run", "small.toml", "-q", "--realisations", "40").out
        == """\
small.toml
plan 'random', item 'content': 40 realisations of 2 d
300 people, 2,252 arcs

                       mean  95% interval of it  one campaign: 5% … median … 95%
reach                 288.4       274.7 … 302.0                  286 … 296 … 299
impressions           1,833       1,738 … 1,928            1,736 … 1,880 … 1,951
engaged               209.5       198.3 … 220.7                  189 … 215 … 230
shares                209.5       198.3 … 220.7                  189 … 215 … 230
generations            10.1          9.3 … 10.9                      7 … 10 … 13
time to peak         4.30 h       3.94 … 4.66 h                  3 h … 4 h … 6 h
time to half         4.47 h       4.11 … 4.84 h                  3 h … 4 h … 6 h
reproduction number    3.40         2.89 … 3.92               0.50 … 3.00 … 7.25
viral chance         100.0%      91.2% … 100.0%

newly engaged  ▁▃▆██▅▃▂▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁  0 … 2 d
reproduction   2.17  3.40  2.35  1.41  0.90  0.65  0.57  0.48  (seeds first)

viral: 3 people or more engaged (1.0% of all).
reach and engaged count the seeds, too (2).
More realisations narrow the interval of the mean, not one campaign's spread.
random_seed 1, scenario 84e883ddd4b2c2e1
"""
    )


def test_text_of_items_that_touch(call: Call) -> None:
    text = call("run", "touching.toml", "-q", "--realisations", "40").out
    table, _, rest = text.partition("\n\nnewly engaged")
    assert table.splitlines()[-4:] == CONVERSIONS.splitlines()
    assert rest.partition("\n\n")[2] == TEXT
    assert max(map(len, text.splitlines())) <= 80


CONVERSIONS = """\
conversions            8.65        7.04 … 10.26                       1 … 8 … 17
  only through it      8.50        6.92 … 10.08                       1 … 8 … 17
of their own accord    4.75         4.07 … 5.43                        2 … 4 … 8
trust at the end      0.464       0.456 … 0.472            0.425 … 0.461 … 0.508
"""
TEXT = """\
items              kind  reach  engaged  shares  roots  conversions
content         content  213.7     90.3    68.5      –         8.65
complaints    testimony  273.6    127.4   127.4   19.8            –
answer      restoration  203.4     56.9    56.9      –            –

segment  people  reach  of them  each saw      engaged  5 … 95%  conversions
young        75   50.3    67.1%      2.33  18.8 ± 3.33   3 … 33         3.05
rest        225  163.4    72.6%      3.79  71.5 ± 9.15  8 … 110         5.60

All of item 'content'. ±: half the 95% interval of the mean. 5 … 95%: of the
engaged, in one campaign. each saw: impressions per person reached.

impressions per person reached  mean      1      2      3     4  5 … 9   10+
                                3.44  32.9%  23.3%  15.7%  8.9%  13.0%  6.2%

earned reach: 211.7 people (194.2 … 229.3) first saw it because somebody shared
it, carried by rest 86.8% (84.9% … 88.7%); young 13.2% (11.3% … 15.1%).

trust       people  at end   95% interval    lowest mean  people 5 … 95%
young           75   0.510  0.494 … 0.527  0.499 at 13 h     0.15 … 0.91
rest           225   0.448  0.440 … 0.456  0.440 at 12 h     0.14 … 0.79
all people     300   0.464  0.456 … 0.472  0.455 at 12 h

viral: 3 people or more engaged (1.0% of all).
reach and engaged count the seeds, too (2).
only through it: those of the conversions who would not have come of their own
accord by the end; of their own accord: who come with or without the campaign.
time to peak, time to half, reproduction number: over the 39 realisations that
have one.
More realisations narrow the interval of the mean, not one campaign's spread.
rests on assumptions: trust.half_life = 30d, item.complaints.scar = 0.33,
item.complaints.heal = 0.5; and 33 more: --json lists them
random_seed 1, scenario 9028127929c84aa7
"""


def test_the_text_is_what_json_says(call: Call) -> None:
    found = json.loads(call("run", "touching.toml", "--json", "--realisations", "40", "--no-impressions").out)
    assert found["impressions_counted"] is True  # what touches depends on them
    assert set(found["segments"]) == {"young", "rest"}
    whole = sum(one["people"] * one["trust"]["mean"] for one in found["segments"].values()) / found["people"]
    assert found["metrics"]["trust"]["mean"] == pytest.approx(whole, rel=1e-12)
    assert found["curves"]["trust"]["mean"][-1] == found["metrics"]["trust"]["mean"]
    assert found["items"]["complaints"]["roots"]["mean"] == pytest.approx(19.8, abs=0.05)
    assert found["items"]["content"]["roots"]["mean"] == 0.0
    of_people = found["segments"]["young"]["trust"]["quantiles_of_people"]
    assert of_people["ticks"][-1] == found["horizon"]
    assert (f"{of_people['p05'][-1]:.2f}", f"{of_people['p95'][-1]:.2f}") == ("0.15", "0.91")
    assumed = {one["path"]: one["value"] for one in found["assumptions"]}
    assert (assumed["trust.half_life"], assumed["item.answer.repair"]) == ("30d", 0.05)
    assert "item.complaints.damage" not in assumed  # somebody has written it
    assert len(assumed) == 36


def test_two_contents_convert_together(call: Call) -> None:
    other = "item.other={stickiness='20%', wave={a={strategy='random', count=3}}}"
    lines = call("run", "touching.toml", "-q", "--realisations", "40", "--set", other).out.splitlines()
    told = next(line for line in lines if line.startswith("conversions through all items: "))
    outcome = vs.simulate(vs.read_scenario("touching.toml", settings=[other]), realisations=40)
    both = sum(outcome.metric("conversions", item).mean for item in ("content", "other"))
    assert float(told.split()[4]) == pytest.approx(both, abs=0.06)


def test_trust_on_disk(call: Call) -> None:
    assert call("run", "touching.toml", "-q", "--realisations", "30", "-o", "whole").code == 0
    for name, first, count in (("left", 0, 13), ("right", 13, 17)):
        words = ("--threads", "1", "--block", "4", "--first", first, "--realisations", count)
        assert call("run", "touching.toml", "-q", *words, "-o", name).code == 0
    assert sorted(path.name for path in Path("whole").iterdir()) == sorted((*FILES, *TRUST_FILES, *AUDIENCE_FILES))
    whole = read_outcome("whole")
    assert read_outcome("right") + read_outcome("left") == whole
    assert whole == vs.simulate(vs.read_scenario("touching.toml"), realisations=30)
    rows = list(csv.DictReader(Path("whole/trust.csv").read_text().splitlines()))
    last = [row for row in rows if row["tick"] == "48"]
    assert [row["segment"] for row in last] == ["young", "rest", "(all)"]
    assert float(last[2]["mean"]) == whole.trust.mean
    assert (last[0]["people_p05"] != "", last[2]["people_p05"]) == (True, "")
    rows = list(csv.DictReader(Path("whole/realisations.csv").read_text().splitlines()))
    assert (
        sum(int(row["roots"]) for row in rows if row["item"] == "complaints") / 30
        == whole.metric("roots", "complaints").mean
    )


def test_replay_of_items_that_touch(call: Call) -> None:
    words = ("replay", "touching.toml", "-q", "--realisation", "0")
    text = call(*words, "--limit", "5").out
    assert text.startswith(STORY)
    assert END in text
    assert max(map(len, text.splitlines())) <= 80
    found = json.loads(call(*words, "--json").out)
    assert len(found["story"]["turned"]) == len(found["born"]) == 10
    for one in found["story"]["turned"]:
        content = found["people"][one["content_entry"]]
        assert (content["item"], content["person"], content["tick"]) == ("content", one["person"], one["tick"])
        assert content["parent_person"] == one["parent_person"]
    rows = list(csv.DictReader(io.StringIO(call(*words, "--format", "csv").out)))
    assert sum(row["origin"] == "dissatisfied" for row in rows) == sum(row["born_of"] != "" for row in rows) == 10
    graph = networkx.parse_graphml(call(*words, "--format", "graphml").out)
    assert sum("born_of" in data for _, data in graph.nodes(data=True)) == 10
    shapes = call("replay", "touching.toml", "-q", "--realisations", "20", "--set", "report.item=complaints").out
    assert "(one per seed or dissatisfied person)" in shapes


STORY = """\
plan hubs, realisation 0: item content: 60 people engaged, 2 seeds
depth 5, widest generation 23, structural virality 4.37
item complaints: 125 people engaged, 0 seeds, 10 dissatisfied
depth 7, widest generation 28, structural virality 5.60
item answer: 81 people engaged, 3 seeds
depth 8, widest generation 24, structural virality 4.49

0d 00:00  content begins with 2 seeds
0d 00:00  complaints begins with 1 dissatisfied
0d 02:00  content at its peak: 23 people
0d 02:00  answer is triggered: complaints has reached 30 people
0d 02:00  answer begins with 3 seeds
0d 03:00  complaints at its peak: 36 people
0d 03:00  answer at its peak: 24 people
0d 05:00  content ends: the last of 60 people
0d 07:00  complaints ends: the last of 125 people
0d 10:00  answer ends: the last of 81 people

10 people turned: engaged, were dissatisfied, and told others
0d 00:00  37, a seed
0d 01:00  61, who had it from 35
"""
END = """
of 60 people engaged with content, 34 had heard bad news before, 23 heard some
afterwards, 3 never did

mean trust: 0.849 at first, 0.459 at its lowest (0d 07:00), 0.472 at the end
0d 00:00 to 0d 07:00  falls from 0.849 to 0.459
                      engaged meanwhile: complaints (124), answer (68), content
                      (58)

0d 00:00  35 (seed, content)
0d 01:00    3 (content, had heard bad news)
"""


def test_plans_by_trust(call: Call) -> None:
    text = call("compare", "touching.toml", "-q", "--metric", "trust", "--realisations", "40").out
    assert "hubs  0.46" in text
    answer = call("compare", "small.toml", "-q", "--metric", "trust")
    assert answer.err.splitlines()[0] == "error: plans cannot be compared by trust: no item takes any"
    answer = call("compare", "small.toml", "-q", "--metric", "conversions")
    assert answer.err.splitlines()[0] == "error: plans cannot be compared by conversions: nobody converts"
    answer = call("compare", "touching.toml", "-q", "--metric", "baseline_conversions")
    assert "they come with or without the campaign" in answer.err


def test_expected_numbers_of_what_touches() -> None:
    outcome = vs.simulate(vs.read_scenario("touching.toml"), realisations=40)
    wanted = {
        "trust": ("content", outcome.trust.mean),
        "roots": ("complaints", outcome.metric("roots", "complaints").mean),
        "incremental_conversions": ("content", outcome.incremental_conversions.mean),
    }
    settings = [
        f"expected.{name}={{metric='{name}', item='{item}', value={value}, standard_errors=0, tolerance=1e-9}}"
        for name, (item, value) in wanted.items()
    ]
    tick = int(outcome.report_ticks[5])
    early = outcome.trust_curve().mean[5]
    settings.append(f"expected.early={{metric='trust', value='{100 * early}%', at={tick}, tolerance=1e-9}}")
    rows = vs.expectations(vs.read_scenario("touching.toml", settings=settings), realisations=40)
    assert [(row.name, row.holds) for row in rows] == [(name, True) for name in (*wanted, "early")]
    assert rows[-1].measured.mean != rows[0].measured.mean


def test_an_item_that_never_begins_is_told(call: Call) -> None:
    def told(*words: str) -> list[str]:
        text = call("run", "touching.toml", "-q", "--realisations", "3", *words).out
        return [line for line in text.splitlines() if "never begins" in line]

    assert told() == []
    (line,) = told("--set", "item.answer.after_reach=299")
    assert line.startswith("answer never begins: 'complaints' does not reach so many people")
    assert told("--set", "item.answer.silent=true") == []
    assert len(told("--set", "segment.young.satisfaction=1", "--set", "segment.rest.satisfaction=1")) == 2
