"""What a call prints where: data on stdout, everything else on stderr; wrong calls are explained."""

from __future__ import annotations

import json
import re
import time
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import viralsim
from viralsim.scenario import choices, templates

Call = Callable[..., Any]

COMMANDS = {
    "init",
    "check",
    "run",
    "compare",
    "plan",
    "crisis",
    "sweep",
    "results",
    "replay",
    "lab",
    "classics",
    "graph",
    "schema",
}


def test_help_names_every_command(call: Call) -> None:
    answer = call("--help")
    assert answer.code == 0
    assert answer.err == ""
    listed = re.findall(r"^  ([a-z]+)  ", answer.out.partition("Commands:")[2], re.MULTILINE)
    assert set(listed) == COMMANDS
    assert listed[:3] == ["init", "check", "run"]  # in the order of work


@pytest.mark.parametrize("words", [*([name] for name in sorted(COMMANDS)), ["graph", "info"]])
def test_every_command_has_help(call: Call, words: list[str]) -> None:
    for option in ("--help", "-h"):
        answer = call(*words, option)
        assert answer.code == 0
        assert answer.err == ""
        assert answer.out.startswith(f"Usage: viralsim {' '.join(words)}")


def test_help_of_graph_info_lists_the_catalogue(call: Call) -> None:
    """Generators could be found nowhere but in the source."""
    text = " ".join(call("graph", "info", "--help").out.split())
    for name, choice in choices("generator").items():
        assert f" {name} " in text
        for parameter in choice.parameters:
            assert f"{parameter.name}=" in text


def test_version(call: Call) -> None:
    assert call("--version").out == f"viralsim {viralsim.__version__}\n"


@pytest.mark.parametrize("words", [[], ["graph"]])
def test_a_group_alone_shows_its_help_as_a_wrong_call(call: Call, words: list[str]) -> None:
    answer = call(*words)
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith("Usage: viralsim")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            "rum",
            "error: no such command 'rum'; choose from init, check, run, compare, plan, crisis, sweep, results, "
            "replay, lab, classics, graph, schema\n"
            "  hint: did you mean 'run'?\n",
        ),
        (
            "graph inf",
            "error: no such command 'inf'; choose from info, import, generate\n  hint: did you mean 'info'?\n",
        ),
        ("run --forse", "error: no such option '--forse'\n  hint: did you mean '--force'?\n"),
        ("check --plans hubs", "error: no such option '--plans'\n  hint: did you mean '--plan'?\n"),
        ("--zzz", "error: no such option '--zzz'\n  hint: `viralsim --help` says how\n"),
        (
            "run small.toml other.toml",
            "error: got unexpected extra argument (other.toml)\n  hint: `viralsim run --help` says how\n",
        ),
        (
            "run --realisations 0",
            "error: invalid value for '--realisations': expected a whole number of at least 1; got '0'\n"
            "  hint: `viralsim run --help` says how\n",
        ),
        (
            "run --realisations many",
            "error: invalid value for '--realisations': expected a whole number of at least 1; got 'many'\n"
            "  hint: `viralsim run --help` says how\n",
        ),
        (
            "run --threads 5000",
            "error: invalid value for '--threads': expected a whole number from 1 to 1,024; got '5000'\n"
            "  hint: `viralsim run --help` says how\n",
        ),
        (
            "run small.toml --plan hub",
            "error: there is no plan 'hub' in small.toml; the plans are random, hubs\n  hint: did you mean 'hubs'?\n",
        ),
        ("replay --json --format csv", "error: --json and --format csv contradict each other\n"),
        ("replay --against hubs", "error: --against needs --realisations: it is about many cascades\n"),
        ("replay --first 3", "error: --first needs --realisations: it is about many cascades\n"),
        (
            "replay --realisations 5 --realisation 3",
            "error: --realisation shows one realisation, --realisations the shape of many: leave one of them out\n",
        ),
        (
            "replay --realisations 5 --format graphml",
            "error: --format graphml shows one realisation, --realisations the shape of many: leave one of them out\n",
        ),
        (
            "replay --realisations 5 --against hubs --format csv",
            "error: --format csv has the cascades of one plan, --against compares two: leave one of them out\n",
        ),
        (
            "replay small.toml --realisations 5 --against hub",
            "error: there is no plan 'hub' in small.toml; the plans are random, hubs\n  hint: did you mean 'hubs'?\n",
        ),
        (
            "replay --format yaml",
            "error: invalid value for '--format': 'yaml' is not one of 'text', 'json', 'csv', 'graphml'\n"
            "  hint: `viralsim replay --help` says how\n",
        ),
        (
            "init --template first",
            "error: no template 'first'; there are cause-campaign, city-launch, employee-advocacy, false-rumour, "
            "first-look, local-shop, product-launch, product-recall, restoration, seeding-plans, classics/NAME\n"
            "  hint: did you mean 'first-look'?\n",
        ),
        (
            "graph info communities:peeple=3",
            "error: communities: peeple: generator 'communities' has no parameter 'peeple'; it has people, "
            "mean_degree, exponent, mixing, community_size, clustering\n  hint: did you mean 'people'?\n",
        ),
        ("graph info star --merge max", "error: star: 'merge' belongs to files, but 'star' is a generator\n"),
        (
            "run small.toml --first 4294967295 --realisations 2",
            "error: realisations are numbered from 0 to 4,294,967,295, got 4,294,967,296\n",
        ),
    ],
)
def test_a_wrong_call_is_explained(call: Call, words: str, message: str) -> None:
    answer = call(*words.split())
    assert answer.out == ""
    assert answer.err == message
    assert answer.code == 2


