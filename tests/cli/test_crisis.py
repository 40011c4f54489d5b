"""`viralsim crisis`, `run --without` and `run --difference`: what they print, write and refuse."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import viralsim as vs

Call = Callable[..., Any]

CRISIS = """
title = "A kettle that leaks"

[network]
generator = "communities"
people = 300
mean_degree = 8
community_size = 30

[platform.feed]
delay = { law = "log-normal", median = "3h", sigma = 1.0 }

[segment.everyone]
trust = "60%"
satisfaction = "60%"
conversion = "20%"
baseline = "0.5%"

[item.kettle]
stickiness = "25%"

[item.complaint]
kind = "testimony"
born_of = "kettle"
stickiness = "15%"

[item.answer]
kind = "restoration"
after = "complaint"
after_reach = 5
stickiness = "20%"
repair = "20%"
[item.answer.wave.first]
strategy = "degree"
count = 5

[plan.hubs.wave.first]
strategy = "degree"
count = 3

[plan.random.wave.first]
strategy = "random"
count = 3

[time]
horizon = "5d"
"""


@pytest.fixture(autouse=True)
def crisis_file(folder: Path) -> None:
    (folder / "crisis.toml").write_text(CRISIS)


def strictly(text: str) -> Any:
    def refuse(word: str) -> None:
        raise AssertionError(f"{word} is not JSON")

    return json.loads(text, parse_constant=refuse)


# -- run --without, run --difference ----------------------------------------------------------------


def test_without_prints_the_forecast_without_and_the_difference(call: Call) -> None:
    words = ("run", "crisis.toml", "-q", "--realisations", "60")
    answer = call(*words, "--without", "testimony")
    assert (answer.code, answer.err) == (0, "")
    forecast, difference = answer.out.split("\n\nas it is minus without testimony: ")
    assert forecast + "\n" == call(*words, "--set", "item.complaint.silent=true").out
    assert difference.startswith("60 realisations, the same luck\n")
    assert max(map(len, answer.out.splitlines())) <= 80
    found = vs.counterfactual(vs.read_scenario("crisis.toml"), without=["testimony"], realisations=60)
    estimate = found.difference("engaged")
    assert estimate.mean < 0  # testimony costs engagement
    row = re.search(r"^  engaged +(\S+) +(\S+) +(\S+) ± (\S+) +(\S+) … (\S+)$", difference, re.MULTILINE)
    assert [float(number) for number in row.groups()] == pytest.approx(
        [
            *(outcome.engaged.mean for outcome in (found.actual, found.otherwise)),
            *(estimate.mean, estimate.half_width, estimate.p05, estimate.p95),
        ],
        abs=0.5,
    )
    assert "Not one realisation differs in viral chance." in " ".join(difference.split())


@pytest.mark.parametrize(
    "words", [["--without", "complaint,answer"], ["--without", "complaint", "--without", "answer"]]
)
def test_several_are_left_out(call: Call, words: list[str]) -> None:
    facts = strictly(call("run", "crisis.toml", "--json", "--realisations", "20", *words).out)
    found = vs.counterfactual(vs.read_scenario("crisis.toml"), without=["complaint", "answer"], realisations=20)
    assert facts["counterfactual"] == json.loads(json.dumps(found.to_dict()))
    assert {key: facts[key] for key in found.otherwise.to_dict()} == json.loads(json.dumps(found.otherwise.to_dict()))
    assert facts["counterfactual"]["names"]["otherwise"] == "without complaint and answer"


def test_settings_hold_with_and_without(call: Call) -> None:
    setting = "item.kettle.stickiness=5%"
    words = ("run", "crisis.toml", "--json", "--realisations", "20", "--set", setting)
    facts = strictly(call(*words, "--without", "complaint").out)
    assert facts["counterfactual"]["actual"]["metrics"] == strictly(call(*words).out)["metrics"]


def test_difference_is_as_set_minus_as_in_the_file(call: Call) -> None:
    words = ("run", "crisis.toml", "--realisations", "60", "--set", "item.answer.reaction_delay=1d")
    answer = call(*words, "-q", "--difference")
    assert answer.code == 0
    forecast, difference = answer.out.split("\n\nas set minus as in the file: ")
    assert forecast + "\n" == call(*words, "-q").out
    assert max(map(len, answer.out.splitlines())) <= 80
    assert "item 'answer'" in difference
    facts = strictly(call(*words, "--json", "--difference").out)
    before, after = (
        vs.simulate(vs.read_scenario("crisis.toml", settings=settings), realisations=60)
        for settings in ([], ["item.answer.reaction_delay=1d"])
    )
    expected = (after.values("engaged", "complaint") - before.values("engaged", "complaint")).mean()
    told = facts["counterfactual"]["differences"]["complaint"]["engaged"]
    assert told["mean"] == pytest.approx(expected)
    assert told["differs"] is (not told["mean_low"] <= 0 <= told["mean_high"])
    assert facts["metrics"] == json.loads(json.dumps(after.to_dict()))["metrics"]


def test_a_setting_that_changes_nothing_is_told(call: Call) -> None:
    text = call("run", "crisis.toml", "-q", "--realisations", "10", "--difference", "--set", "title=Other").out
    assert "Not one realisation differs in any of these." in text


def test_what_is_not_known_is_told(call: Call) -> None:
    words = ("run", "crisis.toml", "-q", "--realisations", "40", "--set", "item.complaint.damage=5%..30%")
    text = " ".join(call(*words, "--without", "answer").out.split())
    assert "Both met the same numbers in place of those that are not known." in text
    estimate = strictly(call(*words, "--without", "answer", "--json").out)["counterfactual"]["differences"]
    assert {"luck_share", "unknown_share"} <= set(estimate["kettle"]["trust"])


def test_results_of_both_are_written(call: Call) -> None:
    words = ("run", "crisis.toml", "--realisations", "10", "-o", "out")
    assert call(*words, "--without", "complaint").err == "written to out\n"
    assert sorted(path.name for path in Path("out").iterdir()) == ["actual", "counterfactual.json", "otherwise"]
    assert vs.read_outcome("out/otherwise").metric("reach", "complaint").mean == 0.0
    again = call(*words, "--without", "complaint")
    assert (again.code, "--force" in again.err) == (2, True)
    assert call(*words, "--force").code == 0
    assert Path("out/forecast.json").exists()


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        ("--difference", 2, "--difference is about what --set changes, and nothing is set"),
        ("--without answer --difference --set title=x", 2, "--difference and --without are two questions"),
        ("--without complaintt", 2, "did you mean 'complaint'?"),
        ("--without rumour", 2, 'no item "rumour"'),
        ("--without answer,", 2, "expected names with commas between them; got 'answer,'"),
        (
            "--without answer --set item.answer.silent=true",
            2,
            "leaving out answer changes nothing: it is silent already",
        ),
        (
            "--difference --set random_seed=2",
            2,
            "random_seed is 2 in one and 1 in the other: they have no luck in common",
        ),
        ("--difference --set network.people=400", 2, "network.people is 400 in one and 300 in the other"),
        ("--difference --set time.horizon=6d", 2, "time.horizon is 144 in one and 120 in the other"),
        ("--difference --set item.answer.reaction_dely=2h", 3, "did you mean 'reaction_delay'?"),
        ("--difference --set plan.new.wave.a={strategy='random',count=2} --plan new", 2, "there is no plan 'new'"),
    ],
)
def test_a_wrong_run_is_explained(call: Call, words: str, code: int, message: str) -> None:
    answer = call("run", "crisis.toml", "-q", *words.split(" "))
    assert (answer.code, answer.out) == (code, "")
    assert message in answer.err


def test_wrong_calls_are_refused_before_the_network_is_read(call: Call) -> None:
    nowhere = ("--set", "network={file='nowhere.csv'}")
    assert call("run", "crisis.toml", *nowhere, "--without", "complaintt").code == 2
    assert call("run", "crisis.toml", *nowhere, "--without", "complaint").code == 4
    assert call("crisis", "crisis.toml", *nowhere, "--delays", "9d").code == 2
    assert call("crisis", "crisis.toml", *nowhere).code == 4


# -- crisis -----------------------------------------------------------------------------------------

TEXT = """
A kettle that leaks
6 ways the crisis may go, plan 'hubs': 50 realisations of 5 d each
300 people, 2,252 arcs

                       reach of     reach of    trust at   converted
                       'kettle'  'complaint'  the end, %  by the end
