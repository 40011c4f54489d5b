"""`graph import` and `graph generate`: what they write, say, and refuse."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Call = Callable[..., Any]


@pytest.fixture(autouse=True)
def people() -> None:
    Path("follows.csv").write_text("who,whom,trust\nann,bob,0.9\nbob,cem,0.4\nbob,bob,1\n007,ann,0.2\n")
    Path("people.csv").write_text('id,city,age\nann,Oslo,31\nbob,"a,b",\n007,Rome,27\ncem,Bern,9\n')


READING = ["--direction", "follows", "--trust-column", "trust", "--people", "people.csv"]


def fingerprint(call: Call, *words: str) -> str:
    answer = call("graph", "info", *words, "--json")
    assert answer.code == 0, answer.err
    return str(json.loads(answer.out)["fingerprint"])


def test_import_to_a_folder(call: Call) -> None:
    answer = call("graph", "import", "follows.csv", *READING, "-o", "club")
    assert (answer.code, answer.out) == (0, "")
    assert answer.err == (
        "network: 4 rows ('a b' means: a follows b) = 3 arcs kept + 1 self-loop dropped\n"
        "note: 4 of 4 people in the table people.csv are in the arcs\n"
        "4 people, 3 arcs written to club\n"
    )
    assert fingerprint(call, "club") == fingerprint(call, "follows.csv", *READING)
    assert call("graph", "info", "club").out.startswith("club (a graph kept from follows.csv)\n")
    scenario = '[network]\nfile = "club"\n[item.content]\nstickiness = 1\n[plan.a.wave.b]\nstrategy = "explicit"\n'
    Path("own.toml").write_text(scenario + 'people = ["007"]\n')
    assert call("run", "own.toml", "--realisations", "5", "-q").code == 0
    assert call("run", "own.toml", "--realisations", "5", "--set", "network.direction=follows").code == 3


def test_every_form_reads_back_as_its_note_says(call: Call) -> None:
    """The line that tells how to read it back is a call that works."""
    expected = fingerprint(call, "follows.csv", *READING)
    for path in ("e.csv", "e.csv.gz", "e.parquet", "e.graphml"):
        more = [] if path.endswith("graphml") else ["--people-output", path.replace("e.", "p.")]
        answer = call("graph", "import", "follows.csv", *READING, "-o", path, *more)
        assert answer.code == 0
        (line,) = [line for line in answer.err.splitlines() if "read it back with: " in line]
        words = line.partition("viralsim graph info ")[2].split()
        assert fingerprint(call, *words) == expected


def test_attributes_that_go_nowhere_are_named(call: Call) -> None:
    answer = call("graph", "import", "follows.csv", *READING, "-o", "e.csv")
    assert "note: attributes are not written (city, age): name a second file for people (--people-output" in answer.err
    assert call("graph", "import", "follows.csv", *READING, "-o", "f.csv", "-q").err == ""


def test_json(call: Call) -> None:
    answer = call("graph", "import", "follows.csv", *READING, "-o", "club", "--json", "-q")
    facts = json.loads(answer.out)
    assert (answer.err, facts["people"], facts["arcs"], facts["written"]) == ("", 4, 3, "club")
    assert facts["report"]["self_loops"] == 1
    assert facts["fingerprint"] == fingerprint(call, "club")


def test_generate(call: Call) -> None:
    Path("star").write_text("a b\n")  # a generator's name is no file here
    answer = call("graph", "generate", "star:people=5", "--tie-trust", "uniform", "-o", "made")
    assert (answer.code, answer.err) == (0, "5 people, 8 arcs written to made\n")
    assert fingerprint(call, "made") == fingerprint(call, "star:people=5", "--tie-trust", "uniform")
    assert call("graph", "generate", "star:people=6", "-o", "made").code == 2
    assert call("graph", "generate", "star:people=6", "-o", "made", "--force").code == 0
    assert call("graph", "info", "made").out.splitlines()[1].split() == ["people", "6"]


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        ("import follows.csv", 2, "error: missing option '-o' / '--output'\n"),
        ("import nope.csv -o x", 4, "error: nope.csv: there is no such file\n"),
        ("import follows.csv -o x.gml", 2, "error: x.gml: graphs are written as .csv, .csv.gz, .parquet, .graphml, or"),
        ("import follows.csv -o people.csv", 2, "error: people.csv: the file exists already\n"),
        ("import follows.csv -o x --people-output y.csv", 2, "error: y.csv: a folder holds people with the arcs"),
        ("import follows.csv -o x/y", 2, "error: x/y: there is no folder '"),
        ("import follows.csv --merge most -o x", 2, "error: invalid value for '--merge'"),
        ("generate follows.csv -o x", 2, "error: unknown generator 'follows.csv'"),
        ("generate star --tie-trust much -o x", 2, "error: "),
    ],
)
def test_what_cannot_be(call: Call, words: str, code: int, message: str) -> None:
    before = sorted(path.name for path in Path().iterdir())
    answer = call("graph", *words.split())
    assert (answer.code, answer.out) == (code, "")
    assert answer.err.startswith(message)
    assert sorted(path.name for path in Path().iterdir()) == before


def test_options_with_a_folder_and_a_damaged_one(call: Call) -> None:
    assert call("graph", "import", "follows.csv", "-o", "club", "-q").code == 0
    answer = call("graph", "info", "club", "--direction", "mutual")
    assert (answer.code, answer.out) == (2, "")
    assert "direction says how a file of arcs is read" in answer.err
    manifest = Path("club", "manifest.json")
    manifest.write_text(manifest.read_text().replace("follows.csv", "follows.tsv"))
    answer = call("graph", "info", "club")
    assert (answer.code, answer.out) == (4, "")
    assert answer.err == (
        "error: club: the graph is damaged: manifest.json is not as it was written\n"
        "  hint: copy the folder again, or import the graph again\n"
    )


def test_a_note_says_that_a_graph_came_from_the_cache(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIRALSIM_GRAPH_CACHE", str(Path("kept").absolute()))
    monkeypatch.setattr("viralsim.graph.cache.LEAST_BYTES", 1)
    words = ("run", "--set", "network.file=ties.txt", "--set", "plan.random.wave.first.count=1", "--realisations", "3")
    first, second = call(*words), call(*words)
    assert first.out == second.out
    rows = "network: 4 rows (each both ways) = 4 edges kept"
    assert first.err == f"{rows}\n"
    assert second.err == f"{rows}; read earlier, opened from the cache\n"