@pytest.mark.parametrize("share", ["0", "200%", "abc", "100%", "-1%", "nan", "", "1e-300%"])
def test_precision_is_a_share_between_nothing_and_all(call: Call, share: str) -> None:
    """100% passed as a share and failed only after the network had been read."""
    answer = call("run", "small.toml", "--precision", share)
    assert answer.code == 2
    assert answer.err == (
        "error: invalid value for '--precision': expected a share above 0 and below 100%, such as 1% or 0.01; "
        f"got '{share}'\n  hint: `viralsim run --help` says how\n"
    )


@pytest.mark.parametrize("words", [["run", ""], ["check", ""], ["graph", "info", ""], ["run", "-o", ""], ["init", ""]])
def test_an_empty_name_is_a_wrong_call(call: Call, words: list[str]) -> None:
    """An empty name was taken for the working folder."""
    answer = call(*words)
    assert answer.code == 2
    assert "expected the name of a file or folder" in answer.err


def test_too_many_realisations_are_refused_at_once(call: Call) -> None:
    begin = time.perf_counter()
    answer = call("run", "small.toml", "-q", "--realisations", "1000000000")
    assert time.perf_counter() - begin < 10
    assert (answer.code, answer.out) == (2, "")
    assert re.fullmatch(
        r"error: 1,000,000,000 realisations need [\d,.]+ GB of memory, [\d,.]+ GB are free\n"
        r"  hint: ask for at most [\d,]+ realisations, for a precision instead, or for fewer report.times\n",
        answer.err,
    )


def test_init_gives_a_scenario_that_is_valid(call: Call) -> None:
    answer = call("init")
    assert answer.err == ""
    assert "title" in tomllib.loads(answer.out)
    answer = call("init", "mine.toml")
    assert (answer.code, answer.out) == (0, "")
    assert answer.err == "written to mine.toml; next: viralsim run mine.toml\n"
    assert call("check", "mine.toml").code == 0
    before = Path("mine.toml").read_text()
    again = call("init", "mine.toml")
    assert (again.code, again.err) == (2, "error: mine.toml: the file exists already\n  hint: --force replaces it\n")
    Path("mine.toml").write_text("changed")
    assert call("init", "mine.toml", "--force").code == 0
    assert Path("mine.toml").read_text() == before