no crisis              203 ± 15            0        60.0  18.5 ± 1.7
no answer              165 ± 16  287.9 ± 1.5  39.1 ± 0.2  13.8 ± 1.4
answered after 2h      177 ± 15  288.2 ± 1.5  44.3 ± 0.4  14.5 ± 1.5
answered after 1d      167 ± 16  287.9 ± 1.5  46.6 ± 0.3  14.0 ± 1.4
disproved              168 ± 17      276 ± 2  45.3 ± 0.4  14.2 ± 1.5
answered and restored  182 ± 15      277 ± 2  50.0 ± 0.4  15.0 ± 1.5

against 'no answer', realisation by realisation
                         reach of      reach of     trust at     converted
                         'kettle'   'complaint'   the end, %    by the end
no crisis                +38 ± 11  -287.9 ± 1.5  +20.9 ± 0.2    +4.6 ± 1.0
answered after 2h         +12 ± 7    +0.2 ± 0.2   +5.1 ± 0.3    +0.7 ± 0.3
answered after 1d          +2 ± 3             0   +7.5 ± 0.2  +0.14 ± 0.15
disproved              +2.9 ± 1.4   -11.4 ± 2.0   +6.2 ± 0.5    +0.3 ± 0.2
answered and restored     +17 ± 7   -10.6 ± 1.8  +10.9 ± 0.4    +1.2 ± 0.4

