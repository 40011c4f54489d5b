"""`graph import`, `generate` and `info`: what is never replaced, what options are called, networks of scenarios."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Call = Callable[..., Any]

MADE = """[network]
generator = "communities"
people = 400
mean_degree = 8
[network.attribute.city]
values = { oslo = "50%", rome = "50%" }
homophily = 0.95
[network.layer.feed]
membership = "50%"
[network.layer.calls]
ties = "50%"
[item.content]
stickiness = "20%"
[plan.one.wave.first]
strategy = "random"
count = 2
[plan.two.wave.first]
strategy = "explicit"
people = [7, 9999]
"""


@pytest.fixture(autouse=True)
def files(folder: Path) -> None:
    Path("follows.csv").write_text("who,whom,trust,rate\nann,bob,0.9,1\nbob,cem,0.4,1\nbob,bob,1,1\ndan,ann,0.2,1\n")
    Path("people.csv").write_text("id,city\nann,Oslo\nbob,Rome\ncem,Rome\ndan,Oslo\n")
    Path("made.toml").write_text(MADE)


def test_what_is_read_is_never_replaced(call: Call) -> None:
    """--force used to write the result over its own input, whose other columns were lost."""
    Path("link.csv").symlink_to("follows.csv")
    os.link("follows.csv", "hard.csv")
    before = Path("follows.csv").read_text()
    for output in ("follows.csv", "./follows.csv", "link.csv", "hard.csv", "people.csv"):
        answer = call("graph", "import", "follows.csv", "--people", "people.csv", "-o", output, "--force")
        assert (answer.code, answer.out) == (2, "")
        expected = f"error: {output}: this is what is read; it is not replaced\n  hint: write to another place\n"
        assert answer.err == expected
    people = ("-o", "new.csv", "--people-output", "people.csv", "--force")
    assert call("graph", "import", "follows.csv", "--people", "people.csv", *people).code == 2
    assert Path("follows.csv").read_text() == before
    assert not Path("new.csv").exists()


def test_no_folder_is_replaced_that_holds_what_is_read(call: Call) -> None:
    assert call("graph", "import", "follows.csv", "-o", "club", "-q").code == 0
    Path("follows.csv").rename("club/follows.csv")
    answer = call("graph", "import", "club/follows.csv", "-o", "club", "--force")
    assert (answer.code, answer.err.splitlines()[0]) == (
        2,
        "error: club: what is read, 'club/follows.csv', is in this folder",
    )
    assert call("graph", "import", "club", "-o", "club", "--force").code == 2
    assert Path("club/follows.csv").exists()
    assert "What is read is never replaced." in " ".join(call("graph", "import", "--help").out.split())


def test_what_a_scenario_reads_is_not_replaced_either(call: Call) -> None:
    settings = ("--set", "network.file=follows.csv", "--set", "network.people_file=people.csv")
    Path("plain.toml").write_text(
        '[network]\ngenerator = "ring"\npeople = 9\n[item.a]\nstickiness = 1\n[plan.a.wave.b]\n'
        'strategy = "random"\ncount = 1\n'
    )
    for output in ("follows.csv", "people.csv"):
        answer = call("graph", "import", "plain.toml", *settings, "-o", output, "--force")
        assert answer.code == 2, answer.err
        assert "this is what is read" in answer.err


def test_messages_name_options_and_keys_where_each_was_written(call: Call) -> None:
    for words, expected in (
        (("--map", "r/2"), "--map needs a --trust-column, whose values it maps\n  hint: name the --trust-column\n"),
        (("--trust-column", "rat"), "there is no column 'rat' for --trust-column; "),
        (("--people", "people.csv", "--people-id-column", "name"), "for --people-id-column; "),
        (("--trust-column", "trust", "--map", "r+1"), "--map r+1 of r = 0.9"),
        (("--platform-names", "1=a"), "--platform-names needs a --platform-column"),
    ):
        answer = call("graph", "info", "follows.csv", *words)
        assert answer.code != 0
        assert expected in answer.err
        assert not re.search(r"\b(trust_map|\w+_column|platform_names)\b", answer.err)
    scenario = ("made.toml", "--set", "network.file=follows.csv", "--set", "network.trust_column=rat")
    said = call("graph", "info", "small.toml", *scenario[1:]).err
    assert "trust_column" in said
    assert "--trust-column" not in said


def test_notes_name_options(call: Call) -> None:
    out = call("graph", "info", "follows.csv").out
    assert "--trust-column trust reads it as tie trust" in out
    err = call("graph", "import", "follows.csv", "-o", "club").err
    assert "--trust-column trust reads it as tie trust" in err
    assert "network.trust_column" in call("run", "--set", "network.file=follows.csv", "--realisations", "1").err
    assert "--merge says how a file of arcs is read" in call("graph", "info", "club", "--merge", "max").err
    hint = "  hint: --tie-trust gives it other trust\n"
    assert call("graph", "info", "club", "--trust", "0.1").err.endswith(hint)


def test_the_form_of_a_people_file_is_asked_for(call: Call) -> None:
    """It used to list the forms of graphs."""
    answer = call("graph", "import", "follows.csv", "-o", "e.csv", "--people-output", "a.txt")
    assert answer.err == "error: a.txt: a table of people is written as .csv, .csv.gz, .parquet\n"


def test_a_wrong_generator_is_said_before_a_wrong_place(call: Call) -> None:
    answer = call("graph", "generate", "comunities", "-o", "people.csv")
    assert answer.err.startswith("error: unknown generator 'comunities'")
    assert "communities" in answer.err.splitlines()[-1]


def test_a_kept_graph_does_not_repeat_old_notes(call: Call) -> None:
    read = call("graph", "import", "follows.csv", "--people", "people.csv", "-o", "club").err
    assert read.count("note: ") >= 2
    line = "network: 4 people, 6 arcs, kept from follows.csv\n"
    for words in (("graph", "import", "club", "-o", "again"), ("graph", "import", "club", "-o", "e.graphml")):
        err = call(*words).err
        assert err.startswith(line)
        assert "4 rows" not in err
        assert "in the table people.csv" not in err
    settings = ("--set", "network.file=club", "--set", "plan.random.wave.first.count=1", "--realisations", "2")
    assert call("run", "small.toml", *settings).err == line
    assert "in the table people.csv" in call("graph", "info", "club").out
    # What is new is said, of a kept copy too.
    Path("more.csv").write_text("id,age\nann,3\nzoe,4\n")
    more = call("graph", "import", "again", "--people", "more.csv", "-o", "third").err
    assert more.count("note: ") == 3
    assert "people.csv" not in more


def test_an_unreached_homophily_is_said_in_run_and_check(call: Call) -> None:
    """Only `graph info` told that 0.95 was asked for and 0.7 found."""
    played = ("--set", "plan.two.wave.first.people=[7]", "--set", "platform.feed.layer=feed")
    err = call("run", "made.toml", *played, "--realisations", "2").err
    assert re.fullmatch(r"note: attribute city: .* the nearest to the 0\.95 asked for .*\n", err)
    checked = call("check", "made.toml", *played, "--data")
    assert err in checked.err
    assert checked.err.count("note: ") >= 3  # what was made, and its platforms
    assert call("run", "made.toml", *played, "--realisations", "2", "-q").err == ""
    reached = call("run", "made.toml", *played, "--set", "network.attribute.city.homophily=0.1", "--realisations", "2")
    assert reached.err == ""


def test_check_tells_of_the_network_where_seeds_are_missing(call: Call) -> None:
    answer = call("check", "made.toml", "--data")
    assert answer.code == 4
    assert answer.out.startswith("network: 400 people, ")
    assert "of the layer 'feed' (of 2)\nitem 'content': in the long run" in answer.out
    assert "all seeds are found" not in answer.out
    assert "there is no person with the id 9999" in answer.err
    facts = json.loads(call("check", "made.toml", "--data", "--json").out)
    assert (facts["valid"], facts["people"], len(facts["problems"])) == (False, 400, 1)
    number = facts["reproduction"]["content"]["number"]
    # Also where no plan has its seeds: the number does not depend on them.
    alone = json.loads(call("check", "made.toml", "--data", "--json", "--plan", "two").out)
    assert alone["reproduction"]["content"]["number"] == number


def test_the_reproduction_number_is_that_of_the_platform_described(call: Call) -> None:
    """It used to be that of the scenario's platform, whatever --platform said."""

    def number(*words: str) -> float:
        return float(
            json.loads(call("graph", "info", "made.toml", "--json", *words).out)["reproduction"]["content"]["number"]
        )

    assert number("--platform", "calls") == number("--set", "platform.feed.layer=calls")
    assert number("--platform", "feed") == number()
    assert abs(number("--platform", "calls") - number()) > 0.05