def test_every_template_is_valid(call: Call) -> None:
    for name in templates():
        assert call("init", f"{name}.toml", "--template", name).code == 0
        assert call("check", f"{name}.toml").code == 0


def test_schema_is_json(call: Call) -> None:
    answer = call("schema")
    assert answer.err == ""
    assert json.loads(answer.out)["type"] == "object"


def test_check_says_what_is_in_it(call: Call) -> None:
    answer = call("check", "small.toml")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out == "small.toml: valid; item content; plans random, hubs\n"
    facts = json.loads(call("check", "small.toml", "--json").out)
    assert facts["valid"] is True
    assert facts["plans"] == ["random", "hubs"]
    assert facts["resolved"]["item"]["content"]["stickiness"] == 0.2
    assert "scenario_hash" not in facts


def test_check_data_opens_the_network(call: Call) -> None:
    answer = call("check", "small.toml", "--data")
    assert answer.code == 0
    assert re.search(r"^network: 300 people, [\d,]+ arcs; all seeds are found$", answer.out, re.MULTILINE)
    facts = json.loads(call("check", "small.toml", "--data", "--json").out)
    assert facts["people"] == 300
    forecast = json.loads(call("run", "small.toml", "-q", "--json", "--realisations", "2").out)
    assert facts["scenario_hash"] == forecast["scenario_hash"]


def test_all_problems_of_a_scenario_are_shown_the_same_way_by_check_and_run(call: Call) -> None:
    wrong = ["--set", "item.content.stickines=3%", "--set", "time.horizon=-1"]
    checked, played = call("check", "small.toml", *wrong), call("run", "small.toml", *wrong)
    assert checked == played
    assert (checked.code, checked.out) == (3, "")
    assert checked.err == (
        "--set item.content.stickines=3%: item.content.stickines: unknown key\n"
        "  hint: did you mean 'stickiness'?\n"
        "\n"
        '--set time.horizon=-1: time.horizon: expected a duration such as "6h", "90min" or "2d", or a number of ticks, '
        "not negative; got -1\n"
        "\n"
        "2 problems\n"
    )
    as_json = call("check", "small.toml", "--json", *wrong)
    assert (as_json.code, as_json.err) == (3, "")
    found = json.loads(as_json.out)
    assert found["valid"] is False
    assert [problem["hint"] for problem in found["problems"]] == ["did you mean 'stickiness'?", ""]


def test_a_horizon_of_nothing_is_the_seeds_alone(call: Call) -> None:
    answer = call("run", "small.toml", "--json", "--set", "time.horizon=0", "--realisations", "5")
    assert answer.code == 0
    assert json.loads(answer.out)["metrics"]["engaged"]["p95"] == 2
    assert call("run", "small.toml", "--set", "time.horizon=0", "--realisations", "5").code == 0


def test_notes_about_a_file_go_to_stderr_unless_quiet(call: Call, write_scenario: Callable[..., str]) -> None:
    Path("ties.txt").write_text("1 2\n2 1\n3 3\n2 3\n")
    name = write_scenario()
    loud, quiet = call("run", name), call("run", name, "-q")
    assert loud.out == quiet.out
    assert quiet.err == ""
    assert loud.err == "network: 4 rows (each both ways) = 2 edges kept + 1 self-loop dropped + 1 merged\n"
    directed = call("run", name, "--set", "network.direction=follows")
    assert directed.err == "network: 4 rows ('a b' means: a follows b) = 3 arcs kept + 1 self-loop dropped\n"