what each hour of delay changes, on average between two delays
            reach of        reach of        trust at       converted
            'kettle'     'complaint'      the end, %      by the end
2h to 1d  -0.5 ± 0.3  -0.011 ± 0.009  +0.107 ± 0.013  -0.025 ± 0.016

± is half the 95% interval of the mean; differences that are smaller than theirs
may be none. All rows have the same luck. Trust is the mean of all people.
Of those who convert, 7.6 ± 0.8 would of their own accord by then, the same
people in every row.
Here a later answer mends more: who sees an answer before the crisis reaches
them regains nothing by it, and an answer that does not last is over when it is
needed.
rests on assumptions: trust.half_life = 30d, item.complaint.damage = 0.1,
item.complaint.scar = 0.33; and 24 more: --json lists them
random_seed 1, scenario 871286c474d637f5
"""


def test_the_text_of_a_panel(call: Call) -> None:
    answer = call(
        "crisis", "crisis.toml", "-q", "--realisations", "50", "--delays", "2h,1d", "--proven-false-at", "12h"
    )
    assert (answer.code, answer.err) == (0, "")
    assert answer.out == TEXT.lstrip("\n")


def test_the_numbers_of_a_panel_are_those_of_python(call: Call) -> None:
    words = ("crisis", "crisis.toml", "--json", "--realisations", "30", "--plan", "random", "--first", "4")
    one, two = (call(*words, "--threads", threads) for threads in ("1", "2"))
    assert one.out == two.out
    panel = vs.crisis(vs.read_scenario("crisis.toml"), plan="random", realisations=30, first=4)
    assert strictly(one.out) == json.loads(json.dumps(panel.to_dict()))
    half = call(*words, "--delays", "3,90min", "--set", "time.tick=30min", "--proven-false-at", "24")
    rows = strictly(half.out)["rows"]
    assert [row["delay"] for row in rows.values()] == [None, None, 3, None, None]
    assert "answered after 90min" in rows


def test_all_shows_what_one_campaign_may_bring(call: Call) -> None:
    words = ("crisis", "crisis.toml", "-q", "--realisations", "30", "--delays", "6h")
    less, more = call(*words).out, call(*words, "--all").out
    assert "one campaign" not in less
    assert "one campaign against 'no answer': 5% … median … 95%" in more
    assert max(map(len, more.splitlines())) <= 80
    assert "what each hour" not in less  # that takes two delays


def test_what_a_panel_leaves_out_and_finds_is_told(call: Call) -> None:
    def told(*words: str) -> str:
        return " ".join(call("crisis", "crisis.toml", "-q", "--realisations", "20", *words).out.split())

    assert "Left out: 'disproved', nothing is ever proven false here (proven_false_at)." in told()
    never = told("--set", "item.answer.after_reach=300", "--delays", "1h,2h")
    assert "The answer never begins: what it reacts to does not reach after_reach people, or not in time." in never
    assert "a later answer mends more" not in never
    some = told("--set", "item.answer.after_reach=285", "--delays", "1h,2h")
    assert re.search(r"The answer begins in \d\d\.\d% of realisations", some)
    silent = told("--set", "item.answer.silent=true")
    assert "Left out: 'answered after a delay', restoration is silent." in silent
    assert "what each hour" not in silent
    assert "Every row met the same numbers" in told("--set", "item.complaint.damage=1%..5%")
    no = told("--set", "segment.everyone.conversion=0", "--set", "segment.everyone.baseline=0")
    assert "converted" not in no


def test_a_panel_is_written(call: Call) -> None:
    answer = call("crisis", "crisis.toml", "--realisations", "5", "--delays", "6h", "-o", "out")
    assert answer.err == "written to out\n"
    assert sorted(path.name for path in Path("out").iterdir()) == [
        *("answered-after-6h", "answered-and-restored", "crisis.json", "no-answer", "no-crisis")
    ]
    assert len(vs.read_outcome("out/no-answer").report_ticks) > 2


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        ("--delays 30min", 2, "delays: 30min is 0.5 ticks of 1h, expected whole ticks"),
        ("--delays 1h,,6h", 2, "expected times with commas between them; got '1h,,6h'"),
        ("--delays 5d", 2, "delays: 5d is not before the end of the campaign, 5d"),
        ("--delays soon", 2, 'delays: expected a duration such as "6h"'),
        ("--delays=-1h", 2, "delays: expected a duration"),
        ("--proven-false-at 9d", 2, "proven_false_at: 9d is not before the end of the campaign, 5d"),
        ("--set item.answer.silent=true --delays 1h", 2, "nothing answers in crisis.toml: restoration is silent"),
        ("--set item.complaint.silent=true", 2, "crisis.toml has no crisis: complaint is silent"),
        ("--plan rendom", 2, "there is no plan 'rendom' in crisis.toml; the plans are hubs, random"),
        ("--realisations 0", 2, "expected a whole number of at least 1"),
        ("--without answer", 2, "no such option '--without'"),
        ("--set item.complaint.damage=2", 3, "item.complaint.damage"),
    ],
)
def test_a_wrong_panel_is_explained(call: Call, words: str, code: int, message: str) -> None:
    answer = call("crisis", "crisis.toml", "-q", *words.split())
    assert (answer.code, answer.out) == (code, "")
    assert message in answer.err


def test_a_scenario_without_a_crisis_gets_an_example_that_works(call: Call) -> None:
    answer = call("crisis", "small.toml")
    assert (answer.code, answer.out) == (2, "")
    assert "small.toml has no crisis: no item is of kind testimony or rumour" in answer.err
    block = answer.err.partition("for example\n")[2]
    with Path("small.toml").open("a") as file:
        file.write("\n".join(line.strip() for line in block.splitlines()))
    panel = call("crisis", "small.toml", "-q", "--realisations", "10")
    assert panel.code == 0
    assert "answered after 1d" in panel.out


def test_help_says_what_the_rows_are(call: Call) -> None:
    text = call("crisis", "--help").out
    assert re.search(r"^  no crisis +testimony, rumours and restoration are silent$", text, re.MULTILINE)
    assert "crisis" in call("--help").out
    assert "--without" in call("run", "--help").out