def test_settings_belong_to_scenarios(call: Call) -> None:
    assert json.loads(call("graph", "info", "made.toml", "--set", "network.people=90", "--json").out)["people"] == 90
    answer = call("graph", "info", "follows.csv", "--set", "network.direction=follows")
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith("error: --set changes a scenario, but follows.csv is none\n")
    answer = call("graph", "import", "made.toml", "--direction", "follows", "-o", "x")
    assert answer.code == 2
    assert answer.err.startswith("error: --direction belongs to files of arcs, but made.toml is a scenario\n")


def test_the_network_of_a_scenario_is_written(call: Call) -> None:
    answer = call("graph", "import", "made.toml", "-o", "made")
    assert answer.code == 0, answer.err
    assert "note: attribute city: " in answer.err
    facts, kept = (json.loads(call("graph", "info", name, "--json").out) for name in ("made.toml", "made"))
    assert kept["fingerprint"] == facts["fingerprint"]
    assert list(kept["attributes"]) == ["community", "city", "on_feed", "on_calls"]
    assert list(kept["platforms"]) == ["feed", "calls"]
    assert call("graph", "import", "made.toml", "--set", "network.people=90", "-o", "m.csv", "-q").code == 0
    assert Path("m.csv").read_text().startswith("source,target,trust,multiplicity,platform\n")


def test_info_says_what_comes_from_the_cache(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("viralsim.graph.cache.LEAST_BYTES", 1)
    monkeypatch.setenv("VIRALSIM_GRAPH_CACHE", str(Path("kept").absolute()))
    first, second = call("graph", "info", "ties.txt"), call("graph", "info", "ties.txt")
    assert first.out == second.out
    assert (first.err, second.err) == ("", "read earlier, opened from the cache\n")
    monkeypatch.setenv("VIRALSIM_GRAPH_CACHE", str(Path("ties.txt").absolute()))
    monkeypatch.setenv("XDG_CACHE_HOME", str(Path("other").absolute()))
    out = call("graph", "info", "ties.txt").out
    assert "ties.txt', which cannot be used" in out
    assert "graphs are kept in " in out
    monkeypatch.setenv("VIRALSIM_GRAPH_CACHE", "off")
    assert "cannot be used" not in call("graph", "info", "ties.txt").out