def test_forecast_is_readable_at_80_columns(call: Call) -> None:
    """The curve and the notes used to be wider than a terminal."""
    answer = call("run", "small.toml", "--realisations", "50")
    lines = answer.out.splitlines()
    assert answer.err == ""
    assert max(map(len, lines)) <= 80
    assert lines[0] == "small.toml"
    assert lines[1] == "plan 'random', item 'content': 50 realisations of 2 d"
    # Nothing costs anything here, nobody converts and no item takes trust.
    absent = {"cost", "roots", "conversions", "incremental_conversions", "baseline_conversions", "trust"}
    metrics = [name.replace("_", " ") for name in choices("metric") if name not in absent]
    assert [line.split("  ")[0] for line in lines[5:15]] == [*metrics, ""]
    assert lines[-1].startswith("random_seed 1, scenario ")


def test_forecast_says_over_how_many_realisations_a_mean_is(call: Call) -> None:
    """Times are undefined where nobody was persuaded; their means looked as if all realisations had one."""
    arguments = ("run", "small.toml", "--set", "item.content.stickiness=2%", "--realisations", "50")
    text = " ".join(call(*arguments).out.split())
    found = re.search(r"time to peak, time to half, reproduction number: over the (\d+) realisations? that ha", text)
    assert found
    assert 0 < int(found[1]) < 50


def test_run_says_which_uncertainty_dominates(call: Call) -> None:
    range_of = ("--set", "item.content.stickiness=1%..60%")
    answer = call("run", "small.toml", *range_of, "--realisations", "400")
    assert max(map(len, answer.out.splitlines())) <= 80
    text = " ".join(answer.out.split())
    assert re.search(r"\d+% is luck and \d+% is not knowing item\.content\.stickiness\. Not knowing dominates", text)
    assert "not known: item.content.stickiness, 1% to 60%, all alike" in text
    narrow = call("run", "small.toml", "--set", "item.content.stickiness=19%..21%", "--realisations", "400")
    assert "Luck dominates" in narrow.out
    few = " ".join(call("run", "small.toml", *range_of, "--realisations", "6").out.split())
    assert "the realisations are few: the mean itself is only known to ±" in few
    one = " ".join(call("run", "small.toml", *range_of, "--realisations", "1").out.split())
    assert "takes two pairs of realisations" in one
    # What only another plan does not know is no matter here.
    other = call("run", "small.toml", "--set", "plan.hubs.wave.first.count=1..5", "--realisations", "20")
    assert "not known" not in other.out
    metrics = json.loads(call("run", "small.toml", *range_of, "--realisations", "40", "--json").out)["metrics"]
    assert all(list(metric)[-2:] == ["luck_share", "unknown_share"] for metric in metrics.values())
    replayed = call("replay", "small.toml", *range_of, "--realisation", "3", "--limit", "1").out
    assert re.search(r"^drawn: item\.content\.stickiness [\d.]+%$", replayed, re.MULTILINE)


def test_precision_that_is_not_reached_is_said(call: Call) -> None:
    answer = call("run", "small.toml", "--precision", "1%", "--realisations", "20")
    assert answer.code == 0
    assert re.search(
        r"^note: after 20 realisations the precision is \d+\.\d\d%, 1\.00% was wanted$", answer.err, re.MULTILINE
    )
    assert call("run", "small.toml", "-q", "--precision", "1%", "--realisations", "20").err == ""
    reached = call("run", "small.toml", "--precision", "20%")
    assert "wanted" not in reached.err


def test_graph_info_of_a_file(call: Call) -> None:
    text = call("graph", "info", "ties.txt")
    assert text.err == ""
    assert "people        4" in text.out
    facts = json.loads(call("graph", "info", "ties.txt", "--json", "--direction", "follows").out)
    assert {name: facts[name] for name in ("people", "arcs", "components", "rows")} == {
        "people": 4,
        "arcs": 4,
        "components": 1,
        "rows": 4,
    }


def test_columns_are_named_or_numbered(call: Call) -> None:
    Path("t.csv").write_text("why,who,whom,faith\nx,ann,bob,0.25\nx,bob,cem,0.75\n")
    named = call("graph", "info", "t.csv", "--source-column", "who", "--target-column", "whom",
                 "--trust-column", "faith", "--json")  # fmt: skip
    numbered = call("graph", "info", "t.csv", "--header", "--source-column", "2", "--target-column", "3",
                    "--trust-column", "4", "--delimiter", "comma", "--json")  # fmt: skip
    assert json.loads(named.out)["trust"] == {"mean": 0.5, "min": 0.25, "max": 0.75}
    assert named.out == numbered.out


