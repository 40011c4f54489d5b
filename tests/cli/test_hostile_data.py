"""Files that are not what they should be: a message, the right exit code, nothing on stdout."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import networkx
import pytest

Call = Callable[..., Any]
WriteScenario = Callable[..., str]

PACKED = gzip.compress(b"".join(b"%d %d\n" % (k, k + 1) for k in range(9000)), mtime=0)
AGAIN = "copy or download it again"
TWO_PEOPLE = "expected one row per arc: two people and maybe numbers"
ONLY_SPACES = "columns are separated by: runs of spaces or tabs; quote fields that contain it, or set the delimiter"


@pytest.mark.parametrize(
    ("name", "content", "message", "hint"),
    [
        ("cut.gz", PACKED[: len(PACKED) // 2], r": the gzip file is truncated: it ends within line \d+", AGAIN),
        ("head.gz", PACKED[:5], ": the gzip file is truncated: it ends within line 1", AGAIN),
        (
            "bent.gz",
            PACKED[:100] + b"\0\0\0\0" + PACKED[104:],
            r": the gzip file is damaged near line \d+ \(.*\)",
            AGAIN,
        ),
        (
            "plain.gz",
            b"1 2\n",
            ": the name ends in .gz, but this is not a gzip file",
            "if it is plain text, rename it without .gz",
        ),
        (
            "bytes.txt",
            bytes(range(256)),
            r":1: this is a binary file \(it holds a zero byte\), expected delimited text",
            "",
        ),
        (
            "latin.txt",
            "Zo\u00eb Bob\n".encode("latin-1"),
            r":1: this is not UTF-8 text \(byte 0xeb\)",
            "if it is text, save it as UTF-8: iconv -f latin1 -t utf-8",
        ),
        ("ragged.txt", b"1 2\n2 3 4\n3 4\n3 5\n", ":2: expected 2 columns, found 3", ONLY_SPACES),
        ("empty.txt", b"", ": the file is empty", TWO_PEOPLE),
        ("remarks.txt", b"# a\n#b\n\n", ": there are no rows: all of 3 lines are blank or a comment", TWO_PEOPLE),
        ("one.txt", b"1\n2\n", r":1: expected at least two columns, found one \('1'\)", None),
    ],
)
def test_a_network_that_cannot_be_used(
    call: Call, write_scenario: WriteScenario, name: str, content: bytes, message: str, hint: str | None
) -> None:
    Path(name).write_bytes(content)
    scenario = write_scenario()
    for words in (["graph", "info", name], ["run", scenario, "-o", "out", "--set", f"network.file={name}"]):
        answer = call(*words)
        assert (answer.code, answer.out) == (4, "")
        expected = f"error: {'.*/' if words[0] == 'run' else ''}{name}{message}\n"
        if hint is None:
            assert re.match(expected, answer.err)
        else:
            assert re.fullmatch(expected + (f"  hint: {re.escape(hint)}\n" if hint else ""), answer.err)
    assert not Path("out").exists()


@pytest.mark.parametrize("trust", ["nan", "-0.1", "1.5", "x", "inf", ""])
def test_trust_that_is_no_trust(call: Call, trust: str) -> None:
    Path("t.csv").write_text(f"who,whom,trust\n1,2,0.5\n2,3,{trust}\n")
    answer = call("graph", "info", "t.csv", "--trust-column", "trust")
    shown = trust if re.fullmatch(r"-?[\d.]+", trust) else f"'{trust}'" if trust else "empty"
    assert (answer.code, answer.out) == (4, "")
    assert answer.err.splitlines()[0] == f"error: t.csv:3: trust is {shown}, expected a number from 0 to 1"


def test_ratings_are_not_trust(call: Call, write_scenario: WriteScenario) -> None:
    Path("otc.csv").write_text("6,2,4,1289241911.7\n6,5,-10,1289241941.5\n")
    for words in (
        ["graph", "info", "otc.csv", "--trust-column", "3"],
        ["run", write_scenario(), "--set", "network.file=otc.csv", "--set", "network.trust_column=3"],
    ):
        answer = call(*words)
        assert (answer.code, answer.out) == (4, "")
        assert "otc.csv:1: trust is 4, expected a number from 0 to 1\n  hint: trust goes from 0" in answer.err


def test_ids_beyond_64_bits_are_text(call: Call, write_scenario: WriteScenario) -> None:
    Path("ties.txt").write_text("1 2\n1 99999999999999999999\n")
    answer = call("run", write_scenario('strategy = "explicit"\npeople = ["99999999999999999999"]'))
    assert answer.code == 0
    assert "note: ids are text, because '99999999999999999999' on line 2 goes beyond 64 bits\n" in answer.err


def test_a_network_of_self_loops_plays(call: Call, write_scenario: WriteScenario) -> None:
    """Nobody can be persuaded, so times and reproduction are undefined: null in JSON, never NaN."""
    Path("ties.txt").write_text("1 1\n2 2\n")
    answer = call("run", write_scenario(), "--json", "--realisations", "5")
    assert answer.code == 0
    assert answer.err == "network: 2 rows (each both ways) = 0 edges kept + 2 self-loops dropped\n"
    metrics = json.loads(answer.out)["metrics"]
    assert metrics["engaged"]["mean"] == 1
    assert set(metrics["time_to_peak"].values()) == {None}
    text = call("run", "own.toml", "-q", "--realisations", "5").out
    assert re.search(r"^time to peak +–$", text, re.MULTILINE)


@pytest.mark.parametrize(
    ("wave", "message"),
    [
        (
            'strategy = "explicit"\npeople = [1, 99]',
            "own.toml:9:10: plan.all.wave.first.people: there is no person with the id 99",
        ),
        (
            'strategy = "explicit"\npeople = ["ann"]',
            "own.toml:9:10: plan.all.wave.first.people: there is no person with the id 'ann'",
        ),
        (
            'strategy = "random"\ncount = 5',
            "own.toml:9:9: plan.all.wave.first.count: asks for 5, but the people who are eligible number 4",
        ),
        (
            'strategy = "degree"\ncount = 5',
            "own.toml:9:9: plan.all.wave.first.count: asks for 5, but the people who are eligible number 4",
        ),
        (
            'strategy = "random"\ncount = 1\nper = "city"',
            "own.toml:10:7: plan.all.wave.first.per: people have no attribute 'city'",
        ),
        (
            'strategy = "random"\ncount = 1\nwhere = { city = "Rome" }',
            "own.toml:10:9: plan.all.wave.first.where: people have no attribute 'city'",
        ),
    ],
)
def test_seeds_that_are_not_in_the_network(call: Call, write_scenario: WriteScenario, wave: str, message: str) -> None:
    """The file alone is fine; with the network it is bad data (4), at the place in the scenario."""
    name = write_scenario(wave)
    assert call("check", name).code == 0
    for words in (["run", name, "-q"], ["replay", name, "-q"], ["check", name, "--data"]):
        answer = call(*words)
        assert answer.code == 4
        assert answer.out == "" or (words[0] == "check" and answer.out.startswith("network: 4 people, "))
        assert f"error: {message}\n" in answer.err


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("nothing.toml", None, "nothing.toml: there is no such file"),
        (".", None, ".: this is a folder; expected a scenario file (.toml)"),
        ("bytes.toml", bytes(range(256)), "bytes.toml: this is a binary file; expected a scenario in TOML text"),
        ("empty.toml", b"", "empty.toml: the file is empty: it sets nothing"),
        ("latin.toml", "title = '\u00eb'".encode("latin-1"), "latin.toml:1:10: this is not UTF-8 text (byte 0xeb)"),
    ],
)
def test_a_scenario_that_cannot_be_read(call: Call, name: str, content: bytes | None, message: str) -> None:
    if content is not None:
        Path(name).write_bytes(content)
    for command in ("check", "run", "replay"):
        answer = call(command, name)
        assert (answer.code, answer.out) == (3, "")
        assert answer.err.splitlines()[0] == message
        assert answer.err.endswith("\n1 problem\n")


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("time.horizon=-1d", "time.horizon: expected a duration"),
        ("item.content.stickiness=300%", "item.content.stickiness: expected a share from 0 to 1"),
        ("realisations=10000000000", "realisations: expected a whole number from 1 to 1_000_000_000"),
        ("random_seed=-1", "random_seed: expected a whole number from 0 to"),
        ("item.content.stickiness=nan", "item.content.stickiness: expected a share"),
        ("foo", "expected path=value, such as item.content.stickiness=3%"),
        ("", "expected path=value"),
    ],
)
def test_a_setting_that_makes_no_sense(call: Call, setting: str, message: str) -> None:
    answer = call("run", "small.toml", "--set", setting)
    assert (answer.code, answer.out) == (3, "")
    assert answer.err.startswith(f"--set {setting}: {message}")


@pytest.mark.parametrize("words", [["graph", "info", "none.csv"], ["graph", "info", "comunities"]])
def test_neither_a_file_nor_a_generator(call: Call, words: list[str]) -> None:
    answer = call(*words)
    assert (answer.code, answer.out) == (4, "")
    assert "there is no such file" in answer.err
    assert ("did you mean 'communities'?" in answer.err) == (words[-1] == "comunities")


# -- names that would steer a terminal -----------------------------------------------------------------

EVIL = ("a\x1b[31mred", "b,c", 'd"q', "=1+1", "\u00e9\u202e<&>", "x" * 3000)


@pytest.fixture
def evil(write_scenario: WriteScenario) -> str:
    rows = ['"' + name.replace('"', '""') + '" hub\n' for name in EVIL]
    Path("ties.txt").write_text("".join(rows), encoding="utf-8")
    name = write_scenario('strategy = "explicit"\npeople = ["hub"]')
    Path(name).write_text(Path(name).read_text().replace("50%", "100%"))
    return name


def test_text_never_steers_a_terminal(call: Call, evil: str) -> None:
    answer = call("replay", evil, "-q")
    assert answer.code == 0
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", answer.out)
    assert "a\\x1b[31mred" in answer.out
    assert "\\u202e<&>" in answer.out
    assert len(answer.out.splitlines()) == 2 + 1 + len(EVIL)


def test_csv_json_and_graphml_keep_every_name(call: Call, evil: str) -> None:
    rows = list(csv.DictReader(io.StringIO(call("replay", evil, "-q", "--format", "csv").out)))
    assert {row["person"] for row in rows} == {"hub", *EVIL}
    for form in (["--format", "json"], ["--json"]):
        answer = json.loads(call("replay", evil, "-q", *form).out)
        assert {row["person"] for row in answer["people"]} == {"hub", *EVIL}
    graphml = call("replay", evil, "-q", "--format", "graphml").out
    ElementTree.fromstring(graphml)
    cascade = networkx.parse_graphml(graphml)
    # XML cannot hold every character.
    expected = {"hub", *(name.replace("\x1b", "\\x1b").replace("\u202e", "\\u202e") for name in EVIL)}
    assert {data["person"] for _, data in cascade.nodes(data=True)} == expected
    assert cascade.number_of_edges() == len(EVIL)


def test_titles_and_options_never_steer_a_terminal(call: Call) -> None:
    Path("evil.toml").write_text('title = "\\u001b[31mred"\n' + Path("small.toml").read_text())
    answer = call("run", "evil.toml", "--realisations", "2")
    assert answer.out.splitlines()[0] == "\\x1b[31mred"
    for words in (
        ["--a\x1b[31m"],
        ["run", "a\x1b[31m"],
        ["run", "--set", "a\x1b[31m=3"],
        ["graph", "info", "a\x1b[31m"],
    ):
        wrong = call(*words)
        assert wrong.code in (2, 3, 4)
        assert "\x1b" not in wrong.err