@pytest.mark.parametrize("share", ["0.5", "50%", ".5", "0.50"])
def test_precision_may_be_a_number_or_a_percentage(call: Call, share: str) -> None:
    """0.05 was refused by a message that named 0.01 as an example."""
    answer = call("run", "small.toml", "-q", "--precision", share)
    assert (answer.code, answer.err) == (0, "")


def test_check_data_names_what_every_plan_lacks(call: Call) -> None:
    settings = ("--set", "plan.random.wave.first.count=400", "--set", "plan.hubs.wave.first.per=town")
    answer = call("check", "small.toml", "--data", *settings)
    assert answer.code == 4
    assert "plan.random.wave.first.count: asks for 400, but the people who are eligible number 300" in answer.err
    assert "plan.hubs.wave.first.per: people have no attribute 'town'" in answer.err
    answer = call("check", "small.toml", "--data", "--json", *settings)
    assert answer.code == 4
    assert len(json.loads(answer.out)["problems"]) == 2


def test_parameters_that_contradict_each_other_have_a_place(call: Call) -> None:
    settings = ("--set", "network.generator=ring", "--set", "network.people=5", "--set", "network.neighbours=10")
    answer = call("run", "small.toml", *settings)
    assert answer.code == 3
    assert "--set network.neighbours=10: network.neighbours: " in answer.err


def test_a_column_is_a_name_or_a_plain_number(call: Call) -> None:
    Path("ties.txt").write_text("1 2\n2 3\n", encoding="utf-8")
    answer = call("graph", "info", "ties.txt", "--source-column", "²")
    assert answer.code == 4
    assert "should not have happened" not in answer.err


def test_weights_that_nothing_uses_are_said(call: Call) -> None:
    Path("ties.txt").write_text("1 2 7\n2 3 8\n", encoding="utf-8")
    file = ("--set", "network.file=ties.txt", "--set", "network.weight_column=3")
    answer = call("run", "small.toml", "--realisations", "2", *file)
    assert "note: weights are kept with the arcs, but no response law uses them yet\n" in answer.err


def test_graph_info_of_a_scenario_predicts_its_reproduction_number(call: Call) -> None:
    text = call("graph", "info", "small.toml").out
    assert "what small.toml would do there\n  - item 'content': in the long run each engaged person" in text
    facts = json.loads(call("graph", "info", "small.toml", "--json").out)
    assert facts["people"] == 300
    predicted = facts["reproduction"]["content"]
    assert set(predicted) == {"number", "mean_field", "engaged_per_seed", "upper_bound", "settled"}
    assert json.loads(call("check", "small.toml", "--data", "--json").out)["reproduction"] == facts["reproduction"]
    assert "the predicted reproduction number" in " ".join(call("check", "small.toml", "--data").out.split())


def test_graph_info_of_a_scenario_takes_no_options_of_files_and_survives_lost_seeds(call: Call, tmp_path: Path) -> None:
    answer = call("graph", "info", "small.toml", "--trust-column", "3")
    assert answer.code == 2
    assert answer.err.startswith("error: --trust-column belongs to files of arcs, but small.toml is a scenario\n")
    assert call("graph", "info", "small.toml", "--people-missing", "0").code == 2
    assert call("graph", "info", "none.toml").code == 3
    Path("lost.toml").write_text(
        Path("small.toml").read_text().replace('strategy = "degree"', 'strategy = "degree"\nwhere = { community = 99 }')
    )
    answer = call("graph", "info", "lost.toml")
    assert answer.code == 0
    assert "each engaged person engages" in answer.out
    assert "nobody has community = '99'" in answer.err
